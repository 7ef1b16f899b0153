"""What may be asked for about premi; whatever moves money is a :class:`Movement` and goes through the ledger."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from giatja_kit import clock
from giatja_kit.auth import SERVICE, Principal
from giatja_kit.database import Database, Store
from giatja_kit.logs import get_logger
from giatja_kit.service import Service
from giatja_production.facts import PremiCredited
from giatja_production.lapas.queries import today
from giatja_production.premi import queries
from giatja_production.premi.domain import (
    LEFT,
    Account,
    AccountUnknown,
    Arrival,
    ArrivalNotRegistered,
    ArrivalUnknown,
    Day,
    DocumentUsed,
    ListOpen,
    ListPeriodInFuture,
    ListPeriodPassed,
    ListUnknown,
    NobodyToCredit,
    NothingToHandOver,
    OrderUnknown,
    PerPiece,
    PlaceUnknown,
    PremiList,
    ProceedsAlreadyReversed,
    ProceedsInFuture,
    ProceedsUnknown,
    Scheme,
    SchemeForProduct,
    SchemeUnknown,
    ShareOfProceeds,
    Split,
    SplitNotKnown,
    StageNotInRoute,
    Terms,
    Withdrawal,
    WithdrawalState,
    WithdrawalUnknown,
    WorkshopNotKnown,
    come_back,
    compose,
    credit,
    hand_over,
    leave,
    lock,
    must_cover,
    person,
    recall,
)

log = get_logger(__name__)

EVERY_SECONDS: Final = 1.0
"""How often it is looked whether a list waits to be worked out."""
AFTER_FAILURE: Final = 60.0
_AT_ONCE: Final = 1000
_ALL: Final = 100
_WORKED_OUT: Final = 80
"""Up to here, in percent, a list is worked out; from there on it is written down."""


# -- schemes and references


@dataclass(frozen=True, kw_only=True)
class ProposeScheme:
    """Propose how a workshop, or one product of it, pays from a day on."""

    id: UUID
    workshop_id: UUID
    product_name: str | None
    terms: Terms
    saved_percent: int
    valid_from: date
    document: str


@dataclass(frozen=True, kw_only=True)
class ApproveScheme:
    """Let a scheme come into force."""

    id: UUID
    version: int | None


@dataclass(frozen=True, kw_only=True)
class RefuseScheme:
    """Turn a scheme down."""

    id: UUID
    version: int | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class SetReference:
    """Say what premi is compared with from a day on; the same day again is a correction."""

    kind: str
    valid_from: date
    amount: int
    document: str


def propose_scheme(command: ProposeScheme, store: Store) -> None:
    """Keep a proposal.

    :raises WorkshopNotKnown, StageNotInRoute, SchemeForProduct:
    """
    stages = queries.stage_keys(store, command.workshop_id)
    if stages is None:
        raise WorkshopNotKnown(field="/workshop_id")
    if isinstance(command.terms, PerPiece) and command.terms.rates:
        for stage in command.terms.rates:
            if stage not in stages:
                raise StageNotInRoute(field=f"/terms/rates/{stage}", stage=stage)
    if isinstance(command.terms, Day) and command.product_name is not None:
        raise SchemeForProduct(field="/product_name")
    store.add(
        Scheme(
            lapas_id=store.lapas_id,
            id=command.id,
            workshop_id=command.workshop_id,
            product_name=command.product_name,
            terms=command.terms,
            saved_percent=command.saved_percent,
            valid_from=command.valid_from,
            document=command.document,
            proposed_by=store.actor,
            proposed_at=store.at,
        )
    )
    store.flush()


def approve_scheme(command: ApproveScheme, store: Store) -> None:
    """Let it come into force; one scheme of a Lapas is decided on at a time.

    :raises SchemeUnknown, SchemeAlreadyDecided, SchemeNotByProposer, SchemeDateTaken, SchemeReachesBack:
    """
    queries.hold_ledger(store)
    scheme = store.get(Scheme, command.id, version=command.version, missing=SchemeUnknown)
    scene = queries.scheme_scene(
        store, workshop_id=scheme.workshop_id, product_name=scheme.product_name, valid_from=scheme.valid_from
    )
    scheme.approve(
        by=store.actor, at=store.at, locked_until=scene.locked_until, taken=scene.taken, covered=scene.covered
    )
    store.flush()


def refuse_scheme(command: RefuseScheme, store: Store) -> None:
    """Turn it down.

    :raises SchemeUnknown, SchemeAlreadyDecided:
    """
    scheme = store.get(Scheme, command.id, version=command.version, missing=SchemeUnknown)
    scheme.refuse(by=store.actor, at=store.at, reason=command.reason)
    store.flush()


def set_reference(command: SetReference, store: Store) -> None:
    """Keep an amount premi is compared with."""
    queries.keep_reference(
        store,
        kind=command.kind,
        valid_from=command.valid_from,
        amount=command.amount,
        document=command.document,
    )


# -- proceeds


@dataclass(frozen=True, kw_only=True)
class RecordProceeds:
    """Know what the money of an order was split into; without a split the order's scheme says it.

    :param twice_is_once: the same payment, told once more by a fact, is passed over.
    """

    id: UUID
    order_id: UUID
    base: int
    split: Split | None
    document: str
    split_on: date
    twice_is_once: bool = False


@dataclass(frozen=True, kw_only=True)
class ReverseProceeds:
    """Take a payment back by its opposite."""

    id: UUID
    new_id: UUID
    document: str
    reason: str
    split_on: date
    twice_is_once: bool = False


def record_proceeds(command: RecordProceeds, store: Store) -> None:
    """Make the premi of an order payable, as far as its money has come.

    The ledger is held, so that a document is not entered twice by two people at once.

    :raises OrderUnknown, ProceedsInFuture, SplitNotKnown, SplitNotWhole, DocumentUsed:
    """
    queries.hold_ledger(store)
    if not queries.order_known(store, command.order_id):
        raise OrderUnknown(field="/order_id")
    if command.split_on > today(store):
        raise ProceedsInFuture(field="/split_on", split_on=str(command.split_on))
    split = command.split or split_of(store, command.order_id, base=command.base, day=command.split_on)
    if split is None:
        raise SplitNotKnown(field="/premi")
    known = queries.proceeds_by_document(store, command.document)
    if known is not None:
        if command.twice_is_once and known["order_id"] == command.order_id and Split.of(known) == split:
            return
        raise DocumentUsed(field="/document", document=command.document)
    queries.insert_proceeds(
        store,
        id_=command.id,
        order_id=command.order_id,
        split=split,
        document=command.document,
        split_on=command.split_on,
    )


def split_of(store: Store, order_id: UUID, *, base: int, day: date) -> Split | None:
    """Return how the schemes of an order split a base, if all of them split it alike."""
    schemes = queries.book(store)
    terms = {
        version.terms if version and isinstance(version.terms, ShareOfProceeds) else None
        for product in queries.products_of(store, order_id)
        for version in [schemes.in_force(product["workshop_id"], product["product_name"], day)]
    }
    if len({_percents(one) for one in terms}) != 1:
        return None
    one = terms.pop()
    return one.split(base) if one else None


def _percents(terms: ShareOfProceeds | None) -> tuple[object, ...]:
    return (terms.premi, terms.capital, terms.pnbp, terms.other, terms.remainder) if terms else ()


def reverse_proceeds(command: ReverseProceeds, store: Store) -> None:
    """Take it back; what lists have paid of it comes back as a correction.

    :raises ProceedsUnknown, ProceedsAlreadyReversed, ProceedsInFuture, DocumentUsed:
    """
    queries.hold_ledger(store)
    row = queries.proceeds_to_reverse(store, command.id)
    if row is None or row["reverses"] is not None:
        raise ProceedsUnknown(id=command.id)
    known = queries.proceeds_by_document(store, command.document)
    if row["reversed"]:
        if command.twice_is_once and known is not None and known["base"] == -row["base"]:
            return
        raise ProceedsAlreadyReversed
    if command.split_on > today(store):
        raise ProceedsInFuture(field="/split_on", split_on=str(command.split_on))
    if known is not None:
        raise DocumentUsed(field="/document", document=command.document)
    queries.insert_proceeds(
        store,
        id_=command.new_id,
        order_id=row["order_id"],
        split=Split.of(row).reversed(),
        document=command.document,
        split_on=max(command.split_on, row["split_on"]),
        reverses=command.id,
        reason=command.reason,
    )


# -- lists


@dataclass(frozen=True, kw_only=True)
class BeginList:
    """Have the list of a month worked out."""

    id: UUID
    period: date


@dataclass(frozen=True, kw_only=True)
class OfList:
    """Do something with a list that was seen in a version."""

    id: UUID
    version: int | None


@dataclass(frozen=True, kw_only=True)
class ReturnList:
    """Give a list back to be looked at again."""

    id: UUID
    version: int | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class CreditList:
    """Credit premi of a locked list, to some people or to all who wait.

    :param credit_id: of this act, by which it is told.
    """

    id: UUID
    credit_id: UUID
    version: int | None
    way: Account
    document: str
    inmates: Sequence[UUID] | None


def begin_list(command: BeginList, store: Store) -> None:
    """Ask for the list of a month; the worker works it out.

    :raises ListPeriodInFuture, ListOpen, ListPeriodPassed:
    """
    queries.hold_ledger(store)
    if command.period > today(store):
        raise ListPeriodInFuture(field="/period", period=f"{command.period:%m/%Y}")
    scene = queries.list_scene(store)
    if scene.open_period is not None:
        raise ListOpen(field="/period", period=f"{scene.open_period:%m/%Y}")
    if scene.last_period is not None and command.period <= scene.last_period:
        raise ListPeriodPassed(field="/period", period=f"{command.period:%m/%Y}")
    store.add(
        PremiList(
            lapas_id=store.lapas_id,
            id=command.id,
            period=command.period,
            until=(command.period + timedelta(days=32)).replace(day=1) - timedelta(days=1),
            requested_by=store.actor,
            requested_at=store.at,
        )
    )
    store.flush()
    queries.set_progress(store, command.id, done=0, total=_ALL)


def compute_again(command: OfList, store: Store) -> None:
    """Have a draft worked out anew.

    :raises ListUnknown, ListNotDraft:
    """
    found = store.get(PremiList, command.id, version=command.version, missing=ListUnknown)
    found.compute_again(by=store.actor, at=store.at)
    store.flush()
    queries.set_progress(store, command.id, done=0, total=_ALL)


def compute_list(list_id: UUID, store: Store, *, reached: Callable[[int], None]) -> None:
    """Work a list out: what everything brought until now, less what other lists took of it.

    :param reached: is told how far it is, in percent.
    """
    found = store.get(PremiList, list_id, missing=ListUnknown)
    ground = queries.ground(
        store,
        list_id=list_id,
        period=found.period,
        until=found.until,
        reached=lambda percent: reached(percent * _WORKED_OUT // _ALL),
    )
    lines = compose(ground.entitled, ground.taken, ground.carried)
    queries.clear_lines(store, list_id)
    for start in range(0, len(lines), _AT_ONCE):
        queries.insert_lines(store, list_id, lines[start : start + _AT_ONCE])
        reached(_WORKED_OUT + (_ALL - _WORKED_OUT) * start // len(lines))
    found.computed(lines, unpriced=ground.unpriced, at=store.at)
    store.flush()
    queries.set_progress(store, list_id, done=_ALL, total=_ALL)


def propose_list(command: OfList, store: Store) -> None:
    """Put a draft before the head of the Lapas.

    :raises ListUnknown, ListNotDraft, ListEmpty:
    """
    found = store.get(PremiList, command.id, version=command.version, missing=ListUnknown)
    found.propose(lines=queries.count_lines(store, command.id), by=store.actor, at=store.at)
    store.flush()


def discard_list(command: OfList, store: Store) -> None:
    """Throw a draft away: the next list takes everything that was on it.

    :raises ListUnknown, ListNotDraft:
    """
    found = store.get(PremiList, command.id, version=command.version, missing=ListUnknown)
    found.must_be_disposable()
    queries.clear_lines(store, command.id)
    queries.delete_list(store, command.id)


def return_list(command: ReturnList, store: Store) -> None:
    """Give it back with a reason.

    :raises ListUnknown, ListNotProposed:
    """
    found = store.get(PremiList, command.id, version=command.version, missing=ListUnknown)
    found.give_back(reason=command.reason)
    store.flush()


def approve_list(command: OfList, store: Store) -> None:
    """Lock it: from now on the Lapas owes everybody on it what it says.

    :raises ListUnknown, ListNotProposed, ListNotByProposer, ListNotByRecorder:
    """
    queries.hold_ledger(store)
    found = store.get(PremiList, command.id, version=command.version, missing=ListUnknown)
    found.approve(by=store.actor, at=store.at, recorded=queries.recorded_any(store, command.id, person(store.actor)))
    store.flush()
    note = f"{found.period:%Y-%m}"
    queries.post(
        store,
        [
            lock(row["inmate_id"], gross=row["gross"], list_id=command.id, note=note)
            for row in queries.owed(store, command.id)
        ],
    )


def credit_list(command: CreditList, store: Store) -> int:
    """Give premi its place, with the document that proves it; return how many people that was.

    :raises ListUnknown, ListNotLocked, CreditNotByApprover, NobodyToCredit:
    """
    queries.hold_ledger(store)
    found = store.get(PremiList, command.id, version=command.version, missing=ListUnknown)
    found.must_be_creditable(by=store.actor)
    dues = queries.uncredited(store, command.id, command.inmates)
    if not dues:
        raise NobodyToCredit(field="/inmate_ids")
    note = f"{found.period:%Y-%m}"
    queries.post(
        store,
        [credit(due, way=command.way, document=command.document, list_id=command.id, note=note) for due in dues],
    )
    left = queries.mark_credited(store, command.id, dues, way=command.way.value, document=command.document)
    found.credited(left=left, at=store.at)
    store.flush()
    queries.touch_list(store, command.id)
    store.tell(
        PremiCredited(
            list_id=command.id,
            credit_id=command.credit_id,
            period=found.period,
            way=command.way.value,
            people=len(dues),
            saved=sum(due.saved for due in dues),
            received=sum(due.received for due in dues),
            credited_on=today(store),
            complete=not left,
        )
    )
    return len(dues)


# -- the card of an inmate


@dataclass(frozen=True, kw_only=True)
class RequestWithdrawal:
    """Ask for money of an inmate, for a purpose."""

    id: UUID
    inmate_id: UUID
    account: Account
    amount: int
    purpose: str


@dataclass(frozen=True, kw_only=True)
class OfWithdrawal:
    """Do something with a withdrawal that was seen in a version."""

    id: UUID
    version: int | None


@dataclass(frozen=True, kw_only=True)
class PayWithdrawal:
    """Pay what was approved, against a receipt."""

    id: UUID
    version: int | None
    document: str


@dataclass(frozen=True, kw_only=True)
class RefuseWithdrawal:
    """Turn a withdrawal down."""

    id: UUID
    version: int | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class Leaves:
    """Know that somebody left the Lapas, and why."""

    inmate_id: UUID
    left_on: date
    reason: str


@dataclass(frozen=True, kw_only=True)
class HandOver:
    """Hand over what somebody who left has.

    :param place: the code of a Lapas of this deployment. :param place_name: any other place, in words.
    """

    inmate_id: UUID
    document: str
    place: str | None
    place_name: str


@dataclass(frozen=True, kw_only=True)
class Recall:
    """Take back what was sent to another Lapas of this deployment, as long as it was not taken in there."""

    id: UUID
    document: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class AcceptArrival:
    """Take in what another Lapas sent."""

    id: UUID
    version: int | None
    way: Account
    receipt: str


def request_withdrawal(command: RequestWithdrawal, store: Store) -> None:
    """Keep a request that the account can bear, with all others that are open.

    :raises AccountUnknown, BalanceTooSmall:
    """
    queries.hold_ledger(store)
    open_ = (WithdrawalState.REQUESTED, WithdrawalState.APPROVED)
    must_cover(queries.balance_for(store, command.inmate_id, command.account, but=open_), command.amount)
    store.add(
        Withdrawal(
            lapas_id=store.lapas_id,
            id=command.id,
            inmate_id=command.inmate_id,
            account=command.account,
            amount=command.amount,
            purpose=command.purpose,
            requested_by=store.actor,
            requested_at=store.at,
        )
    )
    store.flush()


def approve_withdrawal(command: OfWithdrawal, store: Store) -> None:
    """Allow it to be paid.

    :raises WithdrawalUnknown, WithdrawalAlreadyDecided, WithdrawalNotByRequester, BalanceTooSmall:
    """
    queries.hold_ledger(store)
    found = store.get(Withdrawal, command.id, version=command.version, missing=WithdrawalUnknown)
    balance = queries.balance_for(store, found.inmate_id, found.account, but=(WithdrawalState.APPROVED,))
    found.approve(balance=balance, by=store.actor, at=store.at)
    store.flush()


def pay_withdrawal(command: PayWithdrawal, store: Store) -> None:
    """Pay it.

    :raises WithdrawalUnknown, WithdrawalAlreadyDecided, WithdrawalNotApproved, WithdrawalNotByApprover, BalanceTooSmall:
    """
    queries.hold_ledger(store)
    found = store.get(Withdrawal, command.id, version=command.version, missing=WithdrawalUnknown)
    balance = queries.balances_of(store, found.inmate_id).get(found.account, 0)
    movement = found.pay(balance=balance, document=command.document, by=store.actor, at=store.at)
    store.flush()
    queries.post(store, [movement])


def refuse_withdrawal(command: RefuseWithdrawal, store: Store) -> None:
    """Turn it down, also after it was approved.

    :raises WithdrawalUnknown, WithdrawalAlreadyDecided:
    """
    found = store.get(Withdrawal, command.id, version=command.version, missing=WithdrawalUnknown)
    found.refuse(by=store.actor, at=store.at, reason=command.reason)
    store.flush()


def let_go(command: Leaves, store: Store) -> None:
    """Gather what somebody who leaves has, to be handed over; what was asked for of it is refused.

    What later lists still bring goes the same way when it is credited.
    """
    if not queries.known(store, command.inmate_id):
        return
    queries.hold_ledger(store)
    queries.keep_leaver(store, command.inmate_id, left_on=command.left_on, reason=command.reason)
    for id_ in queries.open_withdrawals(store, command.inmate_id):
        withdrawal = store.get(Withdrawal, id_, missing=WithdrawalUnknown)
        withdrawal.refuse(by=store.actor, at=store.at, reason=LEFT)
    store.flush()
    movement = leave(command.inmate_id, queries.balances_of(store, command.inmate_id), reason=command.reason)
    queries.post(store, [movement] if movement else [])


def take_back(inmate_id: UUID, store: Store) -> None:
    """Know that somebody is registered again: what was not handed over is in custody again."""
    if not queries.forget_leaver(store, inmate_id):
        return
    queries.hold_ledger(store)
    movement = come_back(inmate_id, queries.balances_of(store, inmate_id).get(Account.HANDOVER, 0))
    queries.post(store, [movement] if movement else [])


def hand_over_premi(command: HandOver, store: Store) -> UUID:
    """Hand over to the inmate, or to where the inmate is now; return the entry's id.

    :raises AccountUnknown, NothingToHandOver, PlaceMissing, PlaceNotNeeded, PlaceUnknown:
    """
    queries.hold_ledger(store)
    if not queries.known(store, command.inmate_id):
        raise AccountUnknown(id=command.inmate_id)
    gone = queries.leaver(store, command.inmate_id)
    if gone is None:
        raise NothingToHandOver
    names = {one["id"]: one["name"] for one in queries.destinations(store)} if command.place else {}
    if command.place and command.place not in names:
        raise PlaceUnknown(field="/to_place", place=command.place)
    waiting = queries.balances_of(store, command.inmate_id).get(Account.HANDOVER, 0)
    movement = hand_over(
        command.inmate_id,
        waiting,
        reason=gone["reason"],
        document=command.document,
        note=names[command.place] if command.place else command.place_name,
        place=command.place,
    )
    [entry_id] = queries.post(store, [movement])
    if command.place:
        queries.send(store, entry_id, place=command.place, movement=movement, amount=waiting)
    return entry_id


def recall_premi(command: Recall, store: Store) -> UUID:
    """Take back what was sent and not taken in; it waits to be handed over again. Return who it belongs to.

    :raises ArrivalUnknown, ArrivalAlreadyTaken:
    """
    queries.hold_ledger(store)
    sent = queries.sent(store, command.id)
    queries.recall(store, command.id, place=sent["place"])
    queries.post(
        store,
        [
            recall(
                sent["inmate_id"],
                sent["amount"],
                reason=command.reason,
                document=command.document,
                place=sent["place"],
            )
        ],
    )
    inmate_id: UUID = sent["inmate_id"]
    return inmate_id


def accept_arrival(command: AcceptArrival, store: Store) -> None:
    """Open the account of somebody who came, with what was sent after.

    :raises ArrivalUnknown, ArrivalAlreadyTaken, ArrivalNotRegistered:
    """
    queries.hold_ledger(store)
    found = store.get(Arrival, command.id, version=command.version, missing=ArrivalUnknown)
    if not queries.known(store, found.inmate_id):
        raise ArrivalNotRegistered
    left = queries.leaver(store, found.inmate_id) is not None
    movement = found.accept(way=command.way, left=left, receipt=command.receipt, by=store.actor, at=store.at)
    store.flush()
    queries.post(store, [movement])


# -- the worker


class Computing:
    """A chore of the worker: lists that were asked for are worked out, one after the other."""

    def __init__(self) -> None:
        self._database: Database | None = None
        self._next = 0.0

    def __call__(self, service: Service) -> None:
        """Look whether a list waits, if it is time."""
        now = clock.monotonic()
        if now < self._next:
            return
        if self._database is None:
            self._database = service.database("premi", connections=2)
        self._next = now + AFTER_FAILURE
        look_round(self._database)
        self._next = now + EVERY_SECONDS


def look_round(database: Database) -> int:
    """Work out the lists that wait; return how many those were.

    Of several workers one takes a list; if it dies, the list waits on and another takes it. What cannot be
    worked out keeps nobody else from theirs, and raises at the end.
    """
    count = 0
    failed: dict[UUID, Exception] = {}
    while True:
        with database.transaction(at=clock.now()) as store:
            waiting = queries.waiting_list(store, but=list(failed))
        if waiting is None:
            break
        try:
            if not _work_out(database, waiting["lapas_id"], waiting["id"]):
                break
        except Exception as error:  # noqa: BLE001 - whatever it is, the lists of others do not wait for it
            failed[waiting["id"]] = error
        else:
            count += 1
    for first in failed.values():
        raise first
    return count


def _work_out(database: Database, lapas_id: str, list_id: UUID) -> bool:
    principal = Principal(
        subject="production", role=SERVICE, lapas=lapas_id, issuer="production", permissions=frozenset()
    )

    def reached(percent: int) -> None:
        # In a transaction of its own, or nobody would see it before the end.
        with database.transaction(principal, at=clock.now()) as beside:
            queries.set_progress(beside, list_id, done=percent, total=_ALL)

    began = clock.monotonic()
    with database.transaction(principal, at=clock.now()) as store:
        if not queries.hold_waiting(store, list_id):
            return False
        compute_list(list_id, store, reached=reached)
    log.info("premi_list_computed", lapas=lapas_id, list=str(list_id), seconds=round(clock.monotonic() - began, 2))
    return True
