"""The tables every service has, those of identity, of the registry of Lapas and of the region."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from giatja_gateway.migrations.region import create_region_tables, drop_region_tables
from giatja_kit.schema import create_kit_tables, drop_kit_tables, secure, secure_system

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APP = "giatja_gateway_app"
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    create_kit_tables(APP)
    _lapas()
    _identity()
    create_region_tables(APP)


def _lapas() -> None:
    op.create_table(
        "lapas",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("class", sa.Text, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("open", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("lapas_id ~ '^[A-Z0-9]{2,8}$'", name="lapas_code"),
        sa.CheckConstraint("class IN ('I', 'IIA', 'IIB', 'III')", name="lapas_class"),
        sa.CheckConstraint("zone IN ('Asia/Jakarta', 'Asia/Makassar', 'Asia/Jayapura')", name="lapas_zone"),
    )
    op.create_table(
        "lapas_titles",
        sa.Column("lapas_id", sa.Text, sa.ForeignKey("lapas.lapas_id"), primary_key=True),
        sa.Column("valid_from", sa.Date, primary_key=True),
        sa.Column("letterhead", ARRAY(sa.Text), nullable=False),
        sa.Column("titles", JSONB, nullable=False),
    )
    for table in ("lapas", "lapas_titles"):
        secure(table, app=APP, grants="SELECT, INSERT, UPDATE")


def _identity() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("username", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("password_hash", sa.Text),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("must_change", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("username ~ '^[a-z0-9][a-z0-9._-]{2,39}$'", name="person_username"),
        sa.CheckConstraint("password_hash LIKE '$argon2id$%'", name="person_password"),
    )
    op.create_index("person_by_name", "person", ["name", "id"])
    op.create_table(
        "assignment",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("person_id", sa.Uuid, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date),
        sa.Column("plt", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("ends_on >= starts_on - 1", name="assignment_days"),
        sa.CheckConstraint("(role IN ('kanwil', 'ops')) = (lapas_id = '*')", name="assignment_place"),
    )
    op.create_index("assignment_by_person", "assignment", ["person_id"])
    op.create_table(
        "session",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("person_id", sa.Uuid, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("assignment_id", sa.Uuid, nullable=False),
        sa.Column("signed_in_at", _MOMENT, nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("device", sa.Text, nullable=False),
    )
    op.create_index("session_by_person", "session", ["person_id"])
    op.create_index("session_by_end", "session", ["expires_at"])
    op.create_table(
        "client",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("secret_hash", sa.LargeBinary),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("(role IN ('kanwil', 'ops')) = (lapas_id = '*')", name="client_place"),
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("key", sa.LargeBinary, primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_at", _MOMENT, nullable=False),
    )
    op.create_index("sign_in_attempt_age", "sign_in_attempt", ["last_at"])
    op.create_table(
        "demo_sign_in",
        sa.Column("person_id", sa.Uuid, sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("password", sa.Text, nullable=False),
    )
    # A role at a Lapas belongs to that Lapas; a person may hold several and belongs to none.
    secure("assignment", app=APP, grants="SELECT, INSERT, UPDATE")
    secure("client", app=APP, grants="SELECT, INSERT, UPDATE")
    secure_system("person", app=APP, grants="SELECT, INSERT, UPDATE")
    secure_system("session", app=APP)
    secure_system("sign_in_attempt", app=APP)
    secure_system("demo_sign_in", app=APP)


def downgrade() -> None:
    drop_region_tables()
    for table in (
        "demo_sign_in",
        "sign_in_attempt",
        "client",
        "session",
        "assignment",
        "person",
        "lapas_titles",
        "lapas",
    ):
        op.drop_table(table)
    drop_kit_tables()
