"""Whether the consigned material of an order is settled, and that it was closed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APP = "giatja_orders_app"
_STATES = "'draft', 'quoted', 'accepted', 'in_production', 'completed', 'on_hold', 'cancelled'"

_FORECAST = (
    ("likely_on", sa.Date),
    ("likely_from", sa.Date),
    ("likely_to", sa.Date),
    ("forecast_cause", sa.Text),
    ("forecast_stage", sa.Text),
)


def upgrade() -> None:
    op.add_column("orders", sa.Column("closed_on", sa.Date))
    op.add_column("orders", sa.Column("material", sa.Text, nullable=False, server_default="none"))
    _rule("order_material_known", "material IN ('none', 'open', 'settled')")
    _rule("order_state_known", f"state IN ({_STATES}, 'closed')")
    _rule("order_completed_on_a_day", "(state IN ('completed', 'closed')) = (completed_on IS NOT NULL)")
    _rule("order_closed_on_a_day", "(state = 'closed') = (closed_on IS NOT NULL)")
    # Forecasts and the search index of orders follow below, each under a comment of its own.
    # Planning: when production thinks an order will be finished, as it told it last.
    for name, kind in _FORECAST:
        op.add_column("orders", sa.Column(name, kind))


def _rule(name: str, condition: str) -> None:
    """Put a rule in the place of the one of that name; rows are looked at after the short lock."""
    op.execute(f"ALTER TABLE orders DROP CONSTRAINT IF EXISTS {name}")
    op.execute(f"ALTER TABLE orders ADD CONSTRAINT {name} CHECK ({condition}) NOT VALID")
    op.execute(f"ALTER TABLE orders VALIDATE CONSTRAINT {name}")


def downgrade() -> None:
    op.execute("SELECT set_config('giatja.lapas', '*', true)")
    for name, _ in _FORECAST:
        op.drop_column("orders", name)
    op.execute("ALTER TABLE orders DROP CONSTRAINT order_closed_on_a_day")
    op.execute("UPDATE orders SET state = 'completed', closed_on = NULL WHERE state = 'closed'")
    _rule("order_completed_on_a_day", "(state = 'completed') = (completed_on IS NOT NULL)")
    _rule("order_state_known", f"state IN ({_STATES})")
    op.drop_column("orders", "material")
    op.drop_column("orders", "closed_on")
