"""Whether the consigned material of an order is settled."""

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APP = "giatja_orders_app"


def upgrade() -> None:
    """Filled by its owner."""


def downgrade() -> None:
    """Filled by its owner."""
