"""Puts the orders service together; the web process and the worker start here."""

from giatja_contracts.catalogue import heard_by
from giatja_contracts.permissions import ROLES
from giatja_kit.service import Service
from giatja_kit.settings import read_settings
from giatja_orders import tables
from giatja_orders.ordering.api import routes as ordering
from giatja_orders.partners.api import routes as partners
from giatja_orders.products.api import routes as products
from giatja_orders.settings import OrdersSettings
from giatja_orders.subscriptions import subscriptions
from giatja_orders.tracking.api import routes as tracking


def make_service(settings: OrdersSettings | None = None) -> Service:
    """Make the service from its settings, by default those of the environment."""
    tables.map_all()
    return Service(
        name="orders",
        package="giatja_orders",
        title="Pesanan",
        settings=settings or read_settings(OrdersSettings),
        heard_by=heard_by(),
        grants=ROLES,
        routes=[partners, products, ordering, tracking],
        subscriptions=subscriptions,
    )
