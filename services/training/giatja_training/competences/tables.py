"""The catalogue of competences and their awards."""

from sqlalchemy import Boolean, Column, Date, ForeignKeyConstraint, Table, Text, Uuid

from giatja_training.competences.domain import CompetenceAward
from giatja_training.tables import mapper, metadata

competence = Table(
    "competence",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("workshop_kind", Text, nullable=False),
    Column("active", Boolean, nullable=False),
)

competence_award = Table(
    "competence_award",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("inmate_id", Uuid, primary_key=True),
    Column("competence", Text, primary_key=True),
    Column("awarded_on", Date, nullable=False),
    Column("awarded_by", Text, nullable=False),
    Column("note", Text, nullable=False),
    ForeignKeyConstraint(["lapas_id", "inmate_id"], ["inmate.lapas_id", "inmate.id"], name="competence_award_inmate"),
    ForeignKeyConstraint(
        ["lapas_id", "competence"], ["competence.lapas_id", "competence.key"], name="competence_award_competence"
    ),
)


def map_tables() -> None:
    """Tie the classes to their tables."""
    mapper.map_imperatively(CompetenceAward, competence_award)
