"""Whose turn it is at the first Lapas, the log of this shift, machines of which one is broken, the free days ahead."""

from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from giatja_kit.database import Store
from giatja_kit.errors import Refusal
from giatja_ops.demo.cast import staff
from giatja_ops.demo.days import identifier
from giatja_ops.demo.story import Story
from giatja_production.calendar import handlers as calendars
from giatja_production.duty import handlers as duty
from giatja_production.duty.domain import rank_of
from giatja_production.output.domain import Shift
from giatja_production.tools.queries import counted
from giatja_production.workshops import handlers as workshops

_WHERE: Final = "PKL"
_OFFICERS: Final = (
    ("Sogan Wicaksana", "III/a"),
    ("Kawung Pratama", "II/c"),
    ("Truntum Lestari", "II/d"),
    ("Parang Wibowo", "III/b"),
    ("Nitik Rahayu", "II/b"),
)
_MACHINES: Final = tuple(f"Mesin jahit {n}" for n in range(1, 11))
_SEWING: Final = "jahit"
_MINUTES_A_DAY: Final = 390
_FREE: Final = ((1, 1, "Tahun Baru Masehi"), (8, 17, "Hari Kemerdekaan"), (12, 25, "Hari Natal"))
_MONDAY_TO_SATURDAY: Final = range(1, 7)


def play_duty(story: Story) -> None:
    """Publish turns from two weeks ago until next week, keep the logs of yesterday and today, report a broken machine.

    Each act is done once, so that a load that was interrupted goes on where it stopped.
    """
    if story.place.code != _WHERE:
        return
    production, people, calendar = story.deployment["production"], staff(story.place), story.calendar
    start = calendar.on(-12, "08:20")
    with production.transaction(people["kasi"].principal, at=start) as store:
        rows = store.rows("SELECT kind, id FROM workshop WHERE lapas_id = :code ORDER BY id", code=story.place.code)
        shops: dict[str, UUID] = {row["kind"]: row["id"] for row in rows}
        if not _known(store, "officer"):
            free = [
                (date(year, month, day), name)
                for year in (calendar.today.year, calendar.today.year + 1)
                for month, day, name in _FREE
            ]
            calendars.keep_holidays(
                calendars.KeepHolidays(days=[one for one in free if one[0] > calendar.today]), store
            )
            _publish(story, store, start, list(shops.values()), account=people["petugas"].id)
            _add_machines(story, store, start, shops["garmen"])
    with production.transaction(people["petugas"].principal, at=calendar.on(0, "07:50")) as store:
        if not _known(store, "duty_swap"):
            _ask_swap(story, store)
    _keep_log(story, shops["garmen"], -1, notes="Target koko tercapai.", close="Sisa 3 bundel menunggu obras.")
    _keep_log(story, shops["garmen"], 0, notes="Mesin jahit 10 berhenti; bagian sarana diberi tahu.")
    morning = calendar.on(0, "08:05")
    with production.transaction(people["petugas"].principal, at=morning) as store:
        if not _known(store, "machine_downtime"):
            workshops.report_downtime(
                workshops.ReportDowntime(
                    id=identifier(morning, story.seed, story.place.code, "downtime"),
                    machine_id=identifier(start, story.seed, story.place.code, "machine", _MACHINES[-1]),
                    reason="Dinamo terbakar",
                    starts_at=None,
                ),
                store,
            )


def _known(store: Store, table: str) -> bool:
    return bool(store.value(f"SELECT true FROM {table} WHERE lapas_id = :code LIMIT 1", code=store.lapas_id))  # noqa: S608


def _ask_swap(story: Story, store: Store) -> None:
    """Have the officer with an account ask a colleague for the first swap that both could stand."""
    at = story.calendar.on(0, "07:50")
    pairs = store.rows(
        "SELECT t.id, u.id AS other FROM duty_turn t JOIN officer o ON o.lapas_id = t.lapas_id AND o.id = t.officer_id"
        " JOIN duty_turn u ON u.lapas_id = t.lapas_id AND u.officer_id <> t.officer_id AND u.work_date > t.work_date"
        "  AND u.state = 'published'"
        " WHERE t.lapas_id = :code AND t.state = 'published' AND o.person_id IS NOT NULL AND t.work_date > :today"
        " ORDER BY t.work_date, u.work_date, u.id LIMIT 40",
        code=story.place.code,
        today=story.calendar.today,
    )
    for pair in pairs:
        id_ = identifier(at, story.seed, story.place.code, "swap")
        swap = duty.AskSwap(id=id_, turn_id=pair["id"], other_turn_id=pair["other"], reason="Mengantar anak ke dokter")
        try:
            duty.ask_swap(swap, store)
        except Refusal:
            continue
        return


def _keep_log(story: Story, shop: UUID, day: int, *, notes: str, close: str = "") -> None:
    """Begin the log of a morning in the tailors' workshop, and sign it at noon where it is over."""
    petugas, calendar = staff(story.place)["petugas"].principal, story.calendar
    begun = calendar.on(day, "08:05")
    id_ = identifier(begun, story.seed, story.place.code, "log")
    production = story.deployment["production"]
    with production.transaction(petugas, at=begun) as store:
        if store.value("SELECT true FROM shift_log WHERE lapas_id = :code AND id = :id", code=_WHERE, id=id_):
            return
        duty.open_log(
            duty.OpenLog(
                id=id_,
                workshop_id=shop,
                work_date=calendar.day(day),
                shift=Shift.MORNING,
                head_start=14,
                tools_start=16,
                gear="Lengkap",
                notes=notes,
            ),
            store,
        )
    if close:
        with production.transaction(petugas, at=calendar.on(day, "12:10")) as store:
            tools = counted(store, shop)["available"]
            ended = duty.CloseLog(
                id=id_, version=1, head_end=14, tools_end=tools, difference="Dua orang ke klinik", handover=close
            )
            duty.close_log(ended, store)


def _publish(story: Story, store: Store, at: datetime, shops: list[UUID], *, account: UUID) -> None:
    for nth, (name, grade) in enumerate(_OFFICERS):
        id_ = identifier(at, story.seed, story.place.code, "officer", name)
        person = account if nth == 0 else None
        duty.add_officer(duty.AddOfficer(id=id_, person_id=person, name=name, rank=rank_of(grade)), store)
    for shop in shops:
        duty.add_post(
            duty.AddPost(
                id=identifier(at, story.seed, story.place.code, "post", shop),
                workshop_id=shop,
                shift=Shift.MORNING,
                weekdays=list(_MONDAY_TO_SATURDAY),
                officers=1,
                lowest_rank=None,
                senior_rank=None,
            ),
            store,
        )
    first, today = at.astimezone(story.calendar.zone).date(), story.calendar.today
    duty.propose_roster(duty.Period(first=first, last=today + timedelta(days=21)), store)
    duty.publish_roster(duty.Period(first=first, last=today + timedelta(days=9)), store)


def _add_machines(story: Story, store: Store, at: datetime, shop: UUID) -> None:
    for name in _MACHINES:
        content = workshops.MachineContent(name=name, stage_key=_SEWING, capacity_minutes_per_day=_MINUTES_A_DAY)
        id_ = identifier(at, story.seed, story.place.code, "machine", name)
        workshops.add_machine(workshops.AddMachine(id=id_, workshop_id=shop, content=content), store)
