"""What the region sees of safety, premi, material and forecasts."""

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APP = "giatja_gateway_app"


def upgrade() -> None:
    """Filled by its owner."""


def downgrade() -> None:
    """Filled by its owner."""
