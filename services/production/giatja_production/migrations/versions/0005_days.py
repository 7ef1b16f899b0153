"""Attendance, teams, and days that are closed."""

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

APP = "giatja_production_app"


def upgrade() -> None:
    """Filled by its owner."""


def downgrade() -> None:
    """Filled by its owner."""
