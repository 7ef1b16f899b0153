"""Premi over HTTP, on PostgreSQL: from accepted pieces to money in an inmate's hand, and what is refused on the way."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import DBAPIError

from giatja_contracts.catalogue import catalogue
from giatja_contracts.permissions import ROLES
from giatja_kit import clock
from giatja_kit.auth import Principal
from giatja_kit.ids import new_id
from giatja_kit.testing import Answer, Caller, told
from giatja_ops.pytest_plugin import RealParts
from giatja_production.output.domain import Entry, Shift
from giatja_production.output.handlers import RecordOutput, ReverseOutput, record_output, reverse_output
from giatja_production.premi import handlers, queries
from giatja_production.premi.domain import Split, compose
from giatja_production.premi.handlers import look_round

TODAY = clock.today("Asia/Jakarta", clock.now())
THIS = TODAY.replace(day=1)
BEFORE = (THIS - timedelta(days=1)).replace(day=1)
"""The month before this one: its days are all past."""
PAID = BEFORE + timedelta(days=20)
CREDITED = "giatja.production.premi_credited.v1"
HALF = {"method": "share_of_proceeds", "premi": 50, "capital": 35, "pnbp": 15}


def problem(answer: Answer) -> tuple[int, str, str | None]:
    """Return status, type and the pointer of the first field of a refusal."""
    errors = answer.json.get("errors") or [{}]
    return answer.status_code, answer.json["type"].removeprefix("urn:giatja:problem:"), errors[0].get("pointer")


class Office:
    """The people of the office, each a person of their own, and what they do with premi."""

    def __init__(self, who: Callable[..., Caller], world: Any) -> None:
        self.who = who
        self.world = world
        self.kasi, self.kalapas = who("kasi_giatja", "kasi"), who("kalapas", "kalapas")
        self.bendahara, self.wali = who("bendahara", "bendahara"), who("wali", "wali")
        self.petugas = who("petugas", "petugas")

    def workshop(self, job: Any) -> str:
        """Return the workshop of a work order."""
        return str(self.world.count("SELECT workshop_id FROM work_order WHERE id = :id", id=UUID(job.id)))

    def scheme(self, workshop: str, terms: dict[str, Any], **more: Any) -> Answer:
        """Propose a scheme and have it approved."""
        body = {"workshop_id": workshop, "terms": terms, "valid_from": "2020-01-01", "document": "SK-1", **more}
        made = self.kasi.post("/premi/schemes", body)
        assert made.status_code == 201, made.text
        return self.kalapas.post(f"/premi/schemes/{made.json['id']}/approve", version=1)

    def finished(self, pieces: dict[str, int], *, on: date | None = None, cells: int = 0, **more: Any) -> Any:
        """Have pieces made, each by one tailor, and passed by the first of them; return the job."""
        job = self.world.opened(("M", "putih", cells or sum(pieces.values())), **more)
        self.make(job, pieces, on=on)
        return job

    def make(self, job: Any, pieces: dict[str, int], *, on: date | None = None, who: Caller | None = None) -> None:
        """Have pieces made and passed."""
        day = str(on or BEFORE + timedelta(days=9))
        checker = next(iter(pieces))
        for inmate, good in pieces.items():
            made = job.record(who or self.petugas, "pengerjaan", {"inmate_id": inmate, "good": good}, on=day)
            assert made.status_code == 201, made.text
        passed = job.record(who or self.petugas, "qc", {"inmate_id": checker, "good": sum(pieces.values())}, on=day)
        assert passed.status_code == 201, passed.text

    def paid(self, job: Any, base: int, **more: Any) -> Answer:
        """Enter that money of an order came."""
        body = {"order_id": job.order_id, "base": base, "document": f"KW-{uuid4()}", "split_on": str(PAID), **more}
        return self.bendahara.post("/premi/proceeds", body)

    def draft(self, period: date = BEFORE) -> dict[str, Any]:
        """Have the list of a month worked out."""
        made = self.kasi.post("/premi/lists", {"period": str(period)})
        assert made.status_code == 201, made.text
        look_round(self.world.database)
        found: dict[str, Any] = self.kasi.get(f"/premi/lists/{made.json['id']}").json
        return found

    def locked(self, period: date = BEFORE) -> dict[str, Any]:
        """Have the list of a month worked out, proposed and approved."""
        draft = self.draft(period)
        proposed = self.kasi.post(f"/premi/lists/{draft['id']}/propose", version=draft["version"])
        assert proposed.status_code == 200, proposed.text
        approved = self.kalapas.post(f"/premi/lists/{draft['id']}/approve", version=proposed.json["version"])
        assert approved.status_code == 200, approved.text
        found: dict[str, Any] = approved.json
        return found

    def credited(self, period: date = BEFORE, way: str = "custody") -> dict[str, Any]:
        """Have the list of a month credited to everybody."""
        found = self.locked(period)
        answer = self.bendahara.post(
            f"/premi/lists/{found['id']}/credit", {"way": way, "document": "BA-1"}, version=found["version"]
        )
        assert answer.status_code == 200, answer.text
        done: dict[str, Any] = answer.json
        return done

    def lines(self, id_: str) -> dict[str, dict[str, Any]]:
        """Return the lines of a list by inmate."""
        return {line["inmate_id"]: line for line in self.kasi.get(f"/premi/lists/{id_}/lines").json["items"]}

    def card(self, inmate: str) -> dict[str, Any]:
        """Return the card of an inmate."""
        found: dict[str, Any] = self.kasi.get(f"/premi/cards/{inmate}").json
        return found

    def leave(self, inmate: str, reason: str = "release", lapas: str = "PKL") -> None:
        """Let somebody leave."""
        data = {"inmate_id": inmate, "left_on": str(TODAY), "reason": reason}
        self.world.tell("training.inmate_left", data, lapas=lapas)

    def balanced(self) -> bool:
        """Say whether every entry sums to nothing and every balance is the sum of its postings."""
        return bool(
            self.world.count(
                "SELECT NOT EXISTS (SELECT FROM premi_posting GROUP BY entry_id HAVING sum(amount) <> 0)"
                " AND NOT EXISTS (SELECT FROM premi_account a WHERE balance <> (SELECT coalesce(sum(p.amount), 0)"
                "  FROM premi_posting p JOIN premi_entry e ON e.lapas_id = p.lapas_id AND e.id = p.entry_id"
                "  WHERE e.lapas_id = a.lapas_id AND e.inmate_id = a.inmate_id AND p.account = a.account))"
            )
        )


@pytest.fixture
def who(real_parts: RealParts, client: FlaskClient) -> Callable[..., Caller]:
    """Return a function: role, person, Lapas -> that person as a caller."""
    return lambda role, subject, lapas="PKL": Caller(
        client, "/api/production/v1", real_parts.keys.person(role, lapas, subject=subject)
    )


@pytest.fixture
def office(who: Callable[..., Caller], world: Any) -> Office:
    return Office(who, world)


def worker(world: Any, **more: Any) -> str:
    """Return an inmate with a decree since long ago."""
    id_: str = world.worker(valid_from="2020-01-01", **more)
    return id_


@pytest.fixture
def one(world: Any) -> str:
    return worker(world)


@pytest.fixture
def two(world: Any) -> str:
    return worker(world)


def rates(made: int = 5000, checked: int = 2000) -> dict[str, Any]:
    """Return a scheme by the piece."""
    return {"method": "per_piece", "rates": {"pengerjaan": made, "qc": checked}}


class TestTheWholeStory:
    def test_goes_from_accepted_pieces_to_money_in_the_hand(self, office: Office, one: str, two: str) -> None:
        job = office.finished({one: 30, two: 10})
        assert office.scheme(office.workshop(job), rates(), saved_percent=10).json["in_force"]
        # accrued at once; payable once the money came
        order = office.kasi.get(f"/premi/orders/{job.order_id}").json
        assert (order["accrued"], order["premi"]) == (40 * 5000 + 40 * 2000, 0)
        assert office.paid(job, 300_000, premi=280_000, capital=20_000, pnbp=0).status_code == 201
        # the list
        draft = office.draft()
        assert (draft["state"], draft["people"], draft["gross"]) == ("draft", 2, 280_000)
        lines = office.lines(draft["id"])
        assert {i: (line["gross"], line["saved"], line["received"], line["pieces"]) for i, line in lines.items()} == {
            one: (30 * 5000 + 40 * 2000, 23_000, 207_000, 70),
            two: (50_000, 5_000, 45_000, 10),
        }
        [part] = lines[one]["parts"]
        assert part["order_id"] == job.order_id
        assert {(d["stage"], d["count"], d["rate"]) for d in part["did"]} == {
            ("Pengerjaan", 30, 5000),
            ("QC", 40, 2000),
        }
        proposed = office.kasi.post(f"/premi/lists/{draft['id']}/propose", version=draft["version"])
        locked = office.kalapas.post(f"/premi/lists/{draft['id']}/approve", version=proposed.json["version"]).json
        assert locked["state"] == "locked"
        assert office.card(one)["balances"]["payable"] == 230_000
        # credited, one by bank book, the other into custody
        path = f"/premi/lists/{draft['id']}/credit"
        first = office.bendahara.post(
            path, {"way": "bank_book", "document": "BRI-77", "inmate_ids": [one]}, version=locked["version"]
        ).json
        assert (first["credited_now"], first["state"], first["credited_people"]) == (1, "locked", 1)
        rest = office.bendahara.post(path, {"way": "custody", "document": "D-12"}, version=first["version"]).json
        assert (rest["credited_now"], rest["state"]) == (1, "credited")
        facts = [f["data"] for f in told(office.world.database, CREDITED)]
        assert [(f["people"], f["saved"], f["received"], f["complete"]) for f in facts] == [
            (1, 23_000, 207_000, False),
            (1, 5_000, 45_000, True),
        ]
        for fact in facts:
            catalogue()[CREDITED].check(fact)
        balances = office.card(one)["balances"]
        assert (balances["payable"], balances["bank_book"], balances["savings"]) == (0, 207_000, 23_000)
        # withdrawn by three people
        ask = {"inmate_id": two, "account": "custody", "amount": 20_000, "purpose": "Obat gigi"}
        asked = office.wali.post("/premi/withdrawals", ask).json
        allowed = office.kalapas.post(f"/premi/withdrawals/{asked['id']}/approve", version=asked["version"]).json
        paid = office.bendahara.post(
            f"/premi/withdrawals/{asked['id']}/pay", {"document": "KW-3"}, version=allowed["version"]
        ).json
        assert (paid["state"], paid["balance"]) == ("paid", 25_000)
        assert paid["number"] == f"PRM/PKL/{TODAY.year}/000005"
        # paid out at release
        office.leave(two)
        card = office.card(two)
        assert card["balances"]["handover"] == 30_000
        out = office.bendahara.post(f"/premi/cards/{two}/hand-over", {"document": "BA-9"})
        assert (out.status_code, out.json["balance"]) == (200, 0)
        assert [m["kind"] for m in out.json["movements"]] == ["list", "credit", "withdrawal", "leaving", "handover"]
        assert [m["balance"] for m in out.json["movements"]] == [50_000, 50_000, 30_000, 30_000, 0]
        assert office.balanced()

    def test_is_told_by_a_fact_as_by_a_form(self, office: Office, one: str) -> None:
        job = office.finished({one: 10})
        office.scheme(office.workshop(job), rates())
        split = {
            "order_id": job.order_id, "split_id": str(uuid4()), "document": "KW-1", "split_on": str(TODAY),
            "base": 100_000, "premi": 70_000, "capital": 20_000, "pnbp": 10_000, "other": 0,
            "reverses": None, "reason": None,
        }  # fmt: skip
        catalogue()["giatja.orders.proceeds_split.v1"].check(split)
        office.world.tell("orders.proceeds_split", split)
        office.world.tell("orders.proceeds_split", split)
        shown = office.kasi.get(f"/premi/orders/{job.order_id}").json
        assert (shown["premi"], len(shown["proceeds"])) == (70_000, 1)
        back = {**split, "split_id": str(uuid4()), "document": "KW-2", "reverses": split["split_id"], "reason": "Retur"}
        back |= {name: -split[name] for name in ("base", "premi", "capital", "pnbp")}
        office.world.tell("orders.proceeds_split", back)
        office.world.tell("orders.proceeds_split", back)
        shown = office.kasi.get(f"/premi/orders/{job.order_id}").json
        assert (shown["premi"], len(shown["proceeds"])) == (0, 2)

    def test_passes_over_a_fact_about_money_that_was_entered_by_hand(self, office: Office, one: str) -> None:
        job = office.finished({one: 1})
        office.scheme(office.workshop(job), HALF)
        entered = office.paid(job, 1000, document="KW-7").json
        told_ = {
            n: entered[n] for n in ("order_id", "base", "premi", "capital", "pnbp", "other", "document", "split_on")
        }
        office.world.tell(
            "orders.proceeds_split", {**told_, "split_id": str(uuid4()), "reverses": None, "reason": None}
        )
        assert office.world.count("SELECT count(*) FROM premi_proceeds") == 1


class TestSchemes:
    def test_need_another_person_to_approve_and_are_decided_on_once(self, office: Office, one: str) -> None:
        shop = office.workshop(office.finished({one: 1}))
        body = {"workshop_id": shop, "terms": rates(), "valid_from": "2020-01-01", "document": "SK-1"}
        made = office.kasi.post("/premi/schemes", body).json
        same = office.who("kalapas", "kasi")
        path = f"/premi/schemes/{made['id']}"
        assert problem(same.post(f"{path}/approve", version=1)) == (409, "scheme-not-by-proposer", None)
        assert office.kasi.post(f"{path}/approve", version=1).status_code == 403
        assert office.kalapas.post(f"{path}/approve", version=1).status_code == 200
        assert problem(office.kalapas.post(f"{path}/refuse", {"reason": "Tidak"}, version=2))[1] == (
            "scheme-already-decided"
        )
        again = office.kasi.post("/premi/schemes", body).json
        assert problem(office.kalapas.post(f"/premi/schemes/{again['id']}/approve", version=1))[1] == (
            "scheme-date-taken"
        )

    def test_are_refused_where_they_say_what_cannot_be(self, office: Office, one: str) -> None:
        shop = office.workshop(office.finished({one: 1}))
        body = {"workshop_id": shop, "terms": rates(), "valid_from": "2020-01-01", "document": "SK-1"}
        wrong: list[tuple[dict[str, Any], str]] = [
            ({"terms": {"method": "per_piece", "rates": {"terbang": 5}}}, "stage-not-in-route"),
            ({"terms": {**HALF, "pnbp": 16}}, "shares-not-whole"),
            ({"terms": {"method": "per_piece"}}, "input-invalid"),
            ({"terms": {"method": "per_piece", "rates": {"qc": -1}}}, "input-invalid"),
            ({"terms": {"method": "day", "amount": 9000}, "product_name": "Koko"}, "scheme-for-product"),
            ({"workshop_id": str(uuid4())}, "workshop-not-known"),
        ]
        for change, said in wrong:
            answer = office.kasi.post("/premi/schemes", {**body, **change})
            assert (answer.status_code, problem(answer)[1]) == (422, said)

    def test_do_not_reach_back_behind_a_locked_list(self, office: Office, one: str) -> None:
        job = office.finished({one: 2})
        shop = office.workshop(job)
        office.scheme(shop, rates())
        office.paid(job, 14_000, premi=14_000)
        office.locked()
        assert problem(office.scheme(shop, rates(6000), valid_from=str(BEFORE)))[1] == "scheme-reaches-back"
        assert office.scheme(shop, rates(6000), valid_from=str(THIS)).status_code == 200

    def test_price_afterwards_what_nobody_could_price(self, office: Office, one: str) -> None:
        job = office.finished({one: 4})
        office.paid(job, 100_000, premi=100_000)
        empty = office.draft()
        assert (empty["people"], empty["unpriced_people"], empty["unpriced_pieces"]) == (0, 1, 8)
        assert problem(office.kasi.post(f"/premi/lists/{empty['id']}/propose", version=empty["version"]))[1] == (
            "list-empty"
        )
        office.scheme(office.workshop(job), rates())
        assert office.kasi.get(f"/premi/lists/{empty['id']}").json["changed"]
        office.kasi.post(f"/premi/lists/{empty['id']}/compute", version=empty["version"])
        look_round(office.world.database)
        again = office.kasi.get(f"/premi/lists/{empty['id']}").json
        assert (again["gross"], again["unpriced_pieces"], again["changed"]) == (28_000, 0, False)

    @pytest.mark.parametrize(("premi", "capital", "pnbp"), [(50, 35, 15), (15, 60, 25), (30, 70, 0), (40, 60, 0)])
    def test_express_the_splits_in_use(self, office: Office, one: str, premi: int, capital: int, pnbp: int) -> None:
        job = office.finished({one: 1})
        terms = {**HALF, "premi": premi, "capital": capital, "pnbp": pnbp, "remainder": "capital"}
        office.scheme(office.workshop(job), terms)
        shown = office.kasi.get(f"/premi/orders/{job.order_id}/split", base=999_999).json["split"]
        paid = office.paid(job, 999_999).json
        assert {name: paid[name] for name in ("premi", "capital", "pnbp", "other")} == shown
        assert sum(shown.values()) == 999_999
        assert shown["premi"] == 999_999 * premi // 100
        assert office.draft()["gross"] == shown["premi"]


class TestWhatWorkEarns:
    def test_pays_a_pool_by_what_each_did(self, office: Office, one: str, two: str) -> None:
        job = office.finished({one: 30, two: 10})
        office.scheme(office.workshop(job), {"method": "team_pool", "amount": 100_000, "per": 20, "key": "points"})
        office.paid(job, 500_000, premi=500_000)
        draft = office.draft()
        assert draft["gross"] == 200_000
        lines = office.lines(draft["id"])
        assert lines[one]["gross"] > lines[two]["gross"] > 0
        assert {d["method"] for d in lines[two]["parts"][0]["did"]} == {"team_pool"}

    def test_pays_a_pool_in_equal_parts(self, office: Office, one: str, two: str) -> None:
        job = office.finished({one: 30, two: 10})
        office.scheme(office.workshop(job), {"method": "team_pool", "amount": 100_001, "per": 40, "key": "equal"})
        office.paid(job, 500_000, premi=500_000)
        assert sorted(line["gross"] for line in office.lines(office.draft()["id"]).values()) == [50_000, 50_001]

    def test_pays_days_by_the_best_grade_once_a_day(self, office: Office, one: str, two: str, world: Any) -> None:
        job = office.finished({one: 1})
        shop = UUID(office.workshop(job))
        office.scheme(str(shop), {"method": "day", "amount": 20_000, "grades": {"menjahit": 30_000}})
        world.tell(
            "training.competence_awarded",
            {"inmate_id": one, "competence": "menjahit", "awarded_on": str(BEFORE + timedelta(days=4))},
        )
        for inmate, day, shift in ((one, 3, "pagi"), (one, 3, "siang"), (one, 4, "pagi"), (two, 4, "pagi")):
            attend(world, shop, inmate, BEFORE + timedelta(days=day), shift)
        draft = office.draft()
        lines = office.lines(draft["id"])
        assert {i: (line["gross"], line["days"]) for i, line in lines.items()} == {one: (50_000, 2), two: (20_000, 1)}
        assert {(d["count"], d["rate"]) for d in lines[one]["parts"][0]["did"]} == {(1, 20_000), (1, 30_000)}
        recorder = office.who("kalapas", "piket")
        office.kasi.post(f"/premi/lists/{draft['id']}/propose", version=draft["version"])
        answer = recorder.post(f"/premi/lists/{draft['id']}/approve", version=draft["version"] + 1)
        assert problem(answer)[1] == "list-not-by-recorder"

    def test_follows_hours_that_are_corrected_afterwards(self, office: Office, one: str, two: str, world: Any) -> None:
        job = office.finished({one: 10, two: 10})
        shop = UUID(office.workshop(job))
        office.scheme(str(shop), {"method": "team_pool", "amount": 100_000, "per": 20, "key": "hours"})
        office.paid(job, 500_000, premi=500_000)
        day = BEFORE + timedelta(days=9)
        for inmate in (one, two):
            attend(world, shop, inmate, day, "pagi")
        first = office.locked()
        assert {line["gross"] for line in office.lines(first["id"]).values()} == {50_000}
        attend(world, shop, one, day, "siang")
        lines = office.lines(office.draft(THIS)["id"])
        assert (lines[one]["gross"], lines[two]["gross"], lines[two]["carried_out"]) == (16_667, 0, -16_667)

    def test_lets_everybody_wait_alike_where_the_partner_paid_in_part(self, office: Office, one: str, two: str) -> None:
        job = office.finished({one: 30, two: 10})
        office.scheme(office.workshop(job), rates(5000, 0))
        office.paid(job, 100_001, premi=100_001)
        first = office.locked()
        assert {i: line["gross"] for i, line in office.lines(first["id"]).items()} == {one: 75_001, two: 25_000}
        office.paid(job, 200_000, premi=200_000, split_on=str(TODAY))
        second = office.draft(THIS)
        assert {i: line["gross"] for i, line in office.lines(second["id"]).items()} == {one: 74_999, two: 25_000}


def attend(world: Any, shop: UUID, inmate: str, day: date, shift: str) -> None:
    """Mark four hours of attendance, as the floor does."""
    with world.database.transaction(at=clock.now()) as store:
        store.run(
            "INSERT INTO attendance (lapas_id, workshop_id, work_date, shift, inmate_id, status, attended, complied,"
            " minutes, marked_at, marked_by)"
            " VALUES ('PKL', :shop, :day, :shift, :inmate, 'hadir', true, true, 240, :at, 'petugas:piket')",
            {"shop": shop, "day": day, "shift": shift, "inmate": UUID(inmate), "at": store.at},
        )


class TestProceeds:
    @pytest.fixture
    def job(self, office: Office, one: str) -> Any:
        job = office.finished({one: 10})
        office.scheme(office.workshop(job), rates())
        return job

    def test_are_refused_where_they_do_not_add_up_or_come_twice(self, office: Office, job: Any) -> None:
        assert problem(office.paid(job, 100, premi=60, capital=39)) == (422, "split-not-whole", "/premi")
        assert problem(office.paid(job, 100)) == (422, "split-not-known", "/premi")
        assert problem(office.paid(job, 100, premi=100, split_on=str(TODAY + timedelta(days=1)))) == (
            422,
            "proceeds-in-future",
            "/split_on",
        )
        assert problem(office.paid(job, 100, premi=100, order_id=str(uuid4()))) == (422, "order-unknown", "/order_id")
        assert office.paid(job, 100, premi=100, document="KW-1").status_code == 201
        assert problem(office.paid(job, 100, premi=100, document="KW-1")) == (409, "document-used", "/document")
        assert office.kasi.post("/premi/proceeds", {}).status_code == 403

    def test_are_taken_back_once(self, office: Office, job: Any) -> None:
        made = office.paid(job, 100, premi=100).json
        back = {"document": "KW-2", "reason": "Salah pesanan", "split_on": str(PAID)}
        path = f"/premi/proceeds/{made['id']}/reverse"
        taken = office.bendahara.post(path, back)
        assert (taken.status_code, taken.json["premi"]) == (201, -100)
        assert problem(office.bendahara.post(path, {**back, "document": "KW-3"}))[1] == "proceeds-already-reversed"
        of_that = f"/premi/proceeds/{taken.json['id']}/reverse"
        assert problem(office.bendahara.post(of_that, {**back, "document": "KW-3"}))[1] == "proceeds-unknown"

    def test_of_one_document_sent_twice_at_once_are_kept_once(self, office: Office, job: Any) -> None:
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: office.paid(job, 100, premi=100, document="KW-1"), range(4)))
        assert sorted(a.status_code for a in answers) == [201, 409, 409, 409]

    def test_that_are_taken_back_come_off_the_next_list(self, office: Office, job: Any, one: str) -> None:
        made = office.paid(job, 70_000, premi=70_000).json
        assert office.credited()["gross"] == 70_000
        back = {"document": "KW-2", "reason": "Cek ditolak", "split_on": str(TODAY)}
        office.bendahara.post(f"/premi/proceeds/{made['id']}/reverse", back)
        line = office.lines(office.draft(THIS)["id"])[one]
        assert (line["earned"], line["gross"], line["carried_out"]) == (-70_000, 0, -70_000)


class TestLists:
    @pytest.fixture
    def job(self, office: Office, one: str) -> Any:
        job = office.finished({one: 10}, cells=40)
        office.scheme(office.workshop(job), rates())
        office.paid(job, 1_000_000, premi=1_000_000)
        return job

    def test_are_worked_on_one_at_a_time_in_the_order_of_months(self, office: Office, job: Any) -> None:
        ahead = str((THIS + timedelta(days=40)).replace(day=1))
        assert problem(office.kasi.post("/premi/lists", {"period": ahead}))[1] == "list-period-in-future"
        assert office.kasi.post("/premi/lists", {"period": str(BEFORE + timedelta(days=1))}).status_code == 422
        assert office.petugas.post("/premi/lists", {"period": str(BEFORE)}).status_code == 403
        draft = office.draft()
        assert problem(office.kasi.post("/premi/lists", {"period": str(THIS)}))[1] == "list-open"
        proposed = office.kasi.post(f"/premi/lists/{draft['id']}/propose", version=draft["version"]).json
        office.kalapas.post(f"/premi/lists/{draft['id']}/approve", version=proposed["version"])
        assert problem(office.kasi.post("/premi/lists", {"period": str(BEFORE)}))[1] == "list-period-passed"

    def test_are_worked_out_again_with_the_same_result(self, office: Office, job: Any) -> None:
        draft = office.draft()
        lines = office.lines(draft["id"])
        again = office.kasi.post(f"/premi/lists/{draft['id']}/compute", version=draft["version"]).json
        assert (again["state"], again["done"]) == ("computing", 0)
        assert problem(office.kasi.post(f"/premi/lists/{draft['id']}/propose", version=again["version"]))[1] == (
            "list-not-draft"
        )
        assert look_round(office.world.database) == 1
        assert look_round(office.world.database) == 0
        assert office.lines(draft["id"]) == lines
        assert office.kasi.get(f"/premi/lists/{draft['id']}").json["done"] == 100

    def test_are_thrown_away_while_they_are_drafts_so_that_an_empty_one_is_not_in_the_way(
        self, office: Office, job: Any, one: str
    ) -> None:
        empty = office.draft(_months_ago(2))
        path = f"/premi/lists/{empty['id']}"
        assert problem(office.kasi.post(f"{path}/propose", version=empty["version"]))[1] == "list-empty"
        assert office.kalapas.post(f"{path}/discard", version=empty["version"]).status_code == 403
        assert office.kasi.post(f"{path}/discard", version=empty["version"]).status_code == 200
        assert office.kasi.get(path).status_code == 404
        draft = office.draft()
        assert draft["gross"] == 70_000
        gone = office.kasi.post(f"/premi/lists/{draft['id']}/discard", version=draft["version"])
        assert gone.json == {"discarded": draft["id"]}
        locked = office.locked()
        assert locked["gross"] == 70_000
        late = office.kasi.post(f"/premi/lists/{locked['id']}/discard", version=locked["version"])
        assert problem(late)[1] == "list-not-draft"

    def test_of_a_month_are_begun_once_however_many_do_it_at_once(self, office: Office, job: Any) -> None:
        with ThreadPoolExecutor(3) as pool:
            answers = list(pool.map(lambda _: office.kasi.post("/premi/lists", {"period": str(BEFORE)}), range(3)))
        assert sorted(a.status_code for a in answers) == [201, 409, 409]

    def test_are_returned_with_a_reason_and_proposed_again(self, office: Office, job: Any) -> None:
        draft = office.draft()
        path = f"/premi/lists/{draft['id']}"
        early = office.kalapas.post(f"{path}/approve", version=draft["version"])
        assert problem(early)[1] == "list-not-proposed"
        proposed = office.kasi.post(f"{path}/propose", version=draft["version"]).json
        assert office.kalapas.post(f"{path}/return", {}, version=proposed["version"]).status_code == 422
        back = office.kalapas.post(f"{path}/return", {"reason": "Cek tarif QC"}, version=proposed["version"]).json
        assert (back["state"], back["returned_reason"], back["proposed_by"]) == ("draft", "Cek tarif QC", None)
        assert office.kasi.post(f"{path}/propose", version=back["version"]).json["returned_reason"] is None

    def test_are_approved_by_nobody_who_proposed_or_recorded(self, office: Office, job: Any, one: str) -> None:
        draft = office.draft()
        path = f"/premi/lists/{draft['id']}"
        version = office.kasi.post(f"{path}/propose", version=draft["version"]).json["version"]
        for person, said in (("kasi", "list-not-by-proposer"), ("petugas", "list-not-by-recorder")):
            in_office = office.who("kalapas", person)
            assert problem(in_office.post(f"{path}/approve", version=version)) == (409, said, None)
        assert office.kasi.post(f"{path}/approve", version=version).status_code == 403
        assert office.kalapas.post(f"{path}/approve", version=version).status_code == 200
        as_treasurer = office.who("bendahara", "kalapas")
        body = {"way": "custody", "document": "BA-1"}
        assert problem(as_treasurer.post(f"{path}/credit", body, version=version + 1))[1] == "credit-not-by-approver"

    def test_are_approved_once_however_many_do_it_at_once(self, office: Office, job: Any) -> None:
        draft = office.draft()
        path = f"/premi/lists/{draft['id']}"
        version = office.kasi.post(f"{path}/propose", version=draft["version"]).json["version"]
        heads = [office.who("kalapas", f"kepala-{n}") for n in range(4)]
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda head: head.post(f"{path}/approve", version=version), heads))
        assert sorted(a.status_code for a in answers) == [200, 412, 412, 412]
        assert office.world.count("SELECT count(*) FROM premi_entry") == 1

    def test_are_credited_once_to_each(self, office: Office, job: Any, one: str) -> None:
        draft = office.draft()
        path = f"/premi/lists/{draft['id']}/credit"
        body = {"way": "custody", "document": "BA-1"}
        early = office.bendahara.post(path, body, version=draft["version"])
        assert problem(early)[1] == "list-not-locked"
        proposed = office.kasi.post(f"/premi/lists/{draft['id']}/propose", version=draft["version"]).json
        locked = office.kalapas.post(f"/premi/lists/{draft['id']}/approve", version=proposed["version"]).json
        with ThreadPoolExecutor(3) as pool:
            answers = list(pool.map(lambda _: office.bendahara.post(path, body, version=locked["version"]), range(3)))
        assert sorted(a.status_code for a in answers) == [200, 412, 412]
        now = office.kasi.get(f"/premi/lists/{draft['id']}").json["version"]
        assert problem(office.bendahara.post(path, body, version=now)) == (409, "nobody-to-credit", "/inmate_ids")
        assert office.card(one)["balance"] == 70_000
        assert office.bendahara.post(path, {**body, "way": "cash"}, version=now).status_code == 422

    def test_correct_in_the_next_what_was_taken_back_after_one_was_locked(
        self, office: Office, job: Any, one: str, two: str
    ) -> None:
        office.credited()
        take_back_checked(office.world)
        # What one made is accepted first, now that it is not any more: the pieces of two wait behind it.
        office.make(job, {two: 5})
        second = office.draft(THIS)
        lines = office.lines(second["id"])
        assert (lines[one]["earned"], lines[one]["gross"], lines[one]["carried_out"]) == (-45_000, 0, -45_000)
        assert lines[one]["parts"][0]["before"] == 70_000
        assert lines[two]["gross"] == 10_000
        assert (second["corrected"], second["carried"]) == (1, 45_000)
        assert len(office.kasi.get(f"/premi/lists/{second['id']}/lines", corrected="true").json["items"]) == 1

    def test_are_narrowed_by_workshop_floor_person_and_credit(self, office: Office, job: Any, one: str) -> None:
        found = office.credited()
        path = f"/premi/lists/{found['id']}/lines"
        shop = office.workshop(job)

        def shown(**query: Any) -> int:
            return len(office.kasi.get(path, **query).json["items"])

        assert (shown(workshop_id=shop), shown(workshop_id=str(uuid4()))) == (1, 0)
        assert (shown(below=70_001), shown(below=70_000)) == (1, 0)
        assert (shown(credited="true"), shown(credited="false")) == (1, 0)
        searched = office.kasi.post(f"{path}/search", {"inmate_ids": [one]}).json["items"]
        assert [line["inmate_id"] for line in searched] == [one]
        assert office.kasi.post(f"{path}/search", {"inmate_ids": []}).json["items"] == []
        paper = office.kasi.get(f"/premi/lists/{found['id']}/paper", purpose="Arsip").json
        assert (len(paper["all_lines"]), paper["below_floor"], paper["floor"]) == (1, 1, 700_000)
        assert office.world.count("SELECT count(*) FROM audit_log WHERE action = 'premi.export'") == 1


def take_back_checked(world: Any) -> None:
    """Take back what quality control passed, after two people agreed to it."""
    corrector = Principal(subject="bimker", role="kasubsi_bimker", lapas="PKL", issuer="", permissions=frozenset())
    with world.database.transaction(corrector, at=clock.now()) as store:
        taken = store.value("SELECT id FROM output WHERE stage_key = 'qc' AND NOT undone AND undoes IS NULL")
        reverse_output(ReverseOutput(id=taken, new_id=new_id(), reason="Salah hitung"), store)


class TestTheLedger:
    @pytest.fixture
    def held(self, office: Office, one: str) -> str:
        """Return somebody with Rp70.000 in custody."""
        job = office.finished({one: 10})
        office.scheme(office.workshop(job), rates())
        office.paid(job, 70_000, premi=70_000)
        office.credited()
        return one

    def ask(self, office: Office, inmate: str, amount: int, **more: Any) -> Answer:
        body = {"inmate_id": inmate, "account": "custody", "amount": amount, "purpose": "Keperluan mandi", **more}
        return office.wali.post("/premi/withdrawals", body)

    def test_lets_nobody_take_more_than_there_is(self, office: Office, held: str) -> None:
        assert problem(self.ask(office, held, 70_001)) == (409, "balance-too-small", "/amount")
        assert problem(self.ask(office, held, 1, account="card")) == (409, "balance-too-small", "/amount")
        assert self.ask(office, held, 0).status_code == 422
        assert self.ask(office, held, 50_000).status_code == 201
        assert problem(self.ask(office, held, 20_001)) == (409, "balance-too-small", "/amount")
        assert self.ask(office, str(uuid4()), 1).status_code == 404
        assert office.petugas.post("/premi/withdrawals", {}).status_code == 403

    def test_wants_three_people_for_a_withdrawal(self, office: Office, held: str) -> None:
        made = self.ask(office, held, 10_000).json
        path = f"/premi/withdrawals/{made['id']}"
        receipt = {"document": "KW-1"}
        assert problem(office.bendahara.post(f"{path}/pay", receipt, version=1))[1] == "withdrawal-not-approved"
        asker = office.who("kalapas", "wali")
        assert problem(asker.post(f"{path}/approve", version=1))[1] == "withdrawal-not-by-requester"
        assert office.kalapas.post(f"{path}/approve", version=1).status_code == 200
        for person in ("wali", "kalapas"):
            treasurer = office.who("bendahara", person)
            assert problem(treasurer.post(f"{path}/pay", receipt, version=2))[1] == "withdrawal-not-by-approver"
        assert office.bendahara.post(f"{path}/pay", receipt, version=2).status_code == 200
        assert problem(office.bendahara.post(f"{path}/pay", receipt, version=3))[1] == "withdrawal-already-decided"
        assert problem(office.kalapas.post(f"{path}/refuse", {"reason": "Tidak"}, version=3))[1] == (
            "withdrawal-already-decided"
        )

    def test_pays_a_withdrawal_once_however_often_it_is_asked_for(self, office: Office, held: str) -> None:
        made = self.ask(office, held, 40_000).json
        path = f"/premi/withdrawals/{made['id']}"
        office.kalapas.post(f"{path}/approve", version=1)
        with ThreadPoolExecutor(4) as pool:
            answers = list(
                pool.map(lambda n: office.bendahara.post(f"{path}/pay", {"document": f"K{n}"}, version=2), range(4))
            )
        assert sorted(a.status_code for a in answers) == [200, 412, 412, 412]
        assert office.card(held)["balance"] == 30_000
        assert office.balanced()

    def test_hands_over_only_to_who_left(self, office: Office, held: str) -> None:
        path = f"/premi/cards/{held}/hand-over"
        assert problem(office.bendahara.post(path, {"document": "BA"}))[1] == "nothing-to-hand-over"
        asked = self.ask(office, held, 10_000).json
        office.leave(held)
        office.leave(held)
        shown = office.kasi.get(f"/premi/withdrawals/{asked['id']}").json
        assert (shown["state"], shown["reason"]) == ("refused", "left")
        assert problem(office.bendahara.post(path, {"document": "BA", "to_place": "Lapas Tegal"})) == (
            422,
            "place-not-needed",
            "/to_place",
        )
        assert office.kasi.post(path, {"document": "BA"}).status_code == 403
        with ThreadPoolExecutor(3) as pool:
            answers = list(pool.map(lambda _: office.bendahara.post(path, {"document": "BA"}), range(3)))
        assert sorted(a.status_code for a in answers) == [200, 409, 409]
        assert [m["kind"] for m in office.card(held)["movements"]] == ["list", "credit", "leaving", "handover"]

    def test_holds_for_who_left_what_a_later_list_brings(self, office: Office, one: str) -> None:
        job = office.finished({one: 10})
        office.scheme(office.workshop(job), rates())
        office.paid(job, 70_000, premi=70_000)
        office.leave(one, "transfer")
        found = office.credited()
        assert office.lines(found["id"])[one]["way"] == "handover"
        assert office.card(one)["balances"]["handover"] == 70_000

    def test_puts_back_into_custody_what_was_not_handed_over_to_who_is_back(
        self, office: Office, held: str, world: Any
    ) -> None:
        office.leave(held, "transfer")
        assert office.card(held)["balances"]["handover"] == 70_000
        for _ in range(2):
            world.tell("training.inmate_registered", {"inmate_id": held, "adult_on": "2000-01-01", "fitness": "fit"})
        card = office.card(held)
        assert (card["balances"]["custody"], card["movements"][-1]["kind"]) == (70_000, "return")
        assert self.ask(office, held, 70_000).status_code == 201

    @pytest.mark.parametrize(
        "statement",
        [
            "INSERT INTO premi_posting (lapas_id, entry_id, account, amount) SELECT lapas_id, id, 'x', 5 FROM premi_entry",
            "UPDATE premi_posting SET amount = amount * 2",
            "DELETE FROM premi_entry",
            "UPDATE premi_account SET balance = -1",
            "UPDATE premi_line SET gross = gross + 1, received = received + 1, earned = earned + 1",
            "DELETE FROM premi_part",
            "UPDATE premi_proceeds SET premi = premi + 1, base = base + 1",
        ],
    )
    def test_is_kept_by_the_database_itself(self, held: str, world: Any, statement: str) -> None:
        with pytest.raises(DBAPIError), world.database.transaction(at=clock.now()) as store:
            store.run(statement)

    def test_notes_who_read_a_card(self, office: Office, held: str, world: Any) -> None:
        before = world.count("SELECT count(*) FROM audit_log WHERE action = 'premi.card'")
        office.wali.get(f"/premi/cards/{held}", purpose="Permintaan sendiri")
        assert world.count("SELECT count(*) FROM audit_log WHERE action = 'premi.card'") == before + 1
        assert office.petugas.get(f"/premi/cards/{held}").status_code == 403
        assert office.who("bendahara", "bendahara", "BTG").get(f"/premi/cards/{held}").status_code == 404


class TestAMove:
    @pytest.fixture
    def gone(self, office: Office, one: str) -> str:
        """Return somebody with Rp70.000 who was transferred."""
        job = office.finished({one: 10})
        office.scheme(office.workshop(job), rates())
        office.paid(job, 70_000, premi=70_000)
        office.credited()
        office.leave(one, "transfer")
        return one

    def test_takes_the_premi_along_to_a_lapas_of_the_deployment(self, office: Office, gone: str, world: Any) -> None:
        there = office.who("bendahara", "bendahara-btg", "BTG")
        path = f"/premi/cards/{gone}/hand-over"
        assert problem(office.bendahara.post(path, {"document": "BA-1"}))[1] == "place-missing"
        assert problem(office.bendahara.post(path, {"document": "BA-1", "to_lapas": "PKL"}))[1] == "place-unknown"
        sent = office.bendahara.post(path, {"document": "BA-1", "to_lapas": "BTG"}).json
        assert (sent["balance"], sent["movements"][-1]["sent"]) == (0, "waiting")
        [arrival] = there.get("/premi/arrivals", state="waiting").json["items"]
        assert (arrival["amount"], arrival["from_name"], arrival["registered"]) == (70_000, "Lapas Pekalongan", False)
        take = f"/premi/arrivals/{arrival['id']}/accept"
        body = {"way": "custody", "document": "BA-2"}
        assert problem(there.post(take, body, version=1))[1] == "arrival-not-registered"
        world.tell(
            "training.inmate_registered",
            {"inmate_id": gone, "adult_on": "2000-01-01", "fitness": "fit"},
            lapas="BTG",
        )
        assert there.post(take, body, version=1).json["state"] == "accepted"
        assert problem(there.post(take, body, version=2))[1] == "arrival-already-taken"
        card = there.get(f"/premi/cards/{gone}").json
        assert (card["balances"]["custody"], [m["kind"] for m in card["movements"]]) == (70_000, ["arrival"])
        recall = f"/premi/sent/{sent['movements'][-1]['id']}/recall"
        assert problem(office.bendahara.post(recall, {"document": "BA-3", "reason": "Keliru"}))[1] == (
            "arrival-already-taken"
        )
        assert office.card(gone)["movements"][-1]["sent"] == "accepted"
        assert office.balanced()

    def test_is_taken_back_where_it_was_sent_to_the_wrong_place(self, office: Office, gone: str) -> None:
        body = {"document": "BA-1", "to_lapas": "BTG"}
        sent = office.bendahara.post(f"/premi/cards/{gone}/hand-over", body).json
        recall = f"/premi/sent/{sent['movements'][-1]['id']}/recall"
        back = office.bendahara.post(recall, {"document": "BA-3", "reason": "Tujuan keliru"}).json
        assert (back["balances"]["handover"], back["movements"][-1]["kind"]) == (70_000, "recall")
        there = office.who("bendahara", "bendahara-btg", "BTG")
        [arrival] = there.get("/premi/arrivals").json["items"]
        assert arrival["state"] == "recalled"
        take = {"way": "custody", "document": "BA-2"}
        assert problem(there.post(f"/premi/arrivals/{arrival['id']}/accept", take, version=2))[1] in (
            "arrival-already-taken",
            "arrival-not-registered",
        )
        assert problem(office.bendahara.post(recall, {"document": "BA-4", "reason": "Keliru"}))[1] == (
            "arrival-already-taken"
        )

    def test_goes_anywhere_else_in_words(self, office: Office, gone: str) -> None:
        body = {"document": "BA-1", "to_place": "Lapas Kelas I Surabaya"}
        out = office.bendahara.post(f"/premi/cards/{gone}/hand-over", body).json
        assert (out["balance"], out["movements"][-1]["note"]) == (0, "Lapas Kelas I Surabaya")
        assert out["movements"][-1]["postings"] == {"handover": -70_000, "moved_out": 70_000}


class TestTheOverview:
    def test_says_how_premi_stands_and_what_waits(self, office: Office, one: str) -> None:
        job = office.finished({one: 10}, on=TODAY, cells=20)
        shown = office.kasi.get("/premi/summary").json
        assert shown["without_scheme"] != []
        assert (shown["unpriced_pieces"], shown["next_period"]) == (20, str(THIS))
        office.scheme(office.workshop(job), rates())
        office.paid(job, 50_000, premi=50_000, split_on=str(TODAY))
        shown = office.kasi.get("/premi/summary").json
        assert (shown["accrued"], shown["people"], shown["payable"], shown["floor"]) == (70_000, 1, 50_000, 700_000)
        office.draft(THIS)
        shown = office.kasi.get("/premi/summary").json
        assert (shown["latest"]["state"], shown["next_period"]) == ("draft", None)
        assert office.petugas.get("/premi/summary").status_code == 403

    def test_compares_with_amounts_that_are_data_with_dates(self, office: Office) -> None:
        umk = {"kind": "umk", "valid_from": str(BEFORE), "amount": 2_500_000, "document": "SK Gubernur"}
        assert office.kasi.post("/premi/references", umk).status_code == 200
        office.kasi.post("/premi/references", {**umk, "amount": 2_486_653})
        found = office.kasi.get("/premi/references").json["items"]
        assert [(r["kind"], r["amount"]) for r in found] == [("umk", 2_486_653), ("floor", 700_000)]
        assert office.kasi.get("/premi/summary").json["umk"] == 2_486_653
        ahead = {**umk, "kind": "floor", "valid_from": str(TODAY + timedelta(days=90)), "amount": 900_000}
        office.kasi.post("/premi/references", ahead)
        assert office.kasi.get("/premi/summary").json["floor"] == 700_000


class TestMonthAfterMonth:
    """Lists look only at what happened since the one before; nothing is overlooked by that."""

    def test_finds_whatever_was_changed_paid_or_priced_long_after(
        self, office: Office, one: str, two: str, world: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        months = [_months_ago(3), _months_ago(2), _months_ago(1)]
        early, late, unpriced = (world.opened(("M", "putih", 30)) for _ in range(3))
        other = UUID(int=77)
        shop = office.workshop(early)
        office.scheme(shop, rates())
        # What happens in the first month: work for three orders, one of them paid, one in a workshop without a scheme.
        with world.database.transaction(at=clock.now()) as store:
            store.run(
                "INSERT INTO workshop SELECT (w).* FROM (SELECT jsonb_populate_record(w, jsonb_build_object('id', CAST(:id AS"
                " text), 'name', 'Lain')) AS w FROM workshop w WHERE w.id = :shop) x",
                {"id": str(other), "shop": UUID(shop)},
            )
            store.run(
                "UPDATE work_order SET workshop_id = :other WHERE id = :id", {"other": other, "id": UUID(unpriced.id)}
            )
        day = months[0] + timedelta(days=9)
        for job, inmate in ((early, one), (late, two), (unpriced, one)):
            self.work(world, job, inmate, 10, day)
        self.pay(world, early, 70_000, day)
        self.pay(world, unpriced, 70_000, day)
        first = self.lock(world, months[0])
        assert self.paid(world, first) == {one: 70_000}
        # A month later some of it is taken back; much later an order is paid, and the workshop gets its scheme.
        with self.at(world, "kasubsi_bimker", months[1] + timedelta(days=9)) as store:
            taken = store.value(
                "SELECT id FROM output WHERE stage_key = 'qc' AND work_order_id = :id", id=UUID(early.id)
            )
            reverse_output(ReverseOutput(id=taken, new_id=new_id(), reason="Salah hitung"), store)
        second = self.lock(world, months[1])
        assert self.paid(world, second) == {}
        # All of it is a correction: it is approved, and nothing is left to credit.
        assert world.count("SELECT state FROM premi_list WHERE id = :id", id=second) == "credited"
        self.pay(world, late, 70_000, months[2] + timedelta(days=9))
        office.scheme(str(other), rates())
        with world.database.transaction(at=clock.now()) as store:
            store.run(
                "UPDATE premi_scheme SET decided_at = :at WHERE workshop_id = :other",
                {"at": _noon(months[2] + timedelta(days=12)), "other": other},
            )
        third = self.lock(world, months[2])
        # One earned 70.000 again, and owes as much for what was taken back.
        assert self.paid(world, third) == {two: 70_000}
        # Whoever looks at everything from the beginning finds nothing that is on no list.
        monkeypatch.setattr(queries, "_since", lambda _store, _period: None)
        with self.at(world, "kasi_giatja", months[2] + timedelta(days=40)) as store:
            whole = queries.ground(
                store, list_id=new_id(), period=months[2], until=months[2] + timedelta(days=27), reached=lambda _: None
            )
        assert compose(whole.entitled, whole.taken, whole.carried) == []

    def at(self, world: Any, role: str, day: date) -> Any:
        """Open a transaction of a person at noon of some day."""
        principal = Principal(subject=role, role=role, lapas="PKL", issuer="", permissions=ROLES[role])
        return world.database.transaction(principal, at=_noon(day))

    def work(self, world: Any, job: Any, inmate: str, pieces: int, day: date) -> None:
        for stage in ("pengerjaan", "qc"):
            with self.at(world, "petugas", day) as store:
                command = RecordOutput(
                    work_order_id=UUID(job.id), stage_id=UUID(job.stages[stage]), work_date=day, shift=Shift("pagi"),
                    entries=[Entry(inmate_id=UUID(inmate), good=pieces)], ids=[new_id()],
                )  # fmt: skip
                record_output(command, store)

    def pay(self, world: Any, job: Any, premi: int, day: date) -> None:
        with self.at(world, "bendahara", day) as store:
            split = Split(base=premi, premi=premi, capital=0, pnbp=0, other=0)
            handlers.record_proceeds(
                handlers.RecordProceeds(
                    id=new_id(),
                    order_id=UUID(job.order_id),
                    base=premi,
                    split=split,
                    document=str(new_id()),
                    split_on=day,
                ),
                store,
            )

    def lock(self, world: Any, period: date) -> UUID:
        """Have the list of a month made and approved on the third day of the next."""
        id_, day = new_id(), period + timedelta(days=33)
        of = handlers.OfList(id=id_, version=None)
        with self.at(world, "kasi_giatja", day) as store:
            handlers.begin_list(handlers.BeginList(id=id_, period=period), store)
            handlers.compute_list(id_, store, reached=lambda _: None)
        with self.at(world, "kasi_giatja", day) as store:
            handlers.propose_list(of, store)
        with self.at(world, "kalapas", day) as store:
            handlers.approve_list(of, store)
        return id_

    def paid(self, world: Any, list_id: UUID) -> dict[str, int]:
        with self.at(world, "kasi_giatja", TODAY) as store:
            return {str(row["inmate_id"]): row["gross"] for row in queries.owed(store, list_id)}


def _months_ago(count: int) -> date:
    first = THIS
    for _ in range(count):
        first = (first - timedelta(days=1)).replace(day=1)
    return first


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 5, tzinfo=UTC)
