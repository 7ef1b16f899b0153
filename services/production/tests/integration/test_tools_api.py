"""Tools: handing out, taking back, what is missing, and the count, as the counter sees them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from giatja_kit import clock
from giatja_kit.ids import new_id
from giatja_kit.testing import Answer, Caller
from giatja_ops.pytest_plugin import RealParts


def refusal(answer: Answer) -> tuple[int, str, str | None]:
    """Return status, type and field of a refusal."""
    errors = answer.json.get("errors") or [{}]
    return answer.status_code, answer.json["type"].removeprefix("urn:giatja:problem:"), errors[0].get("pointer")


@dataclass
class Counter:
    """The counter of a workshop with three pairs of scissors."""

    shop: str
    tools: list[str]
    petugas: Caller

    @property
    def there(self) -> dict[str, Any]:
        today = str(clock.today("Asia/Jakarta", clock.now()))
        return {"workshop_id": self.shop, "work_date": today, "shift": "pagi"}

    def issue(self, tool: str, inmate: str, **more: Any) -> Answer:
        items = [{"tool": tool, "inmate_id": inmate}]
        return self.petugas.post("/tool-issues", {**self.there, "items": items, **more})

    def give_back(self, issue: str, **more: Any) -> Answer:
        return self.petugas.post("/tool-issues/returns", {"returns": [{"issue_id": issue, **more}]})

    def missing(self, *tools: str) -> Answer:
        return self.petugas.post("/security-alerts", {**self.there, "tool_ids": tools, "note": "Tidak kembali"})

    def counts(self) -> dict[str, int]:
        shown = self.petugas.get("/tool-counter", workshop_id=self.shop, shift="pagi")
        assert shown.status_code == 200, shown.text
        return dict(shown.json["counts"])


@pytest.fixture
def sarana(as_role: Callable[..., Caller]) -> Caller:
    return as_role("kasubsi_sarana")


@pytest.fixture
def counter(kasi: Caller, petugas: Caller, sarana: Caller) -> Counter:
    shop = kasi.post("/workshops", {"template": "garmen"}).json["id"]
    tool = {"name": "Gunting kain", "kind": "gunting", "workshop_id": shop, "dangerous": True}
    made = sarana.post("/tools", {"codes": ["G-1", "G-2", "G-3"], **tool})
    assert made.status_code == 201, made.text
    return Counter(shop=shop, tools=made.json["ids"], petugas=petugas)


def test_handing_out_shows_who_has_it_and_taking_back_frees_it(counter: Counter, world: Any) -> None:
    one = world.worker()
    given = counter.issue("g-1", one)
    assert given.status_code == 201, given.text
    assert counter.counts() == {"available": 2, "out": 1, "repair": 0, "lost": 0}
    shown = counter.petugas.get(f"/tools/{counter.tools[0]}").json
    assert (shown["state"], shown["inmate_id"], shown["issue_id"]) == ("out", one, given.json["id"])
    assert refusal(counter.issue("G-1", world.worker())) == (409, "tool-already-out", "/items/0/tool")
    assert counter.give_back(given.json["id"]).json == {"returned": 1}
    assert counter.counts() == {"available": 3, "out": 0, "repair": 0, "lost": 0}
    assert refusal(counter.give_back(given.json["id"]))[:2] == (409, "issue-already-ended")


def test_damaged_tool_goes_to_be_repaired_before_it_is_handed_out_again(
    counter: Counter, world: Any, sarana: Caller
) -> None:
    one = world.worker()
    counter.give_back(counter.issue("G-1", one).json["id"], damaged=True, note="Baut lepas")
    assert counter.counts() == {"available": 2, "out": 0, "repair": 1, "lost": 0}
    assert refusal(counter.issue("G-1", one)) == (409, "tool-not-usable", "/items/0/tool")
    shown = sarana.get(f"/tools/{counter.tools[0]}").json
    assert (shown["state"], shown["note"]) == ("repair", "Baut lepas")
    back = sarana.post(f"/tools/{shown['id']}/repair", {"begins": False}, version=shown["version"])
    assert back.status_code == 200, back.text
    assert counter.issue("G-1", one).status_code == 201


def test_handing_out_is_all_or_nothing_and_names_the_entry(counter: Counter, world: Any) -> None:
    one, unfit = world.worker(), world.worker(valid_from=None)
    good = {"tool": "G-1", "inmate_id": one}
    body = {**counter.there, "items": [good, {"tool": "G-9", "inmate_id": one}]}
    assert refusal(counter.petugas.post("/tool-issues", body)) == (422, "tool-code-unknown", "/items/1/tool")
    body["items"] = [good, {"tool": "g-1", "inmate_id": one}]
    assert refusal(counter.petugas.post("/tool-issues", body)) == (422, "tool-repeated", "/items/1/tool")
    body["items"] = [good, {"tool": "G-2", "inmate_id": unfit}]
    assert refusal(counter.petugas.post("/tool-issues", body))[2] == "/items/1/inmate_id"
    assert refusal(counter.issue("G-1", one, work_date="2025-02-10")) == (422, "issue-day-not-today", "/work_date")
    assert refusal(counter.issue("G-1", str(new_id())))[1:] == ("inmate-unknown", "/items/0/inmate_id")
    assert counter.counts()["out"] == 0


def test_missing_tools_are_lost_until_somebody_else_says_what_became_of_them(
    counter: Counter, world: Any, petugas: Caller, real_parts: RealParts
) -> None:
    # Another person than the officer, whatever role either has.
    token = real_parts.keys.person("kasi_giatja", "PKL", subject="head")
    kasi, one = Caller(petugas._client, "/api/production/v1", token), world.worker()
    counter.issue("G-1", one)
    alert = counter.missing(*counter.tools[:2])
    assert alert.status_code == 201, alert.text
    assert {(t["code"], t["inmate_id"]) for t in alert.json["tools"]} == {("G-1", one), ("G-2", None)}
    assert counter.counts() == {"available": 1, "out": 0, "repair": 0, "lost": 2}
    assert refusal(counter.missing(counter.tools[0]))[:2] == (409, "tool-already-missing")
    path, found = f"/security-alerts/{alert.json['id']}/resolve", "Ada di bawah meja potong"
    fates = [{"tool_id": counter.tools[0], "outcome": "found"}, {"tool_id": counter.tools[1], "outcome": "lost"}]
    half = kasi.post(path, {"findings": found, "tools": fates[:1]}, version=1)
    assert refusal(half)[:2] == (422, "alert-outcome-missing")
    assert counter.petugas.post(path, {"findings": found, "tools": fates}, version=1).status_code == 403
    assert [a["id"] for a in kasi.get("/tool-summary").json["alerts"]] == [alert.json["id"]]
    assert kasi.get("/production/summary").json["alerts_open"] == 1
    settled = kasi.post(path, {"findings": found, "tools": fates}, version=1)
    assert (settled.status_code, settled.json["state"]) == (200, "resolved"), settled.text
    assert counter.counts() == {"available": 2, "out": 0, "repair": 0, "lost": 1}
    assert kasi.get("/tool-summary").json["alerts"] == []


def test_an_alert_is_not_settled_by_who_raised_it_not_even_in_another_role(
    counter: Counter, sarana: Caller, as_role: Callable[..., Caller]
) -> None:
    body = {**counter.there, "tool_ids": counter.tools[:1], "note": "Tidak di tempat"}
    alert = sarana.post("/security-alerts", body).json
    fates = [{"tool_id": counter.tools[0], "outcome": "found"}]
    body = {"findings": "Ada di bawah meja", "tools": fates}
    for who in (sarana, as_role("kasi_giatja")):
        answer = who.post(f"/security-alerts/{alert['id']}/resolve", body, version=1)
        assert refusal(answer)[:2] == (403, "alert-of-oneself")
    assert counter.counts()["lost"] == 1


def test_tools_are_kept_by_their_role_and_lapas(
    counter: Counter, world: Any, sarana: Caller, as_role: Callable[..., Caller]
) -> None:
    tool = {"name": "Gunting", "kind": "gunting", "workshop_id": counter.shop}
    assert counter.petugas.post("/tools", {"codes": ["G-4"], **tool}).status_code == 403
    assert refusal(sarana.post("/tools", {"codes": ["G-4", "g-1"], **tool})) == (409, "tool-code-taken", "/codes/1")
    assert sarana.get("/tools", search="G-4").json["items"] == []
    issue = counter.issue("G-1", world.worker()).json["id"]
    other = as_role("petugas", "BTG")
    assert other.get(f"/tools/{counter.tools[0]}").status_code == 404
    assert other.get("/tools").json["items"] == []
    assert other.post("/tool-issues/returns", {"returns": [{"issue_id": issue}]}).status_code == 404
    assert counter.counts()["out"] == 1
