"""Plant batches."""

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

APP = "giatja_production_app"


def upgrade() -> None:
    """Filled by its owner."""


def downgrade() -> None:
    """Filled by its owner."""
