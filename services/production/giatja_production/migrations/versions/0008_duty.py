"""Officers on duty, the shift log, tools and safety."""

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

APP = "giatja_production_app"


def upgrade() -> None:
    """Filled by its owner."""


def downgrade() -> None:
    """Filled by its owner."""
