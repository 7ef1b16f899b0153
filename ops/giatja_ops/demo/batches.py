"""Plants of the demonstration: a batch that grows with losses, one that is sold in parts, one that is sold out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import cycle
from typing import Any, Final
from uuid import UUID

from giatja_contracts.units import Pieces
from giatja_kit.database import Store
from giatja_ops.demo.cast import staff
from giatja_ops.demo.days import identifier
from giatja_ops.demo.story import Story
from giatja_orders.facts import OrderedCell
from giatja_orders.ordering import handlers as ordering
from giatja_production.batches import handlers as batches
from giatja_production.batches.domain import Purpose

Do = Callable[[Store], object]
Act = tuple[int, str, str, Do, str]

_KINDS: Final = ("siram", "siram", "pupuk", "siram", "siang", "hama", "siram", "media")
_EVERY: Final = 4
# Before this day nobody of them had a decree, so officers wrote down the care alone.
_DECREES: Final = -80


@dataclass(frozen=True, kw_only=True)
class Grown:
    """A batch: on which working day it came to a stage, lost, was harvested or left the stock.

    :param stages: day -> stage. :param losses: day, pieces, cause. :param harvests: day, pieces.
    :param gone: day, pieces, purpose, document.
    """

    plant: str
    origin: str
    started: int
    begins: int
    unit: str = "pot"
    note: str = ""
    stages: Mapping[int, int]
    losses: Sequence[tuple[int, int, str]]
    harvests: Sequence[tuple[int, int]] = ()
    gone: Sequence[tuple[int, int, Purpose, str]] = ()
    cared_until: int = 0
    carers: Sequence[str] = ("tanam1", "tanam3")


@dataclass(frozen=True, kw_only=True)
class FromStock:
    """An order that is filled from the stock: what is handed out by yesterday, and what waits to be fetched."""

    partner: str
    product: str
    plant: str
    quantity: int
    handed_out: int


_GROWN: Final[Mapping[str, Sequence[Grown]]] = {
    "PKL": (
        Grown(
            plant="Aglaonema", origin="stek batang", started=80, begins=-150, cared_until=-20,
            stages={-132: 2, -108: 3, -80: 4, -40: 5},
            losses=((-126, 4, "mati"), (-97, 3, "layu"), (-61, 2, "hama")),
            harvests=((-38, 40), (-25, 31)),
            gone=((-37, 25, Purpose.SALE, "Kuitansi GG-014"), (-30, 15, Purpose.SALE, "Kuitansi GG-017"),
                  (-24, 20, Purpose.OWN_USE, "Berita acara taman 02"), (-18, 11, Purpose.SALE, "Kuitansi GG-021")),
        ),
        Grown(
            plant="Aglaonema", origin="anakan", started=150, begins=-96,
            note="Induk dari kebun sendiri, media sekam bakar",
            stages={-84: 2, -66: 3, -44: 4, -14: 5},
            losses=((-88, 5, "mati"), (-71, 6, "layu"), (-52, 4, "hama"), (-27, 3, "hama"), (-9, 2, "layu")),
            harvests=((-12, 48), (-5, 36)),
            gone=((-11, 14, Purpose.SALE, "Kuitansi GG-024"), (-8, 9, Purpose.SALE, "Kuitansi GG-026"),
                  (-4, 2, Purpose.DAMAGED, "Berita acara rusak 01")),
        ),
        Grown(
            plant="Adenium", origin="biji", unit="bibit", started=200, begins=-34,
            stages={-27: 2, -9: 3},
            losses=((-29, 14, "mati"), (-20, 9, "layu"), (-12, 5, "mati"), (-3, 4, "hama")),
        ),
    ),
    "SMG": (
        Grown(
            plant="Puring", origin="stek batang", started=60, begins=-26, carers=("tanam2",),
            stages={-20: 2, -11: 3}, losses=((-18, 6, "mati"), (-7, 2, "layu")),
        ),
    ),
}  # fmt: skip
_ORDER: Final = FromStock(
    partner="Koperasi Sekar Jagat", product="Aglaonema pot 15 cm", plant="Aglaonema", quantity=30, handed_out=18
)
_ORDERING: Final = "PKL"


def play_batches(story: Story) -> None:
    """Play the plants of one Lapas; those of the first also fill an order."""
    for grown in _GROWN.get(story.place.code, ()):
        _Bed(story, grown).play()
    if story.place.code == _ORDERING:
        _fill(story, _ORDER)


class _Bed:
    """One batch and what people did with it, each act once however often the demonstration is loaded."""

    def __init__(self, story: Story, grown: Grown) -> None:
        self._story, self._grown = story, grown
        self.id = _id(story, grown.begins, "batch", grown.plant)

    def play(self) -> None:
        """Do everything in the order of its days."""
        acts = sorted(self._acts(), key=lambda act: (act[0], act[1]))
        for day, clock, table, do, name in acts:
            _once(self._story, "petugas", self._story.calendar.on(day, clock), table, self._entry(day, name), do)

    def _entry(self, day: int, name: str) -> UUID:
        return self.id if name == "begin" else _id(self._story, day, self._grown.plant, self._grown.begins, name)

    def _acts(self) -> Iterator[Act]:
        grown = self._grown
        yield grown.begins, "08:10", "batch", self._begin, "begin"
        for day, stage in grown.stages.items():
            yield day, "08:20", "", partial(self._move, day, stage), f"stage {stage}"
        for day, pieces, cause in grown.losses:
            yield day, "08:40", "batch_movement", partial(self._lose, day, pieces, cause), "loss"
        for day, pieces in grown.harvests:
            yield day, "09:00", "batch_movement", partial(self._harvest, day, pieces), "harvest"
        for day, pieces, purpose, document in grown.gone:
            yield day, "10:30", "stock_allocation", partial(self._sell, day, pieces, purpose, document), "sale"
        days = range(grown.begins + 1, grown.cared_until, _EVERY)
        for day, kind in zip(days, cycle(_KINDS), strict=False):
            yield day, "07:40", "batch_care", partial(self._care, day, kind), "care"

    def _begin(self, store: Store) -> None:
        workshop_id = store.value(
            "SELECT id FROM workshop WHERE lapas_id = :lapas_id AND kind = 'tanaman_hias'", lapas_id=store.lapas_id
        )
        grown = self._grown
        batches.start_batch(
            batches.StartBatch(
                id=self.id,
                workshop_id=workshop_id,
                plant=grown.plant,
                origin=grown.origin,
                unit=grown.unit,
                started=grown.started,
                started_on=self._story.calendar.day(grown.begins),
                stages=(),
                note=grown.note,
            ),
            store,
        )

    def _move(self, day: int, stage: int, store: Store) -> None:
        row = store.row("SELECT stage_no, version FROM batch WHERE id = :id", id=self.id)
        if row is not None and row["stage_no"] < stage:
            command = batches.MoveBatch(
                id=self.id, version=row["version"], stage_no=stage, day=self._story.calendar.day(day)
            )
            batches.move_batch(command, store)

    def _lose(self, day: int, pieces: int, cause: str, store: Store) -> None:
        command = batches.RecordLoss(
            id=self._entry(day, "loss"),
            batch_id=self.id,
            day=self._story.calendar.day(day),
            pieces=pieces,
            cause=cause,
            note="",
        )
        batches.record_loss(command, store)

    def _harvest(self, day: int, pieces: int, store: Store) -> None:
        command = batches.Harvest(
            id=self._entry(day, "harvest"),
            batch_id=self.id,
            day=self._story.calendar.day(day),
            pieces=pieces,
            note="",
        )
        batches.harvest(command, store)

    def _sell(self, day: int, pieces: int, purpose: Purpose, document: str, store: Store) -> None:
        command = batches.AllocateStock(
            id=self._entry(day, "sale"),
            batch_id=self.id,
            pieces=pieces,
            purpose=purpose,
            work_order_id=None,
            document=document,
            handed_out=True,
        )
        batches.allocate_stock(command, store)

    def _care(self, day: int, kind: str, store: Store) -> None:
        carers = self._grown.carers if day > _DECREES else ()
        command = batches.RecordCare(
            id=self._entry(day, "care"),
            batch_id=self.id,
            day=self._story.calendar.day(day),
            kind=kind,
            note="Pupuk kandang, satu genggam tiap pot" if kind == "pupuk" else "",
            led_by=None,
            workers={self._story.inmate_id(key): 45 for key in carers},
        )
        batches.record_care(command, store)


def _fill(story: Story, wanted: FromStock) -> None:
    """Take an order for plants, hand some of it out and keep the rest for who fetches it."""
    day = -4
    at, accepted_at = story.calendar.on(day, "09:20"), story.calendar.on(day, "13:50")
    id_ = identifier(at, story.seed, story.place.code, "order from stock")

    def create(store: Store) -> None:
        content = ordering.OrderContent(
            partner_id=_named(store, "partner", wanted.partner),
            material_owner="lapas",
            due_date=story.calendar.day(6),
            note="Untuk ruang pertemuan; diambil dua kali",
            lines=(
                ordering.LineContent(
                    product_id=_named(store, "product", wanted.product),
                    unit="pot",
                    cells=(OrderedCell(size="-", colour="-", quantity=Pieces(wanted.quantity)),),
                ),
            ),
        )
        ordering.create_order(ordering.CreateOrder(id=id_, content=content), store)

    _once(story, "bimker", at, "orders", id_, create, service="orders")
    _once(
        story, "kasi", accepted_at, "orders", id_,
        partial(ordering.accept_order, ordering.AcceptOrder(id=id_, version=None)),
        service="orders", more=" AND accepted_on IS NOT NULL",
    )  # fmt: skip
    story.deployment.let_hear("orders", what="the order that is filled from stock")
    # The newest of the plant; the one before it is sold out.
    grown = max((g for g in _GROWN[story.place.code] if g.plant == wanted.plant), key=lambda g: g.begins)
    batch_id = _id(story, grown.begins, "batch", grown.plant)
    order_id = id_
    for nth, pieces in enumerate((wanted.handed_out, wanted.quantity - wanted.handed_out)):
        at = story.calendar.on(-1, f"1{nth}:20")
        allocation = identifier(at, story.seed, story.place.code, "from stock", nth)

        def allocate(store: Store, nth: int = nth, pieces: int = pieces, id_: UUID = allocation) -> None:
            command = batches.AllocateStock(
                id=id_,
                batch_id=batch_id,
                pieces=pieces,
                purpose=Purpose.SALE,
                work_order_id=store.value("SELECT id FROM work_order WHERE order_id = :id", id=order_id),
                document="",
                handed_out=nth == 0,
            )
            batches.allocate_stock(command, store)

        _once(story, "petugas", at, "stock_allocation", allocation, allocate)


def _named(store: Store, table: str, name: str) -> Any:
    return store.value(
        f"SELECT id FROM {table} WHERE lapas_id = :lapas_id AND name = :name",  # noqa: S608 - one of two
        lapas_id=store.lapas_id,
        name=name,
    )


def _id(story: Story, day: int, *names: object) -> UUID:
    return identifier(story.calendar.on(day, "08:00"), story.seed, story.place.code, "plants", *names)


def _once(
    story: Story, who: str, at: datetime, table: str, id_: UUID, do: Do, *, service: str = "production", more: str = ""
) -> None:
    """Let somebody do something at a moment, unless a row of that id says that it was done before."""
    with story.deployment[service].transaction(staff(story.place)[who].principal, at=at) as store:
        if not table or not store.value(f"SELECT true FROM {table} WHERE id = :id{more}", id=id_):  # noqa: S608 - ours
            do(store)
