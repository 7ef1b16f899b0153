"""Boards over HTTP, on PostgreSQL: what a link shows, when it changes, who may share it, calls for help."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from giatja_kit import clock
from giatja_kit.database import Database
from giatja_kit.testing import Answer, Caller
from giatja_ops.pytest_plugin import RealParts

from .conftest import Job, World

TODAY = clock.today("Asia/Jakarta", clock.now())
BASE = "/api/production/v1"


def problem(answer: Answer) -> tuple[int, str]:
    return answer.status_code, answer.json["type"].removeprefix("urn:giatja:problem:")


class Screen:
    """A screen on the wall: the gateway asks for it by its link, with the mark of what it shows."""

    def __init__(self, client: FlaskClient, service_token: str) -> None:
        self._client = client
        self._headers = {"Authorization": f"Bearer {service_token}"}

    def look(self, token: str, mark: str = "") -> Answer:
        """Ask for a board."""
        headers = {**self._headers, **({"If-None-Match": mark} if mark else {})}
        return Caller._answer(self._client.get(f"{BASE}/boards/{token}", headers=headers))


@pytest.fixture
def screen(client: FlaskClient, real_parts: RealParts) -> Screen:
    return Screen(client, real_parts.keys.service("gateway"))


@pytest.fixture
def job(world: World) -> Job:
    due = (TODAY + timedelta(days=6)).isoformat()
    return world.opened(("M", "putih", 60), kind="garmen", due=due)


def share(kasi: Caller, **more: Any) -> dict[str, Any]:
    made = kasi.post("/board-links", {"name": "Layar garmen", **more})
    assert made.status_code == 200
    link: dict[str, Any] = made.json
    return link


def workshop_of(kasi: Caller) -> str:
    identifier: str = kasi.get("/workshops").json["items"][0]["id"]
    return identifier


def pass_pieces(world: World, petugas: Caller, job: Job, pieces: int) -> str:
    """Let somebody take pieces through every stage up to quality control, today."""
    maker = world.worker()
    for stage in job.stages:
        made = job.record(petugas, stage, {"inmate_id": maker, "good": pieces}, on=TODAY.isoformat())
        assert made.status_code == 201, made.text
        if stage == "qc":
            return maker
    raise AssertionError("no quality control")


class TestShowBoard:
    def test_shows_target_actual_stages_and_orders(
        self, world: World, kasi: Caller, petugas: Caller, screen: Screen, job: Job
    ) -> None:
        pass_pieces(world, petugas, job, 7)
        shown = screen.look(share(kasi)["token"]).json
        (workshop,) = shown["workshops"]
        assert (shown["lapas_name"], workshop["actual"], workshop["people"]) == ("Lapas Pekalongan", 7, 1)
        assert workshop["gap"] == workshop["actual"] - workshop["expected"]
        assert workshop["target"] in (range(1, 61) if shown["works_today"] else [0])
        assert {s["name"]: s["waiting"] for s in workshop["stages"]}["Potong"] == 53
        assert next(s["name"] for s in workshop["stages"]) == "Potong"
        assert [(o["product"], o["passed"], o["late"]) for o in workshop["orders"]] == [
            ("Koko lengan panjang", 7, False)
        ]

    def test_takes_the_target_of_the_month_where_there_is_one(self, kasi: Caller, screen: Screen, job: Job) -> None:
        place = kasi.get("/workshops").json["items"][0]
        body = {"month": TODAY.replace(day=1).isoformat(), "pieces": 1}
        assert kasi.post(f"/workshops/{place['id']}/targets", body, version=place["version"]).status_code == 200
        shown = screen.look(share(kasi)["token"]).json
        assert shown["workshops"][0]["target"] == (1 if shown["works_today"] else 0)

    def test_puts_late_orders_first(self, world: World, kasi: Caller, screen: Screen, job: Job) -> None:
        world.opened(("M", "putih", 5), kind="garmen", due=(TODAY - timedelta(days=2)).isoformat())
        (workshop,) = screen.look(share(kasi)["token"]).json["workshops"]
        assert workshop["late"] == 1
        assert [o["late"] for o in workshop["orders"]] == [True, False]

    def test_says_nothing_of_people_and_partners(
        self, world: World, kasi: Caller, petugas: Caller, screen: Screen, job: Job
    ) -> None:
        maker = pass_pieces(world, petugas, job, 3)
        petugas.post("/board-calls", {"workshop_id": workshop_of(kasi), "kind": "alat"})
        text = screen.look(share(kasi)["token"]).text
        for hidden in (maker, "DMA", "PKL-2025", "person-1", "petugas"):
            assert hidden not in text

    def test_shows_one_workshop_where_the_link_is_of_one(
        self, world: World, kasi: Caller, petugas: Caller, screen: Screen, job: Job
    ) -> None:
        world.opened(("M", "putih", 5), kind="batik_cap")
        names = {w["kind"]: (w["id"], w["name"]) for w in kasi.get("/workshops").json["items"]}
        garment, batik = names["garmen"], names["batik_cap"]
        petugas.post("/board-calls", {"workshop_id": garment[0], "kind": "medis"})
        one = screen.look(share(kasi, workshop_id=batik[0])["token"]).json
        assert [w["name"] for w in one["workshops"]] == [batik[1]]
        assert one["calls"] == []
        both = screen.look(share(kasi)["token"]).json
        assert {w["name"] for w in both["workshops"]} == {garment[1], batik[1]}
        assert [c["kind"] for c in both["calls"]] == ["medis"]

    def test_is_asked_by_services_only(self, kasi: Caller, petugas: Caller) -> None:
        token = share(kasi)["token"]
        assert kasi.get(f"/boards/{token}").status_code == 403
        assert petugas.get(f"/boards/{token}").status_code == 403


class TestUnchanged:
    def test_is_304_without_a_body_until_something_happens(
        self, world: World, kasi: Caller, petugas: Caller, screen: Screen, job: Job
    ) -> None:
        token = share(kasi)["token"]
        place = workshop_of(kasi)
        version = kasi.get("/workshops").json["items"][0]["version"]
        acts: list[tuple[str, Callable[[], object]]] = [
            ("output", lambda: pass_pieces(world, petugas, job, 2)),
            ("call", lambda: petugas.post("/board-calls", {"workshop_id": place, "kind": "bahan"})),
            ("order", lambda: world.opened(("L", "hitam", 9), kind="garmen")),
            (
                "target",
                lambda: kasi.post(
                    f"/workshops/{place}/targets",
                    {"month": TODAY.replace(day=1).isoformat(), "pieces": 900},
                    version=version,
                ),
            ),
        ]
        for what, act in acts:
            mark = screen.look(token).headers["ETag"]
            same = screen.look(token, mark)
            assert (same.status_code, same.text) == (304, ""), what
            act()
            changed = screen.look(token, mark)
            assert changed.status_code == 200, what
            assert changed.headers["ETag"] != mark

    def test_of_an_answered_call_is_over(self, kasi: Caller, petugas: Caller, screen: Screen, job: Job) -> None:
        token = share(kasi)["token"]
        call = petugas.post("/board-calls", {"workshop_id": workshop_of(kasi), "kind": "alat"}).json
        seen = screen.look(token)
        petugas.post(f"/board-calls/{call['id']}/answer")
        after = screen.look(token, seen.headers["ETag"])
        assert (len(seen.json["calls"]), after.status_code, after.json["calls"]) == (1, 200, [])

    def test_elsewhere_changes_nothing_here(
        self, world: World, kasi: Caller, as_role: Callable[..., Caller], screen: Screen, job: Job
    ) -> None:
        token = share(kasi)["token"]
        mark = screen.look(token).headers["ETag"]
        world.opened(("M", "putih", 60), kind="garmen", lapas="BTG")
        assert screen.look(token, mark).status_code == 304


class TestLinks:
    def test_answers_alike_for_links_never_made_renewed_and_revoked(
        self, kasi: Caller, screen: Screen, job: Job
    ) -> None:
        first = share(kasi)
        assert screen.look(first["token"]).status_code == 200
        renewed = kasi.post(f"/board-links/{first['id']}/renew", version=1).json
        assert screen.look(renewed["token"]).status_code == 200
        answers = [screen.look(t) for t in ("x", "a" * 500, first["token"])]
        assert kasi.post(f"/board-links/{first['id']}/revoke").json == {"revoked": True}
        answers.append(screen.look(renewed["token"]))
        assert {a.status_code for a in answers} == {404}
        assert len({str({**a.json, "trace": ""}) for a in answers}) == 1

    def test_are_kept_as_hashes_only_and_listed_without_their_tokens(
        self, client: FlaskClient, kasi: Caller, database: Database, job: Job
    ) -> None:
        body = {"name": "Layar", "workshop_id": None}
        token = client.post(f"{BASE}/board-links", json=body, headers=kasi._headers).get_json()["token"]
        assert len(token) >= 32
        with database.transaction(at=clock.now()) as store:
            for table in ("board_link", "audit_log", "idempotency_key"):
                assert token not in str(store.rows(f"SELECT * FROM {table}")), table
        assert token not in json.dumps(kasi.get("/board-links").json)

    def test_refuses_what_is_wrong(self, kasi: Caller, job: Job) -> None:
        link = share(kasi)
        assert problem(kasi.post("/board-links", {"name": "X", "workshop_id": str(uuid4())}))[1] == "workshop-unknown"
        assert kasi.post("/board-links", {"name": ""}).status_code == 422
        assert problem(kasi.post(f"/board-links/{link['id']}/renew", version=7)) == (412, "stale")
        assert problem(kasi.post(f"/board-links/{link['id']}/renew"))[0] == 428
        assert problem(kasi.post(f"/board-links/{uuid4()}/renew", version=1)) == (404, "board-link-unknown")
        kasi.post(f"/board-links/{link['id']}/revoke")
        assert problem(kasi.post(f"/board-links/{link['id']}/revoke")) == (404, "board-link-unknown")

    def test_are_not_dozens(self, kasi: Caller, job: Job) -> None:
        for _ in range(20):
            share(kasi)
        assert problem(kasi.post("/board-links", {"name": "Satu lagi"})) == (409, "too-many-boards")

    def test_belong_to_the_section_of_their_lapas(
        self, kasi: Caller, petugas: Caller, as_role: Callable[..., Caller], job: Job
    ) -> None:
        link = share(kasi)
        other = as_role("kasi_giatja", "BTG")
        assert other.get("/board-links").json["items"] == []
        assert problem(other.post(f"/board-links/{link['id']}/renew", version=1)) == (404, "board-link-unknown")
        assert problem(other.post(f"/board-links/{link['id']}/revoke")) == (404, "board-link-unknown")
        foreign = other.post("/board-links", {"name": "X", "workshop_id": workshop_of(kasi)})
        assert problem(foreign)[1] == "workshop-unknown"
        assert petugas.post("/board-links", {"name": "X"}).status_code == 403
        assert petugas.get("/board-links").status_code == 403


class TestCallForHelp:
    def test_stands_open_until_somebody_answers(self, kasi: Caller, petugas: Caller, job: Job) -> None:
        place = workshop_of(kasi)
        made = petugas.post("/board-calls", {"workshop_id": place, "kind": "keamanan"})
        assert made.status_code == 201
        assert [c["kind"] for c in kasi.get("/board-calls").json["open"]] == ["keamanan"]
        answered = kasi.post(f"/board-calls/{made.json['id']}/answer")
        assert answered.json["answered_at"] is not None
        listed = kasi.get("/board-calls").json
        assert (listed["open"], len(listed["answered"])) == ([], 1)
        assert problem(kasi.post(f"/board-calls/{made.json['id']}/answer")) == (409, "call-already-answered")
        again = petugas.post("/board-calls", {"workshop_id": place, "kind": "keamanan"})
        assert again.json["id"] != made.json["id"]

    def test_by_several_at_once_is_one_call(self, kasi: Caller, petugas: Caller, job: Job) -> None:
        body = {"workshop_id": workshop_of(kasi), "kind": "alat"}
        with ThreadPoolExecutor(4) as officers:
            calls = list(officers.map(lambda _: petugas.post("/board-calls", body), range(4)))
        assert {c.status_code for c in calls} == {201}
        assert len({c.json["id"] for c in calls}) == 1

    def test_refuses_what_is_wrong(
        self, kasi: Caller, petugas: Caller, as_role: Callable[..., Caller], job: Job
    ) -> None:
        place = workshop_of(kasi)
        call = petugas.post("/board-calls", {"workshop_id": place, "kind": "alat"}).json["id"]
        assert petugas.post("/board-calls", {"workshop_id": place, "kind": "kopi"}).status_code == 422
        assert (
            problem(petugas.post("/board-calls", {"workshop_id": str(uuid4()), "kind": "alat"}))[1]
            == "workshop-unknown"
        )
        assert problem(petugas.post(f"/board-calls/{uuid4()}/answer")) == (404, "call-unknown")
        other = as_role("petugas", "BTG")
        assert problem(other.post("/board-calls", {"workshop_id": place, "kind": "alat"}))[1] == "workshop-unknown"
        assert problem(other.post(f"/board-calls/{call}/answer")) == (404, "call-unknown")
        assert problem(other.get(f"/board-calls/{call}")) == (404, "call-unknown")
        assert other.get("/board-calls").json == {"open": [], "answered": []}
        assert as_role("bendahara").post("/board-calls", {"workshop_id": place, "kind": "alat"}).status_code == 403
