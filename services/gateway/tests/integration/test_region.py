"""The regional read model on PostgreSQL: made of facts in any order, compared, opened down to orders."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from giatja_contracts.catalogue import catalogue
from giatja_contracts.permissions import ROLES
from giatja_gateway.region import handlers, queries
from giatja_gateway.region.domain import LapasNotCompared, Month
from giatja_gateway.region.tables import TABLES
from giatja_gateway.subscriptions import subscriptions
from giatja_kit import clock
from giatja_kit.auth import Principal
from giatja_kit.database import Database, Store
from giatja_kit.events.fact import Envelope
from giatja_kit.events.receive import apply
from giatja_kit.ids import new_id
from giatja_kit.paging import PageQuery

AT = datetime(2025, 3, 20, 3, 0, tzinfo=UTC)
FEBRUARY = Month.parse("2025-02")
SPACE = UUID(int=7)
EPOCH = UUID(int=1)


def an_id(name: str) -> str:
    return str(uuid5(SPACE, name))


def person(role: str, lapas: str) -> Principal:
    return Principal(subject="p", role=role, lapas=lapas, issuer="gateway", permissions=ROLES[role])


KANWIL = person("kanwil", "*")


@dataclass
class Telling:
    """Facts as the other services tell them, each checked against the catalogue."""

    lapas: str = "PKL"

    def __post_init__(self) -> None:
        self.positions: dict[str, count[int]] = {}

    def fact(self, type_: str, time: datetime = AT, **data: Any) -> Envelope:
        entry = catalogue()[f"giatja.{type_}.v1"]
        whole = {**entry.example, **data}
        entry.check(whole)
        position = next(self.positions.setdefault(entry.owner, count(1)))
        return Envelope(
            id=new_id(), source=entry.owner, type=entry.type, subject=whole[entry.subject], time=time, position=position,
            epoch=EPOCH, lapas=self.lapas, actor="kasi_giatja:p", traceparent="", causation=None, data=whole,
        )  # fmt: skip

    def order(self, name: str, *, quantity: int = 200, accepted_on: str = "2025-02-03", **data: Any) -> Envelope:
        lines = [
            {
                **catalogue()["giatja.orders.order_accepted.v1"].example["lines"][0],
                "quantity": quantity,
                "cells": [{"size": "M", "colour": "putih", "quantity": quantity}],
            }
        ]
        return self.fact(
            "orders.order_accepted", order_id=an_id(name), number=name, lines=lines, accepted_on=accepted_on, **data
        )

    def completed(self, name: str, on: str, *, on_time: bool) -> Envelope:
        return self.fact("orders.order_completed", order_id=an_id(name), number=name, completed_on=on, on_time=on_time)

    def work_order(self, name: str, order: str, *, kind: str = "garmen", quantity: int = 200) -> Envelope:
        stages = [
            {"stage_id": an_id(f"{name}-{key}"), "key": key, "name": key, "counts_quality": key == "qc"}
            for key in ("jahit", "qc", "lipat")
        ]
        return self.fact(
            "production.work_order_opened", work_order_id=an_id(name), order_id=an_id(order), workshop_kind=kind,
            quantity=quantity, stages=stages,
        )  # fmt: skip

    def progress(self, name: str, stage: str, day: str, good: int, *, rework: int = 0, reject: int = 0, kind: str = "garmen",
                 defects: dict[str, int] | None = None) -> Envelope:  # fmt: skip
        return self.fact(
            "production.stage_progressed", work_order_id=an_id(name), stage_id=an_id(f"{name}-{stage}"), stage=stage,
            workshop_kind=kind, work_date=day, good=good, rework=rework, reject=reject, defects=defects or {},
        )  # fmt: skip

    def work(self, name: str, inmate: str, day: str, *, kind: str = "garmen") -> Envelope:
        return self.fact(
            "production.output_accepted",
            work_order_id=an_id(name),
            inmate_id=an_id(inmate),
            work_date=day,
            workshop_kind=kind,
        )


def story(lapas: str = "PKL", workers: int = 6) -> list[Envelope]:
    """Everything that may be heard about a Lapas, a month long."""
    telling = Telling(lapas)
    facts = [
        telling.order("A", due_date="2025-02-20"),
        telling.order("B", due_date="2025-02-20"),
        telling.order("C", due_date="2025-02-10", quantity=40),
        telling.order("D", due_date="2025-03-30"),
        telling.fact("orders.order_changed", order_id=an_id("B"), due_date="2025-02-22"),
        telling.fact("orders.order_held", order_id=an_id("D")),
        telling.fact("orders.order_resumed", order_id=an_id("D")),
        telling.work_order("wa", "A"),
        telling.work_order("wb", "B", kind="batik_cap"),
        telling.progress("wa", "jahit", "2025-02-10", 60, rework=2, defects={"noda": 2}),
        telling.progress("wa", "qc", "2025-02-11", 50, reject=1, defects={"bolong": 1}),
        telling.progress("wa", "qc", "2025-02-12", 150, rework=1, defects={"noda": 1}),
        telling.progress("wa", "qc", "2025-02-12", -4),
        telling.progress("wa", "lipat", "2025-02-12", 100),
        telling.progress("wb", "qc", "2025-02-12", 30, kind="batik_cap"),
        telling.fact("production.work_order_completed", work_order_id=an_id("wa"), completed_on="2025-02-18"),
        telling.completed("A", "2025-02-19", on_time=True),
        telling.completed("B", "2025-02-25", on_time=False),
        telling.fact("production.safety_incident_reported", incident_id=an_id(f"{lapas}-cut"), kind="incident",
                     severity="minor", happened_on="2025-02-13"),
        telling.fact("production.safety_incident_reported", incident_id=an_id(f"{lapas}-wet"), kind="near_miss",
                     severity="minor", happened_on="2025-02-14"),
        telling.fact("production.safety_incident_reported", incident_id=an_id(f"{lapas}-next"), kind="near_miss",
                     severity="minor", happened_on="2025-03-01"),
        telling.fact("production.premi_credited", credit_id=an_id(f"{lapas}-credit"), period="2025-02-01", people=workers,
                     saved=10_000, received=90_000 * workers),
    ]  # fmt: skip
    for n in range(workers):
        inmate, permission = an_id(f"i{n}"), an_id(f"sk{n}")
        facts += [
            telling.fact("training.inmate_registered", inmate_id=inmate),
            telling.fact("training.work_permission_granted", inmate_id=inmate, permission_id=permission,
                         valid_from="2025-01-15", valid_until=None),
            telling.work("wa", f"i{n}", "2025-02-11"),
            telling.work("wb", f"i{n}", "2025-02-12", kind="batik_cap"),
        ]  # fmt: skip
    facts += [
        telling.fact(
            "training.work_permission_ended", inmate_id=an_id("i0"), permission_id=an_id("sk0"), ended_on="2025-02-20"
        ),
        telling.fact("training.inmate_left", inmate_id=an_id("i0"), left_on="2025-02-20"),
        telling.fact("training.competence_awarded", inmate_id=an_id("i1"), awarded_on="2025-02-20"),
        telling.fact("orders.order_cancelled", order_id=an_id("D"), time=datetime(2025, 2, 28, 18, 0, tzinfo=UTC)),
    ]
    return facts


def shuffled(draw: st.DataObject, facts: Sequence[Envelope]) -> list[Envelope]:
    """Put facts of different sources and subjects into any order; those of one subject keep theirs."""
    lanes: dict[tuple[str, str], list[Envelope]] = {}
    for fact in facts:
        lanes.setdefault((fact.source, fact.subject), []).append(fact)
    waiting = [key for key, lane in lanes.items() for _ in lane]
    order = draw.draw(st.permutations(waiting))
    return [lanes[key].pop(0) for key in order]


def hear(store: Store, facts: Sequence[Envelope]) -> None:
    for fact in facts:
        handler = subscriptions.handler(fact.type)
        assert handler is not None, fact.type
        apply(handler, fact, store)
    store.write_down()


def content(store: Store) -> dict[str, list[dict[str, Any]]]:
    store.scope("*")
    return {
        t.name: [
            dict(r) for r in store.rows(f"SELECT * FROM {t.name} ORDER BY {', '.join(c.name for c in t.primary_key)}")
        ]
        for t in TABLES
    }


@pytest.fixture
def database(database_of: Callable[[str], Database]) -> Database:
    database = database_of("gateway")
    with database.transaction(at=AT) as store:
        for lapas_id, name in (("PKL", "Lapas Pekalongan"), ("BTG", "Lapas Batang")):
            store.run(
                "INSERT INTO lapas (lapas_id, name, class, zone, open, version)"
                " VALUES (:lapas_id, :name, 'IIA', 'Asia/Jakarta', true, 1)",
                {"lapas_id": lapas_id, "name": name},
            )
    return database


@pytest.fixture
def told(database: Database) -> Database:
    with database.transaction(at=AT) as store:
        hear(store, story("PKL"))
        hear(store, story("BTG", workers=3))
    return database


class TestHearing:
    def test_every_fact_promised_to_the_gateway_is_heard(self) -> None:
        promised = {entry.type for entry in catalogue().values() if "gateway" in entry.heard_by}
        assert promised == subscriptions.types

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.data())
    def test_makes_the_same_tables_in_whatever_order_sources_are_heard(
        self, database: Database, data: st.DataObject
    ) -> None:
        facts = story()
        with database.transaction(at=AT) as store:
            handlers.rebuild(store)
            hear(store, facts)
            expected = content(store)
            handlers.rebuild(store)
            hear(store, shuffled(data, facts))
            assert content(store) == expected

    def test_makes_the_same_tables_again_from_nothing(self, told: Database) -> None:
        with told.transaction(at=AT) as store:
            before = content(store)
            store.scope("*")
            handlers.rebuild(store)
            assert not any(content(store).values())
            hear(store, story("BTG", workers=3))
            hear(store, story("PKL"))
            assert content(store) == before

    def test_refuses_a_fact_whose_beginning_was_never_heard(self, database: Database) -> None:
        late = Telling().completed("Z", "2025-02-19", on_time=True)
        with pytest.raises(handlers.OutOfOrder), database.transaction(at=AT) as store:
            hear(store, [late])


def ask(database: Database, who: Principal, question: Callable[[Store], Any]) -> Any:
    with database.transaction(who, at=AT) as store:
        return question(store)


def _two_accepted(cursor: str | None, store: Store) -> dict[str, Any]:
    return queries.orders(store, "PKL", FEBRUARY, PageQuery(limit=2, cursor=cursor), standing="accepted")


class TestOverview:
    def test_counts_orders_output_and_defects_of_the_month(self, told: Database) -> None:
        found = ask(told, KANWIL, lambda store: queries.overview(store, FEBRUARY))
        pekalongan = next(row for row in found["lapas"] if row["lapas_id"] == "PKL")
        expected = {"accepted": 4, "completed": 2, "on_time": 1, "late": 1, "open": 2, "overdue": 1, "passed": 226,
                    "rework": 3, "reject": 1}  # fmt: skip
        assert {k: pekalongan[k] for k in expected} == expected
        assert pekalongan["on_time_share"] == 0.5
        assert pekalongan["defect_share"] == pytest.approx(4 / 230)
        assert sum(pekalongan["weeks"]) == 226

    def test_counts_a_day_in_the_zone_of_the_lapas(self, told: Database) -> None:
        # Cancelled at 18.00 UTC on 28 February, which is 1 March in Pekalongan.
        assert ask(told, KANWIL, lambda s: queries.overview(s, FEBRUARY))["together"]["cancelled"] == 0
        assert ask(told, KANWIL, lambda s: queries.overview(s, FEBRUARY.next))["together"]["cancelled"] == 2

    def test_counts_those_who_may_work_on_the_last_day(self, told: Database) -> None:
        row = ask(told, person("kalapas", "PKL"), lambda s: queries.one_lapas(s, "PKL", FEBRUARY))
        assert (row["workers"]["count"], row["permitted"]["count"], row["inmates"]["count"]) == (6, 5, 5)

    def test_hides_small_groups_from_the_regional_office_and_from_its_sums(self, told: Database) -> None:
        found = ask(told, KANWIL, lambda store: queries.overview(store, FEBRUARY))
        workers = {row["lapas_id"]: row["workers"] for row in found["lapas"]}
        assert workers == {"PKL": {"count": 6, "few": False}, "BTG": {"count": None, "few": True}}
        assert found["together"]["workers"] == {"count": 6, "few": True}

    def test_shows_small_groups_inside_the_lapas(self, told: Database) -> None:
        row = ask(told, person("kasi_giatja", "BTG"), lambda s: queries.one_lapas(s, "BTG", FEBRUARY))
        assert row["workers"] == {"count": 3, "few": False}

    def test_shows_a_role_of_one_lapas_only_its_own(self, told: Database) -> None:
        found = ask(told, person("kalapas", "BTG"), lambda store: queries.overview(store, FEBRUARY))
        assert [row["lapas_id"] for row in found["lapas"]] == ["BTG"]
        with pytest.raises(LapasNotCompared):
            ask(told, person("kalapas", "BTG"), lambda s: queries.one_lapas(s, "PKL", FEBRUARY))

    def test_no_inmate_leaves_the_service(self, told: Database) -> None:
        shown = [
            ask(told, KANWIL, lambda store: queries.overview(store, FEBRUARY)),
            ask(told, KANWIL, lambda store: queries.one_lapas(store, "PKL", FEBRUARY)),
            ask(told, KANWIL, lambda store: queries.orders(store, "PKL", FEBRUARY, PageQuery(), standing="all")),
        ]
        assert not [n for n in range(6) if an_id(f"i{n}") in repr(shown) or repr(UUID(an_id(f"i{n}"))) in repr(shown)]

    def test_answers_calmly_where_nothing_happened(self, database: Database) -> None:
        found = ask(database, KANWIL, lambda store: queries.overview(store, FEBRUARY))
        assert [row["passed"] for row in found["lapas"]] == [0, 0]
        assert found["together"]["on_time_share"] is None
        assert ask(database, KANWIL, queries.months) == [Month.of(date(2025, 3, 20))]


class TestOrders:
    @pytest.mark.parametrize(
        ("standing", "numbers"),
        [
            ("accepted", "CABD"),
            ("completed", "AB"),
            ("on_time", "A"),
            ("late", "B"),
            ("open", "CD"),
            ("overdue", "C"),
            ("cancelled", ""),
        ],
    )
    def test_opens_a_figure_down_to_its_orders(self, told: Database, standing: str, numbers: str) -> None:
        found = ask(told, KANWIL, lambda s: queries.orders(s, "PKL", FEBRUARY, PageQuery(), standing=standing))
        assert "".join(o["number"] for o in found["items"]) == numbers

    def test_says_how_far_an_order_is(self, told: Database) -> None:
        found = ask(told, KANWIL, lambda s: queries.orders(s, "PKL", FEBRUARY, PageQuery(), standing="on_time"))
        assert (found["items"][0]["passed"], found["items"][0]["quantity"]) == (196, 200)

    def test_pages_through_all_of_them(self, told: Database) -> None:
        numbers, cursor = "", None
        while True:
            found = ask(told, KANWIL, partial(_two_accepted, cursor))
            numbers += "".join(o["number"] for o in found["items"])
            cursor = found["next"]
            if cursor is None:
                break
        assert numbers == "CABD"


class TestSafety:
    def test_is_counted_in_its_month_and_summed_over_all(self, told: Database) -> None:
        with told.transaction(KANWIL, at=AT) as store:
            found = queries.overview(store, FEBRUARY)
        assert [(row["incidents"], row["near_misses"]) for row in found["lapas"]] == [(1, 1), (1, 1)]
        assert (found["together"]["incidents"], found["together"]["near_misses"]) == (2, 2)


class TestPremi:
    def test_is_summed_by_the_month_it_is_for_and_not_told_of_a_few(self, told: Database) -> None:
        with told.transaction(KANWIL, at=AT) as store:
            found = queries.overview(store, FEBRUARY)
        rows = {row["lapas_id"]: (row["premi"], row["premi_people"]["count"]) for row in found["lapas"]}
        assert rows == {"PKL": (550_000, 6), "BTG": (None, None)}
        assert found["together"]["premi"] == 550_000
        with told.transaction(person("kalapas", "BTG"), at=AT) as store:
            own = queries.one_lapas(store, "BTG", FEBRUARY)
        assert own["premi"] == 280_000


class TestRowSecurity:
    @pytest.mark.parametrize("table", [t.name for t in TABLES])
    def test_hides_the_rows_of_another_lapas(self, told: Database, table: str) -> None:
        with told.transaction(person("kalapas", "BTG"), at=clock.now() - timedelta(0)) as store:
            assert {r["lapas_id"] for r in store.rows(f"SELECT DISTINCT lapas_id FROM {table}")} == {"BTG"}
