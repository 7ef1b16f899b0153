"""Work orders as they follow their orders, on PostgreSQL."""

from collections.abc import Callable
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from giatja_contracts.catalogue import catalogue
from giatja_kit.testing import Caller, told
from giatja_ops.pytest_plugin import RealParts
from giatja_production.tables import metadata

OPENED = "giatja.production.work_order_opened.v1"


class TestAnAcceptedOrder:
    def test_opens_one_work_order_for_each_line_and_its_whole_grid(self, world: Any, petugas: Caller) -> None:
        order_id = world.order(("S", "putih", 5), ("M", "biru", 7), lines=2)
        rows = petugas.get("/work-orders", order_id=order_id).json["items"]
        assert [(r["state"], r["quantity"], r["stages"][0]["waiting"]) for r in rows] == [("released", 12, 12)] * 2
        grid = petugas.get(f"/work-orders/{rows[0]['id']}").json["grid"]
        assert [(c["size"], c["colour"], c["stages"][0]["waiting"]) for c in grid] == [
            ("S", "putih", 5),
            ("M", "biru", 7),
        ]
        facts = told(world.database, OPENED)
        assert len(facts) == 2
        for fact in facts:
            catalogue()[OPENED].check(fact["data"])

    def test_finds_its_workshop_or_makes_it_from_the_template(self, world: Any, petugas: Caller) -> None:
        world.order(kind="garmen")
        world.order(kind="garmen")
        world.order(kind="anyaman_bambu")
        shops = petugas.get("/workshops").json["items"]
        assert [(w["kind"], len(w["stages"]), w["open_work_orders"]) for w in shops] == [
            ("anyaman_bambu", 2, 1),
            ("garmen", 9, 2),
        ]

    def test_keeps_its_route_when_the_workshop_changes(self, world: Any, kasi: Caller) -> None:
        job = world.opened()
        workshop = kasi.get("/workshops").json["items"][0]
        stage = {k: v for k, v in workshop["stages"][1].items() if k not in ("id", "no")}
        change = {"name": "Kriya", "stages": [stage], "defects": workshop["defects"]}
        changed = kasi.patch(f"/workshops/{workshop['id']}", change, version=1)
        assert [s["id"] for s in changed.json["stages"]] == [workshop["stages"][1]["id"]]
        assert len(kasi.get(f"/work-orders/{job.id}").json["stages"]) == 2
        assert len(world.opened().stages) == 1

    def test_is_seen_by_its_own_lapas_only(self, world: Any, as_role: Callable[..., Caller]) -> None:
        job = world.opened()
        other = as_role("petugas", "BTG")
        assert other.get(f"/work-orders/{job.id}").status_code == 404
        assert other.get("/work-orders").json["items"] == []
        assert other.get("/workshops").json["items"] == []


class TestAnOrderThatChanges:
    def test_holds_and_resumes_where_it_was(self, world: Any, petugas: Caller) -> None:
        job = world.opened()
        job.record(petugas, "pengerjaan", {"inmate_id": world.worker(), "good": 1})
        world.tell("orders.order_held", {"order_id": job.order_id, "reason": "banjir"})
        held = petugas.get(f"/work-orders/{job.id}").json
        assert (held["state"], held["reason"]) == ("on_hold", "banjir")
        world.tell("orders.order_resumed", {"order_id": job.order_id})
        assert petugas.get(f"/work-orders/{job.id}").json["state"] == "in_progress"

    def test_moves_the_due_date(self, world: Any, petugas: Caller) -> None:
        job = world.opened()
        world.tell("orders.order_changed", {"order_id": job.order_id, "due_date": "2025-03-20"})
        assert petugas.get(f"/work-orders/{job.id}").json["due_date"] == "2025-03-20"

    def test_leaves_what_is_completed_alone(self, world: Any, petugas: Caller) -> None:
        job = world.opened(("M", "", 1))
        one = world.worker()
        job.record(petugas, "pengerjaan", {"inmate_id": one, "good": 1})
        job.record(petugas, "qc", {"inmate_id": one, "good": 1})
        world.tell("orders.order_held", {"order_id": job.order_id, "reason": "banjir"})
        world.tell("orders.order_cancelled", {"order_id": job.order_id, "reason": "mitra"})
        world.tell("orders.order_completed", {"order_id": job.order_id, "completed_on": "2025-02-11"})
        shown = petugas.get(f"/work-orders/{job.id}").json
        assert (shown["state"], shown["order_completed_on"]) == ("completed", "2025-02-11")


class TestTheBoard:
    def test_pages_by_due_date_and_narrows(self, world: Any, petugas: Caller) -> None:
        for day in ("12", "10", "11"):
            world.opened(due=f"2025-03-{day}")
        first = petugas.get("/work-orders", limit=2).json
        second = petugas.get("/work-orders", limit=2, cursor=first["next"]).json
        assert [r["due_date"][-2:] for p in (first, second) for r in p["items"]] == ["10", "11", "12"]
        assert len(petugas.get("/work-orders", search="koko").json["items"]) == 3
        assert petugas.get("/work-orders", search="sarung").json["items"] == []
        assert petugas.get("/work-orders", state="completed").json["items"] == []
        assert len(petugas.get("/work-orders", late="true").json["items"]) == 3
        assert petugas.get("/work-orders", state="bogus").status_code == 422
        assert petugas.get("/work-orders", cursor="bogus").status_code == 422


class TestWorkshops:
    def test_are_added_from_a_template_once(self, kasi: Caller) -> None:
        made = kasi.post("/workshops", {"template": "batik_cap"})
        assert (made.status_code, made.json["name"]) == (201, "Batik cap")
        assert kasi.post("/workshops", {"template": "batik_cap"}).json["type"].endswith("workshop-name-taken")
        assert kasi.post("/workshops", {"template": "kapal"}).json["errors"][0]["pointer"] == "/template"
        assert len(kasi.get("/workshop-templates").json["items"]) == 4

    def test_refuse_a_route_without_one_quality_stage(self, kasi: Caller) -> None:
        made = kasi.post("/workshops", {"template": "umum"}).json
        stages = [{k: v for k, v in s.items() if k not in ("id", "no")} for s in made["stages"]]
        change = {"name": "Umum", "stages": stages[:1], "defects": made["defects"]}
        answer = kasi.patch(f"/workshops/{made['id']}", change, version=1)
        assert answer.json["type"].endswith("quality-stage-not-one")
        doubled = {**change, "stages": [stages[0], stages[0], stages[1]]}
        assert kasi.patch(f"/workshops/{made['id']}", doubled, version=1).json["type"].endswith("key-repeated")

    def test_take_a_target_for_a_month(self, kasi: Caller, petugas: Caller) -> None:
        made = kasi.post("/workshops", {"template": "umum"}).json
        path = f"/workshops/{made['id']}/targets"
        assert kasi.post(path, {"month": "2025-02-10", "pieces": 400}, version=1).status_code == 200
        changed = kasi.post(path, {"month": "2025-02-01", "pieces": 500}, version=2)
        assert changed.json["targets"] == [{"month": "2025-02", "pieces": 500}]
        assert kasi.post(path, {"month": "2025-02-01", "pieces": 1}, version=2).status_code == 412
        assert kasi.post(path, {"month": "2025-02-01", "pieces": -1}, version=3).status_code == 422
        assert petugas.post(path, {"month": "2025-02-01", "pieces": 1}, version=3).status_code == 403


class TestTheSchema:
    def test_is_what_the_code_declares(self, real_parts: RealParts, world: Any) -> None:
        engine = create_engine(real_parts.owner_url("production").replace("postgresql://", "postgresql+psycopg://"))
        with engine.connect() as connection:
            context = MigrationContext.configure(
                connection, opts={"include_name": lambda name, kind, _: kind != "table" or name in metadata.tables}
            )
            assert compare_metadata(context, metadata) == []
        engine.dispose()
