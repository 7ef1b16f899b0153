"""The tables of people, roles, sessions, machines and failed sign-ins."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
)

from giatja_gateway.identity.domain import Assignment, Client, Person
from giatja_gateway.tables import mapper, metadata

_MOMENT = DateTime(timezone=True)

person = Table(
    "person",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("username", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("password_hash", Text),
    Column("active", Boolean, nullable=False),
    Column("must_change", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint("username ~ '^[a-z0-9][a-z0-9._-]{2,39}$'", name="person_username"),
    CheckConstraint("password_hash LIKE '$argon2id$%'", name="person_password"),
    Index("person_by_name", "name", "id"),
)

assignment = Table(
    "assignment",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, ForeignKey("person.id"), nullable=False),
    Column("role", Text, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
    Column("plt", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    # A role taken back before it began ends on the day before its first.
    CheckConstraint("ends_on >= starts_on - 1", name="assignment_days"),
    CheckConstraint("(role IN ('kanwil', 'ops')) = (lapas_id = '*')", name="assignment_place"),
    Index("assignment_by_person", "person_id"),
)

session = Table(
    "session",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("person_id", Uuid, ForeignKey("person.id"), nullable=False),
    Column("assignment_id", Uuid, nullable=False),
    Column("signed_in_at", _MOMENT, nullable=False),
    Column("seen_at", _MOMENT, nullable=False),
    Column("expires_at", _MOMENT, nullable=False),
    Column("device", Text, nullable=False),
    Index("session_by_person", "person_id"),
    Index("session_by_end", "expires_at"),
)

client = Table(
    "client",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("secret_hash", LargeBinary),
    Column("active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint("(role IN ('kanwil', 'ops')) = (lapas_id = '*')", name="client_place"),
)

sign_in_attempt = Table(
    "sign_in_attempt",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", _MOMENT, nullable=False),
    Index("sign_in_attempt_age", "last_at"),
)

# The accounts of the demonstration, whose passwords are no secret: they open nothing unless GIATJA_DEMO is on.
demo_sign_in = Table(
    "demo_sign_in",
    metadata,
    Column("person_id", Uuid, ForeignKey("person.id"), primary_key=True),
    Column("password", Text, nullable=False),
)


def map_tables() -> None:
    """Tie the classes to their tables."""
    mapper.map_imperatively(Person, person, version_id_col=person.c.version)
    mapper.map_imperatively(Assignment, assignment, version_id_col=assignment.c.version)
    mapper.map_imperatively(Client, client, version_id_col=client.c.version)
