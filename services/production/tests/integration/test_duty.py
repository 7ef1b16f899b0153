"""Duty: the roster, who stands in, swaps, and the log of a shift over HTTP."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from giatja_kit import clock
from giatja_kit.testing import Answer, Caller

TODAY = clock.today("Asia/Jakarta", clock.now())
# The roster is asked for in a week to come, whatever day the test is run on.
FIRST = TODAY + timedelta(days=7)
PERIOD = {"first": str(FIRST), "last": str(FIRST + timedelta(days=3))}


def refusal(answer: Answer) -> tuple[int, str, str | None]:
    """Return status, type and field of a refusal."""
    errors = answer.json.get("errors") or [{}]
    return answer.status_code, answer.json["type"].removeprefix("urn:giatja:problem:"), errors[0].get("pointer")


@dataclass
class Roster:
    """A workshop that needs one officer every morning, and two officers."""

    kasi: Caller
    shop: str
    officers: list[str]

    def published(self) -> list[dict[str, Any]]:
        proposed = self.kasi.post("/duty/roster/propose", PERIOD)
        assert proposed.json == {"turns": 4, "vacant": 0}, proposed.text
        assert self.kasi.post("/duty/roster/publish", PERIOD).json == {"turns": 4}
        return self.turns()

    def turns(self) -> list[dict[str, Any]]:
        turns = self.kasi.get("/duty/roster", **PERIOD).json["turns"]
        return sorted(turns, key=lambda t: str(t["work_date"]))


@pytest.fixture
def roster(kasi: Caller) -> Roster:
    shop = kasi.post("/workshops", {"template": "garmen"}).json["id"]
    post = {"workshop_id": shop, "shift": "pagi", "weekdays": [1, 2, 3, 4, 5, 6, 7], "officers": 1}
    made = kasi.post("/duty/posts", post)
    assert made.status_code == 201, made.text
    assert refusal(kasi.post("/duty/posts", post)) == (409, "post-taken", "/shift")
    people = [kasi.post("/duty/officers", {"name": name, "grade": "II/c"}) for name in ("Agus Salim", "Budi Utomo")]
    return Roster(kasi=kasi, shop=shop, officers=[p.json["id"] for p in people])


def test_a_proposed_roster_shares_the_turns_and_is_published_once(roster: Roster) -> None:
    turns = roster.published()
    assert {t["state"] for t in turns} == {"published"}
    assert sorted(t["officer_id"] for t in turns) == sorted(roster.officers * 2)
    assert refusal(roster.kasi.post("/duty/roster/publish", PERIOD))[:2] == (409, "nothing-to-publish")
    backwards = {"first": PERIOD["last"], "last": PERIOD["first"]}
    assert refusal(roster.kasi.post("/duty/roster/propose", backwards)) == (422, "period-malformed", "/last")


def test_nobody_on_leave_is_given_a_turn(roster: Roster) -> None:
    away, there = roster.officers
    leave = {"first_day": PERIOD["last"], "last_day": PERIOD["first"], "reason": "Cuti tahunan"}
    path = f"/duty/officers/{away}/leave"
    assert refusal(roster.kasi.post(path, leave)) == (422, "leave-ends-before-it-starts", "/last_day")
    leave = {"first_day": PERIOD["first"], "last_day": PERIOD["last"], "reason": "Cuti tahunan"}
    assert roster.kasi.post(path, leave).status_code == 201
    turns = roster.published()
    assert {t["officer_id"] for t in turns} == {there}
    given = {"officer_id": away, "reason": "Menggantikan rekan"}
    answer = roster.kasi.post(f"/duty/turns/{turns[0]['id']}/assign", given, version=turns[0]["version"])
    assert refusal(answer)[:2] == (409, "officer-on-leave")


def test_a_swap_changes_both_turns_and_says_why(roster: Roster) -> None:
    turns = roster.published()
    mine = turns[0]
    other = next(t for t in turns if t["officer_id"] != mine["officer_id"])
    same = next(t for t in turns[1:] if t["officer_id"] == mine["officer_id"])
    path, why = f"/duty/turns/{mine['id']}/swaps", "Acara keluarga"
    refused = roster.kasi.post(path, {"other_turn_id": same["id"], "reason": why})
    assert refusal(refused)[1:] == ("swap-not-possible", "/other_turn_id")
    swapped = roster.kasi.post(path, {"other_turn_id": other["id"], "reason": why})
    assert swapped.status_code == 201, swapped.text
    now = {t["id"]: t["officer_id"] for t in roster.turns()}
    assert (now[mine["id"]], now[other["id"]]) == (other["officer_id"], mine["officer_id"])
    assert [(c["kind"], c["reason"]) for c in swapped.json["history"]] == [("swapped", why)]


def test_a_turn_is_swapped_only_by_whose_it_is(roster: Roster, petugas: Caller) -> None:
    turns = roster.published()
    other = next(t for t in turns if t["officer_id"] != turns[0]["officer_id"])
    ask = {"other_turn_id": other["id"], "reason": "Acara keluarga"}
    assert refusal(petugas.post(f"/duty/turns/{turns[0]['id']}/swaps", ask))[:2] == (403, "not-your-turn")
    assert roster.turns() == turns


@pytest.fixture
def accounts(real_parts: Any, client: FlaskClient, roster: Roster) -> list[Caller]:
    """Give both officers accounts and return them as callers, in the order of the roster's officers."""
    callers = []
    for nth, officer in enumerate(roster.officers):
        person = str(UUID(int=100 + nth))
        known = roster.kasi.get(f"/duty/officers/{officer}").json
        body = {"person_id": person, **{key: known[key] for key in ("name", "grade", "active")}}
        changed = roster.kasi.patch(f"/duty/officers/{officer}", body, version=known["version"])
        assert changed.status_code == 200, changed.text
        callers.append(Caller(client, "/api/production/v1", real_parts.keys.person("petugas", "PKL", subject=person)))
    return callers


@dataclass
class Asked:
    """A swap one officer asked the other for."""

    mine: dict[str, Any]
    theirs: dict[str, Any]
    id: str


def ask_swap(roster: Roster, accounts: list[Caller]) -> Asked:
    turns = roster.published()
    mine, theirs = (next(t for t in turns if t["officer_id"] == one) for one in roster.officers)
    body = {"other_turn_id": theirs["id"], "reason": "Acara keluarga"}
    asked = accounts[0].post(f"/duty/turns/{mine['id']}/swaps", body)
    assert asked.status_code == 201, asked.text
    assert refusal(accounts[0].post(f"/duty/turns/{mine['id']}/swaps", body))[:2] == (409, "swap-asked-already")
    (swap,) = asked.json["swaps"]
    assert roster.kasi.get("/production/summary").json["swaps_open"] == 1
    assert roster.turns() == turns
    return Asked(mine=mine, theirs=theirs, id=swap["id"])


def test_a_swap_of_two_officers_waits_for_the_other_one(roster: Roster, accounts: list[Caller]) -> None:
    asked = ask_swap(roster, accounts)
    assert refusal(accounts[0].post(f"/duty/swaps/{asked.id}/agree"))[:2] == (403, "not-your-turn")
    assert accounts[1].post(f"/duty/swaps/{asked.id}/agree").status_code == 200
    now = {t["id"]: t["officer_id"] for t in roster.turns()}
    assert [now[asked.mine["id"]], now[asked.theirs["id"]]] == roster.officers[::-1]
    assert refusal(accounts[1].post(f"/duty/swaps/{asked.id}/refuse"))[:2] == (409, "swap-already-decided")


@pytest.mark.parametrize("who", [0, 1])
def test_a_swap_is_taken_back_or_refused_and_nothing_changes(
    roster: Roster, accounts: list[Caller], petugas: Caller, who: int
) -> None:
    asked = ask_swap(roster, accounts)
    before = roster.turns()
    assert refusal(petugas.post(f"/duty/swaps/{asked.id}/refuse"))[:2] == (403, "not-your-turn")
    assert accounts[who].post(f"/duty/swaps/{asked.id}/refuse").status_code == 200
    assert [t["officer_id"] for t in roster.turns()] == [t["officer_id"] for t in before]
    assert refusal(accounts[1].post(f"/duty/swaps/{asked.id}/agree"))[:2] == (409, "swap-already-decided")


def test_a_swap_that_the_roster_has_overtaken_is_refused(roster: Roster, accounts: list[Caller]) -> None:
    asked = ask_swap(roster, accounts)
    third = roster.kasi.post("/duty/officers", {"name": "Citra", "grade": "II/c"}).json["id"]
    given = {"officer_id": third, "reason": "Sakit"}
    changed = roster.kasi.post(f"/duty/turns/{asked.mine['id']}/assign", given, version=asked.mine["version"])
    assert changed.status_code == 200, changed.text
    assert refusal(accounts[1].post(f"/duty/swaps/{asked.id}/agree"))[:2] == (409, "swap-overtaken")


def test_standing_in_counts_for_who_did_it_and_is_said_by_them(roster: Roster, accounts: list[Caller]) -> None:
    turn = roster.published()[0]
    owner = roster.officers.index(turn["officer_id"])
    third = roster.kasi.post("/duty/officers", {"name": "Citra", "grade": "II/c"}).json["id"]
    path, cover = f"/duty/turns/{turn['id']}/cover", {"officer_id": third, "reason": "Sakit"}
    assert refusal(accounts[1 - owner].post(path, cover, version=turn["version"]))[:2] == (403, "not-your-turn")
    covered = roster.kasi.post(path, cover, version=turn["version"])
    assert covered.status_code == 200, covered.text
    assert (covered.json["officer_id"], covered.json["stands_in_for"]) == (third, turn["officer_id"])
    assert [(c["kind"], c["reason"]) for c in covered.json["history"]] == [("covered", "Sakit")]
    again = roster.kasi.post(path, cover, version=covered.json["version"])
    assert refusal(again) == (422, "turn-unchanged", "/officer_id")
    assert refusal(roster.kasi.post(path, cover, version=turn["version"]))[0] == 412


def test_the_log_of_a_shift_is_closed_once_everything_is_explained(roster: Roster, petugas: Caller) -> None:
    about = {"workshop_id": roster.shop, "work_date": str(TODAY), "shift": "pagi"}
    begin = {**about, "head_start": 3, "tools_start": 0}
    ahead = petugas.post("/duty/logs", {**begin, "work_date": "2099-01-01"})
    assert refusal(ahead) == (422, "work-date-in-future", "/work_date")
    log = petugas.post("/duty/logs", begin)
    assert log.status_code == 201, log.text
    assert refusal(petugas.post("/duty/logs", begin)) == (409, "shift-log-begun-already", "/shift")
    path, end = f"/duty/logs/{log.json['id']}", {"head_end": 3, "tools_end": 0}
    assert refusal(petugas.post(f"{path}/addenda", {"text": "Kipas mati"}))[:2] == (409, "shift-log-still-open")
    wrong = petugas.post(f"{path}/close", {**end, "tools_end": 2}, version=1)
    assert refusal(wrong) == (409, "tools-differ", "/tools_end")
    # Three were counted, but nobody is marked as present.
    assert refusal(petugas.post(f"{path}/close", end, version=1)) == (422, "headcount-unexplained", "/difference")
    closed = petugas.post(f"{path}/close", {**end, "difference": "Absensi belum diisi"}, version=1)
    assert (closed.status_code, closed.json["state"]) == (200, "closed")
    change = petugas.patch(path, {"head_start": 9, "tools_start": 0}, version=closed.json["version"])
    assert refusal(change)[:2] == (409, "shift-log-already-closed")
    added = petugas.post(f"{path}/addenda", {"text": "Kipas mati"})
    assert ([a["text"] for a in added.json["addenda"]], added.json["head_start"]) == (["Kipas mati"], 3)


def test_the_roster_is_kept_by_its_role_and_lapas(
    roster: Roster, petugas: Caller, as_role: Callable[..., Caller]
) -> None:
    assert petugas.post("/duty/roster/propose", PERIOD).status_code == 403
    assert petugas.post("/duty/officers", {"name": "Citra", "grade": "II/c"}).status_code == 403
    bad = roster.kasi.post("/duty/officers", {"name": "Citra", "grade": "V/a"})
    assert (bad.status_code, refusal(bad)[2]) == (422, "/grade")
    turn = roster.published()[0]
    other = as_role("kasi_giatja", "BTG")
    assert other.get(f"/duty/turns/{turn['id']}").status_code == 404
    assert other.get(f"/duty/officers/{roster.officers[0]}").status_code == 404
    assert other.get("/duty/roster", **PERIOD).json["turns"] == []
