"""Plays a scene on the services' own handlers: every rule holds, every fact is told, each on its day in the past."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from itertools import groupby
from random import Random
from typing import Any, Final
from uuid import UUID

from giatja_contracts.units import Pieces, Rupiah
from giatja_gateway.identity import handlers as identity
from giatja_gateway.lapas import handlers as lapas
from giatja_kit.database import Store
from giatja_ops.demo.cast import LONG_NAME, PASSWORD, Account, Place, names, staff
from giatja_ops.demo.days import Calendar, identifier
from giatja_ops.demo.deployment import Deployment
from giatja_ops.demo.flow import Made, Plan, Tally, work
from giatja_ops.demo.scenes import FLOOD, Award, Inmate, Order, Scene, Workshop
from giatja_orders.facts import OrderedCell
from giatja_orders.ordering import handlers as ordering
from giatja_orders.partners import handlers as partners
from giatja_orders.products import handlers as products
from giatja_orders.tracking import handlers as tracking
from giatja_production.output import handlers as output
from giatja_production.output.domain import Entry, Shift
from giatja_production.workshops import handlers as workshops
from giatja_production.workshops.domain import StageDraft, template
from giatja_training.competences import handlers as competences
from giatja_training.inmates import handlers as inmates
from giatja_training.permits import handlers as permits

SINCE: Final = timedelta(days=300)
"""How long before the day of loading the deployment began."""
_HEARINGS: Final = (-170, -90)
_EARLY: Final = 20
"""How many inmates the first hearing of a Lapas decides on."""
_CLOCKS: Final = {"pagi": "11:45", "siang": "15:10"}
_ALL_REQUIREMENTS: Final = ("masa_pidana", "kelakuan", "kesehatan", "asesmen", "kesediaan")

Do = Callable[[Store], object]


def register_places(deployment: Deployment, places: Sequence[Place], calendar: Calendar) -> None:
    """Register each Lapas; others hear of it."""
    at = calendar.at(calendar.today - SINCE, "08:00")
    with deployment["gateway"].transaction(at=at) as store:
        for place in places:
            if not store.value("SELECT true FROM lapas WHERE lapas_id = :code", code=place.code):
                lapas.register_lapas(
                    lapas.RegisterLapas(
                        lapas_id=place.code, name=place.name, lapas_class=place.lapas_class, zone=place.zone
                    ),
                    store,
                )


def add_people(deployment: Deployment, people: Sequence[Account], calendar: Calendar) -> None:
    """Give everybody an account and a role since the deployment began."""
    starts_on = calendar.today - SINCE
    for one in people:
        with deployment["gateway"].transaction(at=calendar.at(starts_on, "09:00")) as store:
            if store.value("SELECT true FROM person WHERE id = :id", id=one.id):
                continue
            identity.add_person(identity.AddPerson(id=one.id, username=one.username, name=one.name), store)
            store.session.flush()
            identity.offer_demo_sign_in(identity.SetPassword(person_id=one.id, password=PASSWORD), store)
            identity.assign_role(
                identity.AssignRole(
                    id=identifier(store.at, one.username),
                    person_id=one.id,
                    role=one.role,
                    lapas_id=one.lapas,
                    starts_on=starts_on,
                    plt=one.plt,
                ),
                store,
            )


@dataclass(kw_only=True)
class Story:
    """One Lapas of the demonstration on its way from the register to today's output.

    Each step asks whether it was done before, so that loading again, or after a break, changes nothing more.
    """

    deployment: Deployment
    scene: Scene
    place: Place
    calendar: Calendar
    seed: int
    _inmates: dict[str, UUID] = field(default_factory=dict)
    _people: Mapping[str, Account] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._people = staff(self.place)
        for one in self.scene.inmates:
            self._inmates[one.key] = identifier(self._entered(one), self.seed, self.place.code, "inmate", one.key)

    def inmate_id(self, key: str) -> UUID:
        """Return the identifier of an inmate of the scene."""
        return self._inmates[key]

    def kind_of(self, plan: Plan) -> str:
        """Return the kind of workshop that a plan is worked in."""
        key, _, nth = plan.lots[0].line.partition("/")
        order = next(one for one in self.scene.orders if one.key == key)
        wanted = order.lines[int(nth) - 1].product
        return next(one.kind for one in self.scene.products if one.name == wanted)

    def order_id(self, key: str) -> UUID:
        """Return the identifier of an order of the scene."""
        return self._order(key)

    # -- people in custody

    def fill_register(self) -> None:
        """Enter the inmates, propose, decide and issue their permission to work, award competences."""
        self._enter_inmates()
        eligible = [i for i in self.scene.inmates if i.permit != "none"]
        settled = [i for i in eligible if i.permit not in ("proposed", "deferred", "approved", "refused")]
        for hearing, group in zip(_HEARINGS, (settled[:_EARLY], settled[_EARLY:]), strict=True):
            self._propose(group, hearing - 9)
            self._decide(group, hearing, "approved")
            self._issue(group, hearing + 4)
        self._end([i for i in settled if i.permit == "ended"], -30)
        self._propose([i for i in eligible if i.permit in ("approved", "refused", "deferred")], -12)
        for decision in ("approved", "refused", "deferred"):
            self._decide([i for i in eligible if i.permit == decision], -5, decision)
        self._propose([i for i in eligible if i.permit == "proposed"], -3)
        for award in self.scene.awards:
            self._award(award)

    def _entered(self, one: Inmate) -> datetime:
        nth = [i.key for i in self.scene.inmates].index(one.key)
        return self.calendar.at(self.calendar.today - SINCE + timedelta(days=3 + nth % 40), "10:00")

    def _enter_inmates(self) -> None:
        made_up = names(self._random("names"))
        random = self._random("register")
        for nth, one in enumerate(self.scene.inmates):
            name = LONG_NAME if one.name == "long" else next(made_up)
            years, days = one.age or random.randint(20, 54), random.randint(20, 340)
            block, room = random.choice("ABCD"), random.randint(1, 12)
            number = f"B.I.{random.randint(100, 899):03}{nth:02}/{self.calendar.today.year - random.randint(1, 3)}"
            command = inmates.RegisterInmate(
                id=self._inmates[one.key],
                register_number=number,
                name=name,
                date_of_birth=self.calendar.today - timedelta(days=years * 365 + days),
                expected_release=self.calendar.today + timedelta(days=random.randint(60, 1900)),
                block=f"{block}-{room:02}",
                fitness=one.fitness,
            )
            self._step(
                "training", "binadik", self._entered(one),
                partial(inmates.register_inmate, command),
                done="SELECT true FROM inmate WHERE id = :id", id=command.id,
            )  # fmt: skip

    def _propose(self, group: Sequence[Inmate], day: int) -> None:
        def propose(store: Store) -> None:
            for one in group:
                command = permits.ProposePermit(
                    id=self._permit(one),
                    inmate_id=self._inmates[one.key],
                    proposed_on=self.calendar.day(day),
                    done=_ALL_REQUIREMENTS if one.permit != "deferred" else _ALL_REQUIREMENTS[:3],
                    note="Berminat bekerja di bengkel kerja" if one.permit == "proposed" else "",
                )
                permits.propose_permit(command, store)

        self._with_permits(group, "bimker", self.calendar.on(day, "09:20"), propose, "true")

    def _decide(self, group: Sequence[Inmate], day: int, decision: Any) -> None:
        note = {"refused": "Sedang menjalani hukuman disiplin", "deferred": "Menunggu hasil asesmen"}.get(decision, "")

        def decide(store: Store) -> None:
            for one in group:
                command = permits.DecidePermit(
                    id=self._permit(one), version=None, decision=decision, decided_on=self.calendar.day(day), note=note
                )
                permits.decide_permit(command, store)

        self._with_permits(group, "binadik", self.calendar.on(day, "10:30"), decide, "decided_on IS NOT NULL")

    def _issue(self, group: Sequence[Inmate], day: int) -> None:
        valid_from = self.calendar.day(day)
        until = {
            "expires_soon": self.calendar.today + timedelta(days=12),
            "expired": self.calendar.today - timedelta(days=9),
        }

        def issue(store: Store) -> None:
            for nth, one in enumerate(group, start=1):
                command = permits.IssuePermit(
                    id=self._permit(one),
                    version=None,
                    sk_number=f"{nth:03}/{self.place.code}/GIATJA/{valid_from.month:02}/{valid_from.year}",
                    valid_from=valid_from,
                    valid_until=until.get(one.permit, valid_from + timedelta(days=364)),
                )
                permits.issue_permit(command, store)

        self._with_permits(group, "kalapas", self.calendar.on(day, "13:30"), issue, "sk_number IS NOT NULL")

    def _end(self, group: Sequence[Inmate], day: int) -> None:
        def end(store: Store) -> None:
            for one in group:
                command = permits.EndPermit(
                    id=self._permit(one), version=None, ended_on=self.calendar.day(day), reason="offence",
                    note="Pelanggaran tata tertib di bengkel kerja",
                )  # fmt: skip
                permits.end_permit(command, store)

        self._with_permits(group, "kalapas", self.calendar.on(day, "14:00"), end, "ended_on IS NOT NULL")

    def _permit(self, one: Inmate) -> UUID:
        return identifier(self._entered(one), self.seed, self.place.code, "permit", one.key)

    def _with_permits(self, group: Sequence[Inmate], who: str, at: datetime, do: Do, done: str) -> None:
        if group:
            self._step(
                "training", who, at, do,
                done=f"SELECT true FROM work_permit WHERE id = :id AND {done}", id=self._permit(group[0]),  # noqa: S608
            )  # fmt: skip

    def _award(self, award: Award) -> None:
        inmate_id = self._inmates[award.inmate]
        command = competences.AwardCompetence(
            inmate_id=inmate_id, competence=award.competence, awarded_on=self.calendar.day(award.day)
        )
        self._step(
            "training", "bimker", self.calendar.on(award.day, "14:20"),
            partial(competences.award_competence, command),
            done="SELECT true FROM competence_award WHERE inmate_id = :inmate_id AND competence = :competence",
            inmate_id=inmate_id, competence=award.competence,
        )  # fmt: skip

    # -- workshops

    def furnish(self) -> None:
        """Set up the workshops with their routes and the targets of last month, this one and the next."""
        for nth, workshop in enumerate(self.scene.workshops):
            at = self.calendar.at(self.calendar.today - SINCE + timedelta(days=1), f"09:{nth:02}")
            id_ = identifier(at, self.seed, self.place.code, "workshop", workshop.name)

            def set_up(store: Store, workshop: Workshop = workshop, id_: UUID = id_) -> None:
                command = workshops.AddWorkshop(id=id_, template=workshop.template, name=workshop.name)
                workshops.add_workshop(command, store)
                store.session.flush()
                if workshop.route:
                    workshops.change_workshop(_own_route(workshop, id_), store)
                for month in _months_around(self.calendar.today):
                    aim = workshops.SetTarget(workshop_id=id_, version=None, month=month, pieces=workshop.target)
                    workshops.set_target(aim, store)

            self._step("production", "kasi", at, set_up, done="SELECT true FROM workshop WHERE id = :id", id=id_)

    # -- orders

    def take_orders(self) -> None:
        """Write down partners, products and orders; offer, accept and cancel them, in the order of their days."""
        self._list_partners_and_products()
        acts = sorted((act for order in self.scene.orders for act in self._acts(order)), key=lambda act: act[0])
        for at, who, kind, order, do in acts:
            self._step(
                "orders", who, at, do,
                done="SELECT true FROM order_event WHERE order_id = :id AND kind = :kind",
                id=self._order(order.key), kind=kind,
            )  # fmt: skip

    def hold_orders(self) -> None:
        """Hold the orders that the flood stopped; their output of the days before is recorded by now."""
        for order in self.scene.orders:
            if order.held is not None:
                command = ordering.HoldOrder(id=self._order(order.key), reason=FLOOD)
                self._step(
                    "orders", "kasi", self.calendar.on(order.held, "07:40"),
                    partial(ordering.hold_order, command),
                    done="SELECT true FROM order_event WHERE order_id = :id AND kind = 'held'", id=command.id,
                )  # fmt: skip

    def share_link(self) -> str | None:
        """Make a link for the partner of the order that has one, and return its token, this once."""
        tokens: list[str] = []
        for order in self.scene.orders:
            if order.shared and order.accepted is not None:
                command = tracking.ShareTracking(order_id=self._order(order.key), expires_on=None)

                def share(store: Store, command: tracking.ShareTracking = command) -> None:
                    tokens.append(tracking.share_tracking(command, store)["token"])

                self._step(
                    "orders", "kasi", self.calendar.on(order.accepted, "15:20"),
                    share,
                    done="SELECT true FROM order_tracking WHERE order_id = :id", id=command.order_id,
                )  # fmt: skip
        return tokens[0] if tokens else None

    def _list_partners_and_products(self) -> None:
        at = self.calendar.at(self.calendar.today - SINCE + timedelta(days=2), "09:00")

        def write(store: Store) -> None:
            for partner in self.scene.partners:
                partners.add_partner(
                    partners.AddPartner(id=self._partner(partner.name), name=partner.name, note=partner.note), store
                )
            for product in self.scene.products:
                products.add_product(
                    products.AddProduct(
                        id=self._product(product.name),
                        name=product.name,
                        workshop_kind=product.kind,
                        unit=product.unit,
                        rate=Rupiah(product.rate),
                        sizes=list(product.sizes),
                        colours=list(product.colours),
                    ),
                    store,
                )

        first = self._partner(self.scene.partners[0].name)
        self._step("orders", "kasi", at, write, done="SELECT true FROM partner WHERE id = :id", id=first)

    def _acts(self, order: Order) -> Iterator[tuple[datetime, str, str, Order, Do]]:
        """Yield what happens to an order: when, by whom, what it is called in its timeline, and the act."""
        id_ = self._order(order.key)
        content = self._content(order)
        acts: list[tuple[int | None, str, str, str, Do]] = [
            (order.created, "09:10", "bimker", "created",
             partial(ordering.create_order, ordering.CreateOrder(id=id_, content=content))),
            (order.quoted, "13:40", "bimker", "quoted",
             partial(ordering.quote_order, ordering.QuoteOrder(id=id_, version=None))),
            (order.accepted, "14:30", "kasi", "accepted",
             partial(ordering.accept_order, ordering.AcceptOrder(id=id_, version=None))),
            (order.cancelled, "10:00", "kasi", "cancelled",
             partial(ordering.cancel_order, ordering.CancelOrder(
                 id=id_, reason="Mitra menunda acara sampai tahun depan", material="returned", finished="none"))),
        ]  # fmt: skip
        minute = [o.key for o in self.scene.orders].index(order.key)
        for day, clock, who, kind, do in acts:
            if day is not None:
                yield self.calendar.on(day, f"{clock[:3]}{int(clock[3:]) + minute:02}"), who, kind, order, do

    def _content(self, order: Order) -> ordering.OrderContent:
        return ordering.OrderContent(
            partner_id=self._partner(order.partner) if order.partner else None,
            material_owner="lapas" if order.own_material else "partner",
            due_date=self.calendar.day(order.due),
            note=order.note,
            lines=tuple(
                ordering.LineContent(
                    product_id=self._product(line.product),
                    unit=line.unit,
                    cells=tuple(
                        OrderedCell(size=size, colour=colour, quantity=Pieces(pieces))
                        for size, colour, pieces in line.cells
                    ),
                )
                for line in order.lines
            ),
        )

    def _partner(self, name: str) -> UUID:
        return identifier(self._founded, self.seed, self.place.code, "partner", name)

    def _product(self, name: str) -> UUID:
        return identifier(self._founded, self.seed, self.place.code, "product", name)

    def _order(self, key: str) -> UUID:
        order = next(o for o in self.scene.orders if o.key == key)
        return identifier(self.calendar.on(order.created, "09:10"), self.seed, self.place.code, "order", key)

    @property
    def _founded(self) -> datetime:
        return self.calendar.at(self.calendar.today - SINCE, "08:30")

    # -- output

    def record_output(self) -> None:
        """Record what was made, shift by shift, up to this morning."""
        routes = self._routes()
        tallies = [
            tally for nth, plan in enumerate(self.scene.plans) for tally in work(plan, self._random(f"plan {nth}"))
        ]
        # A shift of all workshops is one act; inside it what was planned first stays first.
        tallies.sort(key=lambda tally: (tally.day, tally.shift != "pagi"))
        for (day, shift), group in groupby(tallies, key=lambda tally: (tally.day, tally.shift)):
            self._record_shift(day, shift, list(group), routes)

    def _record_shift(self, day: int, shift: str, tallies: Sequence[Tally], routes: Mapping[str, "_Route"]) -> None:
        at = self.calendar.on(day, _CLOCKS[shift])
        commands = [
            output.RecordOutput(
                work_order_id=routes[tally.line].work_order_id,
                stage_id=routes[tally.line].stages[tally.stage],
                work_date=self.calendar.day(day),
                shift=Shift(shift),
                entries=[self._entry(made) for made in tally.made],
                ids=[
                    identifier(at, self.seed, self.place.code, day, shift, tally.line, tally.stage, nth)
                    for nth in range(len(tally.made))
                ],
            )
            for tally in tallies
        ]

        def record(store: Store) -> None:
            for command in commands:
                output.record_output(command, store)

        self._step(
            "production", "petugas", at, record,
            # The hour of today's identifiers depends on when the demonstration is loaded.
            done="SELECT true FROM output WHERE work_order_id = ANY (:ids) AND work_date = :day AND shift = :shift LIMIT 1",
            ids=[command.work_order_id for command in commands], day=self.calendar.day(day), shift=shift,
        )  # fmt: skip

    def _entry(self, made: Made) -> Entry:
        return Entry(
            inmate_id=self._inmates[made.inmate],
            good=made.good,
            rework=made.rework,
            reject=made.reject,
            defect=made.defect,
            from_rework=made.from_rework,
            colour=made.colour,
        )

    def _routes(self) -> Mapping[str, "_Route"]:
        """Return the work order and stages of each line, by the order's key and the line's number."""
        ids = {self._order(order.key): order.key for order in self.scene.orders}
        at = self.calendar.now
        with self.deployment["orders"].transaction(at=at) as store:
            lines = store.rows("SELECT id, order_id, nth FROM order_line WHERE order_id = ANY (:ids)", ids=list(ids))
        with self.deployment["production"].transaction(at=at) as store:
            opened = store.rows("SELECT id, line_id, route FROM work_order WHERE order_id = ANY (:ids)", ids=list(ids))
        named = {line["id"]: f"{ids[line['order_id']]}/{line['nth']}" for line in lines}
        return {
            named[one["line_id"]]: _Route(
                work_order_id=one["id"], stages={s["key"]: UUID(s["id"]) for s in one["route"]["stages"]}
            )
            for one in opened
        }

    # -- acting

    def _random(self, what: str) -> Random:
        return Random(f"{self.seed} {self.place.code} {what}")  # noqa: S311 - the same story each time

    def _step(self, service: str, who: str, at: datetime, do: Do, *, done: str, **asked: Any) -> None:
        """Let somebody do something at a moment, unless it was done before."""
        with self.deployment[service].transaction(self._people[who].principal, at=at) as store:
            if not store.value(done, **asked):
                do(store)


@dataclass(frozen=True, kw_only=True)
class _Route:
    work_order_id: UUID
    stages: Mapping[str, UUID]


def _own_route(workshop: Workshop, id_: UUID) -> workshops.ChangeWorkshop:
    return workshops.ChangeWorkshop(
        id=id_,
        version=None,
        name=workshop.name,
        stages=[
            StageDraft(
                key=stage.key,
                name=stage.name,
                name_en=stage.name_en,
                unit="pcs",
                standard_minutes=stage.minutes,
                competence=stage.competence,
                counts_quality=stage.quality,
            )
            for stage in workshop.route
        ],
        defects=template(workshop.template).defects,
    )


def _months_around(today: date) -> list[date]:
    this = today.replace(day=1)
    return [(this - timedelta(days=1)).replace(day=1), this, (this + timedelta(days=32)).replace(day=1)]
