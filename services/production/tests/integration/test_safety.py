"""Safety: what happened, what is done about it, and the gear that is missing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from giatja_kit import clock
from giatja_kit.ids import new_id
from giatja_kit.testing import Answer, Caller, told

TODAY = clock.today("Asia/Jakarta", clock.now())


def refusal(answer: Answer) -> tuple[int, str, str | None]:
    """Return status, type and field of a refusal."""
    errors = answer.json.get("errors") or [{}]
    return answer.status_code, answer.json["type"].removeprefix("urn:giatja:problem:"), errors[0].get("pointer")


@pytest.fixture
def shop(kasi: Caller) -> str:
    return str(kasi.post("/workshops", {"template": "garmen"}).json["id"])


@pytest.fixture
def report(shop: str, petugas: Caller) -> Callable[..., Answer]:
    """Return a function that reports an incident at the cutting table, with changes."""
    body = {
        "kind": "incident",
        "severity": "minor",
        "workshop_id": shop,
        "stage_key": "potong",
        "happened_at": (clock.now() - timedelta(minutes=5)).isoformat(),
        "what": "Jari tergores pisau potong",
    }
    return lambda **changes: petugas.post("/incidents", {**body, **changes})


Report = Callable[..., Answer]


def test_an_incident_is_listed_and_told_without_who_was_hurt(report: Report, world: Any, kasi: Caller) -> None:
    one = world.worker()
    made = report(injured=[one, one], first_aid="Luka dibersihkan")
    assert made.status_code == 201, made.text
    assert (made.json["injured"], made.json["stage_key"]) == ([one], "potong")
    (row,) = kasi.get("/incidents", severity="minor").json["items"]
    assert (row["id"], row["injured_count"], row["follow_ups"]) == (made.json["id"], 1, 0)
    assert kasi.get("/incidents", severity="fatal").json["items"] == []
    (fact,) = told(world.database, "giatja.production.safety_incident_reported.v1")
    assert (fact["data"]["severity"], fact["data"]["workshop_kind"]) == ("minor", "garmen")
    assert one not in str(fact["data"])
    assert "pisau" not in str(fact["data"])


@pytest.mark.parametrize(
    ("changes", "type_", "field"),
    [
        ({"happened_at": "2099-01-01T08:00:00+07:00"}, "not-happened-yet", "/happened_at"),
        ({"happened_at": "2001-01-01T08:00:00+07:00"}, "happened-long-ago", "/happened_at"),
        ({"stage_key": "melinting"}, "stage-not-there", "/stage_key"),
        ({"machine_id": str(new_id())}, "machine-not-there", "/machine_id"),
        ({"injured": [str(new_id())]}, "inmate-unknown", "/injured/0"),
        ({"kind": "near_miss", "injured": [str(new_id())]}, "near-miss-hurt-somebody", "/injured"),
    ],
)
def test_an_impossible_report_names_the_field(
    report: Report, kasi: Caller, changes: dict[str, Any], type_: str, field: str
) -> None:
    assert refusal(report(**changes))[1:] == (type_, field)
    short = report(what="Jatuh")
    assert (short.status_code, refusal(short)[2]) == (422, "/what")
    assert kasi.get("/incidents").json["items"] == []


def test_a_follow_up_is_open_until_it_is_done_once(report: Report, kasi: Caller) -> None:
    incident = report().json["id"]
    ask = {"action": "Pasang pelindung pisau", "responsible": "Subsi Sarana", "due_date": str(TODAY)}
    late = kasi.post(f"/incidents/{incident}/follow-ups", {**ask, "due_date": str(TODAY - timedelta(days=1))})
    assert refusal(late) == (422, "due-before-today", "/due_date")
    asked = kasi.post(f"/incidents/{incident}/follow-ups", ask)
    assert (asked.status_code, asked.json["follow_ups_open"]) == (201, 1)
    assert [f["action"] for f in kasi.get("/safety/summary").json["follow_ups"]] == ["Pasang pelindung pisau"]
    # Due today is not late; tomorrow it is.
    late_tomorrow = {"date": str(TODAY + timedelta(days=1))}
    assert kasi.get("/production/summary").json["follow_ups_overdue"] == 0
    assert kasi.get("/production/summary", **late_tomorrow).json["follow_ups_overdue"] == 1
    path = f"/follow-ups/{asked.json['actions'][0]['id']}/done"
    done = kasi.post(path, {"result": "Sudah dipasang"})
    assert (done.json["follow_ups_open"], done.json["actions"][0]["result"]) == (0, "Sudah dipasang")
    assert refusal(kasi.post(path, {"result": "Sekali lagi"}))[:2] == (409, "follow-up-already-done")
    assert kasi.get("/safety/summary").json["follow_ups"] == []


def test_the_newest_check_of_the_gear_counts(shop: str, petugas: Caller, kasi: Caller) -> None:
    about = {"workshop_id": shop, "work_date": str(TODAY), "shift": "pagi"}
    wanted = [g["gear"] for g in petugas.get("/gear", **about).json["gear"]]
    assert "masker" in wanted
    for missing in (4, 1):
        checked = petugas.post("/gear", {**about, "items": [{"gear": "masker", "missing": missing}]})
        assert checked.status_code == 201, checked.text
    assert [g["missing"] for g in kasi.get("/safety/summary").json["gear"]] == [1]
    assert len(petugas.get("/gear", **about).json["checks"]) == 2
    twice = petugas.post("/gear", {**about, "items": [{"gear": "masker", "missing": 1}] * 2})
    assert refusal(twice)[:2] == (422, "gear-repeated")
    ahead = {**about, "work_date": "2099-01-01", "items": [{"gear": "masker", "missing": 1}]}
    assert refusal(petugas.post("/gear", ahead)) == (422, "work-date-in-future", "/work_date")


def test_reports_are_kept_by_their_role_and_lapas(
    report: Report, shop: str, petugas: Caller, as_role: Callable[..., Caller]
) -> None:
    incident = report().json["id"]
    ask = {"action": "Pasang pelindung", "responsible": "Sarana", "due_date": str(TODAY)}
    assert petugas.post(f"/incidents/{incident}/follow-ups", ask).status_code == 403
    other = as_role("kasi_giatja", "BTG")
    assert other.get(f"/incidents/{incident}").status_code == 404
    assert other.post(f"/incidents/{incident}/follow-ups", ask).status_code == 404
    assert other.get("/incidents").json["items"] == []
    assert petugas.get(f"/incidents/{incident}").json["follow_ups"] == 0
