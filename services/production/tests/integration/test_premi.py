"""Premi over HTTP, on PostgreSQL: from accepted pieces to money in an inmate's hand, and what is refused on the way."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import DBAPIError

from giatja_contracts.catalogue import catalogue
from giatja_kit import clock
from giatja_kit.testing import Answer, Caller, told
from giatja_ops.pytest_plugin import RealParts
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
        told_ = {n: entered[n] for n in ("order_id", "base", "premi", "capital", "pnbp", "other", "document", "split_on")}
        office.world.tell(
            "orders.proceeds_split", {**told_, "split_id": str(uuid4()), "reverses": None, "reason": None}
        )
        assert office.world.count("SELECT count(*) FROM premi_proceeds") == 1
