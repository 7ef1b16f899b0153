"""Questions about tools, who has them and what is missing."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from giatja_kit.database import Row, Store
from giatja_kit.paging import PageQuery, page
from giatja_production.assignments.queries import PLACED
from giatja_production.lapas.queries import today
from giatja_production.output.domain import Shift
from giatja_production.tools.domain import AlertUnknown, ToolsStillOut, ToolUnknown
from giatja_production.workers.queries import ALLOWED

_NAMED: Final = 12
_SHIFT_NO: Final = "CASE {} WHEN 'pagi' THEN 1 WHEN 'siang' THEN 2 ELSE 3 END"
_TOOL = (
    "SELECT t.id, t.code, t.name, t.kind, t.kit, t.workshop_id, ws.name AS workshop_name, t.dangerous, t.state, t.note,"
    " t.version, i.id AS issue_id, i.inmate_id, i.work_date AS issued_for, i.shift AS issued_shift, i.issued_at,"
    " i.workshop_id AS used_in"
    " FROM tool t JOIN workshop ws ON ws.lapas_id = t.lapas_id AND ws.id = t.workshop_id"
    " LEFT JOIN tool_issue i ON i.lapas_id = t.lapas_id AND i.tool_id = t.id AND i.ended_at IS NULL"
    " WHERE t.lapas_id = :lapas_id"
)
_ISSUE = (
    "SELECT i.id, i.tool_id, t.code, t.name, t.kind, t.dangerous, i.inmate_id, i.workshop_id, ws.name AS workshop_name,"
    " i.work_date, i.shift, i.issued_at, i.issued_by, i.ended_at, i.ended_by, i.outcome, i.note"
    " FROM tool_issue i JOIN tool t ON t.lapas_id = i.lapas_id AND t.id = i.tool_id"
    " JOIN workshop ws ON ws.lapas_id = i.lapas_id AND ws.id = i.workshop_id WHERE i.lapas_id = :lapas_id"
)
_ALERT = (
    "SELECT a.id, a.workshop_id, ws.name AS workshop_name, a.work_date, a.shift, a.note, a.opened_at, a.opened_by,"
    " a.state, a.findings, a.resolved_at, a.resolved_by, a.version,"
    " (SELECT json_agg(json_build_object('tool_id', t.id, 'code', t.code, 'name', t.name, 'dangerous', t.dangerous,"
    "   'inmate_id', i.inmate_id, 'issued_by', i.issued_by, 'issued_at', i.issued_at, 'outcome', m.outcome)"
    "   ORDER BY t.code)"
    "  FROM security_alert_tool m JOIN tool t ON t.lapas_id = m.lapas_id AND t.id = m.tool_id"
    "  LEFT JOIN tool_issue i ON i.lapas_id = m.lapas_id AND i.id = m.issue_id"
    "  WHERE m.lapas_id = a.lapas_id AND m.alert_id = a.id) AS tools"
    " FROM security_alert a JOIN workshop ws ON ws.lapas_id = a.lapas_id AND ws.id = a.workshop_id"
    " WHERE a.lapas_id = :lapas_id"
)


def open_issues(
    store: Store, work_date: date, workshop_id: UUID | None = None, *, shift: Shift | None = None
) -> Sequence[Row]:
    """Return the tools that went out on a day or before it and have not come back, by code.

    :param workshop_id: only those used there; :param shift: only those of the day's shifts up to this one.
    """
    return store.rows(
        _ISSUE
        + " AND i.ended_at IS NULL AND i.work_date <= :work_date"
        + " AND (CAST(:workshop_id AS uuid) IS NULL OR i.workshop_id = :workshop_id)"
        + " AND (CAST(:shift AS text) IS NULL OR i.work_date < :work_date OR "
        + f"{_SHIFT_NO.format('i.shift')} <= {_SHIFT_NO.format('CAST(:shift AS text)')})"
        + " ORDER BY t.code",
        lapas_id=store.lapas_id,
        work_date=work_date,
        workshop_id=workshop_id,
        shift=shift.value if shift else None,
    )


def must_all_be_in(
    store: Store, work_date: date, workshop_id: UUID | None = None, *, shift: Shift | None = None
) -> None:
    """Let a shift or a day close when no tool is out.

    :raises ToolsStillOut: naming the codes.
    """
    out = open_issues(store, work_date, workshop_id, shift=shift)
    if out:
        codes = ", ".join(row["code"] for row in out[:_NAMED])
        more = f" +{len(out) - _NAMED}" if len(out) > _NAMED else ""
        raise ToolsStillOut(count=len(out), codes=codes + more)


def counted(store: Store, workshop_id: UUID) -> Row:
    """Return how many tools belong to a workshop: in it, out, being repaired, lost."""
    row = store.row(
        "SELECT count(*) FILTER (WHERE state = 'available') AS available, count(*) FILTER (WHERE state = 'out') AS out,"
        " count(*) FILTER (WHERE state = 'repair') AS repair, count(*) FILTER (WHERE state = 'lost') AS lost"
        " FROM tool WHERE lapas_id = :lapas_id AND workshop_id = :workshop_id",
        lapas_id=store.lapas_id,
        workshop_id=workshop_id,
    )
    assert row is not None  # noqa: S101 - a count always has a row
    return row


def tools(
    store: Store,
    query: PageQuery,
    *,
    search: str | None,
    state: str | None,
    workshop_id: UUID | None,
    dangerous: bool | None,
) -> dict[str, Any]:
    """Return a page of tools by code, each with who has it now."""
    after = query.after(1)
    where = {
        "search": (
            " AND concat_ws(' ', t.code, t.name, t.kind, t.kit) ILIKE '%' || :search || '%'",
            search,
        ),
        "state": (" AND t.state = :state", state),
        "workshop_id": (" AND t.workshop_id = :workshop_id", workshop_id),
        "dangerous": (" AND t.dangerous = :dangerous", dangerous),
        "after": (" AND t.code > :after", after[0] if after else None),
    }
    given = {name: value for name, (_, value) in where.items() if value is not None}
    rows = store.rows(
        _TOOL + "".join(where[name][0] for name in given) + " ORDER BY t.code LIMIT :limit",
        lapas_id=store.lapas_id,
        limit=query.limit + 1,
        **given,
    )
    return page(rows, limit=query.limit, key=("code",))


def tool(store: Store, id_: UUID) -> dict[str, Any]:
    """Return one tool with its last issues.

    :raises ToolUnknown: not there, or not for this caller.
    """
    row = store.row(_TOOL + " AND t.id = :id", lapas_id=store.lapas_id, id=id_)
    if row is None:
        raise ToolUnknown(id=id_)
    history = store.rows(
        _ISSUE + " AND i.tool_id = :id ORDER BY i.issued_at DESC LIMIT 50", lapas_id=store.lapas_id, id=id_
    )
    return {**row, "issues": [dict(r) for r in history]}


def issues(
    store: Store,
    query: PageQuery,
    *,
    work_date: date | None,
    workshop_id: UUID | None,
    inmate_id: UUID | None,
    out: bool | None,
) -> dict[str, Any]:
    """Return a page of issues, the newest first."""
    after = query.after(1)
    where = {
        "work_date": (" AND i.work_date = :work_date", work_date),
        "workshop_id": (" AND i.workshop_id = :workshop_id", workshop_id),
        "inmate_id": (" AND i.inmate_id = :inmate_id", inmate_id),
        "out": (" AND (i.ended_at IS NULL) = :out", out),
        "after": (" AND i.id < CAST(:after AS uuid)", after[0] if after else None),
    }
    given = {name: value for name, (_, value) in where.items() if value is not None}
    rows = store.rows(
        _ISSUE + "".join(where[name][0] for name in given) + " ORDER BY i.id DESC LIMIT :limit",
        lapas_id=store.lapas_id,
        limit=query.limit + 1,
        **given,
    )
    return page(rows, limit=query.limit, key=("id",))


def counter(store: Store, *, workshop_id: UUID, shift: Shift) -> dict[str, Any]:
    """Return what the counter of a workshop shows now: its tools, who may be given one, what came back today."""
    day = today(store)
    people = store.rows(
        "SELECT w.inmate_id, EXISTS (SELECT FROM placement p WHERE p.lapas_id = w.lapas_id"  # noqa: S608 - constants
        f"  AND p.inmate_id = w.inmate_id AND p.workshop_id = :workshop_id AND {PLACED}) AS placed"
        f" FROM worker w WHERE w.lapas_id = :lapas_id AND {ALLOWED} ORDER BY placed DESC, w.inmate_id LIMIT 500",
        lapas_id=store.lapas_id,
        workshop_id=workshop_id,
        work_date=day,
    )
    shown = store.rows(
        _TOOL + " AND (t.workshop_id = :workshop_id OR i.workshop_id = :workshop_id) ORDER BY t.code LIMIT 500",
        lapas_id=store.lapas_id,
        workshop_id=workshop_id,
    )
    ended = store.rows(
        _ISSUE + " AND i.workshop_id = :workshop_id AND i.work_date = :day AND i.ended_at IS NOT NULL"
        " ORDER BY i.ended_at DESC LIMIT 200",
        lapas_id=store.lapas_id,
        workshop_id=workshop_id,
        day=day,
    )
    return {
        "work_date": day,
        "shift": shift,
        "people": [dict(r) for r in people],
        "tools": [dict(r) for r in shown],
        "ended": [dict(r) for r in ended],
        "counts": dict(counted(store, workshop_id)),
    }


def summary(store: Store) -> dict[str, Any]:
    """Return what is out, what should have come back before today, and the alerts that are open."""
    day = today(store)
    row = store.row(
        "SELECT count(*) AS out, count(*) FILTER (WHERE work_date < :day) AS overdue"
        " FROM tool_issue WHERE lapas_id = :lapas_id AND ended_at IS NULL",
        lapas_id=store.lapas_id,
        day=day,
    )
    found = store.rows(_ALERT + " AND a.state = 'open' ORDER BY a.opened_at LIMIT 50", lapas_id=store.lapas_id)
    return {**(row or {}), "date": day, "alerts": [dict(r) for r in found]}


def alerts(store: Store, query: PageQuery, *, state: str | None) -> dict[str, Any]:
    """Return a page of alerts, the newest first."""
    after = query.after(1)
    where = {
        "state": (" AND a.state = :state", state),
        "after": (" AND a.id < CAST(:after AS uuid)", after[0] if after else None),
    }
    given = {name: value for name, (_, value) in where.items() if value is not None}
    rows = store.rows(
        _ALERT + "".join(where[name][0] for name in given) + " ORDER BY a.id DESC LIMIT :limit",
        lapas_id=store.lapas_id,
        limit=query.limit + 1,
        **given,
    )
    return page(rows, limit=query.limit, key=("id",))


def alert(store: Store, id_: UUID) -> dict[str, Any]:
    """Return one alert.

    :raises AlertUnknown: not there, or not for this caller.
    """
    row = store.row(_ALERT + " AND a.id = :id", lapas_id=store.lapas_id, id=id_)
    if row is None:
        raise AlertUnknown(id=id_)
    return dict(row)
