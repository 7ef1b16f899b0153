"""Materials over HTTP, on PostgreSQL: the story of a partner's cloth, and everything that is refused on its way."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import psycopg.errors
import pytest
from sqlalchemy.exc import DBAPIError

from giatja_contracts.catalogue import catalogue
from giatja_kit import clock
from giatja_kit.testing import Answer, Caller, told

CHANGED = "giatja.production.material_balance_changed.v1"
SETTLED = "giatja.production.material_settled.v1"
TODAY = clock.today("Asia/Jakarta", clock.now())
M = 1000
NOBODYS = "019a0000-0000-7000-8000-000000000051"


def problem(answer: Answer) -> tuple[int, str, str | None]:
    """Return status, type and the pointer of the first field of a refusal."""
    errors = answer.json.get("errors") or [{}]
    return answer.status_code, answer.json["type"].removeprefix("urn:giatja:problem:"), errors[0].get("pointer")


class Store:
    """A storekeeper with a list of items, who writes documents in one line."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.fabric = self.item("Katun toyobo putih", "fabric", "m", decimals=2)
        self.thread = self.item("Benang jahit putih", "thread", "cone", minimum=5 * M)

    def item(self, name: str, kind: str, unit: str, *, decimals: int = 0, minimum: int = 0) -> str:
        body = {"name": name, "kind": kind, "unit": unit, "decimals": decimals, "minimum": minimum}
        answer = self.caller.post("/materials", body)
        assert answer.status_code == 201, answer.text
        return str(answer.json["id"])

    def receive(self, item: str, counted: int, order_id: str | None = None, **line: Any) -> Answer:
        return self.caller.post(
            "/material-receipts",
            {
                "order_id": order_id,
                "received_on": str(TODAY),
                "reference": "SJ 12/DMA",
                "lines": [{"material_id": item, "counted": counted, **line}],
            },
        )

    def move(self, act: str, item: str, quantity: int, *, lot_id: str | None = None, **about: Any) -> Answer:
        line = {"material_id": item, "quantity": quantity, "lot_id": lot_id}
        return self.caller.post("/material-movements", {"act": act, "lines": [line], **about})

    def there(self, item: str) -> tuple[int, int, int]:
        """Return own stock, consigned stock and what is on the floor."""
        shown = self.caller.get(f"/materials/{item}").json
        return shown["own"], shown["consigned"], shown["floor"]

    def sheet(self, order_id: str) -> Any:
        return self.caller.get(f"/material-orders/{order_id}").json

    def sign(self, order_id: str, **body: Any) -> Answer:
        signature = {"signed_by": "H. Dahlan", "signed_on": str(TODAY), "document_ref": "BA-01/2025", **body}
        return self.caller.post(f"/material-orders/{order_id}/sign", signature, version=self.sheet(order_id)["version"])


@pytest.fixture
def sarana(as_role: Callable[..., Caller]) -> Caller:
    return as_role("kasubsi_sarana")


@pytest.fixture
def keeper(sarana: Caller) -> Store:
    return Store(sarana)


def finish(world: Any, petugas: Caller, job: Any, pieces: int) -> None:
    one = world.worker()
    job.record(petugas, "pengerjaan", {"inmate_id": one, "good": pieces})
    assert job.record(petugas, "qc", {"inmate_id": one, "good": pieces}).json["state"] == "completed"


def set_bill(keeper: Store, world: Any, job: Any, *lines: dict[str, Any]) -> Answer:
    product = world.count("SELECT product_id FROM order_product WHERE order_id = :id", id=UUID(job.order_id))
    version = keeper.caller.get(f"/bills/{product}").json["version"]
    body = {"product_name": "Koko lengan panjang", "lines": list(lines)}
    return keeper.caller.post(f"/bills/{product}", body, version=version)


class TestTheClothOfAPartner:
    def test_is_received_used_returned_and_settled_to_the_centimetre(
        self, world: Any, keeper: Store, petugas: Caller
    ) -> None:
        job = world.opened(("M", "putih", 4))
        set_bill(keeper, world, job, {"material_id": keeper.fabric, "quantity": 2 * M, "waste": 50})
        received = keeper.receive(keeper.fabric, 12 * M, job.order_id, stated=12 * M + 500)
        assert (received.status_code, received.json["number"]) == (201, f"BB-{TODAY.year}-0001")
        issued = keeper.move("issue", keeper.fabric, 9 * M, work_order_id=job.id)
        assert issued.json["number"] == f"BB-{TODAY.year}-0002"
        keeper.move("waste", keeper.fabric, 250, work_order_id=job.id, reason="sisa guntingan")
        keeper.move("restore", keeper.fabric, 500, work_order_id=job.id)
        assert keeper.there(keeper.fabric) == (0, 3500, 8250)
        finish(world, petugas, job, 4)
        keeper.move("return", keeper.fabric, 3500, order_id=job.order_id, reference="SJ 3/LP")
        line = keeper.sheet(job.order_id)["lines"][0]
        assert (line["received"], line["used"], line["waste"], line["returned"]) == (12000, 8250, 250, 3500)
        assert (line["expected"], line["deviation"], line["within"]) == (8400, 12, True)

        signed = keeper.sign(job.order_id)
        assert (signed.status_code, signed.json["state"]) == (200, "settled")
        assert keeper.there(keeper.fabric) == (0, 0, 0)
        assert world.count("SELECT sum(store + floor) FROM material_movement") == 0
        states = [f["data"]["state"] for f in told(world.database, CHANGED)]
        assert states == ["open", "open", "open", "open", "open", "settled"]
        settled = told(world.database, SETTLED)[0]["data"]
        assert (settled["order_id"], settled["within_tolerance"]) == (job.order_id, True)
        assert settled["totals"][0] | {"kind": "", "unit": ""} == {
            "kind": "", "unit": "", "received": 12000, "transferred": 0, "difference": 0, "used": 8250, "waste": 250,
            "lost": 0, "returned": 3500, "on_hand": 0,
        }  # fmt: skip
        for fact in told(world.database):
            catalogue()[fact["type"]].check(fact["data"])

    def test_stands_as_it_was_signed_and_moves_no_more(self, world: Any, keeper: Store, petugas: Caller) -> None:
        job = world.opened(("M", "putih", 1))
        receipt = keeper.receive(keeper.fabric, 2 * M, job.order_id).json["id"]
        keeper.move("issue", keeper.fabric, 2 * M, work_order_id=job.id)
        finish(world, petugas, job, 1)
        signed = keeper.sign(job.order_id).json
        again = keeper.receive(keeper.fabric, 1 * M, job.order_id)
        assert problem(again) == (409, "order-already-settled", None)
        assert problem(keeper.sign(job.order_id)) == (409, "order-already-settled", None)
        back = keeper.caller.post(f"/material-documents/{receipt}/reverse", {"reason": "salah tulis"})
        assert problem(back) == (409, "order-already-settled", None)
        assert keeper.sheet(job.order_id)["lines"] == signed["lines"]
        taken_back = keeper.caller.post(
            f"/material-documents/{signed['document_id']}/reverse", {"reason": "salah tulis"}
        )
        assert problem(taken_back) == (409, "document-not-reversible", None)

    def test_of_a_cancelled_order_is_settled_too(self, world: Any, keeper: Store) -> None:
        job = world.opened(("M", "putih", 4))
        keeper.receive(keeper.fabric, 5 * M, job.order_id)
        world.tell("orders.order_cancelled", {"order_id": job.order_id, "reason": "mitra membatalkan"})
        assert problem(keeper.sign(job.order_id)) == (409, "material-still-in-store", None)
        keeper.move("return", keeper.fabric, 5 * M, order_id=job.order_id)
        assert keeper.sign(job.order_id).json["state"] == "settled"

    def test_left_over_goes_to_the_next_order_of_the_same_partner_or_to_the_lapas(
        self, world: Any, keeper: Store
    ) -> None:
        job, other = world.opened(("M", "", 1)), world.opened(("M", "", 1))
        keeper.receive(keeper.fabric, 5 * M, job.order_id)
        stranger = {"order_id": job.order_id, "to_order_id": other.order_id, "reason": "sisa"}
        assert problem(keeper.move("transfer", keeper.fabric, M, **stranger)) == (409, "transfer-to-stranger", None)
        world.count("UPDATE order_material SET partner_id = :p RETURNING 1", p=UUID(NOBODYS))
        assert keeper.move("transfer", keeper.fabric, 2 * M, **stranger).status_code == 201
        given = {"order_id": job.order_id, "reason": "dihibahkan mitra"}
        assert keeper.move("transfer", keeper.fabric, 3 * M, **given).status_code == 201
        assert keeper.there(keeper.fabric) == (3000, 2000, 0)
        assert keeper.sheet(job.order_id)["state"] == "none"
        assert keeper.sheet(other.order_id)["lines"][0]["transferred"] == 2000


class TestSettlement:
    @pytest.fixture
    def job(self, world: Any, keeper: Store) -> Any:
        job = world.opened(("M", "putih", 2))
        set_bill(keeper, world, job, {"material_id": keeper.fabric, "quantity": 2 * M})
        keeper.receive(keeper.fabric, 6 * M, job.order_id)
        keeper.move("issue", keeper.fabric, 6 * M, work_order_id=job.id)
        return job

    def test_waits_for_the_work_to_end(self, keeper: Store, job: Any) -> None:
        assert problem(keeper.sign(job.order_id)) == (409, "order-still-in-work", None)

    def test_out_of_tolerance_needs_a_reason(self, world: Any, keeper: Store, petugas: Caller, job: Any) -> None:
        finish(world, petugas, job, 2)
        refused = keeper.sign(job.order_id)
        assert problem(refused) == (422, "deviation-unexplained", f"/reasons/{keeper.fabric}")
        assert refused.json["facts"] == {"name": "Katun toyobo putih", "deviation": "50", "tolerance": "2"}
        sheet = keeper.sheet(job.order_id)
        body = {"tolerance": 20, "reasons": {keeper.fabric: "Pola dari mitra lebih lebar"}}
        drafted = keeper.caller.patch(f"/material-orders/{job.order_id}", body, version=sheet["version"])
        assert drafted.json["lines"][0]["reason"] == "Pola dari mitra lebih lebar"
        stale = keeper.caller.patch(f"/material-orders/{job.order_id}", body, version=sheet["version"])
        assert stale.status_code == 412
        assert keeper.sign(job.order_id).json["state"] == "settled"
        assert told(world.database, SETTLED)[0]["data"]["within_tolerance"] is False

    def test_is_not_signed_tomorrow_nor_by_a_role_that_may_not(
        self, world: Any, keeper: Store, petugas: Caller, as_role: Callable[..., Caller], job: Any
    ) -> None:
        finish(world, petugas, job, 2)
        assert problem(keeper.sign(job.order_id, signed_on="2099-01-01")) == (422, "signed-in-future", "/signed_on")
        signature = {"signed_by": "H. Dahlan", "signed_on": str(TODAY), "document_ref": "BA"}
        path = f"/material-orders/{job.order_id}/sign"
        assert petugas.post(path, signature, version=3).status_code == 403
        assert as_role("kasubsi_sarana", "BTG").post(path, signature, version=3).status_code == 404

    def test_of_nothing_is_refused(self, world: Any, keeper: Store) -> None:
        job = world.opened(("M", "", 1))
        assert problem(keeper.sign(job.order_id)) == (409, "nothing-to-settle", None)

    def test_of_the_lapas_own_material_happens_when_the_order_is_closed(
        self, world: Any, keeper: Store, petugas: Caller
    ) -> None:
        job = world.opened(("M", "", 1))
        keeper.receive(keeper.thread, 3 * M)
        keeper.move("issue", keeper.thread, 2 * M, work_order_id=job.id)
        finish(world, petugas, job, 1)
        world.tell("orders.order_closed", {"order_id": job.order_id, "number": "X", "closed_on": str(TODAY)})
        assert keeper.there(keeper.thread) == (1000, 0, 0)
        late = keeper.move("restore", keeper.thread, M, work_order_id=job.id)
        assert problem(late) == (409, "order-already-closed", None)


class TestRefuseMovements:
    @pytest.fixture
    def job(self, world: Any, keeper: Store) -> Any:
        job = world.opened(("M", "putih", 10))
        keeper.receive(keeper.fabric, 10 * M, job.order_id)
        keeper.receive(keeper.thread, 10 * M)
        return job

    def test_of_more_than_is_there_and_keep_nothing(self, world: Any, keeper: Store, job: Any) -> None:
        lines = [{"material_id": keeper.thread, "quantity": M}, {"material_id": keeper.fabric, "quantity": 11 * M}]
        answer = keeper.caller.post("/material-movements", {"act": "issue", "work_order_id": job.id, "lines": lines})
        assert problem(answer) == (409, "not-enough-in-store", "/lines/1/quantity")
        assert (answer.json["facts"]["there"], answer.json["facts"]["asked"]) == ("10", "11")
        assert keeper.there(keeper.thread) == (10000, 0, 0)
        assert world.count("SELECT count(*) FROM material_document") == 2

    def test_of_more_than_the_work_order_has(self, keeper: Store, job: Any) -> None:
        keeper.move("issue", keeper.fabric, 3 * M, work_order_id=job.id)
        for act in ("restore", "use", "waste", "loss"):
            answer = keeper.move(act, keeper.fabric, 4 * M, work_order_id=job.id, reason="hilang")
            assert problem(answer) == (409, "not-enough-on-floor", "/lines/0/quantity")

    def test_of_another_orders_consigned_material(self, world: Any, keeper: Store, job: Any) -> None:
        other = world.opened(("M", "", 1))
        answer = keeper.move("issue", keeper.fabric, M, work_order_id=other.id)
        assert problem(answer) == (409, "not-enough-in-store", "/lines/0/quantity")

    def test_to_a_work_order_that_has_ended(self, world: Any, keeper: Store, job: Any) -> None:
        world.tell("orders.order_cancelled", {"order_id": job.order_id, "reason": "batal"})
        answer = keeper.move("issue", keeper.fabric, M, work_order_id=job.id)
        assert problem(answer) == (409, "work-order-cancelled", None)

    @pytest.mark.parametrize(
        ("act", "about", "refused"),
        [
            ("waste", {}, (422, "reason-missing", "/reason")),
            ("issue", {}, (422, "work-order-not-named", "/work_order_id")),
            ("issue", {"work_order_id": NOBODYS}, (422, "work-order-not-known", "/work_order_id")),
            ("return", {}, (422, "order-not-named", "/order_id")),
            ("return", {"order_id": NOBODYS}, (422, "order-not-known", "/order_id")),
            ("transfer", {"reason": "sisa"}, (422, "order-not-named", "/order_id")),
            ("burn", {}, (422, "input-invalid", "/act")),
        ],
    )
    def test_without_what_they_need(
        self, keeper: Store, job: Any, act: str, about: dict[str, Any], refused: tuple[int, str, str]
    ) -> None:
        assert problem(keeper.move(act, keeper.fabric, M, **about)) == refused

    def test_in_quantities_that_make_no_sense(self, keeper: Store, job: Any) -> None:
        half = keeper.move("issue", keeper.thread, 500, work_order_id=job.id)
        assert problem(half) == (422, "quantity-too-fine", "/lines/0/quantity")
        for quantity in (0, -5, 10**13, "NaN"):
            answer = keeper.move("issue", keeper.thread, quantity, work_order_id=job.id)  # type: ignore[arg-type]
            assert answer.status_code == 422
        unknown = keeper.move("issue", NOBODYS, M, work_order_id=job.id)
        assert problem(unknown) == (422, "material-not-listed", "/lines/0/material_id")

    def test_by_a_role_that_only_looks_and_in_another_lapas(
        self, keeper: Store, petugas: Caller, as_role: Callable[..., Caller], job: Any
    ) -> None:
        body = {"act": "issue", "work_order_id": job.id, "lines": [{"material_id": keeper.fabric, "quantity": M}]}
        assert petugas.post("/material-movements", body).status_code == 403
        stranger = as_role("kasubsi_sarana", "BTG").post("/material-movements", body)
        assert problem(stranger) == (422, "work-order-not-known", "/work_order_id")
        assert as_role("kasubsi_sarana", "BTG").get(f"/materials/{keeper.fabric}").status_code == 404
        assert as_role("kasubsi_sarana", "BTG").get("/materials").json["items"] == []

    def test_twice_under_one_key(self, keeper: Store, job: Any) -> None:
        body = {"act": "issue", "work_order_id": job.id, "lines": [{"material_id": keeper.fabric, "quantity": M}]}
        first = keeper.caller.post("/material-movements", body, key="once")
        again = keeper.caller.post("/material-movements", body, key="once")
        assert first.json == again.json
        assert keeper.there(keeper.fabric) == (0, 9000, 1000)

    def test_of_the_last_roll_to_the_second_of_two_clerks(self, keeper: Store, job: Any) -> None:
        def issue(_: int) -> Answer:
            return keeper.move("issue", keeper.fabric, 6 * M, work_order_id=job.id)

        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(issue, range(4)))
        assert sorted(a.status_code for a in answers) == [201, 409, 409, 409]
        assert {problem(a)[1] for a in answers if a.status_code == 409} == {"not-enough-in-store"}
        assert keeper.there(keeper.fabric) == (0, 4000, 6000)

    def test_of_a_lot_that_was_named_and_is_used_up(self, keeper: Store, job: Any) -> None:
        keeper.receive(keeper.fabric, 5 * M, job.order_id)
        lot = keeper.caller.get(f"/materials/{keeper.fabric}").json["lots"][1]["id"]
        answer = keeper.move("issue", keeper.fabric, 6 * M, work_order_id=job.id, lot_id=lot)
        assert problem(answer) == (409, "not-enough-in-store", "/lines/0/quantity")


class TestRefuseReceipts:
    def test_of_tomorrow_of_what_has_spoiled_and_of_what_is_not_on_the_list(self, keeper: Store) -> None:
        line = {"material_id": keeper.thread, "counted": M}
        body = {"received_on": "2099-01-01", "lines": [line]}
        assert problem(keeper.caller.post("/material-receipts", body))[1:] == ("received-in-future", "/received_on")
        spoiled = keeper.receive(keeper.thread, M, best_before="2020-01-01")
        assert problem(spoiled)[1:] == ("expired-on-receipt", "/lines/0/best_before")
        assert problem(keeper.receive(NOBODYS, M))[1:] == ("material-not-listed", "/lines/0/material_id")
        assert problem(keeper.receive(keeper.thread, M, NOBODYS))[1:] == ("order-not-known", "/order_id")
        assert problem(keeper.receive(keeper.thread, 1500))[1:] == ("quantity-too-fine", "/lines/0/counted")

    def test_as_consigned_where_the_lapas_owns_the_material(self, world: Any, keeper: Store) -> None:
        job = world.opened(("M", "", 1))
        world.count("UPDATE order_material SET owner = 'lapas' RETURNING 1")
        assert problem(keeper.receive(keeper.thread, M, job.order_id))[1:] == ("material-not-consigned", "/order_id")


class TestReversal:
    def test_is_the_opposite_with_its_own_number_once(self, world: Any, keeper: Store) -> None:
        first = keeper.receive(keeper.thread, 4 * M).json["id"]
        path = f"/material-documents/{first}/reverse"
        assert keeper.caller.post(path, {"reason": "x"}).status_code == 422
        opposite = keeper.caller.post(path, {"reason": "salah bahan"})
        assert (opposite.status_code, opposite.json["number"]) == (201, f"BB-{TODAY.year}-0002")
        assert keeper.there(keeper.thread) == (0, 0, 0)
        shown = keeper.caller.get(f"/material-documents/{first}").json
        assert shown["reversed_by_number"] == opposite.json["number"]
        assert problem(keeper.caller.post(path, {"reason": "lagi"}))[1] == "document-already-reversed"
        again = keeper.caller.post(f"/material-documents/{opposite.json['id']}/reverse", {"reason": "lagi"})
        assert problem(again)[1] == "document-not-reversible"

    def test_waits_for_what_came_after_it(self, world: Any, keeper: Store) -> None:
        job = world.opened(("M", "", 1))
        first = keeper.receive(keeper.thread, 4 * M).json["id"]
        issued = keeper.move("issue", keeper.thread, 3 * M, work_order_id=job.id).json["id"]
        early = keeper.caller.post(f"/material-documents/{first}/reverse", {"reason": "salah"})
        assert problem(early)[1] == "material-moved-on"
        for id_ in (issued, first):
            assert keeper.caller.post(f"/material-documents/{id_}/reverse", {"reason": "salah"}).status_code == 201
        assert keeper.there(keeper.thread) == (0, 0, 0)

    def test_takes_a_transfer_back_on_both_sides(self, world: Any, keeper: Store) -> None:
        job = world.opened(("M", "", 1))
        keeper.receive(keeper.fabric, 4 * M, job.order_id)
        given = keeper.move("transfer", keeper.fabric, 4 * M, order_id=job.order_id, reason="hibah").json["id"]
        assert keeper.there(keeper.fabric) == (4000, 0, 0)
        keeper.caller.post(f"/material-documents/{given}/reverse", {"reason": "batal hibah"})
        assert keeper.there(keeper.fabric) == (0, 4000, 0)

    def test_of_something_unknown_or_of_another_lapas_is_the_same(
        self, keeper: Store, as_role: Callable[..., Caller]
    ) -> None:
        first = keeper.receive(keeper.thread, M).json["id"]
        for caller, id_ in ((keeper.caller, NOBODYS), (as_role("kasubsi_sarana", "BTG"), first)):
            assert problem(caller.post(f"/material-documents/{id_}/reverse", {"reason": "salah"}))[0] == 404

    def test_is_the_only_change_the_journal_knows(self, world: Any, keeper: Store) -> None:
        keeper.receive(keeper.thread, M)
        for table in ("material_document", "material_movement"):
            for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET kind = kind"):
                with pytest.raises(DBAPIError) as refused:
                    world.count(statement + " RETURNING 1")
                assert isinstance(refused.value.orig, psycopg.errors.InsufficientPrivilege)


class TestCount:
    def test_is_entered_by_one_approved_by_another_and_booked(
        self, world: Any, keeper: Store, as_role: Callable[..., Caller], real_parts: Any, client: Any
    ) -> None:
        job = world.opened(("M", "", 1))
        keeper.receive(keeper.fabric, 10 * M, job.order_id)
        keeper.receive(keeper.thread, 8 * M)
        made = keeper.caller.post("/material-counts", {"note": "Akhir bulan"}).json
        assert [(line["name"], line["book"]) for line in made["lines"]] == [
            ("Katun toyobo putih", None),
            ("Benang jahit putih", None),
        ]
        path = f"/material-counts/{made['id']}"
        assert problem(keeper.caller.post("/material-counts", {}))[1] == "count-under-way"
        early = keeper.caller.post(f"{path}/approve", version=made["version"])
        assert problem(early)[1] == "count-not-entered"
        missing = keeper.caller.post(f"{path}/entries", {"lines": [{"nth": 1, "counted": 0}]}, version=made["version"])
        assert problem(missing)[1:] == ("count-line-missing", "/lines/1/counted")
        lines = [{"nth": 1, "counted": 9500}, {"nth": 2, "counted": 9 * M, "reason": "satu cone terselip"}]
        entered = keeper.caller.post(f"{path}/entries", {"lines": lines}, version=made["version"]).json
        assert [(x["book"], x["counted"]) for x in entered["lines"]] == [(10000, 9500), (8000, 9000)]
        mine = keeper.caller.post(f"{path}/approve", version=entered["version"])
        assert problem(mine)[:2] == (403, "count-needs-second-person")
        # What moves between entering and approval does not spoil the difference.
        keeper.move("issue", keeper.fabric, 2 * M, work_order_id=job.id)
        second = Caller(client, "/api/production/v1", real_parts.keys.person("kasubsi_sarana", "PKL", subject="two"))
        approved = second.post(f"{path}/approve", version=entered["version"])
        assert (approved.status_code, approved.json["state"]) == (200, "approved")
        assert keeper.there(keeper.fabric) == (0, 7500, 2000)
        assert keeper.there(keeper.thread) == (9000, 0, 0)
        assert problem(second.post(f"{path}/approve", version=approved.json["version"]))[1] == "count-already-ended"
        assert told(world.database, CHANGED)[-1]["data"]["totals"][0]["difference"] == -500
        assert keeper.caller.get("/material-counts").json["items"][0]["off"] == 2

    def test_of_an_empty_store_is_refused_and_one_given_up_books_nothing(self, world: Any, keeper: Store) -> None:
        assert problem(keeper.caller.post("/material-counts", {}))[1] == "nothing-to-count"
        keeper.receive(keeper.thread, M)
        made = keeper.caller.post("/material-counts", {"kind": "thread"}).json
        given_up = keeper.caller.post(f"/material-counts/{made['id']}/cancel", version=made["version"])
        assert given_up.json["state"] == "cancelled"
        assert world.count("SELECT count(*) FROM material_document") == 1
        assert keeper.caller.post("/material-counts", {}).status_code == 201


class TestNeeds:
    def test_are_what_the_pieces_take_less_what_is_there(self, world: Any, keeper: Store, petugas: Caller) -> None:
        job = world.opened(("M", "putih", 10), ("XL", "putih", 10))
        assert keeper.caller.get(f"/work-orders/{job.id}/materials").json["has_bill"] is False
        bill = [
            {"material_id": keeper.fabric, "quantity": 1800, "waste": 50},
            {"material_id": keeper.fabric, "size": "XL", "quantity": 2200, "waste": 50},
            {"material_id": keeper.thread, "quantity": 20},
        ]
        assert set_bill(keeper, world, job, *bill).json["version"] == 1
        keeper.receive(keeper.fabric, 30 * M, job.order_id)
        keeper.move("issue", keeper.fabric, 20 * M, work_order_id=job.id)
        shown = keeper.caller.get(f"/work-orders/{job.id}/materials").json
        fabric, thread = shown["lines"]
        assert (fabric["needed"], fabric["custody"], fabric["still"]) == (42000, 20000, 22000)
        assert (fabric["consigned"], fabric["short"]) == (10000, 12000)
        assert (thread["needed"], thread["still"], thread["short"]) == (400, 1000, 1000)

    def test_grow_with_rejects_and_with_waste_beyond_the_allowance(
        self, world: Any, keeper: Store, petugas: Caller
    ) -> None:
        job = world.opened(("M", "putih", 10))
        set_bill(keeper, world, job, {"material_id": keeper.fabric, "quantity": 2 * M, "waste": 100})
        keeper.receive(keeper.fabric, 22 * M, job.order_id)
        keeper.move("issue", keeper.fabric, 22 * M, work_order_id=job.id)

        def still() -> int:
            line = keeper.caller.get(f"/work-orders/{job.id}/materials").json["lines"][0]
            return int(line["still"])

        assert still() == 0
        keeper.move("waste", keeper.fabric, 2 * M, work_order_id=job.id, reason="guntingan")
        assert still() == 0
        keeper.move("waste", keeper.fabric, 500, work_order_id=job.id, reason="kena noda")
        assert still() == 500
        reject = {"inmate_id": world.worker(), "good": 0, "reject": 1, "defect": "rusak"}
        job.record(petugas, "pengerjaan", reject)
        assert still() == 2500

    def test_of_a_bill_seen_in_an_older_version_or_naming_twice_are_refused(self, world: Any, keeper: Store) -> None:
        job = world.opened(("M", "", 1))
        line = {"material_id": keeper.thread, "quantity": 20}
        assert problem(set_bill(keeper, world, job, line, line))[1:] == ("bill-names-twice", "/lines/1/material_id")
        set_bill(keeper, world, job, line)
        product = world.count("SELECT product_id FROM order_product")
        stale = keeper.caller.post(f"/bills/{product}", {"product_name": "Koko", "lines": []}, version=0)
        assert stale.status_code == 412


class TestStock:
    def test_is_searched_filtered_sorted_and_paged(self, world: Any, keeper: Store) -> None:
        job = world.opened(("M", "", 1))
        keeper.receive(keeper.fabric, 5 * M, job.order_id)
        keeper.receive(keeper.thread, 2 * M)
        keeper.item("Kancing batok", "button", "pcs")

        def names(**query: Any) -> list[str]:
            return [i["name"].split()[0] for i in keeper.caller.get("/materials", **query).json["items"]]

        assert names() == ["Benang", "Kancing", "Katun"]
        assert names(sort="-name") == ["Katun", "Kancing", "Benang"]
        assert names(sort="-own")[0] == "Benang"
        assert names(search="kat") == ["Katun"]
        assert names(low="true") == ["Benang"]
        assert names(owner="partner") == ["Katun"]
        assert names(kind="button") == ["Kancing"]
        for sort in ("name", "-kind", "-own", "consigned"):
            first = keeper.caller.get("/materials", limit=2, sort=sort).json
            rest = keeper.caller.get("/materials", limit=2, sort=sort, cursor=first["next"]).json
            assert len({i["id"] for i in first["items"] + rest["items"]}) == 3
        summary = keeper.caller.get("/materials/summary").json
        assert (summary["low"], summary["low_items"][0]["name"]) == (1, "Benang jahit putih")
        assert keeper.caller.get("/production/summary").json["materials_low"] == 1

    def test_book_shows_what_came_went_and_is_left_at_any_date(
        self, world: Any, keeper: Store, petugas: Caller
    ) -> None:
        job = world.opened(("M", "", 1))
        keeper.receive(keeper.thread, 9 * M)
        keeper.move("issue", keeper.thread, 4 * M, work_order_id=job.id)
        keeper.move("use", keeper.thread, M, work_order_id=job.id)
        keeper.move("loss", keeper.thread, 2 * M, reason="dimakan rayap")
        (row,) = keeper.caller.get("/material-book").json["items"]
        assert (row["opening"], row["received"], row["used"], row["lost"], row["closing"]) == (
            0,
            9000,
            1000,
            2000,
            6000,
        )
        assert (row["store"], row["floor"]) == (3000, 3000)
        before = keeper.caller.get("/material-book", first="2024-01-01", last="2024-12-31").json
        assert before["items"] == []
        later = keeper.caller.get("/material-book", first="2099-01-01", last="2099-01-31").json["items"][0]
        assert (later["opening"], later["closing"]) == (6000, 6000)
        journal = keeper.caller.get("/material-movements", material_id=keeper.thread, limit=3).json
        assert [m["kind"] for m in journal["items"]] == ["loss", "use", "issue"]
        assert journal["next"]

    def test_item_keeps_its_name_to_itself_and_its_unit_once_it_moved(self, keeper: Store) -> None:
        body = {"name": "BENANG jahit putih", "kind": "thread", "unit": "cone"}
        assert problem(keeper.caller.post("/materials", body))[1:] == ("material-name-taken", "/name")
        shown = keeper.caller.get(f"/materials/{keeper.thread}").json
        change = {"name": "Benang", "kind": "thread", "unit": "gulung", "decimals": 0, "minimum": M, "active": True}
        path = f"/materials/{keeper.thread}"
        changed = keeper.caller.patch(path, change, version=shown["version"])
        assert (changed.json["unit"], changed.json["low"]) == ("gulung", True)
        keeper.receive(keeper.thread, 2 * M)
        again = keeper.caller.patch(path, {**change, "unit": "m"}, version=changed.json["version"])
        assert problem(again)[1:] == ("unit-in-use", "/unit")
        assert keeper.caller.patch(path, change, version=1).status_code == 412

    def test_goes_out_by_what_spoils_first(self, world: Any, keeper: Store) -> None:
        job = world.opened(("M", "", 1))
        keeper.receive(keeper.thread, 3 * M)
        keeper.receive(keeper.thread, 3 * M, best_before="2099-01-01")
        keeper.move("issue", keeper.thread, 4 * M, work_order_id=job.id)
        lots = keeper.caller.get(f"/materials/{keeper.thread}").json["lots"]
        assert [(lot["best_before"], lot["in_store"], lot["floor"]) for lot in lots] == [
            ("2099-01-01", 0, 3000),
            (None, 2000, 1000),
        ]
