"""Puts the training service together; the web process and the worker start here."""

from giatja_contracts.catalogue import heard_by
from giatja_contracts.permissions import ROLES
from giatja_kit.service import Service
from giatja_kit.settings import read_settings
from giatja_training import tables
from giatja_training.competences.api import routes as competences
from giatja_training.departures.api import routes as departures
from giatja_training.inmates.api import routes as inmates
from giatja_training.passport.api import routes as passport
from giatja_training.permits.api import routes as permits
from giatja_training.settings import TrainingSettings
from giatja_training.subscriptions import subscriptions


def make_service(settings: TrainingSettings | None = None) -> Service:
    """Make the service from its settings, by default those of the environment."""
    tables.map_all()
    return Service(
        name="training",
        package="giatja_training",
        title="Pembinaan",
        settings=settings or read_settings(TrainingSettings),
        heard_by=heard_by(),
        grants=ROLES,
        routes=[inmates, departures, permits, competences, passport],
        subscriptions=subscriptions,
    )
