"""What a fact changes in the read model.

Facts of one subject come in order; those of different subjects and sources do not. So each handler
touches rows of its own subject, or only adds to a sum: in whatever order they come, the tables end
up the same.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from uuid import UUID

from giatja_gateway.region.tables import TABLES
from giatja_kit.database import Store


class OutOfOrder(LookupError):
    """A fact about something whose first fact was never heard: a fault, for a person to look at."""


@dataclass(frozen=True, kw_only=True)
class KeepOrder:
    """Know an accepted order."""

    order_id: UUID
    number: str
    internal: bool
    products: Sequence[str]
    quantity: int
    accepted_on: date
    due_date: date


@dataclass(frozen=True, kw_only=True)
class MoveDueDate:
    """Know that the due date was moved."""

    order_id: UUID
    due_date: date


@dataclass(frozen=True, kw_only=True)
class MarkOrder:
    """Know that an order is held, goes on, or was cancelled."""

    order_id: UUID
    state: str
    cancelled_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class FinishOrder:
    """Know that an order was completed."""

    order_id: UUID
    completed_on: date
    on_time: bool


@dataclass(frozen=True, kw_only=True)
class KeepWorkOrder:
    """Know a work order, and at which of its stages pieces count as done."""

    work_order_id: UUID
    order_id: UUID
    workshop_kind: str
    quantity: int
    counting_stage_id: UUID


@dataclass(frozen=True, kw_only=True)
class AddOutput:
    """Add what was recorded at a stage on a day; corrections are negative."""

    work_order_id: UUID
    stage_id: UUID
    workshop_kind: str
    day: date
    good: int
    rework: int
    reject: int
    defects: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class FinishWorkOrder:
    """Know that a work order was completed."""

    work_order_id: UUID
    completed_on: date


@dataclass(frozen=True, kw_only=True)
class AddWork:
    """Add that an inmate's work of a day was accepted."""

    inmate_id: UUID
    workshop_kind: str
    day: date
    minutes: int


@dataclass(frozen=True, kw_only=True)
class TakeWorkBack:
    """Take back that an inmate's work of a day was accepted."""

    inmate_id: UUID
    day: date
    minutes: int


@dataclass(frozen=True, kw_only=True)
class KeepInmate:
    """Know that an inmate is there, or since when no more."""

    inmate_id: UUID
    left_on: date | None


@dataclass(frozen=True, kw_only=True)
class KeepPermit:
    """Know a work permission."""

    permission_id: UUID
    inmate_id: UUID
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, kw_only=True)
class EndPermit:
    """Know the last day a work permission covers."""

    permission_id: UUID
    ended_on: date


@dataclass(frozen=True, kw_only=True)
class KeepCompetence:
    """Know that an inmate was found competent."""

    inmate_id: UUID
    competence: str
    awarded_on: date


@dataclass(frozen=True, kw_only=True)
class KeepIncident:
    """Know that something happened at work, or nearly did."""

    incident_id: UUID
    day: date
    workshop_kind: str
    kind: str
    severity: str


@dataclass(frozen=True, kw_only=True)
class KeepPremi:
    """Know that premi of a month was credited to some people."""

    credit_id: UUID
    month: date
    people: int
    amount: int


def keep_order(command: KeepOrder, store: Store) -> None:
    """Keep an accepted order."""
    values = {**asdict(command), "products": list(command.products), "lapas_id": store.lapas_id}
    store.run(
        "INSERT INTO region_order (lapas_id, order_id, number, internal, products, quantity, accepted_on, due_date, state)"
        " VALUES (:lapas_id, :order_id, :number, :internal, :products, :quantity, :accepted_on, :due_date, 'open')",
        values,
    )


def move_due_date(command: MoveDueDate, store: Store) -> None:
    """Move the due date of an order.

    :raises OutOfOrder: the order was never accepted.
    """
    _change(
        store,
        "UPDATE region_order SET due_date = :due_date WHERE lapas_id = :lapas_id AND order_id = :order_id",
        **asdict(command),
    )


def mark_order(command: MarkOrder, store: Store) -> None:
    """Hold, resume or cancel an order.

    :raises OutOfOrder: the order was never accepted.
    """
    _change(
        store,
        "UPDATE region_order SET state = :state, cancelled_at = :cancelled_at"
        " WHERE lapas_id = :lapas_id AND order_id = :order_id",
        **asdict(command),
    )


def finish_order(command: FinishOrder, store: Store) -> None:
    """Complete an order.

    :raises OutOfOrder: the order was never accepted.
    """
    _change(
        store,
        "UPDATE region_order SET state = 'completed', completed_on = :completed_on, on_time = :on_time"
        " WHERE lapas_id = :lapas_id AND order_id = :order_id",
        **asdict(command),
    )


def keep_work_order(command: KeepWorkOrder, store: Store) -> None:
    """Keep a work order."""
    store.run(
        "INSERT INTO region_work_order"
        " (lapas_id, work_order_id, order_id, workshop_kind, quantity, counting_stage_id, passed)"
        " VALUES (:lapas_id, :work_order_id, :order_id, :workshop_kind, :quantity, :counting_stage_id, 0)",
        {**asdict(command), "lapas_id": store.lapas_id},
    )


def add_output(command: AddOutput, store: Store) -> None:
    """Add the output of a stage; what passes the counting stage is the output of the Lapas.

    :raises OutOfOrder: the work order was never opened.
    """
    _change(
        store,
        "WITH counted AS (UPDATE region_work_order"
        "  SET passed = passed + CASE WHEN counting_stage_id = :stage_id THEN :good ELSE 0 END"
        "  WHERE lapas_id = :lapas_id AND work_order_id = :work_order_id"
        "  RETURNING CASE WHEN counting_stage_id = :stage_id THEN CAST(:good AS bigint) ELSE 0 END AS passed)"
        " INSERT INTO region_day AS d (lapas_id, day, workshop_kind, passed, rework, reject)"
        " SELECT :lapas_id, CAST(:day AS date), :workshop_kind, passed, :rework, :reject FROM counted"
        " ON CONFLICT (lapas_id, day, workshop_kind) DO UPDATE SET passed = d.passed + excluded.passed,"
        " rework = d.rework + excluded.rework, reject = d.reject + excluded.reject",
        **{name: value for name, value in vars(command).items() if name != "defects"},
    )
    if command.defects:
        store.run(
            "INSERT INTO region_defect AS d (lapas_id, day, workshop_kind, code, pieces)"
            " SELECT :lapas_id, CAST(:day AS date), :workshop_kind, key, CAST(value AS bigint)"
            " FROM jsonb_each_text(CAST(:defects AS jsonb))"
            " ON CONFLICT (lapas_id, day, workshop_kind, code) DO UPDATE SET pieces = d.pieces + excluded.pieces",
            {
                "lapas_id": store.lapas_id,
                "day": command.day,
                "workshop_kind": command.workshop_kind,
                "defects": json.dumps(dict(command.defects)),
            },
        )


def finish_work_order(command: FinishWorkOrder, store: Store) -> None:
    """Complete a work order.

    :raises OutOfOrder: the work order was never opened.
    """
    _change(
        store,
        "UPDATE region_work_order SET completed_on = :completed_on"
        " WHERE lapas_id = :lapas_id AND work_order_id = :work_order_id",
        **asdict(command),
    )


def add_work(command: AddWork, store: Store) -> None:
    """Count an inmate among those who worked on the day and in the month."""
    store.run(
        "WITH of_day AS (INSERT INTO region_worker_day AS w (lapas_id, day, inmate_id, minutes)"
        "  VALUES (:lapas_id, :day, :inmate_id, :minutes)"
        "  ON CONFLICT (lapas_id, day, inmate_id) DO UPDATE SET minutes = w.minutes + excluded.minutes)"
        " INSERT INTO region_worker_month (lapas_id, month, workshop_kind, inmate_id)"
        " VALUES (:lapas_id, :month, :workshop_kind, :inmate_id) ON CONFLICT DO NOTHING",
        {**asdict(command), "month": command.day.replace(day=1), "lapas_id": store.lapas_id},
    )


def take_work_back(command: TakeWorkBack, store: Store) -> None:
    """Subtract from an inmate's day; without a day left in the month nobody worked in it.

    A work order's facts come in order, so what is taken back was added before: an empty day is a sum of nothing,
    whatever was heard of other work orders in between. Work without a standard time leaves no sum to look at.

    :raises OutOfOrder: it was never added.
    """
    if command.minutes == 0:
        return
    _change(
        store,
        "UPDATE region_worker_day SET minutes = minutes - :minutes"
        " WHERE lapas_id = :lapas_id AND inmate_id = :inmate_id AND day = :day",
        **asdict(command),
    )
    values = {**asdict(command), "month": command.day.replace(day=1), "lapas_id": store.lapas_id}
    store.run(
        "DELETE FROM region_worker_day"
        " WHERE lapas_id = :lapas_id AND inmate_id = :inmate_id AND day = :day AND minutes = 0",
        values,
    )
    store.run(
        "DELETE FROM region_worker_month m"
        " WHERE m.lapas_id = :lapas_id AND m.inmate_id = :inmate_id AND m.month = :month"
        " AND NOT EXISTS (SELECT FROM region_worker_day d WHERE d.lapas_id = m.lapas_id AND d.inmate_id = m.inmate_id"
        "  AND d.day >= m.month AND d.day < m.month + interval '1 month')",
        values,
    )


def keep_inmate(command: KeepInmate, store: Store) -> None:
    """Keep that an inmate is there, or left."""
    store.run(
        "INSERT INTO region_inmate (lapas_id, inmate_id, left_on) VALUES (:lapas_id, :inmate_id, :left_on)"
        " ON CONFLICT (lapas_id, inmate_id) DO UPDATE SET left_on = excluded.left_on",
        {**asdict(command), "lapas_id": store.lapas_id},
    )


def keep_permit(command: KeepPermit, store: Store) -> None:
    """Keep a work permission."""
    store.run(
        "INSERT INTO region_permit (lapas_id, permission_id, inmate_id, valid_from, valid_until)"
        " VALUES (:lapas_id, :permission_id, :inmate_id, :valid_from, :valid_until)",
        {**asdict(command), "lapas_id": store.lapas_id},
    )


def end_permit(command: EndPermit, store: Store) -> None:
    """Keep the last day of a work permission.

    :raises OutOfOrder: it was never granted.
    """
    _change(
        store,
        "UPDATE region_permit SET ended_on = :ended_on WHERE lapas_id = :lapas_id AND permission_id = :permission_id",
        **asdict(command),
    )


def keep_competence(command: KeepCompetence, store: Store) -> None:
    """Keep that an inmate was found competent; the first day counts."""
    store.run(
        "INSERT INTO region_competence AS c (lapas_id, inmate_id, competence, awarded_on)"
        " VALUES (:lapas_id, :inmate_id, :competence, :awarded_on) ON CONFLICT (lapas_id, inmate_id, competence)"
        " DO UPDATE SET awarded_on = least(c.awarded_on, excluded.awarded_on)",
        {**asdict(command), "lapas_id": store.lapas_id},
    )


def keep_incident(command: KeepIncident, store: Store) -> None:
    """Keep an incident or a near miss."""
    store.run(
        "INSERT INTO region_incident (lapas_id, incident_id, day, workshop_kind, kind, severity)"
        " VALUES (:lapas_id, :incident_id, :day, :workshop_kind, :kind, :severity)",
        {"lapas_id": store.lapas_id, **asdict(command)},
    )


def keep_premi(command: KeepPremi, store: Store) -> None:
    """Keep how much premi was credited, and to how many."""
    store.run(
        "INSERT INTO region_premi (lapas_id, credit_id, month, people, amount)"
        " VALUES (:lapas_id, :credit_id, :month, :people, :amount)",
        {"lapas_id": store.lapas_id, **asdict(command)},
    )


def rebuild(store: Store) -> None:
    """Clear the read model, to be made again from the first fact on."""
    for table in TABLES:
        store.run(f"DELETE FROM {table.name}")  # noqa: S608 - names of our own tables


def _change(store: Store, sql: str, **values: object) -> None:
    if store.run(sql, {**values, "lapas_id": store.lapas_id}) != 1:
        name, value = next(iter(values.items()))
        raise OutOfOrder(f"the first fact about {name} {value} was never heard")
