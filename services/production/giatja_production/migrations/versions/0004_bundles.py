"""Bundles and lots of a work order, and inspections of quality."""

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

APP = "giatja_production_app"


def upgrade() -> None:
    """Filled by its owner."""


def downgrade() -> None:
    """Filled by its owner."""
