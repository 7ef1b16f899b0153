"""The tables of planning: the forecasts that were told last, and when each Lapas was last looked at.

Everything else of planning is worked out anew from the work, the people and the calendar whenever it is asked for.
"""

from sqlalchemy import CheckConstraint, Column, Date, DateTime, Index, Integer, Table, Text, Uuid

from giatja_production.tables import metadata

order_forecast = Table(
    "order_forecast",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("order_id", Uuid, primary_key=True),
    Column("likely_on", Date),
    Column("earliest_on", Date),
    Column("latest_on", Date),
    Column("late_days", Integer, nullable=False),
    Column("cause", Text, nullable=False),
    Column("stage_key", Text),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("cause IN ('pace', 'plan', 'on_hold', 'nobody')", name="order_forecast_cause"),
    CheckConstraint("late_days >= 0", name="order_forecast_late"),
    CheckConstraint(
        "CASE WHEN likely_on IS NULL THEN earliest_on IS NULL AND latest_on IS NULL"
        " ELSE earliest_on <= likely_on AND likely_on <= latest_on END",
        name="order_forecast_range",
    ),
    Index("order_forecast_late_first", "lapas_id", "late_days", "order_id"),
)

planning_look = Table(
    "planning_look",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("looked_at", DateTime(timezone=True), nullable=False),
)
