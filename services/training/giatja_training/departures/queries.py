"""Questions about departures and arrivals."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from giatja_kit.database import Row, Store
from giatja_kit.paging import PageQuery, page
from giatja_training.departures.domain import Arrival, DepartureUnknown, Leaving
from giatja_training.inmates.domain import Inmate

Key = tuple[UUID, UUID]


@contextmanager
def _at(store: Store, lapas: str) -> Iterator[None]:
    """Look at another Lapas of the deployment, for what is handed over between the two, and back at one's own.

    What raises in it ends the transaction, so nothing is left looking there.
    """
    own = store.lapas_id
    store.flush()
    store.scope(lapas)
    yield
    store.scope(own)


def name_of_lapas(store: Store, lapas: str) -> str | None:
    """Return what another Lapas of this deployment is called, or nothing if there is none."""
    with _at(store, lapas):
        name: str | None = store.value("SELECT name FROM lapas WHERE lapas_id = :lapas", lapas=lapas)
    return name


def destinations(store: Store) -> list[dict[str, Any]]:
    """Return the other Lapas of this deployment: their id and name, and nothing else of them."""
    with _at(store, "*"):
        rows = store.rows("SELECT lapas_id AS id, name FROM lapas ORDER BY name")
    return [dict(r) for r in rows if r["id"] != store.lapas_id]


def insert_departure(store: Store, id_: UUID, leaving: Leaving, *, destination: str, note: str) -> None:
    """Keep a departure, in the name of who asks."""
    store.run(
        "INSERT INTO departure (lapas_id, id, left_on, reason, destination_lapas, destination, note, made_at, made_by)"
        " VALUES (:lapas_id, :id, :left_on, :reason, :destination_lapas, :destination, :note, :at, :actor)",
        {
            "lapas_id": store.lapas_id,
            "id": id_,
            "left_on": leaving.left_on,
            "reason": leaving.reason,
            "destination_lapas": leaving.destination_lapas,
            "destination": destination,
            "note": note,
            "at": store.at,
            "actor": store.actor,
        },
    )


def insert_departing(store: Store, id_: UUID, inmate_ids: Sequence[UUID]) -> None:
    """Keep who left together."""
    store.run(
        "INSERT INTO departing (lapas_id, departure_id, inmate_id)"
        " SELECT :lapas_id, :id, inmate_id FROM unnest(CAST(:ids AS uuid[])) AS inmate_id",
        {"lapas_id": store.lapas_id, "id": id_, "ids": list(inmate_ids)},
    )


def hand_over(store: Store, id_: UUID, destination: str, leaving: Leaving, inmates: Sequence[Inmate]) -> None:
    """Write into the other Lapas whom it is to receive."""
    awards = store.rows(
        "SELECT inmate_id, json_object_agg(competence, awarded_on) AS competences FROM competence_award"
        " WHERE lapas_id = :lapas_id AND inmate_id = ANY (:ids) GROUP BY inmate_id",
        lapas_id=store.lapas_id,
        ids=[i.id for i in inmates],
    )
    able = {row["inmate_id"]: row["competences"] for row in awards}
    own = store.lapas_id
    here = store.value("SELECT name FROM lapas WHERE lapas_id = :own", own=own)
    people = [
        {
            "inmate_id": str(i.id),
            "register_number": i.register_number,
            "name": i.name,
            "date_of_birth": i.date_of_birth.isoformat(),
            "expected_release": i.expected_release.isoformat() if i.expected_release else None,
            "fitness": i.fitness,
            "competences": able.get(i.id, {}),
        }
        for i in inmates
    ]
    with _at(store, destination):
        store.run(
            "INSERT INTO arrival (lapas_id, departure_id, inmate_id, from_lapas, from_name, left_on, register_number,"
            " name, date_of_birth, expected_release, fitness, competences, state)"
            " SELECT :destination, :id, p.inmate_id, :own, :here, :left_on, p.register_number, p.name, p.date_of_birth,"
            "  p.expected_release, p.fitness, p.competences, 'waiting'"
            " FROM jsonb_to_recordset(CAST(:people AS jsonb)) AS p (inmate_id uuid, register_number text, name text,"
            "  date_of_birth date, expected_release date, fitness text, competences jsonb)",
            {
                "destination": destination,
                "id": id_,
                "own": own,
                "here": here,
                "left_on": leaving.left_on,
                "people": json.dumps(people),
            },
        )


def withdraw(store: Store, id_: UUID, destination: str, inmate_ids: Sequence[UUID]) -> set[UUID]:
    """Take back at the other Lapas what it has not decided; return who is in its register already."""
    with _at(store, destination):
        rows = store.rows(
            "SELECT inmate_id, state FROM arrival WHERE lapas_id = :destination AND departure_id = :id"
            " AND inmate_id = ANY (:ids) ORDER BY inmate_id FOR UPDATE",
            destination=destination,
            id=id_,
            ids=list(inmate_ids),
        )
        store.run(
            "UPDATE arrival SET state = 'withdrawn', decided_at = :at, decided_by = :actor"
            " WHERE lapas_id = :destination AND departure_id = :id AND inmate_id = ANY (:ids) AND state = 'waiting'",
            {
                "destination": destination,
                "id": id_,
                "ids": list(inmate_ids),
                "at": store.at,
                "actor": store.actor,
            },
        )
    return {r["inmate_id"] for r in rows if r["state"] == "taken"}


def mark_returned(store: Store, id_: UUID, inmate_ids: Sequence[UUID]) -> set[UUID]:
    """Keep that people of a departure are here again; return those who were away until now."""
    rows = store.rows(
        "UPDATE departing SET returned_at = :at, returned_by = :actor WHERE lapas_id = :lapas_id"
        " AND departure_id = :id AND inmate_id = ANY (:ids) AND returned_at IS NULL RETURNING inmate_id",
        lapas_id=store.lapas_id,
        id=id_,
        ids=list(inmate_ids),
        at=store.at,
        actor=store.actor,
    )
    return {r["inmate_id"] for r in rows}


def departure(store: Store, id_: UUID) -> Row | None:
    """Return where a departure went, or nothing if there is none of that id."""
    return store.row(
        "SELECT id, destination_lapas, destination FROM departure WHERE lapas_id = :lapas_id AND id = :id",
        lapas_id=store.lapas_id,
        id=id_,
    )


def departures(store: Store, query: PageQuery) -> dict[str, Any]:
    """Return a page of departures, the newest first, with how many went and how many are here again."""
    after = query.after(1)
    rows = store.rows(
        "SELECT d.id, d.left_on, d.reason, d.destination_lapas, d.destination, d.note, d.made_at, d.made_by,"
        " count(p.inmate_id) AS people, count(p.returned_at) AS returned"
        " FROM departure d JOIN departing p ON p.lapas_id = d.lapas_id AND p.departure_id = d.id"
        " WHERE d.lapas_id = :lapas_id AND (CAST(:after AS uuid) IS NULL OR d.id < CAST(:after AS uuid))"
        " GROUP BY d.lapas_id, d.id ORDER BY d.id DESC LIMIT :limit",
        lapas_id=store.lapas_id,
        after=after[0] if after else None,
        limit=query.limit + 1,
    )
    return page(rows, limit=query.limit, key=("id",))


def one_departure(store: Store, id_: UUID) -> dict[str, Any]:
    """Return a departure with its people and, where they went to another Lapas here, whether it received them.

    :raises DepartureUnknown: not there, or not for this caller.
    """
    row = store.row(
        "SELECT d.id, d.left_on, d.reason, d.destination_lapas, d.destination, d.note, d.made_at, d.made_by,"
        " (SELECT json_agg(json_build_object('inmate_id', i.id, 'name', i.name, 'register_number', i.register_number,"
        "   'block', i.block, 'status', i.status, 'returned_at', p.returned_at) ORDER BY i.name, i.id)"
        "  FROM departing p JOIN inmate i ON i.lapas_id = p.lapas_id AND i.id = p.inmate_id"
        "  WHERE p.lapas_id = d.lapas_id AND p.departure_id = d.id) AS people"
        " FROM departure d WHERE d.lapas_id = :lapas_id AND d.id = :id",
        lapas_id=store.lapas_id,
        id=id_,
    )
    if row is None:
        raise DepartureUnknown(id=id_)
    states: dict[str, str] = {}
    if row["destination_lapas"] is not None:
        with _at(store, row["destination_lapas"]):
            states = {
                str(r["inmate_id"]): r["state"]
                for r in store.rows("SELECT inmate_id, state FROM arrival WHERE departure_id = :id", id=id_)
            }
    people = [{**p, "arrival": states.get(p["inmate_id"])} for p in row["people"] or []]
    return {**row, "people": people}


def lock_arrivals(store: Store, keys: Sequence[Key]) -> Mapping[Key, Arrival]:
    """Return whom this Lapas is to receive, and lock them."""
    rows = store.rows(
        "SELECT a.departure_id, a.inmate_id, a.from_name, a.register_number, a.name, a.date_of_birth,"
        " a.expected_release, a.fitness, a.competences, a.state FROM arrival a"
        " JOIN unnest(CAST(:departures AS uuid[]), CAST(:inmates AS uuid[])) AS k (departure_id, inmate_id)"
        "  ON k.departure_id = a.departure_id AND k.inmate_id = a.inmate_id"
        " WHERE a.lapas_id = :lapas_id ORDER BY a.inmate_id FOR UPDATE OF a",
        lapas_id=store.lapas_id,
        departures=[k[0] for k in keys],
        inmates=[k[1] for k in keys],
    )
    return {(r["departure_id"], r["inmate_id"]): Arrival(**r) for r in rows}


def decide_arrivals(store: Store, keys: Sequence[Key], *, state: str) -> None:
    """Keep what became of arrivals."""
    store.run(
        "UPDATE arrival SET state = :state, decided_at = :at, decided_by = :actor WHERE lapas_id = :lapas_id"
        " AND (departure_id, inmate_id) IN (SELECT * FROM unnest(CAST(:departures AS uuid[]), CAST(:inmates AS uuid[])))",
        {
            "lapas_id": store.lapas_id,
            "state": state,
            "at": store.at,
            "actor": store.actor,
            "departures": [k[0] for k in keys],
            "inmates": [k[1] for k in keys],
        },
    )


def arrivals(store: Store, query: PageQuery, *, state: str) -> dict[str, Any]:
    """Return a page of whom this Lapas is to receive, with whether the register number is free here."""
    after = query.after(1)
    rows = store.rows(
        "WITH found AS (SELECT a.departure_id, a.inmate_id, a.from_lapas, a.from_name, a.left_on, a.register_number,"
        "  a.name, a.expected_release, a.fitness, a.state, a.decided_at,"
        "  ARRAY(SELECT jsonb_object_keys(a.competences)) AS competences,"
        "  NOT EXISTS (SELECT FROM inmate i WHERE i.lapas_id = a.lapas_id AND i.id <> a.inmate_id"
        "   AND lower(i.register_number) = lower(a.register_number)) AS number_free"
        "  FROM arrival a WHERE a.lapas_id = :lapas_id AND a.state = :state)"
        " SELECT *, (SELECT count(*) FROM found) AS total FROM found"
        " WHERE CAST(:after AS uuid) IS NULL OR (name, inmate_id) >"
        "  (SELECT name, inmate_id FROM found WHERE inmate_id = CAST(:after AS uuid) LIMIT 1)"
        " ORDER BY name, inmate_id LIMIT :limit",
        lapas_id=store.lapas_id,
        state=state,
        after=after[0] if after else None,
        limit=query.limit + 1,
    )
    shown = page(rows, limit=query.limit, key=("inmate_id",))
    return {**shown, "total": rows[0]["total"] if rows else 0}


def selection(
    store: Store, *, block: str | None, inmate_ids: Sequence[UUID], register_numbers: Sequence[str]
) -> dict[str, Any]:
    """Return who is meant by a block, by ids or by register numbers, and which numbers mean nobody who is here."""
    numbers = list(dict.fromkeys(" ".join(n.split()).lower() for n in register_numbers if n.strip()))
    rows = store.rows(
        "SELECT id, name, register_number, block, status, left_on, fitness FROM inmate"
        " WHERE lapas_id = :lapas_id AND ((block = :block AND status = 'present') OR id = ANY (:ids)"
        "  OR lower(register_number) = ANY (:numbers)) ORDER BY status <> 'present', name, id LIMIT 1501",
        lapas_id=store.lapas_id,
        block=block,
        ids=list(inmate_ids),
        numbers=numbers,
    )
    present = [r for r in rows if r["status"] == "present"]
    asked = {r["register_number"].lower() for r in rows}
    return {
        "items": [{k: r[k] for k in ("id", "name", "register_number", "block", "fitness")} for r in present[:500]],
        "gone": [
            {"register_number": r["register_number"], "left_on": r["left_on"]} for r in rows if r["status"] != "present"
        ],
        "unknown": [n for n in numbers if n not in asked],
        "more": len(present) > 500,
    }
