"""The tables of workers, their permission and what they are able to do."""

from sqlalchemy import CheckConstraint, Column, Date, ForeignKeyConstraint, Table, Text, Uuid

from giatja_production.tables import metadata

worker = Table(
    "worker",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("inmate_id", Uuid, primary_key=True),
    Column("adult_on", Date, nullable=False),
    Column("fitness", Text, nullable=False),
    Column("left_on", Date),
    CheckConstraint("fitness IN ('fit', 'limited', 'not_fit')", name="worker_fitness"),
)

work_permission = Table(
    "work_permission",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("inmate_id", Uuid, primary_key=True),
    Column("permission_id", Uuid, primary_key=True),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date),
    ForeignKeyConstraint(["lapas_id", "inmate_id"], ["worker.lapas_id", "worker.inmate_id"]),
)

worker_competence = Table(
    "worker_competence",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("inmate_id", Uuid, primary_key=True),
    Column("competence", Text, primary_key=True),
    Column("awarded_on", Date, nullable=False),
    ForeignKeyConstraint(["lapas_id", "inmate_id"], ["worker.lapas_id", "worker.inmate_id"]),
)
