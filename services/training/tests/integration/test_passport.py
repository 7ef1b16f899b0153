"""Practice and evidence: heard in any order, credited once."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from giatja_kit import clock
from giatja_kit.database import Database
from giatja_kit.events import operate
from giatja_kit.events.fact import Envelope
from giatja_kit.testing import Caller
from giatja_training.subscriptions import subscriptions

from .conftest import envelope, hear, permit_to_work, register

ORDER, OTHER_ORDER = UUID(int=1), UUID(int=2)
WORK, OTHER_WORK = UUID(int=41), UUID(int=42)


def output(inmate: str, *, lapas: str = "PKL", **other: Any) -> Envelope:
    data = {
        "work_order_id": str(WORK),
        "order_id": str(ORDER),
        "line_id": str(UUID(int=11)),
        "inmate_id": inmate,
        "stage": "jahit",
        "competence": "menjahit",
        "workshop_kind": "garmen",
        "product_name": "Koko lengan panjang",
        "work_date": "2025-02-10",
        "pieces": 6,
        "minutes": 150,
        **other,
    }
    return envelope("giatja.production.output_accepted.v1", data, lapas=lapas)


def completed(order: UUID = ORDER, number: str = "PKL-2025-0001", *, lapas: str = "PKL") -> Envelope:
    line = {
        "line_id": str(UUID(int=11)),
        "product_name": "Koko lengan panjang",
        "workshop_kind": "garmen",
        "quantity": 200,
        "passed": 200,
    }
    data = {
        "order_id": str(order),
        "number": number,
        "partner_id": str(UUID(int=21)),
        "partner_name": "DMA Collection",
        "completed_on": "2025-03-10",
        "due_date": "2025-03-14",
        "on_time": True,
        "lines": [line],
    }
    return envelope("giatja.orders.order_completed.v1", data, lapas=lapas)


class TestCreditPractice:
    def test_accumulates_by_stage_and_day(self, kasi: Caller, database: Database) -> None:
        inmate = register(kasi)["id"]
        hear(database, output(inmate), output(inmate, pieces=4, minutes=90), output(inmate, work_date="2025-03-01"))
        passport = kasi.get(f"/passports/{inmate}").json
        months = {p["month"]: (p["pieces"], p["minutes"]) for p in passport["practice"]}
        assert months == {"2025-02": (10, 240), "2025-03": (6, 150)}
        assert passport["practice"][0]["competence_name"] == "Menjahit"
        assert (passport["totals"]["minutes"], passport["totals"]["days"]) == (390, 2)
        assert passport["evidence"] == []

    def test_is_not_lost_for_somebody_not_known_yet(self, kasi: Caller, database: Database) -> None:
        inmate = register(kasi)["id"]
        nobody = str(UUID(int=99))
        hear(database, output(nobody))
        assert kasi.get(f"/passports/{nobody}").status_code == 404
        with database.transaction(at=clock.now()) as store:
            store.run("UPDATE inmate SET id = :new WHERE id = :old", {"new": UUID(nobody), "old": UUID(inmate)})
        assert kasi.get(f"/passports/{nobody}").json["totals"]["minutes"] == 150

    def test_stays_at_its_lapas(self, kasi: Caller, as_role: Callable[..., Caller], database: Database) -> None:
        inmate = register(kasi)["id"]
        hear(database, output(inmate, lapas="BTG"), completed(lapas="BTG"))
        shown = kasi.get(f"/passports/{inmate}").json
        assert (shown["practice"], shown["evidence"]) == ([], [])

    def test_works_without_a_competence(self, kasi: Caller, database: Database) -> None:
        inmate = register(kasi)["id"]
        hear(database, output(inmate, competence=None, stage="bundel"))
        (practice,) = kasi.get(f"/passports/{inmate}").json["practice"]
        assert (practice["competence"], practice["competence_name"], practice["stage"]) == (None, None, "bundel")


class TestEvidence:
    def test_says_what_was_done_on_a_completed_order(self, kasi: Caller, database: Database) -> None:
        inmate = register(kasi)["id"]
        hear(database, output(inmate), output(inmate, stage="qc", pieces=3, minutes=20), completed())
        (evidence,) = kasi.get(f"/passports/{inmate}").json["evidence"]
        assert (evidence["number"], evidence["partner_name"], evidence["pieces"]) == (
            "PKL-2025-0001",
            "DMA Collection",
            9,
        )
        assert [(w["stage"], w["pieces"]) for w in evidence["work"]] == [("jahit", 6), ("qc", 3)]

    def test_is_not_given_to_whoever_did_not_work_on_it(self, kasi: Caller, database: Database) -> None:
        worker, other = register(kasi)["id"], register(kasi, register_number="R2")["id"]
        hear(database, output(worker), completed())
        assert kasi.get(f"/passports/{other}").json["evidence"] == []


FACTS = st.lists(
    st.tuples(
        st.sampled_from([(WORK, ORDER), (OTHER_WORK, OTHER_ORDER)]),
        st.sampled_from(["potong", "jahit", "qc"]),
        st.sampled_from(["2025-02-10", "2025-02-11", "2025-03-01"]),
        st.integers(1, 20),
        st.integers(0, 300),
    ),
    min_size=1,
    max_size=8,
)


class TestAnyOrder:
    @given(facts=FACTS, data=st.data())
    @settings(
        max_examples=25,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    def test_of_two_sources_ends_in_the_same_passport(
        self, kasi: Caller, database: Database, facts: list[Any], data: st.DataObject
    ) -> None:
        """Production and orders each in their own order; how the two interleave must not matter."""
        with database.transaction(at=clock.now()) as store:
            store.run("DELETE FROM inmate")
            assert subscriptions.rebuild is not None
            subscriptions.rebuild(store)
        inmate = register(kasi)["id"]
        production = [
            output(
                inmate, work_order_id=str(work), order_id=str(order), stage=stage, work_date=day, pieces=p, minutes=m
            )
            for (work, order), stage, day, p, m in facts
        ]
        orders = [completed(), completed(OTHER_ORDER, "PKL-2025-0002")]
        turns = data.draw(st.permutations(["p"] * len(production) + ["o"] * len(orders)))
        queues = {"p": iter(production), "o": iter(orders)}
        hear(database, *(next(queues[turn]) for turn in turns))
        shown = kasi.get(f"/passports/{inmate}").json

        worked = {order for (_, order), *_ in facts}
        assert {e["order_id"] for e in shown["evidence"]} == {str(o) for o in worked}
        assert len(shown["evidence"]) == len(worked)
        for evidence in shown["evidence"]:
            mine = [f for f in facts if str(f[0][1]) == evidence["order_id"]]
            assert evidence["pieces"] == sum(f[3] for f in mine)
            assert evidence["minutes"] == sum(f[4] for f in mine)
        assert shown["totals"]["minutes"] == sum(f[4] for f in facts)
        assert sum(p["pieces"] for p in shown["practice"]) == sum(f[3] for f in facts)


class TestReplay:
    def test_makes_practice_again_and_leaves_the_register(self, kasi: Caller, database: Database) -> None:
        inmate = register(kasi)["id"]
        facts = [output(inmate), completed()]
        hear(database, *facts)
        before = kasi.get(f"/passports/{inmate}").json
        with database.transaction(at=clock.now()) as store:
            operate.replay(store, subscriptions)
        assert kasi.get(f"/passports/{inmate}").json["totals"]["minutes"] == 0
        hear(database, *facts)
        assert kasi.get(f"/passports/{inmate}").json == before


class TestExport:
    def test_is_one_file_that_says_who_took_it_and_why(self, kasi: Caller, kalapas: Caller, database: Database) -> None:
        inmate = register(kasi)
        permit_to_work(kasi, kalapas, inmate)
        hear(database, output(inmate["id"]), completed())
        answer = kasi.get(f"/inmates/{inmate['id']}/export", purpose="release")
        assert "attachment" in answer.headers["Content-Disposition"]
        assert "Contoh" not in answer.headers["Content-Disposition"]
        record = json.loads(answer.text)
        assert (record["exported_by"], record["purpose"]) == ("kasi_giatja:person-kasi_giatja", "release")
        assert record["inmate"]["name"] == "Contoh Satu"
        assert [d["minutes"] for d in record["practice_days"]] == [150]
        assert record["permits"][0]["state"] == "active"

    def test_refuses_an_unknown_purpose(self, kasi: Caller) -> None:
        inmate = register(kasi)
        assert kasi.get(f"/inmates/{inmate['id']}/export", purpose="curiosity").status_code == 422

    @pytest.mark.parametrize("role", ["petugas", "kanwil"])
    def test_is_refused_to_whoever_may_not_read_passports(
        self, kasi: Caller, as_role: Callable[..., Caller], role: str
    ) -> None:
        inmate = register(kasi)
        assert as_role(role).get(f"/inmates/{inmate['id']}/export").status_code == 403
        assert as_role(role).get(f"/passports/{inmate['id']}").status_code == 403
