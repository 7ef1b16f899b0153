"""Who was at work on the days of the story, the days that are closed, and one correction that waits."""

from datetime import date
from typing import Any, Final
from uuid import UUID

from giatja_kit.database import Store
from giatja_ops.demo.cast import staff
from giatja_ops.demo.days import identifier
from giatja_ops.demo.story import Story
from giatja_production.attendance import queries as sheets
from giatja_production.attendance.domain import Mark, Status
from giatja_production.attendance.handlers import MarkAttendance, mark_attendance
from giatja_production.days import handlers as days
from giatja_production.days import queries as day_queries
from giatja_production.output.domain import Shift

_DAYS_BACK: Final = 12
_SHIFTS: Final = ((Shift.MORNING, "12:05"), (Shift.AFTERNOON, "15:40"))
_AWAY: Final = (
    (Status.LEAVE, "kunjungan"),
    (Status.SICK, "poliklinik"),
    (Status.LEAVE, "ibadah"),
    (Status.ABSENT, "tanpa_kabar"),
)
_CLOSED_AT: Final = "16:10"


def play_attendance(story: Story) -> None:
    """Mark who came on the last working days, close those days, and ask for one change."""
    production = story.deployment["production"]
    with production.transaction(at=story.calendar.now) as store:
        store.scope(story.place.code)
        if store.value("SELECT true FROM attendance WHERE lapas_id = :lapas_id LIMIT 1", lapas_id=story.place.code):
            return
        shops = [
            row["id"]
            for row in store.rows("SELECT id FROM workshop WHERE lapas_id = :l ORDER BY id", l=story.place.code)
        ]
    people = staff(story.place)
    for nth in range(-_DAYS_BACK, 0):
        day = story.calendar.day(nth)
        for shift, clock in _SHIFTS:
            with production.transaction(people["petugas"].principal, at=story.calendar.at(day, clock)) as store:
                for shop in shops:
                    _mark(store, shop, day, shift, nth)
        with production.transaction(people["kasi"].principal, at=story.calendar.at(day, _CLOSED_AT)) as store:
            _close(store, day)
    with production.transaction(people["petugas"].principal, at=story.calendar.on(0, "08:20")) as store:
        _ask(store, story, story.calendar.day(-1))


def _mark(store: Store, shop: UUID, day: date, shift: Shift, nth: int) -> None:
    """Mark everybody with output as present; of the others who are expected a few stayed away."""
    seen = sheets.sheet(store, workshop_id=shop, work_date=day, shift=shift.value)
    marks = []
    for place, person in enumerate(sorted(seen["people"], key=lambda p: str(p["inmate_id"]))):
        if not person["allowed"]:
            continue
        status, reason = Status.PRESENT, None
        if not person["pieces"] and (place + nth) % 3 == 0:
            status, reason = _AWAY[(place - nth) % len(_AWAY)]
        marks.append(Mark(inmate_id=person["inmate_id"], status=status, reason_key=reason))
    if marks:
        command = MarkAttendance(workshop_id=shop, work_date=day, shift=shift, marks=marks)
        mark_attendance(command, store)


def _close(store: Store, day: date) -> None:
    shops = [
        row["id"] for row in store.rows("SELECT id FROM workshop WHERE lapas_id = :l ORDER BY id", l=store.lapas_id)
    ]
    worked = [
        seen.workshop_id for seen in day_queries.look(store, shops, day) if not seen.of_absent and not seen.tools_out
    ]
    if worked:
        note = "Sebagian hasil dicatat lebih dulu di jurnal kertas"
        days.close_day(days.CloseDay(work_date=day, workshop_ids=worked, accept_missing=True, note=note), store)


def _ask(store: Store, story: Story, day: date) -> None:
    """Ask that somebody who was marked as away be marked as present: the note of the clinic came later."""
    away = store.row(
        "SELECT inmate_id, workshop_id, shift FROM attendance WHERE lapas_id = :lapas_id AND work_date = :day"
        " AND status <> 'hadir' ORDER BY inmate_id LIMIT 1",
        lapas_id=store.lapas_id,
        day=day,
    )
    if away is None:
        return
    mark = {"inmate_id": str(away["inmate_id"]), "status": Status.SICK.value, "reason_key": "rawat_inap"}
    about = {"workshop_id": str(away["workshop_id"]), "work_date": str(day), "shift": away["shift"]}
    document: dict[str, Any] = {**about, "marks": [mark]}
    id_ = identifier(store.at, story.seed, story.place.code, "correction")
    marking = MarkAttendance.from_document(document)
    reason = "Surat dari poliklinik baru diterima pagi ini"
    days.propose_mark(days.ProposeMark(id=id_, marking=marking, document=document, reason=reason), store)
