"""The premi of the demonstration: schemes, what partners paid, lists, a withdrawal that waits, a release paid out."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from giatja_kit.database import Store
from giatja_ops.demo.cast import staff
from giatja_ops.demo.days import identifier
from giatja_ops.demo.story import Story
from giatja_production.premi import handlers as premi
from giatja_production.premi.domain import Account, PerPiece, ShareOfProceeds, Split, Terms
from giatja_training.departures import handlers as departures

Do = Callable[[Store], object]

_HALF: Final = ShareOfProceeds(premi=50, capital=35, pnbp=15, other=0, remainder="premi", estimate=6500)
_QUARTER: Final = ShareOfProceeds(premi=15, capital=60, pnbp=25, other=0, remainder="capital", estimate=9000)
# Of the splits in use: half of what the partner pays, a plain fee by the piece, and so much a pot of the Lapas' own.
_SCHEMES: Final[Mapping[str, Mapping[str, Terms]]] = {
    "PKL": {"Garmen": _HALF, "Batik cap": PerPiece(finished=4000), "Tanaman hias": PerPiece(finished=3000)},
    "BTG": {"Konveksi tas": PerPiece(rates={"jahit": 250, "qc": 40, "kemas": 30})},
    "SMG": {"Garmen": ShareOfProceeds(premi=30, capital=70, pnbp=0, other=0, remainder="capital", estimate=7500)},
}
_UMK: Final = {"PKL": 2_545_138, "BTG": 2_530_000, "SMG": 3_454_827}
# Which orders were paid, on which working day, how much; what a plain fee leaves is capital.
_PAID: Final[Mapping[str, tuple[tuple[str, int, int, int], ...]]] = {
    "PKL": (("kemeja0", -28, 780_000, 390_000), ("koko", -6, 2_600_000, 1_300_000)),
    "BTG": (("tas0", -27, 330_000, 200_000), ("tas", -7, 527_500, 320_000)),
    "SMG": (("celemek", -25, 216_000, 64_800),),
}
_GOES: Final = "jahit15"


def play_premi(story: Story) -> None:
    """Play what happened with premi at one Lapas, in the order of its days."""
    act = _Acts(story)
    act.schemes()
    act.references()
    act.proceeds()
    this = story.calendar.today.replace(day=1)
    before = (this - timedelta(days=1)).replace(day=1)
    if story.place.code == "BTG":
        begun = act.at(-3, "09:00")
        act.list_of(begun.date().replace(day=1), begun=begun, proposed=act.at(-3, "10:00"), decided=act.at(-2, "09:10"),
                    credited=act.at(-2, "13:00"))  # fmt: skip
        act.release()
        return
    first = story.calendar.at(this, "09:00")
    act.list_of(before, begun=first, proposed=first + timedelta(minutes=20), decided=first + timedelta(hours=4),
                credited=first + timedelta(hours=5))  # fmt: skip
    if story.place.code == "PKL":
        act.list_of(this, begun=story.calendar.now)
        act.withdrawal()


class _Acts:
    """What people of a Lapas do with premi, each act once however often the demonstration is loaded."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self._code = story.place.code
        self._people = staff(story.place)

    def at(self, day: int, clock: str) -> datetime:
        """Return a moment of a working day."""
        return self._story.calendar.on(day, clock)

    def _id(self, at: datetime, *names: object) -> UUID:
        return identifier(at, self._story.seed, self._code, "premi", *names)

    def _do(self, who: str, at: datetime, do: Do, *, unless: str, **asked: Any) -> None:
        at = min(at, self._story.calendar.now)
        with self._story.deployment["production"].transaction(self._people[who].principal, at=at) as store:
            if not store.value(unless, lapas_id=self._code, **asked):
                do(store)

    def _value(self, sql: str, **asked: Any) -> Any:
        return self._story.deployment.ask("production", sql, lapas_id=self._code, **asked)

    def schemes(self) -> None:
        """Let the head of the section propose how each workshop pays, and the head of the Lapas approve it."""
        for name, terms in _SCHEMES[self._code].items():
            id_ = self._scheme(name, terms, self.at(-120, "09:00"), since=self.at(-120, "09:00").date(), saved=10)
            self._do(
                "kalapas", self.at(-119, "10:00"),
                partial(premi.approve_scheme, premi.ApproveScheme(id=id_, version=None)),
                unless="SELECT true FROM premi_scheme WHERE lapas_id = :lapas_id AND id = :id AND state <> 'proposed'",
                id=id_,
            )  # fmt: skip
        if self._code == "PKL":
            following = (self._story.calendar.today.replace(day=1) + timedelta(days=32)).replace(day=1)
            self._scheme("Batik cap", _QUARTER, self.at(-1, "11:00"), since=following, saved=10)

    def _scheme(self, name: str, terms: Terms, at: datetime, *, since: date, saved: int) -> UUID:
        id_ = self._id(at, "scheme", name)
        workshop = self._value("SELECT id FROM workshop WHERE lapas_id = :lapas_id AND name = :name", name=name)
        command = premi.ProposeScheme(
            id=id_, workshop_id=workshop, product_name=None, terms=terms, saved_percent=saved, valid_from=since,
            document=f"SK Kalapas {self._code}/PREMI/{since.year}",
        )  # fmt: skip
        self._do(
            "kasi", at, partial(premi.propose_scheme, command),
            unless="SELECT true FROM premi_scheme WHERE lapas_id = :lapas_id AND id = :id", id=id_,
        )  # fmt: skip
        return id_

    def references(self) -> None:
        """Set the UMK beside the floor that is shipped."""
        command = premi.SetReference(
            kind="umk", valid_from=self._story.calendar.today.replace(month=1, day=1), amount=_UMK[self._code],
            document="Keputusan Gubernur Jawa Tengah",
        )  # fmt: skip
        self._do(
            "kasi", self.at(-110, "09:00"), partial(premi.set_reference, command),
            unless="SELECT true FROM premi_reference WHERE lapas_id = :lapas_id AND kind = 'umk'",
        )  # fmt: skip

    def proceeds(self) -> None:
        """Let the treasurer enter what partners paid."""
        for nth, (key, day, base, part) in enumerate(_PAID[self._code], start=1):
            at = self.at(day, "10:30")
            document = f"KW-{nth:03}/{self._code}/{at:%m}/{at.year}"
            fixed = self._code == "BTG"
            split = Split(base=base, premi=part, capital=base - part, pnbp=0, other=0) if fixed else None
            command = premi.RecordProceeds(
                id=self._id(at, "proceeds", key), order_id=self._story.order_id(key), base=base, split=split, document=document,
                split_on=at.date(),
            )  # fmt: skip
            self._do(
                "bendahara", at, partial(premi.record_proceeds, command),
                unless="SELECT true FROM premi_proceeds WHERE lapas_id = :lapas_id AND id = :id", id=command.id,
            )  # fmt: skip

    def list_of(
        self,
        period: date,
        *,
        begun: datetime,
        proposed: datetime | None = None,
        decided: datetime | None = None,
        credited: datetime | None = None,
    ) -> None:
        """Have the list of a month worked out, and as far as there is a moment for it proposed, approved and credited."""
        id_ = self._id(begun, "list", period)
        command, of = premi.BeginList(id=id_, period=period), premi.OfList(id=id_, version=None)
        state = "SELECT true FROM premi_list WHERE lapas_id = :lapas_id AND period = :period"

        def work_out(store: Store) -> None:
            premi.begin_list(command, store)
            premi.compute_list(id_, store, reached=lambda _percent: None)

        self._do("kasi", begun, work_out, unless=state, period=period)
        if not self._value("SELECT people FROM premi_list WHERE lapas_id = :lapas_id AND id = :id", id=id_):
            return  # nothing was paid in time: the draft waits
        acts: tuple[tuple[str, datetime | None, Do, str], ...] = (
            ("kasi", proposed, partial(premi.propose_list, of), "draft"),
            ("kalapas", decided, partial(premi.approve_list, of), "proposed"),
            ("bendahara", credited, partial(self._credit, id_), "locked"),
        )
        for who, at, do, before in acts:
            if at is not None:
                self._do(who, at, do, unless=f"{state} AND state <> '{before}'", period=period)

    def _credit(self, id_: UUID, store: Store) -> None:
        lines = store.rows(
            "SELECT inmate_id FROM premi_line WHERE list_id = :id AND gross > 0 ORDER BY gross DESC, inmate_id", id=id_
        )
        banked = [line["inmate_id"] for line in lines[: len(lines) // 3]]
        for way, document, inmates in (
            (Account.BANK_BOOK, "BRI-SETOR-0117", banked),
            (Account.CUSTODY, "REG-D/041", None),
        ):
            if inmates is None or inmates:
                command = premi.CreditList(
                    id=id_, credit_id=self._id(store.at, "credit", way), version=None, way=way, document=document,
                    inmates=inmates,
                )  # fmt: skip
                premi.credit_list(command, store)

    def withdrawal(self) -> None:
        """Let somebody ask for a little money; the head of the Lapas has not looked at it yet."""
        held = self._value(
            "SELECT inmate_id FROM premi_account WHERE lapas_id = :lapas_id AND account = 'custody' AND balance >= 20000"
            " ORDER BY balance DESC, inmate_id LIMIT 1"
        )
        if held is None:
            return
        at = self.at(-1, "13:20")
        command = premi.RequestWithdrawal(
            id=self._id(at, "withdrawal"), inmate_id=held, account=Account.CUSTODY, amount=20_000,
            purpose="Perlengkapan mandi dan obat gigi",
        )  # fmt: skip
        self._do(
            "bimker", at, partial(premi.request_withdrawal, command),
            unless="SELECT true FROM premi_withdrawal WHERE lapas_id = :lapas_id AND id = :id", id=command.id,
        )  # fmt: skip

    def release(self) -> None:
        """Let somebody be released this morning, and have everything paid out at the gate."""
        inmate_id, at = self._story.inmate_id(_GOES), self.at(0, "08:10")
        deployment = self._story.deployment
        with deployment["training"].transaction(self._people["binadik"].principal, at=at) as store:
            gone = store.value("SELECT left_on FROM inmate WHERE id = :id", id=inmate_id)
            if gone is None:
                command = departures.LetManyLeave(
                    id=self._id(at, "departure"), inmate_ids=[inmate_id], left_on=self._story.calendar.today,
                    reason="release", destination_lapas=None, destination="", note="Bebas murni",
                )  # fmt: skip
                departures.let_many_leave(command, store)
        deployment.let_hear("training", what="who was released")
        paid = premi.HandOver(inmate_id=inmate_id, document="BA-BEBAS/012", place=None, place_name="")
        self._do(
            "bendahara", self.at(0, "08:40"), partial(premi.hand_over_premi, paid),
            unless="SELECT coalesce(sum(balance), 0) = 0 FROM premi_account WHERE lapas_id = :lapas_id"
            " AND inmate_id = :inmate_id AND account = 'handover'", inmate_id=inmate_id,
        )  # fmt: skip
