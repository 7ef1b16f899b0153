"""Puts the gateway together; the web process and the worker start here."""

from flask import Flask

from giatja_contracts.catalogue import heard_by
from giatja_contracts.permissions import ROLES
from giatja_gateway import tables
from giatja_gateway.identity.api import routes as identity
from giatja_gateway.lapas.api import routes as lapas
from giatja_gateway.region.api import routes as region
from giatja_gateway.settings import GatewaySettings
from giatja_gateway.subscriptions import subscriptions
from giatja_kit.service import Service
from giatja_kit.settings import read_settings


def make_service(settings: GatewaySettings | None = None) -> Service:
    """Make the service from its settings, by default those of the environment."""
    tables.map_all()
    return Service(
        name="gateway",
        package="giatja_gateway",
        title="Gerbang",
        settings=settings or read_settings(GatewaySettings),
        heard_by=heard_by(),
        grants=ROLES,
        routes=[identity, lapas, region],
        subscriptions=subscriptions,
    )


def make_app(service: Service) -> Flask:
    """Make the web application: the API as every service has it, and the pages on the same app."""
    # The worker has no pages and starts faster without them.
    from giatja_gateway.pages import register_pages
    from giatja_gateway.pages.account import door
    from giatja_kit.web import create_app

    app = create_app(service)
    door.install(app)
    register_pages(app)
    door.keep_order(app)
    return app
