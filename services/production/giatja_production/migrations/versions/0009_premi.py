"""Premi: schemes, lists and the ledger of each inmate."""

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

APP = "giatja_production_app"


def upgrade() -> None:
    """Filled by its owner."""


def downgrade() -> None:
    """Filled by its owner."""
