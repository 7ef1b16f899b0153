"""Promises, loads and forecasts over HTTP, on the work, people and calendar of a Lapas."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from giatja_contracts.catalogue import catalogue
from giatja_kit import clock
from giatja_kit.testing import Answer, Caller, told
from giatja_production.planning.handlers import look_round

FORECAST = "giatja.production.order_forecast_changed.v1"
# A Monday, before work begins at eight in Pekalongan.
NOW = datetime(2025, 2, 9, 23, 30, tzinfo=UTC)
TODAY = date(2025, 2, 10)


@pytest.fixture(autouse=True)
def _on_a_monday_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask everything in the morning of the day of the story; tokens are signed at that moment too."""
    monkeypatch.setattr(clock, "now", lambda: NOW)


def day(days: int) -> str:
    return str(TODAY + timedelta(days=days))


def problem(answer: Answer) -> tuple[int, str, str | None]:
    errors = answer.json.get("errors") or [{}]
    return answer.status_code, answer.json["type"].removeprefix("urn:giatja:problem:"), errors[0].get("pointer")


@pytest.fixture
def crew(world: Any) -> Callable[..., list[str]]:
    """Return a function that places people in a workshop: each with the competences named."""

    def place(workshop_id: object, *people: tuple[str, ...], stage: str | None = None) -> list[str]:
        ids = []
        for able in people:
            inmate = world.worker()
            with world.database.transaction(at=clock.now()) as store:
                values = {"lapas_id": "PKL", "inmate_id": UUID(inmate), "workshop_id": workshop_id, "stage_key": stage}
                store.run(
                    "INSERT INTO placement (lapas_id, id, inmate_id, workshop_id, stage_key, starts_on, end_note,"
                    " overridden, placed_at, placed_by) VALUES (:lapas_id, :inmate_id, :inmate_id, :workshop_id,"
                    " :stage_key, '2025-01-15', '', '{}', now(), 'kasi')",
                    values,
                )
                for competence in able:
                    store.run(
                        "INSERT INTO worker_competence (lapas_id, inmate_id, competence, awarded_on)"
                        " VALUES (:lapas_id, :inmate_id, :competence, '2025-01-10')",
                        {"lapas_id": "PKL", "inmate_id": UUID(inmate), "competence": competence},
                    )
            ids.append(inmate)
        return ids

    return place


def workshop_of(world: Any, job: Any) -> Any:
    return world.count("SELECT workshop_id FROM work_order WHERE id = :id", id=UUID(job.id))


@pytest.fixture
def job(world: Any) -> Any:
    """Open ten pieces of a general workshop, of two stages, by 28 February."""
    return world.opened(("M", "", 10), due="2025-02-28")


class TestPromise:
    def ask(self, caller: Caller, quantity: int, due: str, **where: Any) -> Answer:
        line = {"quantity": quantity, **(where or {"workshop_kind": "umum"})}
        return caller.post("/planning/promise", {"due_date": due, "lines": [line]})

    def test_counts_the_open_work_and_the_people_who_are_placed(
        self, world: Any, kasi: Caller, job: Any, crew: Callable[..., list[str]]
    ) -> None:
        nobody = self.ask(kasi, 20, day(5)).json
        assert (nobody["possible"], nobody["earliest_on"]) == (False, None)
        crew(workshop_of(world, job), ("pemeriksaan_mutu",), ())
        answer = self.ask(kasi, 20, day(18)).json
        assert answer["possible"], answer
        assert answer["slack_days"] == (date.fromisoformat(day(18)) - date.fromisoformat(answer["earliest_on"])).days
        part = answer["workshops"][0]
        assert (part["people"], part["open_work_orders"], part["levers"]) == (2, 1, [])

    def test_names_the_earliest_date_and_what_would_help(
        self, world: Any, kasi: Caller, job: Any, crew: Callable[..., list[str]]
    ) -> None:
        crew(workshop_of(world, job), ("pemeriksaan_mutu",), ())
        answer = self.ask(kasi, 1000, day(4)).json
        assert not answer["possible"]
        assert answer["earliest_on"] > day(4)
        levers = {lever["kind"]: lever for lever in answer["workshops"][0]["levers"]}
        assert set(levers) >= {"people", "part", "region"}
        assert levers["people"]["stage"]["key"] == "pengerjaan"
        assert levers["people"]["amount"] > 1
        assert levers["part"]["amount"] + levers["region"]["amount"] == 1000

    def test_changes_nothing_and_needs_no_key(self, world: Any, kasi: Caller, job: Any) -> None:
        before = world.count("SELECT count(*) FROM audit_log")
        assert self.ask(kasi, 5, day(5)).status_code == 200
        assert world.count("SELECT count(*) FROM audit_log") == before
        assert world.count("SELECT count(*) FROM order_forecast") == 0

    def test_of_a_workshop_that_does_not_exist_yet_is_judged_by_its_template(self, world: Any, kasi: Caller) -> None:
        part = self.ask(kasi, 5, day(5), workshop_kind="batik_cap").json["workshops"][0]
        assert (part["workshop_id"], part["people"], part["possible"]) == (None, 0, False)

    def test_of_two_lines_waits_for_the_later(
        self, world: Any, kasi: Caller, job: Any, crew: Callable[..., list[str]]
    ) -> None:
        crew(workshop_of(world, job), ("pemeriksaan_mutu",))
        lines = [{"quantity": 5, "workshop_kind": "umum"}, {"quantity": 5, "workshop_kind": "garmen"}]
        answer = kasi.post("/planning/promise", {"due_date": day(30), "lines": lines}).json
        assert [p["possible"] for p in answer["workshops"]] == [True, False]
        assert (answer["possible"], answer["earliest_on"]) == (False, None)

    @pytest.mark.parametrize(
        ("due", "line", "expected"),
        [
            (-1, {"quantity": 1, "workshop_kind": "umum"}, (422, "promise-in-past", "/due_date")),
            (400, {"quantity": 1, "workshop_kind": "umum"}, (422, "promise-too-far", "/due_date")),
            (3, {"quantity": 0, "workshop_kind": "umum"}, (422, "input-invalid", "/lines/0/quantity")),
            (3, {"quantity": 1}, (422, "workshop-unclear", "/lines/0/workshop_kind")),
        ],
    )
    def test_refuses_what_makes_no_sense(
        self, kasi: Caller, due: int, line: dict[str, Any], expected: tuple[int, str, str]
    ) -> None:
        assert problem(kasi.post("/planning/promise", {"due_date": day(due), "lines": [line]})) == expected

    def test_knows_no_workshop_of_another_lapas(self, world: Any, job: Any, as_role: Callable[..., Caller]) -> None:
        answer = self.ask(as_role("kasi_giatja", "BTG"), 1, day(3), workshop_id=str(workshop_of(world, job)))
        assert problem(answer)[:2] == (404, "workshop-unknown")
        assert self.ask(as_role("petugas"), 1, day(3)).status_code == 403


class TestCapacity:
    def load(self, caller: Caller) -> dict[str, Any]:
        return {s["key"]: s for s in caller.get("/planning/load").json["items"][0]["stages"]}

    def test_is_of_those_with_the_competence_or_the_practice(
        self, world: Any, kasi: Caller, petugas: Caller, job: Any, crew: Callable[..., list[str]]
    ) -> None:
        plain, able = crew(workshop_of(world, job), (), ("pemeriksaan_mutu",))
        stages = self.load(kasi)
        assert (stages["pengerjaan"]["people"], stages["qc"]["people"]) == (2, 1)
        job.record(petugas, "pengerjaan", {"inmate_id": able, "good": 2}, on="2025-02-07")
        job.record(petugas, "qc", {"inmate_id": plain, "good": 1}, on="2025-02-07")
        assert self.load(kasi)["qc"]["people"] == 2

    def test_before_anybody_is_placed_is_of_those_who_worked_here_lately(
        self, world: Any, kasi: Caller, petugas: Caller, job: Any, crew: Callable[..., list[str]]
    ) -> None:
        job.record(petugas, "pengerjaan", {"inmate_id": world.worker(), "good": 2}, on="2025-02-07")
        assert self.load(kasi)["pengerjaan"]["people"] == 1
        crew(workshop_of(world, job), (), ())
        assert self.load(kasi)["pengerjaan"]["people"] == 2

    def test_ends_with_the_decree_and_has_no_minutes_on_a_holiday(
        self, world: Any, kasi: Caller, job: Any, crew: Callable[..., list[str]]
    ) -> None:
        crew(workshop_of(world, job), ("pemeriksaan_mutu",))
        full = [c["able"] for c in self.load(kasi)["pengerjaan"]["cells"]]
        with world.database.transaction(at=clock.now()) as store:
            store.run("INSERT INTO holiday (lapas_id, day, name) VALUES ('PKL', '2025-02-12', 'Libur')")
            store.run("UPDATE work_permission SET valid_until = '2025-02-22'")
        cells = [c["able"] for c in self.load(kasi)["pengerjaan"]["cells"]]
        assert 0 < cells[0] < full[0]
        assert cells[1] == full[1]
        assert sum(cells[2:]) == 0

    def test_learns_from_attendance_how_long_a_piece_takes(
        self, world: Any, kasi: Caller, petugas: Caller, job: Any
    ) -> None:
        one = world.worker()
        job.record(petugas, "pengerjaan", {"inmate_id": one, "good": 10}, on="2025-02-07")
        with world.database.transaction(at=clock.now()) as store:
            store.run(
                "INSERT INTO attendance (lapas_id, work_date, shift, inmate_id, workshop_id, status, attended, complied,"
                " minutes, marked_at, marked_by) SELECT 'PKL', '2025-02-07', s, :i, :w, 'hadir', true, true, 1000, now(),"
                " 'x' FROM unnest(ARRAY['pagi', 'siang', 'malam']) s",
                {"i": UUID(one), "w": workshop_of(world, job)},
            )
        stage = self.load(kasi)["pengerjaan"]
        assert 1 < stage["factor"] <= 2
        assert (stage["factor_minutes"], stage["factor_days"]) == (3000, 1)

    def test_of_a_stage_with_machines_stops_while_they_are_down(
        self, world: Any, kasi: Caller, job: Any, crew: Callable[..., list[str]]
    ) -> None:
        workshop_id = workshop_of(world, job)
        crew(workshop_id, ("pemeriksaan_mutu",), ("pemeriksaan_mutu",))
        ask = TestPromise().ask
        free = ask(kasi, 5, day(60)).json["earliest_on"]
        machine = UUID("019a0000-0000-7000-8000-0000000000aa")
        with world.database.transaction(at=clock.now()) as store:
            store.run(
                "INSERT INTO machine (lapas_id, id, workshop_id, name, stage_key, capacity_minutes_per_day, active,"
                " version) VALUES ('PKL', :id, :w, 'Mesin 1', 'pengerjaan', 300, true, 1)",
                {"id": machine, "w": workshop_id},
            )
            store.run(
                "INSERT INTO machine_downtime (lapas_id, id, machine_id, starts_at, reason, reported_by)"
                " VALUES ('PKL', :id, :id, '2025-02-08', 'rusak', 'x')",
                {"id": machine},
            )
        down = ask(kasi, 5, day(60)).json["earliest_on"]
        assert down > day(7) > free


class TestForecasts:
    def worked(self, job: Any, petugas: Caller, inmate: str) -> None:
        """Make one piece a day in the days before today."""
        for on in ("2025-02-05", "2025-02-06", "2025-02-07", "2025-02-08"):
            assert job.record(petugas, "pengerjaan", {"inmate_id": inmate, "good": 1}, on=on).status_code == 201

    def test_are_worked_out_after_output_and_told_once(
        self, world: Any, kasi: Caller, petugas: Caller, crew: Callable[..., list[str]]
    ) -> None:
        job = world.opened(("M", "", 20), due="2025-02-14")
        (one,) = crew(workshop_of(world, job), ("pemeriksaan_mutu",))
        self.worked(job, petugas, one)
        assert look_round(world.database) == 2
        (fact,) = told(world.database, FORECAST)
        catalogue()[FORECAST].check(fact["data"])
        # Sixteen pieces at one a day, six days a week, from Monday on.
        assert (fact["subject"], fact["data"]["likely_on"]) == (job.order_id, "2025-02-27")
        assert (fact["data"]["late_days"], fact["data"]["cause"], fact["data"]["stage"]) == (13, "pace", "pengerjaan")
        row = kasi.get("/planning/forecasts").json["items"][0]
        assert (row["order_id"], row["late_days"], row["stage"]["name"]) == (job.order_id, 13, "Pengerjaan")
        assert row["earliest_on"] <= row["likely_on"] <= row["latest_on"]
        assert datetime.fromisoformat(kasi.get("/planning/forecasts").json["looked_at"]) == NOW
        assert kasi.get(f"/planning/forecasts/{job.order_id}").json["likely_on"] == "2025-02-27"
        look_round(world.database)
        assert len(told(world.database, FORECAST)) == 1

    def test_move_while_an_order_is_held_and_go_with_it(
        self, world: Any, kasi: Caller, petugas: Caller, crew: Callable[..., list[str]]
    ) -> None:
        job = world.opened(("M", "", 20), due="2025-02-14")
        self.worked(job, petugas, crew(workshop_of(world, job), ("pemeriksaan_mutu",))[0])
        world.tell("orders.order_held", {"order_id": job.order_id, "reason": "banjir"})
        look_round(world.database)
        held = told(world.database, FORECAST)[-1]["data"]
        assert (held["likely_on"], held["cause"]) == ("2025-02-28", "on_hold")
        world.tell("orders.order_cancelled", {"order_id": job.order_id, "reason": "batal"})
        look_round(world.database)
        assert kasi.get("/planning/forecasts").json["items"] == []
        assert kasi.get(f"/planning/forecasts/{job.order_id}").status_code == 404

    def test_move_when_the_workshop_stands_still_and_back_when_it_goes_on(
        self, world: Any, kasi: Caller, petugas: Caller, crew: Callable[..., list[str]]
    ) -> None:
        job = world.opened(("M", "", 20), due="2025-02-14")
        workshop = workshop_of(world, job)
        self.worked(job, petugas, crew(workshop, ("pemeriksaan_mutu",))[0])
        look_round(world.database)
        before = told(world.database, FORECAST)[-1]["data"]
        assert kasi.post(f"/workshops/{workshop}/holds", {"reason": "Banjir di bengkel"}).status_code == 201
        look_round(world.database)
        held = told(world.database, FORECAST)[-1]["data"]
        assert held["cause"] == "on_hold"
        assert held["likely_on"] > before["likely_on"]
        assert kasi.post(f"/workshops/{workshop}/resume").status_code == 200
        look_round(world.database)
        again = told(world.database, FORECAST)[-1]["data"]
        assert (again["cause"], again["likely_on"]) == ("pace", before["likely_on"])

    def test_of_held_work_go_by_the_pace_it_had(
        self, world: Any, petugas: Caller, crew: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        job = world.opened(("M", "", 20), due="2025-02-14")
        self.worked(job, petugas, crew(workshop_of(world, job), ("pemeriksaan_mutu",))[0])
        world.tell("orders.order_held", {"order_id": job.order_id, "reason": "banjir"})
        monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=7))
        look_round(world.database)
        # A week after the day it would have been had it gone on the next day: the days it stood still are no pace.
        assert told(world.database, FORECAST)[-1]["data"]["likely_on"] == "2025-03-07"

    def test_are_searched_and_sorted(
        self, world: Any, kasi: Caller, as_role: Callable[..., Caller], crew: Callable[..., list[str]]
    ) -> None:
        first, second = world.opened(("M", "", 3), due="2025-05-28"), world.opened(("M", "", 900), due="2025-02-20")
        crew(workshop_of(world, first), ("pemeriksaan_mutu",))
        look_round(world.database)

        def ids(**query: Any) -> list[str]:
            return [row["order_id"] for row in kasi.get("/planning/forecasts", **query).json["items"]]

        assert ids() == [second.order_id, first.order_id]
        assert ids(sort="-late") == ids(sort="-due_date") == [first.order_id, second.order_id]
        assert ids(late="true") == [second.order_id]
        assert ids(search="koko lengan") == ids()
        assert ids(search="tidak ada") == []
        page = kasi.get("/planning/forecasts", limit=1).json
        assert ids(cursor=page["next"]) == [first.order_id]
        assert as_role("kasi_giatja", "BTG").get("/planning/forecasts").json["items"] == []

    def test_are_looked_at_again_only_where_something_happened(
        self, world: Any, petugas: Caller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        job = world.opened(("M", "", 3))
        look_round(world.database)
        monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=2))
        assert look_round(world.database) == 0
        job.record(petugas, "pengerjaan", {"inmate_id": world.worker(), "good": 1})
        assert look_round(world.database) == 1


@pytest.fixture
def _many(world: Any, crew: Callable[..., list[str]]) -> None:
    """Open 500 work orders in one workshop of 40 people."""
    template = world.opened(("M", "putih", 60), kind="garmen")
    skills = ["menjahit"] * 20 + ["memotong_kain"] * 4 + ["mengobras"] * 4 + ["lubang_kancing"] * 3
    skills += ["pemeriksaan_mutu"] * 3 + ["menyetrika"] * 4
    crew(workshop_of(world, template), *((skill,) for skill in skills))
    with world.database.transaction(at=clock.now()) as store:
        store.run(
            "INSERT INTO work_order SELECT (w2).* FROM (SELECT jsonb_populate_record(w, jsonb_build_object("
            " 'id', gen_random_uuid(), 'order_id', gen_random_uuid(), 'line_id', gen_random_uuid(),"
            " 'due_date', date '2025-02-20' + n % 200)) AS w2 FROM work_order w, generate_series(1, 499) n"
            " WHERE w.id = :id) x",
            {"id": UUID(template.id)},
        )
        store.run(
            "INSERT INTO stage_balance SELECT w.lapas_id, w.id, n, 1, 7, 0, 0, 0 FROM work_order w,"
            " generate_series(1, 9) n WHERE w.id <> :id",
            {"id": UUID(template.id)},
        )


@pytest.mark.usefixtures("_many")
class TestFiveHundredOpenWorkOrders:
    @pytest.mark.parametrize(("quantity", "due"), [(100, 330), (4000, 30)])
    def test_are_all_laid_before_one_more_is_promised(self, kasi: Caller, quantity: int, due: int) -> None:
        lines = [{"quantity": quantity, "workshop_kind": "garmen"}]
        answer = kasi.post("/planning/promise", {"due_date": day(due), "lines": lines})
        assert answer.status_code == 200
        assert answer.json["workshops"][0]["open_work_orders"] == 500
