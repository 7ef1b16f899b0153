"""A year of one Lapas as rows: register, permissions, orders, output, credits and what the region sees of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID, uuid5

from giatja_ops.demo.bulk import Sheet
from giatja_ops.demo.cast import Place, names, staff
from giatja_ops.demo.days import Calendar
from giatja_ops.demo.year import GOOD, REJECT, REWORK, WAITING, Job, Made, make
from giatja_ops.names import SERVICES
from giatja_production.workshops.domain import Route, make_route, template
from giatja_training.permits.domain import SHIPPED_REQUIREMENTS

_CLOCKS: Final = (("pagi", "11:45"), ("siang", "15:10"))
_SLOTS_A_DAY: Final = 2
_SHARE_AWARDED: Final = 0.35
_SHARE_STALLED: Final = 0.14
_SHARE_CANCELLED: Final = 0.02
_SHARE_HELD: Final = 0.06
_PARTNERS: Final = (
    "Melati",
    "Kencana",
    "Pantura",
    "Sekar Jagat",
    "Tunas Harapan",
    "Simpang Lima",
    "Lestari",
    "Mandiri",
)
_PARTNER_KINDS: Final = ("Konveksi", "Toko", "Koperasi", "Sanggar")


@dataclass(frozen=True, kw_only=True)
class _Make:
    """What one kind of workshop makes."""

    kind: str
    share: float
    target: int
    products: Sequence[tuple[str, str, int]]
    sizes: Sequence[str] = ("-",)
    colours: Sequence[str] = ("-",)


_MAKES: Final = (
    _Make(kind="garmen", share=0.6, target=1500, sizes=("S", "M", "L", "XL"), colours=("putih", "abu-abu"),
          products=(("Kemeja kerja", "pcs", 6500), ("Seragam sekolah", "pcs", 7500), ("Baju koko", "pcs", 7000))),
    _Make(kind="batik_cap", share=0.25, target=600, colours=("merah soga", "biru indigo", "hijau lumut"),
          products=(("Kain batik cap", "kodi", 9000),)),
    _Make(kind="tanaman_hias", share=0.15, target=300,
          products=(("Aglaonema pot 15 cm", "pot", 15000), ("Sansevieria pot 12 cm", "pot", 12000))),
)  # fmt: skip


@dataclass(kw_only=True)
class _Workshop:
    make: _Make
    id: str
    route: Route
    crews: Sequence[Sequence[int]]
    products: Mapping[str, str]

    @property
    def counting_stage(self) -> str:
        return str(self.route.quality.id)


@dataclass(kw_only=True)
class _Line:
    nth: int
    id: str
    work_order_id: str
    workshop: _Workshop
    product: str
    unit: str
    rate: int
    cells: Sequence[tuple[str, str, int]]
    made: Made | None = None

    @property
    def quantity(self) -> int:
        return sum(pieces for _, _, pieces in self.cells)


@dataclass(kw_only=True)
class _Order:
    id: str
    nth: int
    year: int
    number: str
    partner: tuple[str, str]
    created: int
    accepted: int
    due: date
    lines: list[_Line]
    state: str = "accepted"
    held: int | None = None

    @property
    def done_in(self) -> int | None:
        """The slot in which the last line was finished."""
        slots = [line.made.finished_in for line in self.lines if line.made]
        if len(slots) < len(self.lines) or None in slots:
            return None
        return max(slot for slot in slots if slot is not None)


@dataclass(kw_only=True)
class LapasYear:
    """One Lapas, its people and the work of some days until today.

    :param nth: of the Lapas in the region, for its identifiers.
    :param orders: how many are accepted in that time.
    """

    place: Place
    nth: int
    calendar: Calendar
    random: Random
    inmates: int
    workers: int
    days: int
    orders: int
    _ids: int = 0
    _inmate_ids: list[str] = field(default_factory=list)
    _workdays: list[date] = field(default_factory=list)
    _moments: list[tuple[str, str]] = field(default_factory=list)
    _milliseconds: list[int] = field(default_factory=list)
    _sheets: dict[str, Sheet] = field(default_factory=dict)
    _days: dict[tuple[date, str], list[int]] = field(default_factory=dict)
    _defects: dict[tuple[date, str, str], int] = field(default_factory=dict)
    _worked: dict[tuple[date, str], int] = field(default_factory=dict)
    _months: set[tuple[date, str, str]] = field(default_factory=set)

    def sheets(self) -> Mapping[str, Sheet]:
        """Return the rows of the year, by service."""
        self._sheets = {service: Sheet() for service in SERVICES}
        self._know_days()
        self._fill_register()
        workshops = self._furnish()
        partners = self._list_partners()
        counters: dict[int, int] = {}
        for nth in range(self.orders):
            self._write_order(self._order(nth, workshops, partners, counters))
        for year, last in counters.items():
            self._sheets["orders"].add("order_counter", lapas_id=self.place.code, year=year, last=last)
        self._write_region()
        return self._sheets

    # -- days and identifiers

    def _know_days(self) -> None:
        last = self.calendar.today
        every = (last - timedelta(days=n) for n in range(self.days, -1, -1))
        self._workdays = [day for day in every if day.weekday() != 6 or day == last]
        for day in self._workdays:
            for _, hour in _CLOCKS:
                moment = self.calendar.at(day, hour)
                self._milliseconds.append(int(moment.timestamp() * 1000))
                self._moments.append((moment.isoformat(), str(day)))

    @property
    def _now(self) -> int:
        """The last slot that is over: this morning."""
        return len(self._workdays) * _SLOTS_A_DAY - 2

    def _at(self, slot: int) -> str:
        return self._moments[slot][0]

    def _day(self, slot: int) -> date:
        return self._workdays[slot // _SLOTS_A_DAY]

    def _id(self, slot: int = 0) -> str:
        """Return the next identifier, one that sorts by the slot."""
        self._ids += 1
        low = self.nth << 40 | self._ids
        return f"{self._milliseconds[slot] << 80 | 0x7 << 76 | 0b10 << 62 | low:032x}"

    # -- people in custody

    def _fill_register(self) -> None:
        training, production, gateway = (self._sheets[s] for s in ("training", "production", "gateway"))
        code, made_up = self.place.code, names(self.random)
        for nth in range(self.inmates):
            inmate_id = self._id()
            self._inmate_ids.append(inmate_id)
            born = self.calendar.today - timedelta(days=self.random.randint(20 * 365, 56 * 365))
            fitness = "limited" if self.random.random() < 0.03 else "fit"
            training.add(
                "inmate", lapas_id=code, id=inmate_id, register_number=f"B.I.{nth:04}/{self.calendar.today.year - 1}",
                name=next(made_up), date_of_birth=born, block=f"{self.random.choice('ABCDE')}-{nth % 24 + 1:02}",
                expected_release=self.calendar.today + timedelta(days=self.random.randint(40, 2500)),
                fitness=fitness, status="present", version=1,
            )  # fmt: skip
            adult_on = born + timedelta(days=18 * 365 + 5)
            production.add("worker", lapas_id=code, inmate_id=inmate_id, adult_on=adult_on, fitness=fitness)
            gateway.add("region_inmate", lapas_id=code, inmate_id=inmate_id)
            if nth < self.workers:
                self._permit(nth, inmate_id)

    def _permit(self, nth: int, inmate_id: str) -> None:
        code, id_ = self.place.code, self._id()
        people = {short: f"{one.role}:{one.id}" for short, one in staff(self.place).items()}
        first = self._workdays[0] - timedelta(days=30)
        # An open end: whoever works the whole year needs a permission for the whole year.
        self._sheets["training"].add(
            "work_permit", lapas_id=code, id=id_, inmate_id=inmate_id, proposed_on=first, proposed_by=people["bimker"],
            note="", state="active", checklist=[asdict(replace(r, done=True)) for r in SHIPPED_REQUIREMENTS],
            decided_on=first + timedelta(days=7), decided_by=people["binadik"], decision_note="",
            sk_number=f"{nth + 1:03}/{code}/GIATJA/{first.year}", valid_from=first + timedelta(days=14),
            issued_by=people["kalapas"], end_note="", version=1,
        )  # fmt: skip
        known = {
            "lapas_id": code,
            "inmate_id": inmate_id,
            "permission_id": id_,
            "valid_from": first + timedelta(days=14),
        }
        self._sheets["production"].add("work_permission", **known)
        self._sheets["gateway"].add("region_permit", **known)

    def _award(self, route: Route, crews: Sequence[Sequence[int]]) -> None:
        awarded_by = f"kasubsi_bimker:{staff(self.place)['bimker'].id}"
        pairs = {(i, s.competence) for s, crew in zip(route.stages, crews, strict=True) for i in crew if s.competence}
        for inmate, competence in sorted(pairs):
            if self.random.random() < _SHARE_AWARDED:
                award = {
                    "lapas_id": self.place.code,
                    "inmate_id": self._inmate_ids[inmate],
                    "competence": competence,
                    "awarded_on": self.random.choice(self._workdays),
                }
                self._sheets["training"].add("competence_award", **award, awarded_by=awarded_by, note="")
                self._sheets["gateway"].add("region_competence", **award)

    # -- workshops, partners, products

    def _furnish(self) -> list[_Workshop]:
        # Every third Lapas has no batik, every fourth no plants, as it is.
        makes = [one for nth, one in enumerate(_MAKES) if nth == 0 or (self.nth % 3 if nth == 1 else self.nth % 4)]
        whole = sum(one.share for one in makes)
        first, workshops = 0, []
        for nth, one in enumerate(makes):
            count = self.workers - first if nth == len(makes) - 1 else round(self.workers * one.share / whole)
            workshops.append(self._workshop(one, range(first, first + max(count, 1))))
            first += count
        return workshops

    def _workshop(self, one: _Make, people: range) -> _Workshop:
        shape, id_ = template(one.kind), self._id()
        space = UUID(id_)
        route = make_route(
            shape.stages, shape.defects, ids={}, new_ids=[uuid5(space, stage.key) for stage in shape.stages]
        )
        crews = _crews(people, len(route.stages))
        code, production = self.place.code, self._sheets["production"]
        production.add(
            "workshop", lapas_id=code, id=id_, kind=one.kind, name=shape.name, route=route.document(),
            changed_at=self._at(0), version=1,
        )  # fmt: skip
        for month in sorted({day.replace(day=1) for day in self._workdays}):
            production.add("month_target", lapas_id=code, workshop_id=id_, month=month, pieces=one.target)
        products = {}
        for name, unit, rate in one.products:
            products[name] = self._id()
            self._sheets["orders"].add(
                "product", lapas_id=code, id=products[name], name=name, workshop_kind=one.kind, unit=unit, rate=rate,
                sizes=list(one.sizes), colours=list(one.colours), note="", active=True, version=1,
            )  # fmt: skip
        self._award(route, crews)
        return _Workshop(make=one, id=id_, route=route, crews=crews, products=products)

    def _list_partners(self) -> list[tuple[str, str]]:
        found = []
        for nth, kind in enumerate(_PARTNER_KINDS):
            name = f"{kind} {_PARTNERS[(self.nth + nth * 3) % len(_PARTNERS)]} {self.place.short}"
            found.append((self._id(), name))
            self._sheets["orders"].add(
                "partner",
                lapas_id=self.place.code,
                id=found[-1][0],
                name=name,
                phone="",
                note="",
                active=True,
                version=1,
            )
        return found

    # -- orders

    def _order(
        self, nth: int, workshops: Sequence[_Workshop], partners: Sequence[tuple[str, str]], counters: dict[int, int]
    ) -> _Order:
        """Plan an order, in the order of their days, and let its lines be made."""
        random = self.random
        last = len(self._workdays) - 1
        accepted = min(last * nth // max(self.orders - 1, 1) + random.randint(0, 2), last)
        created = max(accepted - random.randint(0, 3), last * (nth - 1) // max(self.orders - 1, 1), 0)
        year = self._workdays[created].year
        counters[year] = counters.get(year, 0) + 1
        stall = random.randint(6, 14) if random.random() < _SHARE_STALLED else 0
        slot = created * _SLOTS_A_DAY
        order = _Order(
            id=self._id(slot), nth=counters[year], year=year,
            number=f"{self.place.code}-{year}-{counters[year]:04}", partner=random.choice(partners),
            created=created, accepted=accepted,
            due=self._workdays[accepted] + timedelta(days=random.randint(14, 24)),
            lines=[self._line(n, slot, workshops) for n in range(1, 3 if random.random() < 0.7 else 2)],
        )  # fmt: skip
        if nth == self.orders - 1:
            order.state = "quoted"
        elif random.random() < _SHARE_CANCELLED:
            order.state = "cancelled"
        else:
            self._let_make(order, stall)
        return order

    def _line(self, nth: int, slot: int, workshops: Sequence[_Workshop]) -> _Line:
        workshop = self.random.choices(workshops, [w.make.share for w in workshops])[0]
        name, unit, rate = self.random.choice(workshop.make.products)
        variants = [(size, colour) for size in workshop.make.sizes for colour in workshop.make.colours]
        chosen = self.random.sample(variants, min(self.random.randint(3, 4), len(variants)))
        chosen.sort(key=variants.index)
        cells = [(size, colour, self.random.randint(18, 45)) for size, colour in chosen]
        return _Line(
            nth=nth, id=self._id(slot), work_order_id=self._id(slot), workshop=workshop, product=name, unit=unit,
            rate=rate, cells=cells,
        )  # fmt: skip

    def _let_make(self, order: _Order, stall: int) -> None:
        begins = (order.accepted + 1 + stall // 2) * _SLOTS_A_DAY
        until = self._now
        in_work = order.accepted > len(self._workdays) - 9
        if in_work and self.random.random() < _SHARE_HELD:
            order.held = min(order.accepted + 3, len(self._workdays) - 1)
            until = order.held * _SLOTS_A_DAY - 1
        for line in order.lines:
            workshop = line.workshop
            job = Job(
                route=workshop.route, batches=self._batches(line), crews=workshop.crews, begins=begins + stall,
                until=until,
            )  # fmt: skip
            line.made = make(job, self.random)
        if order.done_in is not None:
            order.state, order.held = "completed", None
        elif order.held is not None:
            order.state = "on_hold"
        elif any(line.made and line.made.entries for line in order.lines):
            order.state = "in_production"

    def _batches(self, line: _Line) -> list[tuple[int, int]]:
        """Return the cells one after the other; the only cell of a plain product in three parts."""
        if len(line.cells) > 1:
            return [(no, pieces) for no, (_, _, pieces) in enumerate(line.cells, start=1)]
        third = line.quantity // 3
        return [(1, third), (1, third), (1, line.quantity - 2 * third)]

    # -- rows

    def _write_order(self, order: _Order) -> None:
        sheet, code = self._sheets["orders"], self.place.code
        began = any(line.made and line.made.entries for line in order.lines)
        done_in = order.done_in
        accepted_on = self._workdays[order.accepted] if order.state not in ("quoted", "cancelled") else None
        passed = sum(_passed(line) for line in order.lines)
        quantity = sum(line.quantity for line in order.lines)
        products = list(dict.fromkeys(line.product for line in order.lines))
        sheet.add(
            "orders", lapas_id=code, id=order.id, year=order.year, nth=order.nth, number=order.number,
            partner_id=order.partner[0], partner_name=order.partner[1], material_owner="partner", due_date=order.due,
            note="", state=order.state, held_from=None if order.held is None else "in_production" if began else "accepted",
            accepted_on=accepted_on, completed_on=None if done_in is None else self._day(done_in), quantity=quantity,
            passed=passed, found_by=" ".join([order.partner[1], *products]),
            created_at=self._at(order.created * _SLOTS_A_DAY), version=1,
        )  # fmt: skip
        for line in order.lines:
            self._write_line(order, line)
            if accepted_on is not None:
                self._write_work_order(order, line, accepted_on)
        for kind, slot, by in _happened(order, began=began):
            sheet.add(
                "order_event", lapas_id=code, order_id=order.id, id=self._id(slot), kind=kind, at=self._at(slot),
                actor=self._actor(by), detail=_detail(kind),
            )  # fmt: skip
        if accepted_on is not None:
            self._write_for_others(order, accepted_on, quantity, products)

    def _write_line(self, order: _Order, line: _Line) -> None:
        sheet, code = self._sheets["orders"], self.place.code
        finished_in = line.made.finished_in if line.made else None
        sheet.add(
            "order_line", lapas_id=code, id=line.id, order_id=order.id, nth=line.nth,
            product_id=line.workshop.products[line.product], product_name=line.product,
            workshop_kind=line.workshop.make.kind, unit=line.unit, rate=line.rate, due_date=order.due, note="",
            quantity=line.quantity, passed=_passed(line), completed_on=None if finished_in is None else self._day(finished_in),
            work_order_id=line.work_order_id if line.made else None,
        )  # fmt: skip
        for nth, (size, colour, pieces) in enumerate(line.cells, start=1):
            sheet.add("order_cell", lapas_id=code, line_id=line.id, size=size, colour=colour, nth=nth, quantity=pieces)
        if line.made is None:
            return
        for stage in line.workshop.route.stages:
            here = [b for (no, _), b in line.made.balances.items() if no == stage.no]
            # Before anything was recorded, orders has heard of no piece at all.
            sums = [sum(b[k] for b in here) if line.made.entries else 0 for k in (GOOD, WAITING, REWORK, REJECT)]
            sheet.add(
                "line_stage", lapas_id=code, line_id=line.id, stage_id=str(stage.id), nth=stage.no, key=stage.key,
                name=stage.name, counts_quality=stage.counts_quality, good=sums[0], waiting=sums[1], rework=sums[2],
                reject=sums[3],
            )  # fmt: skip

    def _write_work_order(self, order: _Order, line: _Line, accepted_on: date) -> None:
        if line.made is None:
            return
        code, made, workshop = self.place.code, line.made, line.workshop
        finished_on = None if made.finished_in is None else self._day(made.finished_in)
        running = "in_progress" if made.entries else "released"
        held = order.held is not None and finished_on is None
        done_in = order.done_in
        sheet = self._sheets["production"]
        sheet.add(
            "work_order", lapas_id=code, id=line.work_order_id, order_id=order.id, line_id=line.id,
            order_number=order.number, partner_name=order.partner[1], product_name=line.product, workshop_id=workshop.id,
            workshop_kind=workshop.make.kind, unit=line.unit, quantity=line.quantity,
            cells=[{"no": no, "size": s, "colour": c, "quantity": q} for no, (s, c, q) in enumerate(line.cells, start=1)],
            route=workshop.route.document(), due_date=order.due, opened_on=accepted_on,
            state="completed" if finished_on else "on_hold" if held else running, held_from=running if held else None,
            reason="Banjir" if held else None, passed=made.passed, finished=made.finished, rejected=made.rejected,
            completed_on=finished_on, order_completed_on=None if done_in is None else self._day(done_in), version=1,
        )  # fmt: skip
        for (stage_no, cell_no), balance in made.balances.items():
            sheet.add(
                "stage_balance", lapas_id=code, work_order_id=line.work_order_id, stage_no=stage_no, cell_no=cell_no,
                waiting=balance[WAITING], rework=balance[REWORK], good=balance[GOOD], reject=balance[REJECT],
            )  # fmt: skip
        self._sheets["gateway"].add(
            "region_work_order", lapas_id=code, work_order_id=line.work_order_id, order_id=order.id,
            workshop_kind=workshop.make.kind, quantity=line.quantity, counting_stage_id=workshop.counting_stage,
            passed=made.passed, completed_on=finished_on,
        )  # fmt: skip
        ids = self._write_output(line, made)
        self._write_credits(order, line, made, ids)

    def _write_output(self, line: _Line, made: Made) -> list[str]:
        code, kind, by = self.place.code, line.workshop.make.kind, self._actor("petugas")
        rows, ids = self._sheets["production"].rows("output"), []
        for entry in made.entries:
            id_ = self._id(entry.slot)
            ids.append(id_)
            at, day_text = self._moments[entry.slot]
            day, stage = self._day(entry.slot), entry.stage
            rows.append((
                code, id_, entry.cell, line.work_order_id, stage.no, stage.key, stage.counts_quality,
                self._inmate_ids[entry.inmate], day_text, _CLOCKS[entry.slot % _SLOTS_A_DAY][0], entry.good, entry.rework,
                entry.reject, entry.defect, entry.from_rework, entry.credited, False, at, by,
            ))  # fmt: skip
            sums = self._days.setdefault((day, kind), [0, 0, 0])
            if stage.counts_quality:
                sums[0] += entry.good
            sums[1] += entry.rework
            sums[2] += entry.reject
            if entry.defect:
                key = (day, kind, entry.defect)
                self._defects[key] = self._defects.get(key, 0) + entry.rework + entry.reject
        return ids

    def _write_credits(self, order: _Order, line: _Line, made: Made, ids: Sequence[str]) -> None:
        code, kind = self.place.code, line.workshop.make.kind
        rows = self._sheets["production"].rows("credit")
        practised: dict[tuple[int, str, int], list[Any]] = {}
        for credit in made.credits:
            entry = made.entries[credit.entry]
            at = self._at(credit.slot)
            rows.append((
                code, self._id(credit.slot), ids[credit.entry], entry.cell, self._inmate_ids[entry.inmate],
                entry.stage.key, credit.pieces, at,
            ))  # fmt: skip
            key = (entry.inmate, entry.stage.key, entry.slot // _SLOTS_A_DAY)
            known = practised.setdefault(key, [0, 0, entry.stage.competence])
            known[0] += credit.pieces
            known[1] += credit.pieces * entry.stage.standard_minutes
        practice = self._sheets["training"].rows("practice")
        for (inmate, stage_key, nth), (pieces, minutes, competence) in practised.items():
            inmate_id, day = self._inmate_ids[inmate], self._workdays[nth]
            practice.append((
                code, line.work_order_id, inmate_id, stage_key, str(day), order.id, line.id, competence, kind,
                line.product, pieces, minutes,
            ))  # fmt: skip
            worked = (day, inmate_id)
            self._worked[worked] = self._worked.get(worked, 0) + minutes
            self._months.add((day.replace(day=1), kind, inmate_id))

    def _write_for_others(self, order: _Order, accepted_on: date, quantity: int, products: list[str]) -> None:
        code, done_in = self.place.code, order.done_in
        completed_on = None if done_in is None else self._day(done_in)
        self._sheets["gateway"].add(
            "region_order", lapas_id=code, order_id=order.id, number=order.number, internal=False, products=products,
            quantity=quantity, accepted_on=accepted_on, due_date=order.due,
            state={"completed": "completed", "on_hold": "held"}.get(order.state, "open"), completed_on=completed_on,
            on_time=None if completed_on is None else completed_on <= order.due,
        )  # fmt: skip
        if completed_on is not None:
            self._sheets["training"].add(
                "completed_order", lapas_id=code, order_id=order.id, number=order.number, partner_name=order.partner[1],
                completed_on=completed_on, on_time=completed_on <= order.due,
            )  # fmt: skip

    def _write_region(self) -> None:
        sheet, code = self._sheets["gateway"], self.place.code
        for (day, kind), (passed, rework, reject) in self._days.items():
            sheet.add(
                "region_day", lapas_id=code, day=day, workshop_kind=kind, passed=passed, rework=rework, reject=reject
            )
        for (day, kind, defect), pieces in self._defects.items():
            sheet.add("region_defect", lapas_id=code, day=day, workshop_kind=kind, code=defect, pieces=pieces)
        for month, kind, inmate_id in sorted(self._months):
            sheet.add("region_worker_month", lapas_id=code, month=month, workshop_kind=kind, inmate_id=inmate_id)
        rows = sheet.rows("region_worker_day")
        rows.extend((code, str(day), inmate_id, minutes) for (day, inmate_id), minutes in self._worked.items())

    def _actor(self, short: str) -> str:
        one = staff(self.place)[short]
        return f"{one.role}:{one.id}"


def _crews(people: range, stages: int) -> list[list[int]]:
    """Spread people over the stages; where there are fewer people than stages, some have several."""
    if len(people) >= stages:
        return [list(people[nth::stages]) for nth in range(stages)]
    return [[people[nth % len(people)]] for nth in range(stages)]


def _passed(line: _Line) -> int:
    """Return what orders knows to have passed: all of it, once production said that the line is through."""
    if line.made is None:
        return 0
    return line.made.finished if line.made.finished_in is not None else line.made.passed


def _happened(order: _Order, *, began: bool) -> Iterator[tuple[str, int, str]]:
    yield "created", order.created * _SLOTS_A_DAY, "bimker"
    yield "quoted", order.created * _SLOTS_A_DAY, "bimker"
    if order.state == "cancelled":
        yield "cancelled", order.accepted * _SLOTS_A_DAY, "kasi"
    if order.state in ("quoted", "cancelled"):
        return
    yield "accepted", order.accepted * _SLOTS_A_DAY, "kasi"
    if began:
        yield (
            "production_began",
            min(line.made.entries[0].slot for line in order.lines if line.made and line.made.entries),
            "petugas",
        )
    if order.state == "on_hold" and order.held is not None:
        yield "held", order.held * _SLOTS_A_DAY, "kasi"
    if order.done_in is not None:
        yield "completed", order.done_in, "petugas"


def _detail(kind: str) -> dict[str, str]:
    if kind == "held":
        return {"reason": "Banjir"}
    if kind == "cancelled":
        return {"reason": "Dibatalkan mitra", "material": "none", "finished": "none"}
    return {}
