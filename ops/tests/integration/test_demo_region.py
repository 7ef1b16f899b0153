"""The region for measuring, at a size that a test can carry: the rules hold though nobody asked them."""

from collections.abc import Callable, Mapping

import pytest

from giatja_kit import clock
from giatja_kit.database import Database
from giatja_ops.demo.deployment import DemoFailed, Deployment, know_tables
from giatja_ops.demo.region import Scale, fill, places
from giatja_ops.names import SERVICES

TINY = Scale(lapas=2, inmates=40, workers=24, days=40, orders=24)
OutOf = Callable[[str], Database]


@pytest.fixture
def deployment(database_of: OutOf) -> Deployment:
    """Four empty databases, and no process that works on them."""
    know_tables()
    return Deployment({service: database_of(service) for service in SERVICES}, say=lambda _: None)


@pytest.fixture
def filled(deployment: Deployment) -> Deployment:
    fill(deployment, TINY, seed=7)
    return deployment


def wrong(deployment: Deployment, service: str, sql: str) -> list[Mapping[str, object]]:
    """Return the rows a question finds; each is a breach of a rule."""
    with deployment[service].transaction(at=clock.now()) as store:
        return [dict(row) for row in store.rows(sql)]


class TestFill:
    def test_makes_as_many_as_were_asked_for(self, filled: Deployment) -> None:
        assert filled.ask("gateway", "SELECT count(*) FROM lapas") == 2
        assert filled.ask("training", "SELECT count(*) FROM inmate") == 40
        assert filled.ask("training", "SELECT count(*) FROM work_permit WHERE state = 'active'") == 24
        assert filled.ask("orders", "SELECT count(*) FROM orders") == 48
        assert filled.ask("production", "SELECT count(*) FROM output") > 2000
        assert filled.ask("orders", "SELECT count(DISTINCT state) FROM orders") >= 4

    def test_loses_no_piece_and_makes_none(self, filled: Deployment) -> None:
        released = """
            SELECT w.id FROM work_order w JOIN stage_balance b ON b.lapas_id = w.lapas_id AND b.work_order_id = w.id
            GROUP BY w.id, w.quantity, w.rejected, w.finished, w.route
            HAVING w.quantity + w.rejected <> sum(b.waiting + b.rework + b.reject) + w.finished
        """
        entered = """
            SELECT b.work_order_id, b.stage_no, b.cell_no FROM stage_balance b
            LEFT JOIN stage_balance before ON before.lapas_id = b.lapas_id AND before.work_order_id = b.work_order_id
                AND before.cell_no = b.cell_no AND before.stage_no = b.stage_no - 1
            WHERE b.stage_no > 1 AND b.waiting + b.rework + b.good + b.reject <> coalesce(before.good, 0)
        """
        recorded = """
            SELECT b.work_order_id, b.stage_no, b.cell_no, b.good FROM stage_balance b LEFT JOIN (
                SELECT work_order_id, stage_no, cell_no, sum(good) AS good, sum(reject) AS reject,
                    sum(rework) - coalesce(sum(good) FILTER (WHERE from_rework), 0) AS rework
                FROM output GROUP BY work_order_id, stage_no, cell_no
            ) o USING (work_order_id, stage_no, cell_no)
            WHERE (b.good, b.reject, b.rework) <> (coalesce(o.good, 0), coalesce(o.reject, 0), coalesce(o.rework, 0))
        """
        assert wrong(filled, "production", released) == []
        assert wrong(filled, "production", entered) == []
        assert wrong(filled, "production", recorded) == []

    def test_sums_up_each_work_order_from_its_output(self, filled: Deployment) -> None:
        totals = """
            SELECT w.id FROM work_order w LEFT JOIN (
                SELECT o.work_order_id, sum(o.good) FILTER (WHERE o.counts_quality) AS passed, sum(o.reject) AS rejected,
                    sum(o.good) FILTER (WHERE o.stage_no = jsonb_array_length(x.route -> 'stages')) AS finished
                FROM output o JOIN work_order x ON x.lapas_id = o.lapas_id AND x.id = o.work_order_id
                GROUP BY o.work_order_id
            ) o ON o.work_order_id = w.id
            WHERE (w.passed, w.rejected, w.finished)
                <> (coalesce(o.passed, 0), coalesce(o.rejected, 0), coalesce(o.finished, 0))
                OR (w.state = 'completed') <> (w.finished = w.quantity)
        """
        assert wrong(filled, "production", totals) == []

    def test_credits_each_piece_once_when_it_passes_and_never_more_than_was_made(self, filled: Deployment) -> None:
        more = """
            SELECT o.id FROM output o LEFT JOIN (SELECT output_id, cell_no, sum(pieces) AS pieces FROM credit
                GROUP BY output_id, cell_no) c ON c.output_id = o.id AND c.cell_no = o.cell_no
            WHERE o.credited <> coalesce(c.pieces, 0) OR o.credited > o.good
        """
        per_stage = """
            SELECT w.id, o.stage_key FROM work_order w JOIN output o ON o.lapas_id = w.lapas_id AND o.work_order_id = w.id
            GROUP BY w.id, w.passed, o.stage_key, o.stage_no, w.route
            HAVING sum(o.credited) <> CASE WHEN o.stage_no <= (
                SELECT s.nth FROM jsonb_array_elements(w.route -> 'stages') WITH ORDINALITY s (stage, nth)
                WHERE (s.stage ->> 'counts_quality')::boolean) THEN w.passed ELSE sum(o.good) END
        """
        assert wrong(filled, "production", more) == []
        assert wrong(filled, "production", per_stage) == []

    def test_lets_nobody_work_before_the_permission_or_under_age(self, filled: Deployment) -> None:
        breach = """
            SELECT o.id FROM output o JOIN worker w ON w.lapas_id = o.lapas_id AND w.inmate_id = o.inmate_id
            LEFT JOIN work_permission p ON p.lapas_id = o.lapas_id AND p.inmate_id = o.inmate_id
            WHERE p.valid_from IS NULL OR o.work_date < p.valid_from OR o.work_date < w.adult_on
        """
        before_opening = """
            SELECT o.id FROM output o JOIN work_order w ON w.lapas_id = o.lapas_id AND w.id = o.work_order_id
            WHERE o.work_date < w.opened_on OR o.work_date > w.completed_on
        """
        assert wrong(filled, "production", breach) == []
        assert wrong(filled, "production", before_opening) == []

    def test_shows_the_region_what_was_entered(self, filled: Deployment) -> None:
        entered = _sums(
            filled,
            "production",
            "SELECT o.lapas_id || o.work_date || w.workshop_kind AS key,"
            " sum(CASE WHEN o.counts_quality THEN o.good ELSE 0 END) || '/' || sum(o.rework) || '/' || sum(o.reject) AS value"
            " FROM output o JOIN work_order w ON w.lapas_id = o.lapas_id AND w.id = o.work_order_id"
            " GROUP BY o.lapas_id, o.work_date, w.workshop_kind",
        )
        shown = _sums(
            filled,
            "gateway",
            "SELECT lapas_id || day || workshop_kind AS key, passed || '/' || rework || '/' || reject AS value FROM region_day",
        )
        assert shown == entered
        defects = "SELECT sum(rework + reject) FROM output WHERE defect IS NOT NULL"
        assert filled.ask("gateway", "SELECT sum(pieces) FROM region_defect") == filled.ask("production", defects)
        for table in ("region_order", "region_work_order"):
            count = filled.ask("gateway", f"SELECT count(*) FROM {table} WHERE completed_on IS NOT NULL")
            source = ("orders", "orders") if table == "region_order" else ("production", "work_order")
            assert (
                count == filled.ask(source[0], f"SELECT count(*) FROM {source[1]} WHERE completed_on IS NOT NULL") > 0
            )

    def test_gives_training_the_practice_that_was_credited(self, filled: Deployment) -> None:
        credited = filled.ask("production", "SELECT sum(pieces) FROM credit")

        assert filled.ask("training", "SELECT sum(pieces) FROM practice") == credited
        assert filled.ask("gateway", "SELECT sum(minutes) FROM region_worker_day") == filled.ask(
            "training", "SELECT sum(minutes) FROM practice"
        )

    def test_tells_orders_what_passed(self, filled: Deployment) -> None:
        lines = _sums(
            filled,
            "production",
            "SELECT line_id::text AS key, (CASE state WHEN 'completed' THEN finished ELSE passed END)::text AS value"
            " FROM work_order",
        )
        known = _sums(
            filled,
            "orders",
            "SELECT id::text AS key, passed::text AS value FROM order_line WHERE work_order_id IS NOT NULL",
        )
        assert known == lines
        numbers = "SELECT lapas_id FROM orders GROUP BY lapas_id, year HAVING count(*) <> max(nth)"
        assert wrong(filled, "orders", numbers) == []

    def test_goes_on_where_it_was_broken_off(self, deployment: Deployment) -> None:
        class BrokenOff(Exception):
            """The loader was stopped."""

        def break_off(text: str) -> None:
            raise BrokenOff(text)

        breaking = Deployment({service: deployment[service] for service in SERVICES}, say=break_off)
        with pytest.raises(BrokenOff):
            fill(breaking, TINY, seed=7)
        assert deployment.ask("gateway", "SELECT count(*) FROM lapas") == 0
        half = deployment.ask("production", "SELECT count(*) FROM output")

        fill(deployment, TINY, seed=7, add=True)

        assert deployment.ask("production", "SELECT count(DISTINCT lapas_id) FROM output") == 2
        assert deployment.ask("production", "SELECT count(*) FROM output WHERE lapas_id = 'PKL'") == half > 1000

    def test_is_refused_where_there_is_data_unless_asked(self, filled: Deployment) -> None:
        with pytest.raises(DemoFailed, match="--add"):
            fill(filled, TINY, seed=7)

        larger = Scale(lapas=3, inmates=60, workers=36, days=40, orders=24)
        before = filled.ask("production", "SELECT count(*) FROM output")
        fill(filled, larger, seed=7, add=True)
        assert filled.ask("gateway", "SELECT count(*) FROM lapas") == 3
        assert filled.ask("production", "SELECT count(*) FROM output") > before


class TestPlaces:
    def test_are_46_with_codes_and_names_of_their_own(self) -> None:
        found = places(46)

        assert len({p.code for p in found}) == len({p.name for p in found}) == 46


def _sums(deployment: Deployment, service: str, sql: str) -> dict[object, object]:
    return {row["key"]: row["value"] for row in wrong(deployment, service, sql)}
