"""The working calendar: hours and roll-calls of a Lapas, and its free days."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from giatja_kit import clock
from giatja_kit.testing import Answer, Caller

TODAY = clock.today("Asia/Jakarta", clock.now())


def refusal(answer: Answer) -> tuple[int, str, str | None]:
    """Return status, type and field of a refusal."""
    errors = answer.json.get("errors") or [{}]
    return answer.status_code, answer.json["type"].removeprefix("urn:giatja:problem:"), errors[0].get("pointer")


def hours(starts: str = "08:00", ends: str = "12:00", *, weekday: int = 1, shift: str = "pagi") -> dict[str, Any]:
    return {"weekday": weekday, "shift": shift, "starts": starts, "ends": ends}


def test_begins_with_the_shipped_hours_and_then_keeps_its_own(kasi: Caller, as_role: Callable[..., Caller]) -> None:
    shipped = kasi.get("/calendar").json
    assert (shipped["own"], shipped["version"], len(shipped["hours"])) == (False, 0, 12)
    assert shipped["minutes"] == [390] * 6 + [0]
    own = {"hours": [hours("08:00", "12:00")], "roll_calls": [{"at": "11:30", "minutes": 60}]}
    changed = kasi.patch("/calendar", own, version=0)
    assert changed.status_code == 200, changed.text
    # Of the hour of roll-call only the half within the shift is lost.
    assert (changed.json["own"], changed.json["minutes"]) == (True, [210, 0, 0, 0, 0, 0, 0])
    assert kasi.get("/calendar").json["version"] == 1
    assert as_role("kasi_giatja", "BTG").get("/calendar").json["own"] is False


def test_changes_once_of_two_who_saw_the_same(kasi: Caller) -> None:
    assert kasi.patch("/calendar", {"hours": [hours()], "roll_calls": []}, version=0).status_code == 200
    stale = kasi.patch("/calendar", {"hours": [], "roll_calls": []}, version=0)
    assert stale.status_code == 412
    assert len(kasi.get("/calendar").json["hours"]) == 1


@pytest.mark.parametrize(
    ("shifts", "calls", "type_", "field"),
    [
        ([hours("08:00", "08:00")], [], "shift-without-time", "/hours/0/ends"),
        ([hours(), hours("13:00", "15:00")], [], "shift-twice", "/hours/1/shift"),
        ([hours(), hours("11:00", "15:00", shift="siang")], [], "shifts-overlap", "/hours/1/starts"),
        ([hours()], ["12:00", "12:00"], "roll-call-twice", "/roll_calls/1/at"),
    ],
)
def test_refuses_impossible_hours_naming_the_field(
    kasi: Caller, shifts: list[dict[str, Any]], calls: list[str], type_: str, field: str
) -> None:
    body = {"hours": shifts, "roll_calls": [{"at": at, "minutes": 30} for at in calls]}
    assert refusal(kasi.patch("/calendar", body, version=0)) == (422, type_, field)
    eighth = kasi.patch("/calendar", {"hours": [hours(weekday=8)], "roll_calls": []}, version=0)
    assert (eighth.status_code, refusal(eighth)[2]) == (422, "/hours/0/weekday")
    assert kasi.get("/calendar").json["own"] is False


def test_a_free_day_is_kept_renamed_and_made_a_day_of_work_again(kasi: Caller) -> None:
    day = TODAY + timedelta(days=3)
    days = [{"day": str(day), "name": "Libur"}]
    year = {"year": day.year}
    before = {h["day"] for h in kasi.get("/calendar", **year).json["holidays"]}
    assert str(day) not in before
    assert kasi.post("/calendar/holidays", {"days": days}).json == {"added": 1, "renamed": 0}
    renamed = [{"day": str(day), "name": "Isra Mikraj"}]
    assert kasi.post("/calendar/holidays", {"days": renamed}).json == {"added": 0, "renamed": 1}
    names = {h["day"]: h["name"] for h in kasi.get("/calendar", **year).json["holidays"]}
    assert names[str(day)] == "Isra Mikraj"
    removed = kasi.post(f"/calendar/holidays/{day}/removal")
    assert {h["day"] for h in removed.json["holidays"]} == before
    assert refusal(kasi.post(f"/calendar/holidays/{day}/removal"))[:2] == (404, "holiday-unknown")


def test_refuses_a_day_named_twice_and_the_removal_of_one_that_passed(kasi: Caller) -> None:
    past = {"day": "2025-01-01", "name": "Tahun Baru"}
    assert refusal(kasi.post("/calendar/holidays", {"days": [past, past]})) == (422, "holiday-twice", "/days/1/day")
    assert kasi.post("/calendar/holidays", {"days": [past]}).json["added"] == 1
    assert refusal(kasi.post("/calendar/holidays/2025-01-01/removal"))[:2] == (409, "holiday-passed")
    assert len(kasi.get("/calendar", year=2025).json["holidays"]) == 1


def test_is_kept_by_its_role_and_lapas(kasi: Caller, petugas: Caller, as_role: Callable[..., Caller]) -> None:
    day = TODAY + timedelta(days=3)
    days = {"days": [{"day": str(day), "name": "Libur"}]}
    assert petugas.post("/calendar/holidays", days).status_code == 403
    assert petugas.patch("/calendar", {"hours": [], "roll_calls": []}, version=0).status_code == 403
    kasi.post("/calendar/holidays", days)
    other = as_role("kasi_giatja", "BTG")
    assert other.get("/calendar", year=day.year).json["holidays"] == []
    assert other.post(f"/calendar/holidays/{day}/removal").status_code == 404
