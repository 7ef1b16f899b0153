"""Who is placed in which workshop, and what each is able to do."""

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

APP = "giatja_production_app"


def upgrade() -> None:
    """Filled by its owner."""


def downgrade() -> None:
    """Filled by its owner."""
