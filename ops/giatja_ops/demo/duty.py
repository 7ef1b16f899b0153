"""Whose turn it is at the first Lapas, the log of this shift, machines of which one is broken, the free days ahead."""

from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from giatja_kit.database import Store
from giatja_ops.demo.cast import staff
from giatja_ops.demo.days import identifier
from giatja_ops.demo.story import Story
from giatja_production.calendar import handlers as calendars
from giatja_production.duty import handlers as duty
from giatja_production.duty.domain import rank_of
from giatja_production.output.domain import Shift
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
    """Publish turns from two weeks ago until next week, open the log of this morning, and report a broken machine."""
    if story.place.code != _WHERE:
        return
    production, people, calendar = story.deployment["production"], staff(story.place), story.calendar
    start = calendar.on(-9, "13:20")
    with production.transaction(people["kasi"].principal, at=start) as store:
        if store.value("SELECT true FROM officer WHERE lapas_id = :code LIMIT 1", code=story.place.code):
            return
        rows = store.rows("SELECT kind, id FROM workshop WHERE lapas_id = :code ORDER BY id", code=story.place.code)
        shops: dict[str, UUID] = {row["kind"]: row["id"] for row in rows}
        free = [
            (date(year, month, day), name)
            for year in (calendar.today.year, calendar.today.year + 1)
            for month, day, name in _FREE
        ]
        calendars.keep_holidays(calendars.KeepHolidays(days=[one for one in free if one[0] > calendar.today]), store)
        _publish(story, store, start, list(shops.values()))
        _add_machines(story, store, start, shops["garmen"])
    morning = calendar.on(0, "08:05")
    with production.transaction(people["petugas"].principal, at=morning) as store:
        duty.open_log(
            duty.OpenLog(
                id=identifier(morning, story.seed, story.place.code, "log"),
                workshop_id=shops["garmen"],
                work_date=calendar.today,
                shift=Shift.MORNING,
                head_start=14,
                tools_start=16,
                gear="Lengkap",
                notes="Mesin jahit 10 berhenti; bagian sarana diberi tahu.",
            ),
            store,
        )
        workshops.report_downtime(
            workshops.ReportDowntime(
                id=identifier(morning, story.seed, story.place.code, "downtime"),
                machine_id=identifier(start, story.seed, story.place.code, "machine", _MACHINES[-1]),
                reason="Dinamo terbakar",
                starts_at=None,
            ),
            store,
        )


def _publish(story: Story, store: Store, at: datetime, shops: list[UUID]) -> None:
    for name, grade in _OFFICERS:
        id_ = identifier(at, story.seed, story.place.code, "officer", name)
        duty.add_officer(duty.AddOfficer(id=id_, person_id=None, name=name, rank=rank_of(grade)), store)
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
