"""The tables of board links and of calls for help."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)

from giatja_production.board.domain import BoardLink
from giatja_production.tables import mapper, metadata

board_link = Table(
    "board_link",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("workshop_id", Uuid),
    Column("token_hash", LargeBinary, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("made_by", Text, nullable=False),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
    Index("board_link_token", "token_hash", unique=True),
)

# Of one kind one call stands open in a workshop; who calls again joins it.
board_call = Table(
    "board_call",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("workshop_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("raised_at", DateTime(timezone=True), nullable=False),
    Column("raised_by", Text, nullable=False),
    Column("answered_at", DateTime(timezone=True)),
    Column("answered_by", Text),
    ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
    CheckConstraint("kind IN ('alat', 'bahan', 'mutu', 'medis', 'keamanan', 'lain')", name="board_call_kind"),
    CheckConstraint("(answered_at IS NULL) = (answered_by IS NULL)", name="board_call_answered"),
    Index(
        "board_call_open", "lapas_id", "workshop_id", "kind", unique=True, postgresql_where=text("answered_at IS NULL")
    ),
    Index("board_call_raised", "lapas_id", "raised_at"),
)


def map_tables() -> None:
    """Tie the classes to their tables."""
    mapper.map_imperatively(BoardLink, board_link, version_id_col=board_link.c.version)
