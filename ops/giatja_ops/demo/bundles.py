"""Bundles and inspections of the demonstration: an order cut by marker and plies, its cards at many stages."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from giatja_kit.database import Store
from giatja_ops.demo.cast import staff
from giatja_ops.demo.days import identifier
from giatja_ops.demo.story import Story
from giatja_production.bundles import handlers as bundles
from giatja_production.bundles.domain import Kind, Lay
from giatja_production.output import handlers as output
from giatja_production.output.domain import Entry, Shift
from giatja_production.quality import handlers as quality
from giatja_production.quality.domain import Finding, Inspector, Verdict
from giatja_production.workshops.domain import Stage

Do = Callable[[Store], object]

ORDER: Final = "seragam"
"""The order of Pekalongan that is worked on in bundles: the marker holds S once, M and L twice, XL once."""
_PLIES: Final = 15
_LAY: Final = Lay(colour="abu-abu", plies=_PLIES, ratio={"S": 1, "M": 2, "L": 2, "XL": 1})
_MORNING, _AFTERNOON = ("pagi", "11:10"), ("siang", "14:40")
# Day, shift and hour, stage, who, number of the bundle.
_WORK: Final[Sequence[tuple[int, tuple[str, str], str, str, int]]] = (
    (-3, _AFTERNOON, "bundel", "bundel1", 1), (-3, _AFTERNOON, "bundel", "bundel1", 2),
    (-3, _AFTERNOON, "bundel", "bundel1", 3), (-3, _AFTERNOON, "bundel", "bundel1", 4),
    (-3, _AFTERNOON, "bundel", "bundel1", 5),
    (-2, _MORNING, "jahit", "jahit1", 1), (-2, _MORNING, "jahit", "jahit2", 2),
    (-2, _AFTERNOON, "obras", "obras1", 1), (-2, _AFTERNOON, "obras", "obras2", 2),
    (-2, _AFTERNOON, "jahit", "jahit3", 3),
    (-1, _MORNING, "lubang_kancing", "kancing1", 1), (-1, _MORNING, "lubang_kancing", "kancing1", 2),
    (-1, _MORNING, "buang_benang", "benang1", 1), (-1, _MORNING, "buang_benang", "benang1", 2),
    (-1, _MORNING, "obras", "obras1", 3), (-1, _MORNING, "jahit", "jahit4", 4),
)  # fmt: skip
_LOT_OF: Final = 10


def play_bundles(story: Story) -> None:
    """Play what happened with bundles and inspections at Pekalongan; the others have none yet."""
    if story.place.code != "PKL":
        return
    act = _Acts(story)
    act.cut()
    for day, (shift, clock), stage, who, no in _WORK:
        act.record(day, Shift(shift), clock, stage, who, no)
    act.inspect()
    act.lose()
    act.dye_lot()


class _Acts:
    """What people of Pekalongan do with bundles, each act once however often the demonstration is loaded."""

    def __init__(self, story: Story) -> None:
        self._story = story
        row = self._ask("SELECT id, route FROM work_order WHERE order_id = :id", id=story.order_id(ORDER))
        self._work_order: UUID = row["id"]
        self._stages = {s.key: s for s in map(Stage.read, row["route"]["stages"])}

    def cut(self) -> None:
        """Cut the first lay, and tie it up by size."""
        cutters = (("potong1", 48), ("potong2", 42))
        entries = [Entry(inmate_id=self._story.inmate_id(k), good=n, colour=_LAY.colour) for k, n in cutters]
        command = self._recorded(-3, Shift.MORNING, "potong", entries, "cut")
        done = "SELECT true FROM output WHERE id = :id"
        self._once(-3, "09:40", partial(output.record_output, command), done, id=command.ids[0])
        cut = bundles.CutBundles(work_order_id=self._work_order, kind=Kind.BUNDLE, most=_PLIES, lays=(_LAY,))
        done = "SELECT true FROM bundle WHERE work_order_id = :id"
        self._once(-3, "10:30", partial(bundles.cut_bundles, cut), done, id=self._work_order)

    def record(self, day: int, shift: Shift, clock: str, stage: str, who: str, no: int) -> None:
        """Record a bundle whole at a stage."""
        found = self._bundle(no)
        entry = Entry(inmate_id=self._story.inmate_id(who), good=_PLIES, bundle_id=found)
        command = self._recorded(day, shift, stage, [entry], f"{stage} {no}")
        done = "SELECT true FROM output WHERE id = :id"
        self._once(day, clock, partial(output.record_output, command), done, id=command.ids[0])

    def inspect(self) -> None:
        """Inspect the first bundle in full; the partner inspects the second on a sample."""
        seam = Finding(
            defect="jahitan_loncat", verdict=Verdict.REWORK, pieces=2, responsible_no=self._stages["jahit"].no
        )
        stain = Finding(defect="noda", verdict=Verdict.REWORK, pieces=1)
        hole = Finding(defect="bolong", verdict=Verdict.REJECT, pieces=1, responsible_no=self._stages["potong"].no)
        own = self._inspection("own", 1, inmate_id=self._story.inmate_id("qc1"), findings=(seam,))
        partner = self._inspection(
            "partner",
            2,
            inspector=Inspector.PARTNER,
            inspector_name="Ratna Dewi",
            sample_size=5,
            note="Contoh diambil dari tengah tumpukan; noda minyak mesin, satu bolong di saku",
            findings=(stain, hole),
        )
        for clock, command in (("13:30", own), ("14:15", partner)):
            done = "SELECT true FROM inspection WHERE id = :id"
            self._once(-1, clock, partial(quality.inspect_pieces, command), done, id=command.id)
        pressed = Entry(inmate_id=self._story.inmate_id("setrika1"), good=_PLIES - 2, bundle_id=self._bundle(1))
        ironed = self._recorded(-1, Shift.AFTERNOON, "setrika", [pressed], "setrika 1")
        done = "SELECT true FROM output WHERE id = :id"
        self._once(-1, "15:00", partial(output.record_output, ironed), done, id=ironed.ids[0])

    def lose(self) -> None:
        """Miss one bundle."""

        def lose(store: Store) -> None:
            version = store.value("SELECT version FROM bundle WHERE id = :id", id=found)
            reason = "Tidak ada di rak jahit sesudah ruangan dibersihkan"
            bundles.lose_bundle(bundles.LoseBundle(id=found, version=version, reason=reason), store)

        found = self._bundle(5)
        done = "SELECT true FROM bundle_event WHERE bundle_id = :id AND kind = 'lost'"
        self._once(-1, "15:20", lose, done, id=found)

    def dye_lot(self) -> None:
        """Put cloth of one colour that waits to be dyed into a lot."""
        order_id = self._story.order_id("batik")
        waiting = self._ask(
            "SELECT w.id, s.stage_no, c.value ->> 'size' AS size, c.value ->> 'colour' AS colour, s.waiting"
            " FROM work_order w JOIN stage_balance s ON s.lapas_id = w.lapas_id AND s.work_order_id = w.id"
            " JOIN jsonb_array_elements(w.cells) c ON CAST(c.value ->> 'no' AS int) = s.cell_no"
            " JOIN jsonb_array_elements(w.route -> 'stages') t ON CAST(t.value ->> 'no' AS int) = s.stage_no"
            " WHERE w.order_id = :id AND t.value ->> 'key' = 'pewarnaan' AND s.waiting > 0"
            " ORDER BY s.waiting DESC, s.cell_no LIMIT 1",
            id=order_id,
        )
        if waiting is None:
            return
        pieces = min(_LOT_OF, waiting["waiting"])
        lot = bundles.Lot(size=waiting["size"], colour=waiting["colour"], pieces=pieces)
        command = bundles.CutBundles(
            work_order_id=waiting["id"], kind=Kind.LOT, most=_LOT_OF, stage_no=waiting["stage_no"], lots=(lot,)
        )
        done = "SELECT true FROM bundle WHERE work_order_id = :id"
        self._once(0, "07:50", partial(bundles.cut_bundles, command), done, id=waiting["id"])

    def _inspection(self, name: str, no: int, **more: Any) -> quality.InspectPieces:
        return quality.InspectPieces(
            id=self._id(-1, "inspection", name),
            work_order_id=self._work_order,
            work_date=self._story.calendar.day(-1),
            shift=Shift.AFTERNOON,
            bundle_id=self._bundle(no),
            **more,
        )

    def _recorded(self, day: int, shift: Shift, stage: str, entries: Sequence[Entry], name: str) -> output.RecordOutput:
        return output.RecordOutput(
            work_order_id=self._work_order,
            stage_id=self._stages[stage].id,
            work_date=self._story.calendar.day(day),
            shift=shift,
            entries=entries,
            ids=[self._id(day, "output", name, nth) for nth in range(len(entries))],
        )

    def _bundle(self, no: int) -> UUID:
        """Return a bundle by its number; what came out of it later has the same."""
        row = self._ask(
            "SELECT id FROM bundle WHERE work_order_id = :id AND no = :no AND parent_id IS NULL",
            id=self._work_order,
            no=no,
        )
        found: UUID = row["id"]
        return found

    def _id(self, day: int, *names: object) -> UUID:
        at = self._story.calendar.on(day, "08:00")
        return identifier(at, self._story.seed, self._story.place.code, "bundles", *names)

    def _ask(self, sql: str, **values: Any) -> Any:
        with self._transaction("petugas", self._story.calendar.now) as store:
            return store.row(sql, **values)

    def _once(self, day: int, clock: str, do: Do, done: str, *, id: UUID) -> None:  # noqa: A002
        """Let an officer do something at a moment, unless it was done before."""
        with self._transaction("petugas", self._story.calendar.on(day, clock)) as store:
            if not store.value(done, id=id):
                do(store)

    def _transaction(self, who: str, at: datetime) -> Any:
        return self._story.deployment["production"].transaction(staff(self._story.place)[who].principal, at=at)
