"""The gateway on a real PostgreSQL, asked over HTTP and through its pages in process."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from giatja_gateway.bootstrap import make_app, make_service
from giatja_gateway.settings import GatewaySettings
from giatja_kit.database import Database
from giatja_kit.testing import Caller
from giatja_ops.pytest_plugin import RealParts


@pytest.fixture
def database(database_of: Callable[[str], Database]) -> Database:
    return database_of("gateway")


@pytest.fixture(scope="session")
def app(real_parts: RealParts) -> Flask:
    return make_app(make_service(real_parts.settings(GatewaySettings)))


@pytest.fixture
def client(app: Flask, database: Database) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def as_role(real_parts: RealParts, client: FlaskClient) -> Callable[..., Caller]:
    """Return a function: role, Lapas -> somebody who asks with that role's token."""
    return lambda role, lapas="PKL": Caller(client, "/api/gateway/v1", real_parts.keys.person(role, lapas))
