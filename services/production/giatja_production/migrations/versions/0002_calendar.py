"""Versions of routes, machines and the working calendar of a Lapas."""

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APP = "giatja_production_app"


def upgrade() -> None:
    """Filled by its owner."""


def downgrade() -> None:
    """Filled by its owner."""
