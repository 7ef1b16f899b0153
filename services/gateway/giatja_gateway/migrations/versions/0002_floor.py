"""What the region sees of safety at work and of premi: how often and how much, never of whom."""

import sqlalchemy as sa
from alembic import op

from giatja_kit.schema import secure

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APP = "giatja_gateway_app"


def upgrade() -> None:
    op.create_table(
        "region_incident",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("incident_id", sa.Uuid, primary_key=True),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("workshop_kind", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
    )
    op.create_index("region_incident_day", "region_incident", ["lapas_id", "day"])
    secure("region_incident", app=APP)
    op.create_table(
        "region_premi",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("credit_id", sa.Uuid, primary_key=True),
        sa.Column("month", sa.Date, nullable=False),
        sa.Column("people", sa.Integer, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
    )
    op.create_index("region_premi_month", "region_premi", ["lapas_id", "month"])
    secure("region_premi", app=APP)


def downgrade() -> None:
    op.drop_table("region_premi")
    op.drop_table("region_incident")
