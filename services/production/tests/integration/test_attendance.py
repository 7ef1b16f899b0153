"""Attendance: who is marked how in a shift, what is refused, and the reasons of a Lapas."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from giatja_kit.ids import new_id
from giatja_kit.testing import Answer, Caller

WORKED = "2025-02-10"


def refusal(answer: Answer) -> tuple[int, str, str | None]:
    """Return status, type and field of a refusal."""
    errors = answer.json.get("errors") or [{}]
    return answer.status_code, answer.json["type"].removeprefix("urn:giatja:problem:"), errors[0].get("pointer")


@dataclass
class Sheet:
    """The attendance sheet of a morning."""

    shop: str
    petugas: Caller

    def mark(self, *marks: dict[str, Any], **more: Any) -> Answer:
        about = {"workshop_id": self.shop, "work_date": WORKED, "shift": "pagi"}
        return self.petugas.post("/attendance", {**about, "marks": list(marks), **more})

    def seen(self, caller: Caller | None = None) -> Answer:
        return (caller or self.petugas).get("/attendance", workshop_id=self.shop, work_date=WORKED, shift="pagi")

    def statuses(self) -> dict[str, str]:
        seen = self.seen().json
        return {p["inmate_id"]: p["status"] for p in seen["people"] + seen["others"] if p["status"]}


@pytest.fixture
def sheet(kasi: Caller, petugas: Caller) -> Sheet:
    return Sheet(shop=kasi.post("/workshops", {"template": "garmen"}).json["id"], petugas=petugas)


def test_marks_are_seen_on_the_sheet_and_in_the_month(sheet: Sheet, world: Any, kasi: Caller) -> None:
    one, two = world.worker(), world.worker()
    marked = sheet.mark({"inmate_id": one, "status": "hadir", "minutes": 200}, {"inmate_id": two, "status": "sakit"})
    assert (marked.status_code, marked.json["marked"]) == (200, 2)
    assert sheet.statuses() == {one: "hadir", two: "sakit"}
    rows = {r["inmate_id"]: r for r in kasi.get("/attendance/month", month="2025-02").json["items"]}
    assert (rows[one]["hadir"], rows[one]["minutes"], rows[one]["sakit"]) == (1, 200, 0)
    assert (rows[two]["hadir"], rows[two]["sakit"]) == (0, 1)
    assert kasi.get("/attendance/month", month="2025-03").json["items"] == []


def test_another_mark_replaces_the_first_unless_it_changed_meanwhile(sheet: Sheet, world: Any) -> None:
    one = world.worker()
    sheet.mark({"inmate_id": one, "status": "hadir", "seen": "belum"})
    late = sheet.mark({"inmate_id": one, "status": "izin", "seen": "belum"})
    assert refusal(late)[:2] == (409, "mark-changed-meanwhile")
    assert sheet.statuses() == {one: "hadir"}
    assert sheet.mark({"inmate_id": one, "status": "izin", "seen": "hadir"}).status_code == 200
    assert sheet.statuses() == {one: "izin"}
    assert world.count("SELECT count(*) FROM attendance") == 1


@pytest.mark.parametrize(
    ("mark", "type_", "field"),
    [
        ({"status": "hadir", "minutes": 1000}, "minutes-too-many", "minutes"),
        ({"status": "sakit", "minutes": 10}, "minutes-of-absent", "minutes"),
        ({"status": "tidak_hadir", "complied": True}, "absent-cannot-comply", "complied"),
        ({"status": "izin", "reason_key": "tidak_ada"}, "reason-unknown", "reason_key"),
    ],
)
def test_a_mark_that_contradicts_itself_is_refused_with_all_others(
    sheet: Sheet, world: Any, mark: dict[str, Any], type_: str, field: str
) -> None:
    answer = sheet.mark({"inmate_id": world.worker(), "status": "hadir"}, {"inmate_id": world.worker(), **mark})
    assert refusal(answer) == (422, type_, f"/marks/1/{field}")
    assert sheet.statuses() == {}


def test_nobody_is_marked_twice_unknown_in_two_places_or_in_the_future(sheet: Sheet, world: Any, kasi: Caller) -> None:
    here = {"inmate_id": world.worker(), "status": "hadir"}
    assert refusal(sheet.mark(here, here)) == (422, "marked-twice", "/marks/1/inmate_id")
    assert refusal(sheet.mark({**here, "inmate_id": str(new_id())}))[1:] == ("inmate-unknown", "/marks/0/inmate_id")
    assert refusal(sheet.mark(here, work_date="2099-01-01")) == (422, "work-date-in-future", "/work_date")
    bad = sheet.mark({**here, "status": "bolos"})
    assert (bad.status_code, refusal(bad)[2]) == (422, "/marks/0/status")
    assert sheet.mark(here).status_code == 200
    elsewhere = kasi.post("/workshops", {"template": "batik_cap"}).json["id"]
    assert refusal(sheet.mark(here, workshop_id=elsewhere))[:2] == (409, "present-elsewhere")


def test_a_lapas_keeps_its_own_reasons(sheet: Sheet, world: Any, kasi: Caller, as_role: Callable[..., Caller]) -> None:
    reason = {"name": "Sidang TPP daring", "name_en": "Online hearing", "status": "izin"}
    assert sheet.petugas.post("/attendance/reasons", reason).status_code == 403
    made = kasi.post("/attendance/reasons", reason)
    assert made.status_code == 201, made.text
    assert refusal(kasi.post("/attendance/reasons", reason)) == (409, "reason-name-taken", "/name")
    one, key = world.worker(), made.json["key"]
    wrong = sheet.mark({"inmate_id": one, "status": "sakit", "reason_key": key})
    assert refusal(wrong) == (422, "reason-of-another-status", "/marks/0/reason_key")
    assert sheet.mark({"inmate_id": one, "status": "izin", "reason_key": key}).status_code == 200
    other = as_role("kasi_giatja", "BTG")
    assert key not in [r["key"] for r in other.get("/attendance/reasons").json["items"]]
    change = {"name": "X", "name_en": "X", "active": False}
    assert other.patch(f"/attendance/reasons/{key}", change, version=1).status_code == 404


def test_sheets_are_kept_by_their_role_and_lapas(sheet: Sheet, world: Any, as_role: Callable[..., Caller]) -> None:
    one = world.worker()
    about = {"workshop_id": sheet.shop, "work_date": WORKED, "shift": "pagi"}
    body = {**about, "marks": [{"inmate_id": one, "status": "hadir"}]}
    assert as_role("bendahara").post("/attendance", body).status_code == 403
    other = as_role("petugas", "BTG")
    assert sheet.seen(other).status_code == 404
    assert other.post("/attendance", body).status_code == 404
    assert sheet.statuses() == {}
