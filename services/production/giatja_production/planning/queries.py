"""Questions of planning: what is open, who is there, and what follows from it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic_core import from_json

from giatja_kit.database import Row, Store
from giatja_kit.paging import PageQuery, page
from giatja_production.calendar.domain import Calendar
from giatja_production.calendar.queries import calendar
from giatja_production.lapas.queries import today
from giatja_production.planning.domain import (
    HORIZON_DAYS,
    LEARNING_DAYS,
    PACE_DAYS,
    Done,
    Forecast,
    Hand,
    Promise,
    PromiseInPast,
    PromiseTooFar,
    Shop,
    Task,
    finished,
    forecast,
    learning_factor,
    loads,
    promise,
    steps_left,
    together,
)
from giatja_production.workers.queries import ALLOWED
from giatja_production.workshops.domain import WorkshopUnknown, template_for

_STEP: Final = 30
REPAIR_DAYS: Final = 7
"""Days for which a machine that is down now is reckoned to stay so."""
USUAL_DAYS: Final = 30
WEEKS: Final = 8


@dataclass(frozen=True, kw_only=True)
class Made:
    """A stage as planning needs it; ``minutes`` of one piece are those of the standard."""

    key: str
    name: str
    name_en: str
    minutes: int
    competence: str | None

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "Made":
        """Read a stage of a route."""
        return cls(
            key=document["key"],
            name=document["name"],
            name_en=document["name_en"],
            minutes=document["standard_minutes"],
            competence=document["competence"],
        )


@dataclass(frozen=True, kw_only=True)
class Factor:
    """How many minutes a standard minute takes, and from how much work that is known."""

    value: float = 1.0
    actual: int = 0
    days: int = 0


@dataclass(kw_only=True)
class Unit:
    """A workshop with everything that bears on its dates."""

    id: UUID | None
    kind: str
    name: str
    route: Sequence[Made]
    days: Sequence[date]
    minutes: Sequence[int]
    former: list[Made] = field(default_factory=list)
    orders: dict[str, Row] = field(default_factory=dict)
    hands: list[Hand] = field(default_factory=list)
    machines: dict[str, Sequence[int]] = field(default_factory=dict)
    factors: dict[str, Factor] = field(default_factory=dict)
    tasks: list[Task] = field(default_factory=list)

    @property
    def stages(self) -> list[Made]:
        """All stages there is work at: those of the route, then those that only older work orders pass."""
        return [*self.route, *self.former]

    @cached_property
    def shop(self) -> Shop:
        """The workshop as the rules want it."""
        return Shop(days=self.days, minutes=self.minutes, hands=self.hands, machines=self.machines, tasks=self.tasks)

    @cached_property
    def done(self) -> Mapping[str, Done]:
        """When each open work order is finished."""
        return finished(self.shop)

    def each(self, stages: Sequence[Made]) -> list[tuple[str, float]]:
        """Return the minutes of one piece at each stage, as they are here."""
        nothing = Factor()
        return [(s.key, s.minutes * self.factors.get(s.key, nothing).value) for s in stages]

    def named(self, key: str | None) -> dict[str, Any] | None:
        """Return a stage by key, as it is shown."""
        found = next((s for s in self.stages if s.key == key), None)
        if found is None:
            return None
        lasts = [hand.last for hand in self.hands if key in hand.stages]
        ends = max(lasts, default=None)
        return {
            "key": found.key,
            "name": found.name,
            "name_en": found.name_en,
            "people": len(lasts),
            "until": ends if ends and self.days and ends < self.days[-1] else None,
        }


Days = tuple[Sequence[date], Sequence[int]]
"""The working days ahead, and the minutes of each."""


def units(store: Store, *, workshop_id: UUID | None = None, ahead: Days | None = None) -> list[Unit]:
    """Return the workshops of the Lapas as they stand now, the oldest first.

    :param ahead: the working days, where they are known already.
    """
    day = today(store)
    days, minutes = ahead or _ahead(store, day)
    rows = store.rows(_WORKSHOPS, lapas_id=store.lapas_id, workshop_id=workshop_id)
    found = {
        row["id"]: Unit(
            id=row["id"],
            kind=row["kind"],
            name=row["name"],
            route=[Made.read(s) for s in row["stages"]],
            days=days,
            minutes=minutes,
        )
        for row in rows
    }
    for row in store.rows(_FACTORS, lapas_id=store.lapas_id, first=day - timedelta(days=LEARNING_DAYS), last=day):
        if row["workshop_id"] in found:
            value = learning_factor(actual=row["actual"], standard=row["standard"])
            factor = Factor(value=round(value, 3), actual=row["actual"], days=row["days"])
            found[row["workshop_id"]].factors[row["stage_key"]] = factor
    _add_work(store, found)
    _add_machines(store, found)
    _add_hands(store, found, day)
    return list(found.values())


def _ahead(store: Store, day: date) -> tuple[list[date], list[int]]:
    return working_days(calendar(store, day, day + timedelta(days=HORIZON_DAYS)), store.at)


def working_days(known: Calendar, at: datetime) -> tuple[list[date], list[int]]:
    """Return the working days ahead and their minutes; of today what is left of it, and today only if anything is.

    What is left counts by whole half hours, so that a forecast does not change with each minute.
    """
    first = at.astimezone(ZoneInfo(known.zone)).date()
    left = int(sum(s.minutes * _share_left(s.starts, s.ends, at) for s in known.shifts_on(first))) // _STEP * _STEP
    ahead = [(first, left)] + [
        (day, known.minutes_on(day)) for day in (first + timedelta(days=n) for n in range(1, HORIZON_DAYS + 1))
    ]
    return [day for day, minutes in ahead if minutes], [minutes for _, minutes in ahead if minutes]


def _share_left(starts: datetime, ends: datetime, at: datetime) -> float:
    return min(max((ends - at) / (ends - starts), 0.0), 1.0)


def _add_work(store: Store, found: Mapping[UUID, Unit]) -> None:
    routes: dict[tuple[UUID, str], list[tuple[str, float]]] = {}
    for row in store.rows(_OPEN, lapas_id=store.lapas_id, workshops=list(found)):
        unit, route = found[row["workshop_id"]], (row["workshop_id"], row["stages"])
        if route not in routes:
            stages = [Made.read(s) for s in from_json(row["stages"])]
            routes[route] = unit.each(stages)
            known = {s.key for s in unit.stages}
            unit.former += [s for s in stages if s.key not in known]
        each = routes[route]
        standing = [0] * len(each)
        for no, pieces in row["standing"] or ():
            standing[no - 1] += pieces
        steps = steps_left(standing, each)
        if row["state"] == "on_hold":
            steps = tuple(step._replace(begins=step.begins + 1) for step in steps)
        identifier = str(row["id"])
        unit.orders[identifier] = row
        unit.tasks.append(Task(id=identifier, due=row["due_date"], steps=steps))


def _add_machines(store: Store, found: Mapping[UUID, Unit]) -> None:
    for row in store.rows(_MACHINES, lapas_id=store.lapas_id, workshops=list(found)):
        unit = found[row["workshop_id"]]
        down = [(date.fromisoformat(a), date.fromisoformat(b) if b else None) for a, b in row["down"] or ()]
        until = unit.days[0] + timedelta(days=REPAIR_DAYS) if unit.days else date.min
        before = unit.machines.get(row["stage_key"], [0] * len(unit.days))
        unit.machines[row["stage_key"]] = [
            have + (0 if any(a <= day <= (b or until) for a, b in down) else row["capacity_minutes_per_day"])
            for day, have in zip(unit.days, before, strict=True)
        ]


def _add_hands(store: Store, found: Mapping[UUID, Unit], day: date) -> None:
    rows = store.rows(
        _PEOPLE, lapas_id=store.lapas_id, work_date=day, since=day - timedelta(days=USUAL_DAYS)
    )  # fmt: skip
    for row in rows:
        unit = found.get(row["workshop_id"])
        if unit is None:
            continue
        able, did = set(row["competences"] or ()), {*(row["did"] or ()), row["stage_key"]}
        unit.hands.append(
            Hand(
                stages=frozenset(
                    s.key for s in unit.stages if s.competence is None or s.competence in able or s.key in did
                ),
                own=row["stage_key"],
                first=row["starts_on"] or date.min,
                last=min(row["ends_on"] or date.max, row["permitted_until"]),
            )
        )


@dataclass(frozen=True, kw_only=True)
class AskedLine:
    """A line somebody wants to promise: pieces, and where they would be made."""

    quantity: int
    workshop_id: UUID | None = None
    workshop_kind: str | None = None


def promised(store: Store, lines: Sequence[AskedLine], due: date) -> dict[str, Any]:
    """Return whether a date can be promised for some lines together.

    :raises PromiseInPast, PromiseTooFar, WorkshopUnknown, NoWorkingTime:
    """
    day = today(store)
    if due < day:
        raise PromiseInPast(field="/due_date")
    latest = day + timedelta(days=HORIZON_DAYS)
    if due > latest:
        raise PromiseTooFar(field="/due_date", latest=str(latest))
    days = _ahead(store, day)
    known = units(store, ahead=days)
    asked: dict[int, list[int]] = defaultdict(list)
    chosen: list[Unit] = []
    for nth, line in enumerate(lines):
        unit = _unit_of(line, known, f"/lines/{nth}", days=days)
        if unit not in chosen:
            chosen.append(unit)
        if unit not in known:
            known.append(unit)
        asked[chosen.index(unit)].append(line.quantity)
    parts = [_part_of(unit, asked[nth], due) for nth, unit in enumerate(chosen)]
    earliest = [p["earliest_on"] for p in parts]
    possible = all(p["possible"] for p in parts)
    day_of_all = max((d for d in earliest if d), default=None) if all(earliest) else None
    return {
        "possible": possible,
        "asked_on": due,
        "earliest_on": day_of_all,
        "slack_days": (due - day_of_all).days if possible and day_of_all else None,
        "workshops": parts,
    }


def _unit_of(line: AskedLine, known: Sequence[Unit], at: str, *, days: Days) -> Unit:
    if line.workshop_id is not None:
        named = next((u for u in known if u.id == line.workshop_id), None)
        if named is None:
            raise WorkshopUnknown(field=f"{at}/workshop_id", id=line.workshop_id)
        return named
    kind = line.workshop_kind or ""
    # The oldest of a kind gets its orders; one that does not exist yet would begin from its template, with nobody.
    of_kind = [u for u in known if u.kind == kind]
    return of_kind[0] if of_kind else _from_template(kind, days)


def _from_template(kind: str, days: Days) -> Unit:
    shape = template_for(kind)
    route = [
        Made(key=s.key, name=s.name, name_en=s.name_en, minutes=s.standard_minutes, competence=s.competence)
        for s in shape.stages
    ]
    return Unit(id=None, kind=kind, name=shape.name, route=route, days=days[0], minutes=days[1])


def _part_of(unit: Unit, quantities: Sequence[int], due: date) -> dict[str, Any]:
    quantity = sum(quantities)
    steps = steps_left([quantity, *[0] * (len(unit.route) - 1)], unit.each(unit.route))
    answer = promise(unit.shop, steps, quantity=quantity, due=due)
    return {
        "workshop_id": unit.id,
        "workshop_name": unit.name,
        "workshop_kind": unit.kind,
        "quantity": quantity,
        "minutes": sum(step.minutes for step in steps),
        "possible": answer.possible,
        "earliest_on": answer.earliest,
        "bottleneck": unit.named(answer.bottleneck),
        "people": len(unit.hands),
        "open_work_orders": len(unit.tasks),
        "delays": _delayed(unit, answer),
        "delays_count": len(answer.delays),
        "levers": [
            {"kind": lever.kind, "amount": lever.amount, "minutes": lever.minutes, "stage": unit.named(lever.stage)}
            for lever in answer.levers
        ],
    }


def _delayed(unit: Unit, answer: Promise) -> list[dict[str, Any]]:
    rows = [unit.orders[identifier] for identifier in answer.delays[:5]]
    return [{"order_id": r["order_id"], "order_number": r["order_number"], "due_date": r["due_date"]} for r in rows]


def load(store: Store, *, workshop_id: UUID | None) -> dict[str, Any]:
    """Return how full each stage is in the weeks ahead.

    :raises WorkshopUnknown:
    """
    known = units(store, workshop_id=workshop_id)
    if workshop_id is not None and not known:
        raise WorkshopUnknown(id=workshop_id)
    return {"items": [_load_of(unit) for unit in known if unit.days]}


def _load_of(unit: Unit) -> dict[str, Any]:
    cells: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in loads(unit.shop, [s.key for s in unit.stages], weeks=WEEKS):
        cells[one.stage].append({"week": one.week, "wanted": one.wanted, "able": one.able})
    nothing = Factor()
    return {
        "workshop_id": unit.id,
        "workshop_name": unit.name,
        "workshop_kind": unit.kind,
        "people": len(unit.hands),
        "open_work_orders": len(unit.tasks),
        "weeks": [c["week"] for c in next(iter(cells.values()), [])],
        "stages": [
            {
                **(unit.named(s.key) or {}),
                "standard_minutes": s.minutes,
                "factor": unit.factors.get(s.key, nothing).value,
                "factor_minutes": unit.factors.get(s.key, nothing).actual,
                "factor_days": unit.factors.get(s.key, nothing).days,
                "placed": sum(hand.own == s.key for hand in unit.hands),
                "machine": s.key in unit.machines,
                "cells": cells[s.key],
            }
            for s in unit.stages
        ],
    }


def forecasts_now(store: Store) -> dict[UUID, tuple[Forecast, date]]:
    """Work out the forecast of every open order, with the day it is promised for."""
    paces = _paces(store)
    lines: dict[UUID, list[Forecast]] = defaultdict(list)
    due: dict[UUID, date] = {}
    for unit in units(store):
        if not unit.days:
            continue
        for task in unit.tasks:
            row = unit.orders[task.id]
            due[row["order_id"]] = max(row["due_date"], due.get(row["order_id"], date.min))
            if task.steps:
                found = forecast(
                    unit.shop, task, unit.done[task.id], paces.get(task.id, {}), held=row["state"] == "on_hold"
                )
                lines[row["order_id"]].append(found)
    return {order_id: (together(found), due[order_id]) for order_id, found in lines.items()}


def _paces(store: Store) -> dict[str, dict[str, list[int]]]:
    """Return the good pieces of each open work order at each stage on the last working days since it began there.

    Of one that is held only the days until its last output count: standing still says nothing about its pace.
    """
    day = today(store)
    first = day - timedelta(days=2 * PACE_DAYS)
    known = calendar(store, first, day)
    days = [d for d in (first + timedelta(days=n) for n in range((day - first).days)) if known.minutes_on(d)]
    days = days[-PACE_DAYS:]
    found: dict[str, dict[str, dict[date, int]]] = defaultdict(lambda: defaultdict(dict))
    until: dict[str, date] = {}
    if days:
        for row in store.rows(_PACE, lapas_id=store.lapas_id, first=days[0], last=day):
            found[str(row["work_order_id"])][row["stage_key"]][row["work_date"]] = row["good"]
            if row["held"]:
                until[str(row["work_order_id"])] = row["latest"]
    return {
        work_order: {
            stage: [by_day.get(d, 0) for d in days if min(by_day) <= d <= until.get(work_order, day)]
            for stage, by_day in stages.items()
        }
        for work_order, stages in found.items()
    }


def told(store: Store) -> dict[UUID, Row]:
    """Return the forecasts that were told last."""
    rows = store.rows("SELECT * FROM order_forecast WHERE lapas_id = :lapas_id", lapas_id=store.lapas_id)
    return {row["order_id"]: row for row in rows}


def unsettled(store: Store, *, since: timedelta, margin: timedelta, most: int) -> list[str]:
    """Return the Lapas where something was done or heard since their forecasts were looked at, the longest ago first.

    :param since: how long a look holds if nothing happens: days pass.
    :param margin: how long after its moment an act may become visible.
    """
    rows = store.rows(
        _UNSETTLED, at=store.at, since=since, margin=margin, most=most
    )  # fmt: skip
    return [row["lapas_id"] for row in rows]


_SORTS: Final[Mapping[str, tuple[str, str, str]]] = {
    "late": ("late_days", "int", "DESC"),
    "due_date": ("due_date", "date", ""),
    "likely_on": ("likely", "date", ""),
    "number": ("order_number", "text", ""),
}


def forecasts(
    store: Store, query: PageQuery, *, search: str | None, workshop_id: UUID | None, late: bool | None, sort: str
) -> dict[str, Any]:
    """Return a page of the open orders with their forecasts, and when those were last looked at."""
    column, kind, way = _SORTS[sort.removeprefix("-")]
    down = bool(way) != sort.startswith("-")
    after = query.after(2)
    beyond = (
        f" AND ({column}, f.order_id) {'<' if down else '>'} (CAST(CAST(:after AS text) AS {kind}), CAST(:id AS uuid))"
        if after
        else ""
    )
    conditions = {
        "search": (" AND strpos(lower(w.found_by), lower(:search)) > 0", search),
        "workshop_id": (" AND :workshop_id = ANY (w.workshops)", workshop_id),
        "late": (" AND (f.late_days > 0 OR f.likely_on IS NULL) = :late", late),
    }
    given = {name: value for name, (_, value) in conditions.items() if value is not None}
    looked_at = store.value("SELECT looked_at FROM planning_look WHERE lapas_id = :lapas_id", lapas_id=store.lapas_id)
    rows = store.rows(
        _FORECASTS
        + "".join(conditions[name][0] for name in given)
        + beyond
        + f" ORDER BY {column}{' DESC' if down else ''}, f.order_id{' DESC' if down else ''} LIMIT :limit",
        lapas_id=store.lapas_id,
        limit=query.limit + 1,
        **given,
        **({"after": str(after[0]), "id": str(after[1])} if after else {}),
    )
    return {**page(rows, limit=query.limit, key=(column, "order_id")), "looked_at": looked_at}


def forecast_of(store: Store, order_id: UUID) -> Row | None:
    """Return the forecast of one order, if there is one."""
    return store.row(_FORECASTS + " AND f.order_id = :order_id", lapas_id=store.lapas_id, order_id=order_id)


_WORKSHOPS = (
    "SELECT w.id, w.kind, w.name, w.route -> 'stages' AS stages FROM workshop w WHERE w.lapas_id = :lapas_id"
    " AND (CAST(:workshop_id AS uuid) IS NULL OR w.id = :workshop_id) ORDER BY w.id"
)
# The route is sent as text, since hundreds of work orders have the same one and it is read once.
_OPEN = (
    "SELECT wo.id, wo.order_id, wo.order_number, wo.workshop_id, wo.due_date, wo.state,"
    " CAST(wo.route -> 'stages' AS text) AS stages,"
    " (SELECT array_agg(ARRAY[b.stage_no, b.waiting + b.rework]) FROM stage_balance b"
    "   WHERE b.lapas_id = wo.lapas_id AND b.work_order_id = wo.id AND b.waiting + b.rework > 0) AS standing"
    " FROM work_order wo WHERE wo.lapas_id = :lapas_id AND wo.workshop_id = ANY (:workshops)"
    "  AND wo.state IN ('released', 'in_progress', 'on_hold')"
)
# Working time counts where attendance says how long somebody was there; it is divided over the stages like the work.
_FACTORS = (
    "WITH made AS (SELECT o.inmate_id, o.work_date, o.work_order_id, o.stage_no, o.stage_key,"
    "   sum(o.good + o.reject) AS pieces FROM output o WHERE o.lapas_id = :lapas_id AND o.work_date >= :first"
    "   AND o.work_date < :last AND o.inmate_id IS NOT NULL GROUP BY 1, 2, 3, 4, 5),"
    " stage AS (SELECT wo.id, wo.workshop_id, s.no, CAST(s.value ->> 'standard_minutes' AS int) AS minutes"
    "  FROM work_order wo, jsonb_array_elements(wo.route -> 'stages') WITH ORDINALITY AS s (value, no)"
    "  WHERE wo.lapas_id = :lapas_id AND wo.id IN (SELECT work_order_id FROM made)),"
    " worth AS (SELECT m.inmate_id, m.work_date, s.workshop_id, m.stage_key, sum(m.pieces * s.minutes) AS standard"
    "  FROM made m JOIN stage s ON s.id = m.work_order_id AND s.no = m.stage_no GROUP BY 1, 2, 3, 4"
    "  HAVING sum(m.pieces * s.minutes) > 0),"
    " whole AS (SELECT inmate_id, work_date, sum(standard) AS standard FROM worth GROUP BY 1, 2),"
    " there AS (SELECT inmate_id, work_date, sum(minutes) AS minutes FROM attendance WHERE lapas_id = :lapas_id"
    "  AND attended AND work_date >= :first AND work_date < :last GROUP BY 1, 2 HAVING sum(minutes) > 0)"
    " SELECT w.workshop_id, w.stage_key, CAST(sum(w.standard) AS int) AS standard,"
    "  CAST(round(sum(t.minutes * w.standard / a.standard)) AS int) AS actual, count(DISTINCT w.work_date) AS days"
    " FROM worth w JOIN whole a ON a.inmate_id = w.inmate_id AND a.work_date = w.work_date"
    " JOIN there t ON t.inmate_id = w.inmate_id AND t.work_date = w.work_date GROUP BY 1, 2"
)
_MACHINES = (
    "SELECT m.workshop_id, m.stage_key, m.capacity_minutes_per_day, (SELECT json_agg(json_build_array("
    "   CAST(d.starts_at AT TIME ZONE l.zone AS date), CAST(d.ends_at AT TIME ZONE l.zone AS date)))"
    "  FROM machine_downtime d WHERE d.lapas_id = m.lapas_id AND d.machine_id = m.id"
    "   AND (d.ends_at IS NULL OR d.ends_at > now())) AS down"
    " FROM machine m JOIN lapas l ON l.lapas_id = m.lapas_id"
    " WHERE m.lapas_id = :lapas_id AND m.active AND m.workshop_id = ANY (:workshops)"
)
# Who is placed somewhere; and in a workshop where nobody is, whoever worked there lately and is placed nowhere.
_PEOPLE = (
    "WITH made AS (SELECT o.inmate_id, wo.workshop_id, array_agg(DISTINCT o.stage_key) AS stages,"  # noqa: S608 - constants
    "   max(o.work_date) AS latest FROM output o JOIN work_order wo ON wo.lapas_id = o.lapas_id"
    "   AND wo.id = o.work_order_id WHERE o.lapas_id = :lapas_id AND o.work_date BETWEEN :since AND :work_date"
    "   AND NOT o.undone AND o.inmate_id IS NOT NULL GROUP BY 1, 2),"
    " placed AS (SELECT p.inmate_id, p.workshop_id, p.stage_key, p.starts_on, p.ends_on FROM placement p"
    "  WHERE p.lapas_id = :lapas_id AND (p.ends_on IS NULL OR p.ends_on >= :work_date)),"
    " usual AS (SELECT DISTINCT ON (m.inmate_id) m.inmate_id, m.workshop_id FROM made m"
    "  WHERE NOT EXISTS (SELECT FROM placed p WHERE p.inmate_id = m.inmate_id OR p.workshop_id = m.workshop_id)"
    "  ORDER BY m.inmate_id, m.latest DESC, m.workshop_id),"
    " there AS (SELECT * FROM placed UNION ALL SELECT inmate_id, workshop_id, NULL, NULL, NULL FROM usual)"
    " SELECT t.inmate_id, t.workshop_id, t.stage_key, t.starts_on, t.ends_on, m.stages AS did,"
    "  (SELECT array_agg(c.competence) FROM worker_competence c WHERE c.lapas_id = w.lapas_id"
    "    AND c.inmate_id = w.inmate_id) AS competences,"
    "  (SELECT max(coalesce(p.valid_until, date '9999-12-31')) FROM work_permission p WHERE p.lapas_id = w.lapas_id"
    "    AND p.inmate_id = w.inmate_id AND p.valid_from <= :work_date) AS permitted_until"
    " FROM there t JOIN worker w ON w.lapas_id = :lapas_id AND w.inmate_id = t.inmate_id"
    " LEFT JOIN made m ON m.inmate_id = t.inmate_id AND m.workshop_id = t.workshop_id"
    f" WHERE {ALLOWED} ORDER BY t.workshop_id, t.inmate_id, t.starts_on"
)
_PACE = (
    "SELECT o.work_order_id, o.stage_key, o.work_date, sum(o.good) AS good, wo.state = 'on_hold' AS held,"
    " max(max(o.work_date)) OVER (PARTITION BY o.work_order_id) AS latest FROM output o"
    " JOIN work_order wo ON wo.lapas_id = o.lapas_id AND wo.id = o.work_order_id"
    "  AND wo.state IN ('released', 'in_progress', 'on_hold')"
    " WHERE o.lapas_id = :lapas_id AND o.work_date >= :first AND o.work_date < :last GROUP BY 1, 2, 3, wo.state"
)
_UNSETTLED = (
    "SELECT l.lapas_id FROM lapas l LEFT JOIN planning_look p ON p.lapas_id = l.lapas_id"
    " WHERE p.looked_at IS NULL OR p.looked_at < CAST(:at AS timestamptz) - CAST(:since AS interval)"
    "  OR EXISTS (SELECT FROM audit_log a WHERE a.lapas_id = l.lapas_id"
    "    AND a.at > p.looked_at - CAST(:margin AS interval))"
    "  OR EXISTS (SELECT FROM heard_fact h WHERE h.lapas_id = l.lapas_id"
    "    AND h.heard_at > p.looked_at - CAST(:margin AS interval))"
    " ORDER BY p.looked_at NULLS FIRST, l.lapas_id LIMIT :most"
)
_FORECASTS = (
    "SELECT f.order_id, w.order_number, w.partner_name, w.products, w.workshop_names, w.quantity, w.finished,"
    " w.due_date, w.on_hold, f.likely_on, f.earliest_on, f.latest_on, f.late_days, f.cause, f.changed_at,"
    " coalesce(f.likely_on, date '9999-12-31') AS likely,"
    " w.stages -> f.stage_key AS stage FROM order_forecast f JOIN LATERAL ("
    "  SELECT min(wo.order_number) AS order_number, min(wo.partner_name) AS partner_name,"
    "   string_agg(DISTINCT wo.product_name, ', ' ORDER BY wo.product_name) AS products,"
    "   string_agg(DISTINCT ws.name, ', ' ORDER BY ws.name) AS workshop_names,"
    "   array_agg(DISTINCT wo.workshop_id) AS workshops, sum(wo.quantity) AS quantity, sum(wo.finished) AS finished,"
    "   max(wo.due_date) AS due_date, bool_or(wo.state = 'on_hold') AS on_hold,"
    "   concat_ws(' ', min(wo.order_number), min(wo.partner_name), string_agg(wo.product_name, ' ')) AS found_by,"
    "   (SELECT jsonb_object_agg(s ->> 'key', jsonb_build_object('key', s ->> 'key', 'name', s ->> 'name',"
    "     'name_en', s ->> 'name_en')) FROM work_order one, jsonb_array_elements(one.route -> 'stages') s"
    "     WHERE one.lapas_id = f.lapas_id AND one.order_id = f.order_id) AS stages"
    "  FROM work_order wo JOIN workshop ws ON ws.lapas_id = wo.lapas_id AND ws.id = wo.workshop_id"
    "  WHERE wo.lapas_id = f.lapas_id AND wo.order_id = f.order_id"
    "   AND wo.state IN ('released', 'in_progress', 'on_hold')) w ON w.order_number IS NOT NULL"
    " WHERE f.lapas_id = :lapas_id"
)
