"""Plant batches and their stock over HTTP, on a real PostgreSQL."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from giatja_kit import clock
from giatja_kit.ids import new_id
from giatja_kit.testing import Answer, Caller, told

# A Monday at nine in Pekalongan.
NOW = datetime(2025, 2, 10, 2, 0, tzinfo=UTC)
TODAY = "2025-02-10"
PROGRESSED = "giatja.production.stage_progressed.v1"
COMPLETED = "giatja.production.work_order_completed.v1"
ACCEPTED = "giatja.production.output_accepted.v1"


@pytest.fixture(autouse=True)
def _on_a_monday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def plants(world: Any, kasi: Caller) -> str:
    """Return a workshop of plants."""
    return a_workshop(kasi, "tanaman_hias")


def a_workshop(kasi: Caller, template: str) -> str:
    return str(kasi.post("/workshops", {"template": template, "name": f"Rumah {template}"}).json["id"])


@pytest.fixture
def start(petugas: Caller, plants: str) -> Callable[..., dict[str, Any]]:
    """Return a function that starts a batch, by default of a hundred pots a month ago."""

    def begin(started: int = 100, **more: Any) -> dict[str, Any]:
        body = {"workshop_id": plants, "plant": "Anthurium", "started": started, "started_on": "2025-01-10", **more}
        answer = petugas.post("/batches", body)
        assert answer.status_code == 201, answer.json
        return dict(answer.json)

    return begin


@pytest.fixture
def ready(petugas: Caller, start: Callable[..., dict[str, Any]]) -> Callable[[int], str]:
    """Return a function that has so many pots in stock; it returns the batch's id."""

    def grow(pieces: int) -> str:
        batch = start(pieces)
        move(petugas, batch["id"], 5, "2025-02-08")
        assert petugas.post(f"/batches/{batch['id']}/harvests", {"day": TODAY, "pieces": pieces}).status_code == 201
        return str(batch["id"])

    return grow


def move(caller: Caller, id_: str, stage_no: int, day: str) -> Answer:
    version = caller.get(f"/batches/{id_}").json["version"]
    return caller.post(f"/batches/{id_}/stages", {"stage_no": stage_no, "day": day}, version=version)


def problem(answer: Answer) -> tuple[int, str, str | None]:
    errors = answer.json.get("errors") or [{}]
    return answer.status_code, answer.json["type"].removeprefix("urn:giatja:problem:"), errors[0].get("pointer")


class TestABatch:
    def test_is_told_whole_from_seed_to_stock(
        self, petugas: Caller, start: Callable[..., dict[str, Any]], world: Any
    ) -> None:
        batch = start(100, plant="Anthurium", origin="biji", note="Dari kebun sendiri")
        assert (batch["code"], batch["state"], batch["stage_no"]) == ("TAN-2025-001", "growing", 1)
        # Up to quality control: what comes after is selling, and that is the stock's.
        assert batch["stages"][0]["name"] == "Pembibitan"
        assert len(batch["stages"]) == 5
        one = world.worker()
        care = {"day": "2025-01-20", "kind": "siram", "workers": [{"inmate_id": one, "minutes": 45}]}
        assert petugas.post(f"/batches/{batch['id']}/care", care).json["last_care_on"] == "2025-01-20"
        loss = {"day": "2025-01-25", "pieces": 8, "cause": "layu"}
        assert petugas.post(f"/batches/{batch['id']}/losses", loss).json["living"] == 92
        assert move(petugas, batch["id"], 5, "2025-02-08").json["state"] == "ready"
        found = petugas.post(f"/batches/{batch['id']}/harvests", {"day": TODAY, "pieces": 30}).json
        assert (found["living"], found["lost"], found["harvested"], found["free"]) == (62, 8, 30, 30)
        assert [e["stage_no"] for e in found["entered"]] == [1, 5]
        assert [(m["kind"], m["pieces"], m["cause_name"]) for m in found["movements"]] == [
            ("harvested", 30, None),
            ("lost", 8, "Layu"),
        ]
        assert found["curves"][0]["points"][-1] == {"day": 31, "lost": 0.08, "harvested": 0.3}
        log = petugas.get(f"/batches/{batch['id']}/care").json["items"]
        assert [(c["kind"], c["workers"]) for c in log] == [("siram", [{"inmate_id": one, "minutes": 45}])]

    def test_shows_former_batches_of_its_plant_beside_it(
        self, petugas: Caller, start: Callable[..., dict[str, Any]]
    ) -> None:
        former = start(50, started_on="2024-11-01")
        petugas.post(f"/batches/{former['id']}/losses", {"day": "2024-11-11", "pieces": 50, "cause": "mati"})
        start(50, plant="Sansevieria", started_on="2024-11-02")
        batch = start(20, plant="anthurium")
        curves = petugas.get(f"/batches/{batch['id']}").json["curves"]
        assert [c["id"] for c in curves] == [batch["id"], former["id"]]
        assert curves[1]["points"] == [{"day": 0, "lost": 0, "harvested": 0}, {"day": 10, "lost": 1, "harvested": 0},
            {"day": 101, "lost": 1, "harvested": 0}]  # fmt: skip

    def test_is_listed_by_state_and_found_by_its_plant(
        self, petugas: Caller, start: Callable[..., dict[str, Any]], as_role: Callable[..., Caller]
    ) -> None:
        first, second = start(10), start(10, plant="Sansevieria", started_on="2025-01-15")
        petugas.post(f"/batches/{first['id']}/losses", {"day": TODAY, "pieces": 10, "cause": "mati"})

        def ids(**query: Any) -> list[str]:
            return [b["id"] for b in petugas.get("/batches", **query).json["items"]]

        assert ids() == [second["id"]]
        assert ids(state="lost") == [first["id"]]
        assert ids(state="all") == [second["id"], first["id"]]
        assert ids(state="all", search="anthur") == [first["id"]]
        page = petugas.get("/batches", state="all", limit=1).json
        assert ids(state="all", cursor=page["next"]) == [first["id"]]
        assert as_role("petugas", "BTG").get("/batches", state="all").json["items"] == []
        assert as_role("petugas", "BTG").get(f"/batches/{second['id']}").status_code == 404

    def test_may_have_stages_of_its_own(self, start: Callable[..., dict[str, Any]]) -> None:
        batch = start(10, stages=[{"name": "Semai"}, {"name": "Dewasa", "name_en": "Grown"}])
        assert batch["stages"] == [{"name": "Semai", "name_en": "Semai"}, {"name": "Dewasa", "name_en": "Grown"}]

    @pytest.mark.parametrize(
        ("more", "expected"),
        [
            ({"started_on": "2025-02-11"}, (422, "day-in-future", "/started_on")),
            ({"stages": [{"name": "Semai"}, {"name": "semai"}]}, (422, "stage-repeated", "/stages/1/name")),
            ({"started": 0}, (422, "input-invalid", "/started")),
            ({"workshop_id": str(new_id())}, (404, "workshop-unknown", None)),
        ],
    )
    def test_is_not_started_wrongly(
        self, petugas: Caller, plants: str, more: dict[str, Any], expected: tuple[int, str, str | None]
    ) -> None:
        body = {"workshop_id": plants, "plant": "Anthurium", "started": 5, "started_on": TODAY, **more}
        assert problem(petugas.post("/batches", body)) == expected

    def test_grows_in_a_workshop_of_plants_only(self, petugas: Caller, kasi: Caller, plants: str) -> None:
        body = {"workshop_id": a_workshop(kasi, "garmen"), "plant": "Koko", "started": 5, "started_on": TODAY}
        assert problem(petugas.post("/batches", body)) == (422, "batch-not-for-workshop", "/workshop_id")

    def test_is_moved_only_by_who_saw_it_as_it_is(self, petugas: Caller, start: Callable[..., dict[str, Any]]) -> None:
        batch = start(10)
        assert move(petugas, batch["id"], 2, TODAY).status_code == 200
        answer = petugas.post(f"/batches/{batch['id']}/stages", {"stage_no": 3, "day": TODAY}, version=batch["version"])
        assert answer.status_code == 412


class TestCare:
    @pytest.mark.parametrize(
        ("more", "expected"),
        [
            ({"kind": "nyanyi"}, (422, "care-unknown", "/kind")),
            ({"led_by": str(new_id())}, (422, "officer-unknown", "/led_by")),
            ({"workers": [{"inmate_id": str(new_id())}]}, (422, "inmate-unknown", "/workers/0/inmate_id")),
            ({"day": "2025-01-09"}, (422, "day-before-start", "/day")),
        ],
    )
    def test_is_of_known_people_days_and_kinds(
        self,
        petugas: Caller,
        start: Callable[..., dict[str, Any]],
        more: dict[str, Any],
        expected: tuple[int, str, str],
    ) -> None:
        path = f"/batches/{start(5)['id']}/care"
        assert problem(petugas.post(path, {"day": TODAY, "kind": "siram", **more})) == expected

    def test_needs_a_decree_and_an_open_day_of_those_who_worked(
        self, world: Any, petugas: Caller, plants: str, start: Callable[..., dict[str, Any]]
    ) -> None:
        path = f"/batches/{start(5)['id']}/care"
        without, allowed = world.worker(valid_from=None), world.worker()
        care = {"day": TODAY, "kind": "siram", "workers": [{"inmate_id": without}]}
        assert problem(petugas.post(path, care)) == (409, "no-work-permission", "/workers/0/inmate_id")
        with world.database.transaction(at=clock.now()) as store:
            store.run(
                "INSERT INTO closed_day (lapas_id, workshop_id, work_date, closed_at, closed_by, sums)"
                " VALUES ('PKL', :w, '2025-02-07', now(), 'x', '{}')",
                {"w": UUID(plants)},
            )
        closed = {"day": "2025-02-07", "kind": "siram", "workers": [{"inmate_id": allowed}]}
        assert problem(petugas.post(path, closed)) == (409, "work-day-already-closed", "/day")
        assert petugas.post(path, {**closed, "workers": []}).status_code == 201

    def test_is_of_the_kinds_that_the_lapas_tells_apart(
        self, petugas: Caller, kasi: Caller, start: Callable[..., dict[str, Any]], as_role: Callable[..., Caller]
    ) -> None:
        shipped = petugas.get("/batch-cares").json
        assert not shipped["own"]
        made = kasi.post("/batch-cares", {"name": "Semprot daun", "name_en": "Spraying"})
        assert (made.status_code, made.json["key"], made.json["no"]) == (201, "semprot_daun", len(shipped["items"]) + 1)
        taken = kasi.post("/batch-cares", {"name": "semprot DAUN"})
        assert problem(taken) == (409, "care-name-taken", "/name")
        assert petugas.post("/batch-cares", {"name": "Lain lagi"}).status_code == 403
        path = f"/batches/{start(5)['id']}/care"
        assert petugas.post(path, {"day": TODAY, "kind": "semprot_daun"}).status_code == 201
        gone = {"name": "Semprot daun", "name_en": "Spraying", "active": False}
        assert kasi.patch("/batch-cares/semprot_daun", gone, version=1).json["version"] == 2
        assert kasi.patch("/batch-cares/semprot_daun", gone, version=1).status_code == 412
        assert problem(kasi.patch("/batch-cares/nyanyi", gone, version=1))[:2] == (404, "care-not-there")
        answer = petugas.post(path, {"day": TODAY, "kind": "semprot_daun"})
        assert problem(answer) == (422, "care-unknown", "/kind")
        # What was written down with it stays, and the other Lapas has those that are shipped.
        assert petugas.get(path).json["items"][0]["kind"] == "semprot_daun"
        assert not as_role("kasi_giatja", "BTG").get("/batch-cares").json["own"]

    def test_is_struck_out_once_and_stays_to_be_read(
        self, petugas: Caller, start: Callable[..., dict[str, Any]]
    ) -> None:
        batch = start(5)
        petugas.post(f"/batches/{batch['id']}/care", {"day": TODAY, "kind": "pupuk"})
        (line,) = petugas.get(f"/batches/{batch['id']}/care").json["items"]
        assert petugas.post(f"/batch-care/{line['id']}/undo").json["last_care_on"] is None
        assert problem(petugas.post(f"/batch-care/{line['id']}/undo"))[:2] == (409, "entry-already-undone")
        assert petugas.get(f"/batches/{batch['id']}/care").json["items"][0]["undone"]


class TestUndo:
    def test_brings_back_what_was_lost_once(self, petugas: Caller, start: Callable[..., dict[str, Any]]) -> None:
        batch = start(10)
        body = {"day": TODAY, "pieces": 10, "cause": "hama"}
        lost = petugas.post(f"/batches/{batch['id']}/losses", body).json
        assert lost["state"] == "lost"
        entry = lost["movements"][0]["id"]
        back = petugas.post(f"/batch-movements/{entry}/undo").json
        assert (back["state"], back["living"], back["lost"]) == ("growing", 10, 0)
        assert sum(m["pieces"] for m in back["movements"]) == 0
        assert problem(petugas.post(f"/batch-movements/{entry}/undo"))[:2] == (409, "entry-already-undone")
        assert petugas.post(f"/batch-movements/{new_id()}/undo").status_code == 404

    def test_of_another_day_is_for_those_who_correct(
        self,
        petugas: Caller,
        as_role: Callable[..., Caller],
        start: Callable[..., dict[str, Any]],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        batch = start(10)
        body = {"day": TODAY, "pieces": 2, "cause": "hama"}
        entry = petugas.post(f"/batches/{batch['id']}/losses", body).json["movements"][0]["id"]
        monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=1))
        assert problem(as_role("petugas").post(f"/batch-movements/{entry}/undo"))[:2] == (403, "undo-another-day")
        assert as_role("kasubsi_bimker").post(f"/batch-movements/{entry}/undo").json["living"] == 10

    def test_of_a_harvest_needs_it_in_stock(self, petugas: Caller, ready: Callable[[int], str]) -> None:
        id_ = ready(10)
        entry = petugas.get(f"/batches/{id_}").json["movements"][0]["id"]
        petugas.post(f"/stock/{id_}/allocations", {"pieces": 1, "document": "Kuitansi 1"})
        assert problem(petugas.post(f"/batch-movements/{entry}/undo"))[:2] == (409, "stock-already-taken")


class TestStock:
    def allocate(self, caller: Caller, id_: str, pieces: int, **more: Any) -> Answer:
        return caller.post(f"/stock/{id_}/allocations", {"pieces": pieces, "document": "Kuitansi 7", **more})

    def settle(self, caller: Caller, allocation: dict[str, Any], act: str) -> Answer:
        return caller.post(f"/stock-allocations/{allocation['id']}/{act}", version=allocation["version"])

    def test_is_reserved_handed_out_released_and_taken_back(self, petugas: Caller, ready: Callable[[int], str]) -> None:
        id_ = ready(10)
        first = self.allocate(petugas, id_, 4).json
        assert (first["on_hand"], first["free"], first["reserved"]) == (10, 6, 4)
        sold = self.settle(petugas, first["allocations"][0], "handout").json
        assert (sold["on_hand"], sold["free"], sold["sold"]) == (6, 6, 4)
        second = self.allocate(petugas, id_, 6).json
        free = self.settle(petugas, second["allocations"][0], "release").json
        assert (free["free"], free["reserved"]) == (6, 0)
        again = self.settle(petugas, sold["allocations"][0], "take-back").json
        assert (again["reserved"], again["sold"]) == (4, 0)
        (released, reserved) = again["allocations"]
        assert problem(self.settle(petugas, released, "handout"))[:2] == (409, "allocation-settled")
        assert problem(self.settle(petugas, reserved, "take-back"))[:2] == (409, "allocation-not-handed-out")
        assert [s["free"] for s in petugas.get("/stock").json["items"]] == [6]

    def test_that_is_sold_to_the_last_ends_the_batch(self, petugas: Caller, ready: Callable[[int], str]) -> None:
        id_ = ready(10)
        self.allocate(petugas, id_, 10, handed_out=True, purpose="own_use")
        batch = petugas.get(f"/batches/{id_}").json
        assert (batch["state"], batch["ended_on"]) == ("sold_out", TODAY)
        assert petugas.get("/stock").json["items"] == []
        assert [s["sold"] for s in petugas.get("/stock", available="false").json["items"]] == [10]

    def test_refuses_more_than_is_free_and_nothing_on_paper(self, petugas: Caller, ready: Callable[[int], str]) -> None:
        id_ = ready(10)
        assert problem(self.allocate(petugas, id_, 11)) == (409, "more-than-stock", "/pieces")
        assert problem(self.allocate(petugas, id_, 1, document="")) == (422, "allocation-without-paper", "/document")
        unknown = self.allocate(petugas, id_, 1, work_order_id=str(new_id()))
        assert problem(unknown)[:2] == (404, "order-line-unknown")

    def test_gives_the_last_pots_to_one_of_two_clerks(
        self, ready: Callable[[int], str], as_role: Callable[..., Caller]
    ) -> None:
        id_ = ready(5)
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: self.allocate(as_role("petugas"), id_, 5, handed_out=True), range(4)))
        assert sorted(a.status_code for a in answers) == [201, 409, 409, 409]
        assert {problem(a)[1] for a in answers if a.status_code == 409} == {"more-than-stock"}
        stock = as_role("petugas").get(f"/stock/{id_}").json
        assert (stock["sold"], stock["free"], len(stock["allocations"])) == (5, 0, 1)


class TestStockForAnOrder:
    def allocate(self, caller: Caller, id_: str, pieces: int, job: Any, **more: Any) -> Answer:
        return caller.post(f"/stock/{id_}/allocations", {"pieces": pieces, "work_order_id": job.id, **more})

    def test_completes_it_when_it_is_handed_out_and_credits_nobody(
        self, world: Any, petugas: Caller, ready: Callable[[int], str]
    ) -> None:
        id_, job = ready(30), world.opened(("-", "-", 20), kind="tanaman_hias")
        (wanted,) = petugas.get("/stock-orders").json["items"]
        assert (wanted["work_order_id"], wanted["wanted"]) == (job.id, 20)
        self.allocate(petugas, id_, 12, job)
        assert petugas.get("/stock-orders").json["items"][0]["wanted"] == 8
        reserved = self.allocate(petugas, id_, 8, job, handed_out=True).json["allocations"][1]
        assert reserved["order_id"] == job.order_id
        petugas.post(f"/stock-allocations/{reserved['id']}/handout", version=reserved["version"])
        work_order = petugas.get(f"/work-orders/{job.id}").json
        assert (work_order["state"], work_order["passed"]) == ("completed", 20)
        (done,) = told(world.database, COMPLETED)
        assert (done["data"]["order_id"], done["data"]["passed"]) == (job.order_id, 20)
        assert told(world.database, ACCEPTED) == []
        entries = petugas.get("/output", work_order_id=job.id).json["items"]
        assert {(e["inmate_id"], e["credited"]) for e in entries} == {(None, 0)}

    def test_leaves_the_credit_of_those_who_grew_the_rest(
        self, world: Any, petugas: Caller, ready: Callable[[int], str]
    ) -> None:
        id_, job, one = ready(30), world.opened(("-", "-", 10), kind="tanaman_hias"), world.worker()
        self.allocate(petugas, id_, 4, job, handed_out=True)
        for stage in list(job.stages)[:5]:
            assert job.record(petugas, stage, {"inmate_id": one, "good": 6}, on=TODAY).status_code == 201
        told_ = told(world.database, ACCEPTED)
        assert {(f["data"]["inmate_id"], f["data"]["pieces"]) for f in told_} == {(one, 6)}
        assert len(told_) == 5

    def test_is_taken_back_stage_by_stage(self, world: Any, petugas: Caller, ready: Callable[[int], str]) -> None:
        id_, job = ready(30), world.opened(("-", "-", 20), kind="tanaman_hias")
        gone = self.allocate(petugas, id_, 5, job, handed_out=True).json["allocations"][0]
        entry = petugas.get("/output", work_order_id=job.id).json["items"][0]
        assert problem(petugas.post(f"/output/{entry['id']}/undo"))[:2] == (409, "output-from-stock")
        back = petugas.post(f"/stock-allocations/{gone['id']}/take-back", version=gone["version"])
        assert (back.status_code, back.json["reserved"], back.json["sold"]) == (200, 5, 0)
        work_order = petugas.get(f"/work-orders/{job.id}").json
        assert (work_order["passed"], work_order["stages"][0]["waiting"]) == (0, 20)
        # It is reserved again, so it is not wanted twice.
        assert petugas.get("/stock-orders").json["items"][0]["wanted"] == 15

    def test_does_not_come_back_from_an_order_that_is_completed(
        self, world: Any, petugas: Caller, ready: Callable[[int], str]
    ) -> None:
        id_, job = ready(30), world.opened(("-", "-", 5), kind="tanaman_hias")
        gone = self.allocate(petugas, id_, 5, job, handed_out=True).json["allocations"][0]
        back = petugas.post(f"/stock-allocations/{gone['id']}/take-back", version=gone["version"])
        assert problem(back)[:2] == (409, "completed-not-reversed")
        assert petugas.get(f"/stock/{id_}").json["sold"] == 5

    def test_is_no_more_than_it_wants_and_of_plants_only(
        self, world: Any, petugas: Caller, ready: Callable[[int], str]
    ) -> None:
        id_, job = ready(30), world.opened(("-", "-", 5), kind="tanaman_hias")
        assert problem(self.allocate(petugas, id_, 6, job)) == (409, "more-than-ordered", "/pieces")
        answer = self.allocate(petugas, id_, 1, job, purpose="damaged")
        assert problem(answer) == (422, "allocation-not-for-sale", "/purpose")
        shirts = world.opened(("M", "", 5), kind="garmen")
        assert problem(self.allocate(petugas, id_, 1, shirts))[:2] == (404, "order-line-unknown")
        world.tell("orders.order_held", {"order_id": job.order_id, "reason": "banjir"})
        assert problem(self.allocate(petugas, id_, 1, job))[:2] == (409, "work-order-on-hold")

    def test_fills_an_order_once_though_two_clerks_bring_pots_of_two_batches(
        self, world: Any, ready: Callable[[int], str], as_role: Callable[..., Caller]
    ) -> None:
        batches, job = [ready(10), ready(10)], world.opened(("-", "-", 5), kind="tanaman_hias")
        with ThreadPoolExecutor(4) as pool:
            answers = list(
                pool.map(lambda id_: self.allocate(as_role("petugas"), id_, 5, job, handed_out=True), batches * 2)
            )
        assert sorted(a.status_code for a in answers) == [201, 409, 409, 409]
        refused = {problem(a)[1] for a in answers if a.status_code == 409}
        assert refused <= {"more-than-ordered", "work-order-already-completed"}
        stock = [as_role("petugas").get(f"/stock/{id_}").json for id_ in batches]
        assert sum(s["sold"] for s in stock) == as_role("petugas").get(f"/work-orders/{job.id}").json["finished"] == 5

    def test_is_free_again_when_the_order_is_cancelled(
        self, world: Any, petugas: Caller, ready: Callable[[int], str]
    ) -> None:
        id_, job = ready(30), world.opened(("-", "-", 20), kind="tanaman_hias")
        self.allocate(petugas, id_, 12, job)
        world.tell("orders.order_cancelled", {"order_id": job.order_id, "reason": "batal"})
        stock = petugas.get(f"/stock/{id_}").json
        assert (stock["free"], stock["reserved"], stock["allocations"][0]["state"]) == (30, 0, "released")
