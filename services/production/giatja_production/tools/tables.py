"""The tables of tools, their issues and the alerts about what is missing."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from giatja_production.tables import mapper, metadata
from giatja_production.tools.domain import SecurityAlert, Tool

tool = Table(
    "tool",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("kit", Text),
    Column("workshop_id", Uuid, nullable=False),
    Column("dangerous", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
    UniqueConstraint("lapas_id", "code", name="tool_code"),
    CheckConstraint("code = upper(code)", name="tool_code_upper"),
    CheckConstraint("state IN ('available', 'out', 'lost', 'repair')", name="tool_state"),
    Index("tool_workshop", "lapas_id", "workshop_id", "code"),
)

# A tool is with one person at a time: of two clerks who issue it at once, one comes second.
tool_issue = Table(
    "tool_issue",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("tool_id", Uuid, nullable=False),
    Column("inmate_id", Uuid, nullable=False),
    Column("workshop_id", Uuid, nullable=False),
    Column("work_date", Date, nullable=False),
    Column("shift", Text, nullable=False),
    Column("issued_at", DateTime(timezone=True), nullable=False),
    Column("issued_by", Text, nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("ended_by", Text),
    Column("outcome", Text),
    Column("note", Text),
    ForeignKeyConstraint(["lapas_id", "tool_id"], ["tool.lapas_id", "tool.id"]),
    ForeignKeyConstraint(["lapas_id", "inmate_id"], ["worker.lapas_id", "worker.inmate_id"]),
    ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
    CheckConstraint("shift IN ('pagi', 'siang', 'malam')", name="tool_issue_shift"),
    CheckConstraint("outcome IN ('good', 'damaged', 'missing')", name="tool_issue_outcome"),
    CheckConstraint(
        "(ended_at IS NULL) = (outcome IS NULL) AND (ended_at IS NULL) = (ended_by IS NULL)", name="tool_issue_ended"
    ),
    CheckConstraint("outcome = 'good' OR ended_at IS NULL OR note <> ''", name="tool_issue_note"),
    Index("tool_issue_out", "lapas_id", "tool_id", unique=True, postgresql_where=text("ended_at IS NULL")),
    Index("tool_issue_day", "lapas_id", "work_date", "workshop_id"),
    Index("tool_issue_tool", "lapas_id", "tool_id", "issued_at"),
    Index("tool_issue_inmate", "lapas_id", "inmate_id", "work_date"),
)

security_alert = Table(
    "security_alert",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("workshop_id", Uuid, nullable=False),
    Column("work_date", Date, nullable=False),
    Column("shift", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("findings", Text),
    Column("resolved_at", DateTime(timezone=True)),
    Column("resolved_by", Text),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
    CheckConstraint("shift IN ('pagi', 'siang', 'malam')", name="security_alert_shift"),
    CheckConstraint("state IN ('open', 'resolved')", name="security_alert_state"),
    CheckConstraint(
        "(state = 'resolved') = (resolved_at IS NOT NULL) AND (resolved_at IS NULL) = (resolved_by IS NULL)"
        " AND (resolved_at IS NULL) = (findings IS NULL)",
        name="security_alert_resolved",
    ),
    CheckConstraint("resolved_by <> opened_by", name="security_alert_second_person"),
    Index("security_alert_open", "lapas_id", postgresql_where=text("state = 'open'")),
)

security_alert_tool = Table(
    "security_alert_tool",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("alert_id", Uuid, primary_key=True),
    Column("tool_id", Uuid, primary_key=True),
    Column("issue_id", Uuid),
    Column("outcome", Text),
    ForeignKeyConstraint(["lapas_id", "alert_id"], ["security_alert.lapas_id", "security_alert.id"]),
    ForeignKeyConstraint(["lapas_id", "tool_id"], ["tool.lapas_id", "tool.id"]),
    ForeignKeyConstraint(["lapas_id", "issue_id"], ["tool_issue.lapas_id", "tool_issue.id"]),
    CheckConstraint("outcome IN ('found', 'damaged', 'lost')", name="security_alert_tool_outcome"),
)


def map_tables() -> None:
    """Tie the classes to their tables."""
    mapper.map_imperatively(Tool, tool, version_id_col=tool.c.version)
    mapper.map_imperatively(SecurityAlert, security_alert, version_id_col=security_alert.c.version)
