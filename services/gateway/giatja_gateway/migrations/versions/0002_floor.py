"""What the region sees of safety at work: how often something happened, never to whom."""

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


def downgrade() -> None:
    op.drop_table("region_incident")
