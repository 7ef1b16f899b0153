"""Puts the production service together; the web process and the worker start here."""

from giatja_contracts.catalogue import heard_by
from giatja_contracts.permissions import ROLES
from giatja_kit.service import Service
from giatja_kit.settings import read_settings
from giatja_production import tables
from giatja_production.assignments.api import routes as assignments
from giatja_production.attendance.api import routes as attendance
from giatja_production.batches.api import routes as batches
from giatja_production.board.api import routes as board
from giatja_production.books.api import routes as books
from giatja_production.bundles.api import routes as bundles
from giatja_production.calendar.api import routes as calendar
from giatja_production.days.api import routes as days
from giatja_production.duty.api import routes as duty
from giatja_production.floor.api import routes as floor
from giatja_production.materials.api import routes as materials
from giatja_production.output.api import routes as output
from giatja_production.planning.api import routes as planning
from giatja_production.planning.handlers import Forecasting
from giatja_production.premi.api import routes as premi
from giatja_production.premi.handlers import Computing
from giatja_production.quality.api import routes as quality
from giatja_production.safety.api import routes as safety
from giatja_production.settings import ProductionSettings
from giatja_production.subscriptions import subscriptions
from giatja_production.tools.api import routes as tools
from giatja_production.work_orders.api import routes as work_orders
from giatja_production.workshops.api import routes as workshops


def make_service(settings: ProductionSettings | None = None) -> Service:
    """Make the service from its settings, by default those of the environment."""
    tables.map_all()
    return Service(
        name="production",
        package="giatja_production",
        title="Produksi",
        settings=settings or read_settings(ProductionSettings),
        heard_by=heard_by(),
        grants=ROLES,
        routes=[
            assignments,
            workshops,
            work_orders,
            output,
            floor,
            materials,
            planning,
            premi,
            board,
            books,
            attendance,
            batches,
            bundles,
            calendar,
            days,
            duty,
            quality,
            safety,
            tools,
        ],
        subscriptions=subscriptions,
        chores=[Forecasting(), Computing()],
    )
