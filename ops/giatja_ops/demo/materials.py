"""Materials of the demonstration: koko cloth that is settled, mori in work, the Lapas' own wax running low, a count."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from giatja_kit.database import Store
from giatja_ops.demo.cast import staff
from giatja_ops.demo.days import identifier
from giatja_ops.demo.story import Story
from giatja_production.materials import handlers as materials
from giatja_production.materials import queries
from giatja_production.materials.domain import BillLine, Line, MaterialKind, Thousandths
from giatja_production.materials.handlers import Act

_ONE: Final = 1000
# Key: name, kind, unit, decimals, minimum.
_ITEMS: Final[Mapping[str, tuple[str, MaterialKind, str, int, float]]] = {
    "katun": ("Katun toyobo", "fabric", "m", 2, 0),
    "kancing": ("Kancing kemeja 11 mm", "button", "pcs", 0, 0),
    "mori": ("Mori primissima", "fabric", "m", 1, 0),
    "benang": ("Benang jahit", "thread", "cone", 0, 12),
    "malam": ("Malam batik", "malam", "kg", 1, 20),
    "pewarna": ("Pewarna remasol", "dye", "kg", 2, 3),
    "soda": ("Soda abu", "chemical", "kg", 1, 5),
    "sekam": ("Media tanam sekam bakar", "plant", "sak", 0, 10),
    "plastik": ("Plastik kemas 30 x 40 cm", "packing", "pcs", 0, 500),
}
# What the Lapas bought for itself: day, papers, item and quantity.
_BOUGHT: Final[Sequence[tuple[int, str, Mapping[str, float]]]] = (
    (-52, "Faktur 0412/TB", {"benang": 60, "plastik": 2000}),
    (-44, "Faktur 118/KM", {"malam": 60, "pewarna": 9.5, "soda": 25}),
    (-40, "Nota 77", {"sekam": 40}),
)
_KOKO, _KOKO_NEXT, _BATIK = "koko", "koko2", "batik"
_LONG, _SHORT, _CLOTH = "Koko lengan panjang", "Koko lengan pendek", "Kain batik cap"
# What one piece takes: item, quantity, allowance per mille.
_BILLS: Final[Mapping[str, Sequence[tuple[str, float, int]]]] = {
    _LONG: (("katun", 2.1, 30), ("kancing", 7, 20)),
    _SHORT: (("katun", 1.75, 30), ("kancing", 6, 20)),
    _CLOTH: (("mori", 2.5, 20),),
}
# Before anything was made of it: day, hour, order, papers and what came, as the papers state and as it was counted.
_CONSIGNED: Final[Sequence[tuple[int, str, str, str, Mapping[str, tuple[float, float]]]]] = (
    (-24, "15:10", _KOKO, "SJ 208/DMA", {"katun": (802, 800), "kancing": (2700, 2700)}),
    (-23, "15:20", _BATIK, "SJ Palal 31", {"mori": (650, 650)}),
    (-12, "09:30", _BATIK, "SJ Palal 34", {"mori": (600, 598.5)}),
)
# Came after the koko order was settled, for the next one.
_CAME_LATER: Final = (-1, "15:10", _KOKO_NEXT, "SJ 231/DMA", {"katun": (440, 440), "kancing": (1500, 1500)})
# Day, hour, order, product, act, reason and how much of what.
_MOVES: Final[Sequence[tuple[int, str, str, str, Act, str, Mapping[str, float]]]] = (
    (-23, "08:10", _KOKO, _LONG, Act.ISSUE, "", {"katun": 432, "kancing": 1430, "benang": 14}),
    (-23, "08:20", _KOKO, _SHORT, Act.ISSUE, "", {"katun": 360, "kancing": 1225, "benang": 11}),
    (-22, "08:05", _BATIK, _CLOTH, Act.ISSUE, "", {"mori": 600, "malam": 30, "pewarna": 2.5, "soda": 8}),
    (-20, "14:50", _KOKO, _LONG, Act.WASTE, "Sisa potongan di bawah 20 cm", {"katun": 8.25}),
    (-17, "14:50", _KOKO, _SHORT, Act.WASTE, "Sisa potongan di bawah 20 cm", {"katun": 5.75}),
    (-16, "11:15", _KOKO, _LONG, Act.WASTE, "Pecah saat dipasang", {"kancing": 12}),
    (-15, "14:40", _BATIK, _CLOTH, Act.WASTE, "Luntur saat pelorodan", {"mori": 7.5}),
    (-10, "08:10", _BATIK, _CLOTH, Act.ISSUE, "", {"mori": 420, "malam": 14.5, "pewarna": 1.75}),
)
_ENDED: Final = -8
"""The day on which the koko order was worked through."""
_COUNTED: Final = (
    "SELECT c.nth, c.material_id, CAST(sum(l.in_store) AS bigint) AS there FROM material_count_line c"
    " JOIN material_lot l ON l.lapas_id = c.lapas_id AND l.material_id = c.material_id AND l.order_id IS NULL"
    " WHERE c.lapas_id = :lapas_id AND c.count_id = :id GROUP BY c.nth, c.material_id ORDER BY c.nth"
)
# What was left of it: hour, act, the product it was made for where it is still there, reason, how much of what.
_LEFT: Final[Sequence[tuple[str, Act, str, str, Mapping[str, float]]]] = (
    ("14:10", Act.RESTORE, _SHORT, "", {"katun": 6}),
    ("14:20", Act.LOSS, _SHORT, "Tercecer di meja pasang kancing", {"kancing": 3}),
    ("14:40", Act.RETURN, "", "", {"katun": 14, "kancing": 45}),
)


def stock_up(story: Story) -> None:
    """Let material come in and go to work, before anything is made of it."""
    act = _Acts(story)
    act.list_items()
    acts = [
        (day, "10:15", partial(act.receive, day, "10:15", None, papers, {item: (n, n) for item, n in what.items()}))
        for day, papers, what in _BOUGHT
    ]
    if story.place.code == "PKL":
        for product, lines in _BILLS.items():
            act.say_what_it_takes(product, lines)
        acts += [(said[0], said[1], partial(act.receive, *said)) for said in _CONSIGNED]
        acts += [(said[0], said[1], partial(act.move, *said)) for said in _MOVES]
    # The journal is in the order in which it was written.
    for _, _, do in sorted(acts, key=lambda each: each[:2]):
        do()


def play_materials(story: Story) -> None:
    """Give back what the koko order left and settle it with the partner; count the store, with one cone missing."""
    if story.place.code != "PKL":
        return
    act = _Acts(story)
    for clock, kind, product, reason, what in _LEFT:
        act.move(_ENDED, clock, _KOKO, product, kind, reason, what)
    act.settle(_ENDED + 1, "10:00")
    act.receive(*_CAME_LATER)
    act.count(-1)


class _Acts:
    """What people of a Lapas do with materials, each act once however often the demonstration is loaded."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self._people = staff(story.place)

    def list_items(self) -> None:
        """Put the items on the list."""
        with self._transaction("sarana", self._at(-55, "09:00")) as store:
            if self._done(store, "material", self._item("katun")):
                return
            for key, (name, kind, unit, decimals, minimum) in _ITEMS.items():
                command = materials.AddMaterial(
                    id=self._item(key), name=name, kind=kind, unit=unit, decimals=decimals, minimum=_fine(minimum)
                )
                materials.add_material(command, store)

    def say_what_it_takes(self, product: str, lines: Sequence[tuple[str, float, int]]) -> None:
        """Say what one piece of a product takes."""
        with self._transaction("sarana", self._at(-24, "16:00")) as store:
            row = store.row(
                "SELECT p.product_id FROM order_product p JOIN work_order w USING (lapas_id, line_id)"
                " WHERE w.lapas_id = :lapas_id AND w.product_name = :product LIMIT 1",
                lapas_id=store.lapas_id,
                product=product,
            )
            if row is None or queries.bill(store, row["product_id"])["version"]:
                return
            said = [BillLine(material_id=self._item(i), size="", quantity=_fine(q), waste=w) for i, q, w in lines]
            materials.set_bill(
                materials.SetBill(product_id=row["product_id"], product_name=product, version=0, lines=said), store
            )

    def receive(
        self, day: int, clock: str, order: str | None, papers: str, what: Mapping[str, tuple[float, float]]
    ) -> None:
        """Take material in: as the papers state, and as it was counted."""
        at = self._at(day, clock)
        command = materials.Receive(
            id=self._id(at, "receipt", papers),
            order_id=self._story.order_id(order) if order else None,
            received_on=self._day(day),
            reference=papers,
            lines=[
                materials.Received(
                    lot_id=self._id(at, "lot", papers, item),
                    material_id=self._item(item),
                    counted=_fine(counted),
                    stated=_fine(stated),
                )
                for item, (stated, counted) in what.items()
            ],
        )
        with self._transaction("sarana", at) as store:
            if not self._done(store, "material_document", command.id):
                materials.receive(command, store)

    def move(
        self, day: int, clock: str, order: str, product: str, kind: Act, reason: str, what: Mapping[str, float]
    ) -> None:
        """Move material of an order, to or from one of its work orders where a product is named."""
        at = self._at(day, clock)
        id_ = self._id(at, kind.value, order, product, *what)
        with self._transaction("sarana", at) as store:
            if self._done(store, "material_document", id_):
                return
            order_id = self._story.order_id(order)
            job = store.value(
                "SELECT id FROM work_order WHERE lapas_id = :lapas_id AND order_id = :order_id AND product_name = :name",
                lapas_id=store.lapas_id,
                order_id=order_id,
                name=product,
            )
            command = materials.Move(
                id=id_,
                act=kind,
                work_order_id=job,
                order_id=None if job else order_id,
                reason=reason,
                lines=[Line(material_id=self._item(item), quantity=_fine(n)) for item, n in what.items()],
            )
            materials.move(command, store)

    def settle(self, day: int, clock: str) -> None:
        """Settle the cloth and buttons of the koko order: both sides have signed."""
        at = self._at(day, clock)
        order_id = self._story.order_id(_KOKO)
        with self._transaction("kasi", at) as store:
            if queries.order(store, order_id)["state"] == "settled":
                return
            command = materials.SignSettlement(
                order_id=order_id,
                version=None,
                signed_by="Ratna Dewi",
                signed_on=self._day(day),
                document_ref="BA-07/PKL/GIATJA",
                document_id=self._id(at, "settlement"),
            )
            materials.sign_settlement(command, store)

    def count(self, day: int) -> None:
        """Count what the Lapas owns; one cone is missing, and nobody has approved it yet."""
        at = self._at(day, "15:20")
        command = materials.StartCount(
            id=self._id(at, "count"), owner="lapas", kind=None, note="Hitung akhir bulan, milik Lapas"
        )
        with self._transaction("sarana", at) as store:
            if self._done(store, "material_count", command.id):
                return
            materials.start_count(command, store)
        with self._transaction("kasi", self._at(day, "15:50")) as store:
            found = [
                materials.Counted(nth=line["nth"], counted=line["there"] - _ONE, reason="Satu cone tidak ada di rak")
                if line["material_id"] == self._item("benang")
                else materials.Counted(nth=line["nth"], counted=line["there"])
                for line in store.rows(_COUNTED, lapas_id=store.lapas_id, id=command.id)
            ]
            materials.enter_count(materials.EnterCount(id=command.id, version=None, lines=found), store)

    def _item(self, key: str) -> UUID:
        return self._id(self._at(-55, "09:00"), "item", key)

    def _id(self, at: datetime, *names: object) -> UUID:
        return identifier(at, self._story.seed, self._story.place.code, "materials", *names)

    def _at(self, day: int, clock: str) -> datetime:
        return self._story.calendar.on(day, clock)

    def _day(self, day: int) -> date:
        return self._story.calendar.day(day)

    @staticmethod
    def _done(store: Store, table: str, id_: UUID) -> bool:
        return bool(store.value(f"SELECT true FROM {table} WHERE id = :id", id=id_))  # noqa: S608 - constants

    def _transaction(self, who: str, at: datetime) -> Any:
        return self._story.deployment["production"].transaction(self._people[who].principal, at=at)


def _fine(quantity: float) -> Thousandths:
    """Return a quantity in thousandths of its unit."""
    return Thousandths(round(quantity * _ONE))
