"""Workshops: a changed route is a new version, machines stop and run, and closing wants nothing open."""

from collections.abc import Callable
from typing import Any

import pytest

from giatja_kit.testing import Answer, Caller

_DRAFT = ("key", "name", "name_en", "unit", "standard_minutes", "competence", "counts_quality", "hazards", "gear")


def refusal(answer: Answer) -> tuple[int, str, str | None]:
    """Return status, type and field of a refusal."""
    errors = answer.json.get("errors") or [{}]
    return answer.status_code, answer.json["type"].removeprefix("urn:giatja:problem:"), errors[0].get("pointer")


def drafts(workshop: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the stages of a workshop as they are sent."""
    return [{key: stage[key] for key in _DRAFT} for stage in workshop["stages"]]


def only(kasi: Caller) -> dict[str, Any]:
    """Return the only workshop."""
    (workshop,) = kasi.get("/workshops").json["items"]
    return dict(workshop)


@pytest.fixture
def machine(kasi: Caller) -> dict[str, Any]:
    shop = kasi.post("/workshops", {"template": "garmen"}).json["id"]
    content = {"workshop_id": shop, "name": "Juki 1", "stage_key": "jahit", "capacity_minutes_per_day": 390}
    wrong = kasi.post("/machines", {**content, "stage_key": "melinting"})
    assert refusal(wrong)[1:] == ("machine-stage-unknown", "/stage_key")
    made = kasi.post("/machines", content)
    assert made.status_code == 201, made.text
    assert refusal(kasi.post("/machines", content)) == (409, "machine-name-taken", "/name")
    return dict(made.json)


def test_a_changed_route_is_a_new_version_which_open_work_does_not_follow(world: Any, kasi: Caller) -> None:
    job = world.opened(kind="garmen")
    shop = only(kasi)
    stages = [s for s in drafts(shop) if s["key"] != "bundel"]
    changed = kasi.patch(f"/workshops/{shop['id']}", {"stages": stages}, version=shop["version"])
    assert (changed.status_code, changed.json["route_version"]) == (200, 2), changed.text
    assert "bundel" in [s["key"] for s in kasi.get(f"/work-orders/{job.id}").json["stages"]]
    later = world.opened(kind="garmen")
    assert "bundel" not in later.stages
    versions = kasi.get(f"/workshops/{shop['id']}/routes").json["items"]
    assert {v["version_no"]: (v["current"], v["open_work_orders"]) for v in versions} == {1: (False, 1), 2: (True, 1)}
    shown = kasi.get(f"/workshops/{shop['id']}/routes/2", against=1).json
    assert "bundel" in [d["key"] for d in shown["differences"]]


def test_a_route_that_stays_the_same_or_is_refused_is_no_version(world: Any, kasi: Caller) -> None:
    world.opened(kind="garmen")
    shop = only(kasi)
    path, stages = f"/workshops/{shop['id']}", drafts(shop)
    none = [{**s, "counts_quality": False} for s in stages]
    assert refusal(kasi.patch(path, {"stages": none}, version=shop["version"])) == (
        422,
        "quality-stage-not-one",
        "/stages",
    )
    twice = kasi.patch(path, {"stages": [*stages, {**stages[0], "name": "Lain"}]}, version=shop["version"])
    assert refusal(twice)[1:] == ("key-repeated", f"/stages/{len(stages)}/key")
    assert kasi.patch(path, {"stages": stages}, version=shop["version"]).json["route_version"] == 1
    assert [v["version_no"] for v in kasi.get(f"{path}/routes").json["items"]] == [1]


def test_a_machine_stops_and_runs_again(machine: dict[str, Any], petugas: Caller, kasi: Caller) -> None:
    path = f"/machines/{machine['id']}"
    assert refusal(petugas.post(f"{path}/running"))[:2] == (409, "machine-not-down")
    ahead = petugas.post(f"{path}/downtimes", {"reason": "Jarum patah", "starts_at": "2099-01-01T08:00:00+07:00"})
    assert refusal(ahead)[1:] == ("downtime-in-future", "/starts_at")
    down = petugas.post(f"{path}/downtimes", {"reason": "Jarum patah"})
    assert (down.status_code, down.json["down"]["reason"]) == (201, "Jarum patah")
    assert only(kasi)["machines_down"] == 1
    assert refusal(petugas.post(f"{path}/downtimes", {"reason": "Lagi"}))[:2] == (409, "machine-already-down")
    running = petugas.post(f"{path}/running")
    assert running.json["down"] is None, running.text
    assert [d["ends_at"] is not None for d in running.json["downtimes"]] == [True]
    assert only(kasi)["machines_down"] == 0


def test_a_workshop_with_open_work_is_not_closed(world: Any, kasi: Caller) -> None:
    world.opened(kind="garmen")
    shop = only(kasi)
    refused = kasi.post(f"/workshops/{shop['id']}/close", version=shop["version"])
    assert refusal(refused)[:2] == (409, "workshop-busy")
    assert refused.json["facts"]["work_orders"] == 1
    assert only(kasi)["closed_on"] is None


def test_an_idle_workshop_is_closed_and_opened_again(kasi: Caller) -> None:
    shop = kasi.post("/workshops", {"template": "garmen"}).json
    path = f"/workshops/{shop['id']}"
    closed = kasi.post(f"{path}/close", version=shop["version"])
    assert closed.json["closed_on"] is not None, closed.text
    assert kasi.get("/workshops").json["items"] == []
    version = closed.json["version"]
    change = kasi.patch(path, {"stages": drafts(shop)[1:]}, version=version)
    assert refusal(change)[:2] == (409, "workshop-closed")
    assert kasi.post(f"{path}/reopen", version=version).json["closed_on"] is None
    assert only(kasi)["id"] == shop["id"]


def test_workshops_are_kept_by_their_role_and_lapas(
    machine: dict[str, Any], kasi: Caller, petugas: Caller, as_role: Callable[..., Caller]
) -> None:
    shop = only(kasi)
    path = f"/workshops/{shop['id']}"
    assert petugas.patch(path, {"name": "Konveksi"}, version=shop["version"]).status_code == 403
    assert petugas.post(f"{path}/close", version=shop["version"]).status_code == 403
    other = as_role("kasi_giatja", "BTG")
    assert other.get(path).status_code == 404
    assert other.post(f"{path}/close", version=shop["version"]).status_code == 404
    assert other.post(f"/machines/{machine['id']}/downtimes", {"reason": "Jarum patah"}).status_code == 404
    assert only(kasi) == shop
