"""Planning and the board."""

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

APP = "giatja_production_app"


def upgrade() -> None:
    """Filled by its owner."""


def downgrade() -> None:
    """Filled by its owner."""
