"""Officers on duty, the shift log, tools and safety."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from giatja_kit.schema import secure

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

APP = "giatja_production_app"
TABLES = (
    "officer", "officer_leave", "duty_post", "duty_turn", "duty_change", "duty_swap", "shift_log", "shift_log_addendum",
    "tool", "tool_issue", "security_alert", "security_alert_tool", "incident", "incident_injured", "follow_up",
    "gear_check", "gear_check_item",
)  # fmt: skip
# What was said once stays said.
APPEND_ONLY = ("duty_change", "shift_log_addendum", "incident_injured", "gear_check", "gear_check_item")


def upgrade() -> None:
    op.create_table(
        "officer",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("person_id", sa.Uuid),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("rank", sa.SmallInteger, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.UniqueConstraint("lapas_id", "person_id", name="officer_person"),
        sa.CheckConstraint("rank BETWEEN 1 AND 17", name="officer_rank"),
    )
    op.create_table(
        "officer_leave",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("officer_id", sa.Uuid, nullable=False),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Text, nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.Column("withdrawn_by", sa.Text),
        sa.ForeignKeyConstraint(["lapas_id", "officer_id"], ["officer.lapas_id", "officer.id"]),
        sa.CheckConstraint("last_day >= first_day", name="officer_leave_days"),
        sa.CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="officer_leave_withdrawn"),
    )
    op.create_table(
        "duty_post",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("workshop_id", sa.Uuid, nullable=False),
        sa.Column("shift", sa.Text, nullable=False),
        sa.Column("weekdays", postgresql.ARRAY(sa.SmallInteger), nullable=False),
        sa.Column("officers", sa.SmallInteger, nullable=False),
        sa.Column("lowest_rank", sa.SmallInteger),
        sa.Column("senior_rank", sa.SmallInteger),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
        sa.UniqueConstraint("lapas_id", "workshop_id", "shift", name="duty_post_place"),
        sa.CheckConstraint("shift IN ('pagi', 'siang', 'malam')", name="duty_post_shift"),
        sa.CheckConstraint("officers BETWEEN 1 AND 10", name="duty_post_officers"),
        sa.CheckConstraint("lowest_rank BETWEEN 1 AND 17 AND senior_rank BETWEEN 1 AND 17", name="duty_post_ranks"),
        sa.CheckConstraint(
            "cardinality(weekdays) > 0 AND weekdays <@ ARRAY[1, 2, 3, 4, 5, 6, 7]::smallint[]",
            name="duty_post_weekdays",
        ),
    )
    op.create_table(
        "duty_turn",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("workshop_id", sa.Uuid, nullable=False),
        sa.Column("work_date", sa.Date, nullable=False),
        sa.Column("shift", sa.Text, nullable=False),
        sa.Column("place", sa.SmallInteger, nullable=False),
        sa.Column("lowest_rank", sa.SmallInteger),
        sa.Column("officer_id", sa.Uuid),
        sa.Column("stands_in_for", sa.Uuid),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("by_hand", sa.Boolean, nullable=False),
        sa.Column("why", postgresql.JSONB, nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True)),
        sa.Column("published_by", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
        sa.ForeignKeyConstraint(["lapas_id", "officer_id"], ["officer.lapas_id", "officer.id"]),
        sa.ForeignKeyConstraint(["lapas_id", "stands_in_for"], ["officer.lapas_id", "officer.id"]),
        sa.UniqueConstraint("lapas_id", "work_date", "workshop_id", "shift", "place", name="duty_turn_place"),
        # Deferrable, so that two officers may change places in one statement.
        sa.UniqueConstraint(
            "lapas_id", "work_date", "officer_id", name="duty_turn_once_a_day", deferrable=True, initially="IMMEDIATE"
        ),
        sa.CheckConstraint("shift IN ('pagi', 'siang', 'malam')", name="duty_turn_shift"),
        sa.CheckConstraint("place BETWEEN 1 AND 10", name="duty_turn_place_no"),
        sa.CheckConstraint("state IN ('proposed', 'published')", name="duty_turn_state"),
        sa.CheckConstraint(
            "(state = 'published') = (published_at IS NOT NULL) AND (published_at IS NULL) = (published_by IS NULL)",
            name="duty_turn_published",
        ),
        sa.CheckConstraint("stands_in_for <> officer_id", name="duty_turn_stands_in"),
    )
    op.create_table(
        "duty_change",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("turn_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("from_officer_id", sa.Uuid),
        sa.Column("to_officer_id", sa.Uuid),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "turn_id"], ["duty_turn.lapas_id", "duty_turn.id"]),
        sa.CheckConstraint("kind IN ('assigned', 'covered', 'swapped')", name="duty_change_kind"),
    )
    op.create_table(
        "duty_swap",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("turn_id", sa.Uuid, nullable=False),
        sa.Column("other_turn_id", sa.Uuid, nullable=False),
        sa.Column("officer_id", sa.Uuid, nullable=False),
        sa.Column("other_officer_id", sa.Uuid, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("decided_by", sa.Text),
        sa.ForeignKeyConstraint(["lapas_id", "turn_id"], ["duty_turn.lapas_id", "duty_turn.id"]),
        sa.ForeignKeyConstraint(["lapas_id", "other_turn_id"], ["duty_turn.lapas_id", "duty_turn.id"]),
        sa.ForeignKeyConstraint(["lapas_id", "officer_id"], ["officer.lapas_id", "officer.id"]),
        sa.ForeignKeyConstraint(["lapas_id", "other_officer_id"], ["officer.lapas_id", "officer.id"]),
        sa.CheckConstraint("state IN ('open', 'agreed', 'refused')", name="duty_swap_state"),
        sa.CheckConstraint(
            "(state = 'open') = (decided_at IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL)",
            name="duty_swap_decided",
        ),
    )
    op.create_table(
        "shift_log",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("workshop_id", sa.Uuid, nullable=False),
        sa.Column("work_date", sa.Date, nullable=False),
        sa.Column("shift", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("head_start", sa.Integer, nullable=False),
        sa.Column("head_end", sa.Integer),
        sa.Column("present", sa.Integer),
        sa.Column("tools_start", sa.Integer, nullable=False),
        sa.Column("tools_end", sa.Integer),
        sa.Column("gear", sa.Text, nullable=False),
        sa.Column("notes", sa.Text, nullable=False),
        sa.Column("difference", sa.Text, nullable=False),
        sa.Column("handover", sa.Text, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Text, nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.Column("closed_by", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
        sa.UniqueConstraint("lapas_id", "work_date", "workshop_id", "shift", name="shift_log_shift_of_day"),
        sa.CheckConstraint("shift IN ('pagi', 'siang', 'malam')", name="shift_log_shift"),
        sa.CheckConstraint("state IN ('open', 'closed')", name="shift_log_state"),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL) AND (closed_at IS NULL) = (closed_by IS NULL)"
            " AND (closed_at IS NULL) = (head_end IS NULL) AND (closed_at IS NULL) = (tools_end IS NULL)",
            name="shift_log_closed",
        ),
        sa.CheckConstraint(
            "head_start >= 0 AND head_end >= 0 AND tools_start >= 0 AND tools_end >= 0", name="shift_log_counts"
        ),
    )
    op.create_table(
        "shift_log_addendum",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("log_id", sa.Uuid, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "log_id"], ["shift_log.lapas_id", "shift_log.id"]),
    )
    op.create_table(
        "tool",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("kit", sa.Text),
        sa.Column("workshop_id", sa.Uuid, nullable=False),
        sa.Column("dangerous", sa.Boolean, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
        sa.UniqueConstraint("lapas_id", "code", name="tool_code"),
        sa.CheckConstraint("code = upper(code)", name="tool_code_upper"),
        sa.CheckConstraint("state IN ('available', 'out', 'lost', 'repair')", name="tool_state"),
    )
    op.create_table(
        "tool_issue",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tool_id", sa.Uuid, nullable=False),
        sa.Column("inmate_id", sa.Uuid, nullable=False),
        sa.Column("workshop_id", sa.Uuid, nullable=False),
        sa.Column("work_date", sa.Date, nullable=False),
        sa.Column("shift", sa.Text, nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.Text, nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("ended_by", sa.Text),
        sa.Column("outcome", sa.Text),
        sa.Column("note", sa.Text),
        sa.ForeignKeyConstraint(["lapas_id", "tool_id"], ["tool.lapas_id", "tool.id"]),
        sa.ForeignKeyConstraint(["lapas_id", "inmate_id"], ["worker.lapas_id", "worker.inmate_id"]),
        sa.ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
        sa.CheckConstraint("shift IN ('pagi', 'siang', 'malam')", name="tool_issue_shift"),
        sa.CheckConstraint("outcome IN ('good', 'damaged', 'missing')", name="tool_issue_outcome"),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (outcome IS NULL) AND (ended_at IS NULL) = (ended_by IS NULL)",
            name="tool_issue_ended",
        ),
        sa.CheckConstraint("outcome = 'good' OR ended_at IS NULL OR note <> ''", name="tool_issue_note"),
    )
    op.create_table(
        "security_alert",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("workshop_id", sa.Uuid, nullable=False),
        sa.Column("work_date", sa.Date, nullable=False),
        sa.Column("shift", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("findings", sa.Text),
        sa.Column("resolved_at", sa.DateTime(timezone=True)),
        sa.Column("resolved_by", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
        sa.CheckConstraint("shift IN ('pagi', 'siang', 'malam')", name="security_alert_shift"),
        sa.CheckConstraint("state IN ('open', 'resolved')", name="security_alert_state"),
        sa.CheckConstraint(
            "(state = 'resolved') = (resolved_at IS NOT NULL) AND (resolved_at IS NULL) = (resolved_by IS NULL)"
            " AND (resolved_at IS NULL) = (findings IS NULL)",
            name="security_alert_resolved",
        ),
        sa.CheckConstraint("resolved_by <> opened_by", name="security_alert_second_person"),
    )
    op.create_table(
        "security_alert_tool",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("alert_id", sa.Uuid, primary_key=True),
        sa.Column("tool_id", sa.Uuid, primary_key=True),
        sa.Column("issue_id", sa.Uuid),
        sa.Column("outcome", sa.Text),
        sa.ForeignKeyConstraint(["lapas_id", "alert_id"], ["security_alert.lapas_id", "security_alert.id"]),
        sa.ForeignKeyConstraint(["lapas_id", "tool_id"], ["tool.lapas_id", "tool.id"]),
        sa.ForeignKeyConstraint(["lapas_id", "issue_id"], ["tool_issue.lapas_id", "tool_issue.id"]),
        sa.CheckConstraint("outcome IN ('found', 'damaged', 'lost')", name="security_alert_tool_outcome"),
    )
    op.create_table(
        "incident",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("workshop_id", sa.Uuid, nullable=False),
        sa.Column("stage_key", sa.Text),
        sa.Column("machine_id", sa.Uuid),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("happened_on", sa.Date, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("first_aid", sa.Text, nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_by", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
        sa.ForeignKeyConstraint(["lapas_id", "machine_id"], ["machine.lapas_id", "machine.id"]),
        sa.CheckConstraint("kind IN ('incident', 'near_miss')", name="incident_kind"),
        sa.CheckConstraint("severity IN ('minor', 'moderate', 'serious', 'fatal')", name="incident_severity"),
    )
    op.create_table(
        "incident_injured",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("incident_id", sa.Uuid, primary_key=True),
        sa.Column("inmate_id", sa.Uuid, primary_key=True),
        sa.ForeignKeyConstraint(["lapas_id", "incident_id"], ["incident.lapas_id", "incident.id"]),
        sa.ForeignKeyConstraint(["lapas_id", "inmate_id"], ["worker.lapas_id", "worker.inmate_id"]),
    )
    op.create_table(
        "follow_up",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("incident_id", sa.Uuid, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("responsible", sa.Text, nullable=False),
        sa.Column("due_date", sa.Date, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("result", sa.Text),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.Column("done_by", sa.Text),
        sa.ForeignKeyConstraint(["lapas_id", "incident_id"], ["incident.lapas_id", "incident.id"]),
        sa.CheckConstraint(
            "(done_at IS NULL) = (done_by IS NULL) AND (done_at IS NULL) = (result IS NULL)", name="follow_up_done"
        ),
    )
    op.create_table(
        "gear_check",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("workshop_id", sa.Uuid, nullable=False),
        sa.Column("work_date", sa.Date, nullable=False),
        sa.Column("shift", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_by", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
        sa.CheckConstraint("shift IN ('pagi', 'siang', 'malam')", name="gear_check_shift"),
    )
    op.create_table(
        "gear_check_item",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("check_id", sa.Uuid, primary_key=True),
        sa.Column("gear", sa.Text, primary_key=True),
        sa.Column("missing", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "check_id"], ["gear_check.lapas_id", "gear_check.id"]),
        sa.CheckConstraint("missing >= 0", name="gear_check_item_missing"),
    )
    op.create_index("officer_leave_days_of", "officer_leave", ["lapas_id", "officer_id", "first_day"])
    op.create_index("duty_turn_officer", "duty_turn", ["lapas_id", "officer_id", "work_date"])
    op.create_index("duty_change_turn", "duty_change", ["lapas_id", "turn_id", "at"])
    op.create_index(
        "duty_swap_open", "duty_swap", ["lapas_id", "turn_id"], unique=True, postgresql_where=sa.text("state = 'open'")
    )
    op.create_index("shift_log_addendum_log", "shift_log_addendum", ["lapas_id", "log_id", "at"])
    op.create_index("tool_workshop", "tool", ["lapas_id", "workshop_id", "code"])
    op.create_index(
        "tool_issue_out",
        "tool_issue",
        ["lapas_id", "tool_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("tool_issue_day", "tool_issue", ["lapas_id", "work_date", "workshop_id"])
    op.create_index("tool_issue_tool", "tool_issue", ["lapas_id", "tool_id", "issued_at"])
    op.create_index("tool_issue_inmate", "tool_issue", ["lapas_id", "inmate_id", "work_date"])
    op.create_index("security_alert_open", "security_alert", ["lapas_id"], postgresql_where=sa.text("state = 'open'"))
    op.create_index("incident_day", "incident", ["lapas_id", "happened_at", "id"])
    op.create_index("follow_up_incident", "follow_up", ["lapas_id", "incident_id"])
    op.create_index("gear_check_day", "gear_check", ["lapas_id", "work_date", "workshop_id", "shift", "checked_at"])
    for table in TABLES:
        if table in APPEND_ONLY:
            secure(table, app=APP, grants="SELECT, INSERT")
        else:
            secure(table, app=APP)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
