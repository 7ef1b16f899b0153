"""What the screens are shown with: small, but something of everything, and every free text tries to be a program."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import requests

from tests.story import LAPAS, Story, eventually

HOSTILE = '"><img src=x onerror=alert(1)><script>alert(2)</script>'
LONGEST_NAME = "Raden Mas Suryaningrat Wicaksono Adinegoro Pamungkas Kusumodiningrat"
EXTRA_PEOPLE = {"kalapas": "kalapas", "sarana": "kasubsi_sarana", "bendahara": "bendahara", "wali": "wali"}


@dataclass(frozen=True, kw_only=True)
class World:
    """The ids of what there is."""

    partner: str
    product: str
    draft: str
    running: str
    held: str
    completed: str
    work_order: Mapping[str, Any]
    inmates: Sequence[str]
    person: str
    tracking: str
    bundle: str
    inspection: str
    premi_list: str
    batch: str
    tool: str
    alert: str
    incident: str
    turn: str
    log: str
    today: str
    material: str
    document: str
    count: str
    departure: str


def build(story: Story) -> World:
    """Make the data by the API, each step by whom it belongs to."""
    for name, role in EXTRA_PEOPLE.items():
        story.add_person(name, role, LAPAS)
    kasi = story.person("kasi")
    partner = story.partner(HOSTILE)
    hostile, plain = story.product(HOSTILE, 7000), story.product("Koko lengan pendek", 6000)
    inmates = [story.admit_worker(500 + n) for n in range(3)]
    _rename(story, inmates[0], HOSTILE)
    _rename(story, inmates[1], LONGEST_NAME)
    quick = story.accept(story.draft(partner, [(plain, 6000, 3)]))
    running = story.accept(_write(story, partner, hostile, HOSTILE))
    held = story.accept(story.draft(partner, [(plain, 6000, 8)]))
    draft = _write(story, partner, hostile, HOSTILE)
    kasi.post("orders", f"/orders/{held['id']}/hold", {"reason": HOSTILE}, version=held["version"])
    [made] = story.work_orders(quick["id"], 1)
    story.known_to_production(made, inmates)
    story.make_all(made, inmates)
    [work_order] = story.work_orders(running["id"], 1)
    _begin(story, work_order, inmates)
    workshop = kasi.get("production", f"/workshops/{work_order['workshop_id']}")
    target = {"month": f"{story.today[:7]}-01", "pieces": 300}
    kasi.post("production", f"/workshops/{workshop['id']}/targets", target, version=workshop["version"])
    token = kasi.post("orders", f"/orders/{running['id']}/tracking-link")["token"]
    story.completed(quick["id"])
    for inmate in inmates:
        story.evidence(inmate, quick["id"])
    story.region(passed=6)
    people = story.person("ops").get("gateway", "/people", limit=100)["items"]
    return World(
        partner=partner,
        product=hostile,
        draft=draft["id"],
        running=running["id"],
        held=held["id"],
        completed=quick["id"],
        work_order=eventually("pieces passed", lambda: _passed(story, work_order)),
        inmates=inmates,
        person=next(person["id"] for person in people if person["username"] == "bimker"),
        tracking=f"/lacak/{token}",
        bundle=_bundle(story, work_order),
        inspection=_inspection(story, work_order),
        departure=_depart(story),
        premi_list=_list_premi(story, made, quick["id"]),
        batch=_batch(story),
        today=story.today,
        **_keep_watch(story, work_order["workshop_id"], inmates[0]),
        **_stock_up(story, running["id"]),
    )


def _depart(story: Story) -> str:
    """Have two people gone together, of whom one is back."""
    kasi = story.person("kasi")
    gone = [
        kasi.post("training", "/inmates", {"register_number": f"BI.59{n}", "name": name, "date_of_birth": "1990-05-01"})
        for n, name in enumerate((HOSTILE, LONGEST_NAME))
    ]
    ids = [person["id"] for person in gone]
    leaving = {"inmate_ids": ids, "left_on": story.today, "reason": "transfer", "destination": HOSTILE, "note": HOSTILE}
    made = kasi.post("training", "/departures", leaving)
    kasi.post("training", f"/departures/{made['id']}/return", {"inmate_ids": ids[1:]})
    return str(made["id"])


def _batch(story: Story) -> str:
    """Have a batch of plants that lost some, was cared for, harvested in part, and is partly reserved and gone."""
    kasi, petugas = story.person("kasi"), story.person("petugas")
    workshop = kasi.post("production", "/workshops", {"template": "tanaman_hias", "name": "Rumah kaca"})
    day = story.today
    begun = {
        "workshop_id": workshop["id"],
        "plant": HOSTILE,
        "started": 20,
        "started_on": day,
        "note": HOSTILE,
        "stages": [{"name": HOSTILE}, {"name": "Dewasa"}],
    }
    batch = petugas.post("production", "/batches", begun)
    path = f"/batches/{batch['id']}"
    petugas.post("production", f"{path}/care", {"day": day, "kind": "siram", "note": HOSTILE})
    petugas.post("production", f"{path}/losses", {"day": day, "pieces": 2, "cause": "mati", "note": HOSTILE})
    seen = petugas.get("production", path)
    petugas.post("production", f"{path}/stages", {"day": day, "stage_no": 2}, version=seen["version"])
    petugas.post("production", f"{path}/harvests", {"day": day, "pieces": 9})
    for handed_out in (True, False):
        body = {"pieces": 3, "document": HOSTILE, "handed_out": handed_out}
        petugas.post("production", f"/stock/{batch['id']}/allocations", body)
    return str(batch["id"])


def _stock_up(story: Story, order_id: str) -> dict[str, str]:
    """Have cloth of the partner in the store, and a count of it that nobody has ended."""
    sarana = story.person("sarana")
    cloth = {"name": HOSTILE, "kind": "fabric", "unit": "m", "decimals": 1, "minimum": 900_000, "note": HOSTILE}
    material = sarana.post("production", "/materials", cloth)
    line = {"material_id": material["id"], "counted": 120_500, "note": HOSTILE}
    receipt = {"order_id": order_id, "received_on": story.today, "reference": HOSTILE[:100], "lines": [line]}
    document = sarana.post("production", "/material-receipts", receipt)
    count = sarana.post("production", "/material-counts", {"note": HOSTILE})
    return {"material": str(material["id"]), "document": str(document["id"]), "count": str(count["id"])}


def _keep_watch(story: Story, workshop_id: str, inmate: str) -> dict[str, str]:
    """Have a tool out and one missing, an incident with something done about it, a turn and the log of a shift."""
    kasi, petugas, sarana = (story.person(name) for name in ("kasi", "petugas", "sarana"))
    here = {"workshop_id": workshop_id, "work_date": story.today, "shift": "pagi"}
    tools = {"codes": ["GT-001", "GT-002"], "name": HOSTILE[:80], "kind": "gunting", "workshop_id": workshop_id}
    made = sarana.post("production", "/tools", {**tools, "dangerous": True})
    item = {"tool": "GT-001", "inmate_id": inmate}
    petugas.post("production", "/tool-issues", {**here, "items": [item]})
    missing = {**here, "tool_ids": [made["ids"][1]], "note": HOSTILE}
    alert = petugas.post("production", "/security-alerts", missing)
    happened = {
        "kind": "incident",
        "severity": "minor",
        "workshop_id": workshop_id,
        "what": HOSTILE,
        "injured": [inmate],
    }
    incident = petugas.post("production", "/incidents", {**happened, "happened_at": f"{story.today}T00:01:00+07:00"})
    follow = {"action": HOSTILE, "responsible": HOSTILE, "due_date": story.in_days(3)}
    kasi.post("production", f"/incidents/{incident['id']}/follow-ups", follow)
    for name, grade in ((LONGEST_NAME, "III/a"), (HOSTILE, "II/c")):
        kasi.post("production", "/duty/officers", {"name": name, "grade": grade})
    post = {"workshop_id": workshop_id, "shift": "pagi", "weekdays": [1, 2, 3, 4, 5, 6, 7], "officers": 1}
    kasi.post("production", "/duty/posts", post)
    week = {"first": story.today, "last": story.in_days(6)}
    kasi.post("production", "/duty/roster/propose", week)
    turns = kasi.get("production", "/duty/roster", **week)["turns"]
    log = petugas.post("production", "/duty/logs", {**here, "head_start": 3, "tools_start": 2, "notes": HOSTILE})
    marks = [{"inmate_id": inmate, "status": "hadir", "note": HOSTILE}]
    petugas.post("production", "/attendance", {**here, "marks": marks})
    return {
        "tool": str(made["id"]),
        "alert": str(alert["id"]),
        "incident": str(incident["id"]),
        "turn": str(turns[0]["id"]),
        "log": str(log["id"]),
    }


def _list_premi(story: Story, work_order: dict[str, Any], order: str) -> str:
    """Have a scheme, money of an order, and the draft of this month's premi list."""
    kasi, kalapas, bendahara = (story.person(name) for name in ("kasi", "kalapas", "bendahara"))
    scheme = {
        "workshop_id": work_order["workshop_id"],
        "terms": {"method": "per_piece", "finished": 500},
        "saved_percent": 10,
        "valid_from": "2024-01-01",
        "document": HOSTILE,
    }
    proposed = kasi.post("production", "/premi/schemes", scheme)
    kalapas.post("production", f"/premi/schemes/{proposed['id']}/approve", version=1)
    split = {"base": 2000, "premi": 1500, "capital": 500, "document": HOSTILE, "split_on": story.today}
    bendahara.post("production", "/premi/proceeds", {"order_id": order, **split})
    begun = kasi.post("production", "/premi/lists", {"period": f"{story.today[:7]}-01"})
    path = f"/premi/lists/{begun['id']}"
    eventually("premi worked out", lambda: kasi.get("production", path)["state"] == "draft")
    return str(begun["id"])


def _rename(story: Story, inmate: str, name: str) -> None:
    """Give an inmate a name that no register would hold."""
    bimker = story.person("bimker")
    known = bimker.get("training", f"/inmates/{inmate}")
    answer: requests.Response = bimker.session.patch(
        f"{story.address}/api/training/v1/inmates/{inmate}",
        json={name_of: known[name_of] for name_of in ("register_number", "date_of_birth")} | {"name": name},
        headers={"If-Match": f'"v{known["version"]}"'},
        timeout=20,
    )
    assert answer.status_code == 200, answer.text


def _write(story: Story, partner: str, product: str, note: str) -> dict[str, Any]:
    cells = [{"size": size, "colour": "putih", "quantity": pieces} for size, pieces in (("M", 30), ("L", 10))]
    lines = [{"product_id": product, "rate": 7000, "cells": cells, "note": note}]
    order = {"partner_id": partner, "due_date": story.in_days(20), "note": note, "lines": lines}
    receipt: dict[str, Any] = story.person("kasi").post("orders", "/orders", order)
    return receipt


def _begin(story: Story, work_order: dict[str, Any], inmates: Sequence[str]) -> None:
    """Leave pieces in several stages, one of them to be done again, one rejected."""
    defect = story.person("petugas").get("production", f"/workshops/{work_order['workshop_id']}")["defects"][0]["key"]
    for stage, pieces in zip(work_order["stages"], (10, 9, 7, 5, 4, 4, 3), strict=False):
        story.record(work_order, stage, [{"inmate_id": inmate, "good": pieces} for inmate in inmates])
    sewing = work_order["stages"][2]
    story.record(work_order, sewing, [{"inmate_id": inmates[0], "rework": 2, "defect": defect}])
    story.record(work_order, sewing, [{"inmate_id": inmates[2], "reject": 1, "defect": defect}])


def _bundle(story: Story, work_order: dict[str, Any]) -> str:
    """Tie up two pieces that wait at a stage, and miss them."""
    petugas = story.person("petugas")
    cut = {"most": 2, "stage_no": 4, "lots": [{"size": "M", "colour": "putih", "pieces": 2}]}
    [bundle] = petugas.post("production", f"/work-orders/{work_order['id']}/bundles", cut)["bundles"]
    petugas.post("production", f"/bundles/{bundle['id']}/lose", {"reason": HOSTILE}, version=1)
    return str(bundle["id"])


def _inspection(story: Story, work_order: dict[str, Any]) -> str:
    """Let the partner's inspector send one piece back."""
    petugas = story.person("petugas")
    defect = petugas.get("production", f"/workshops/{work_order['workshop_id']}")["defects"][0]["key"]
    made = petugas.post(
        "production",
        "/inspections",
        {
            "work_order_id": work_order["id"],
            "work_date": story.today,
            "shift": "pagi",
            "pieces": 1,
            "inspector": "mitra",
            "inspector_name": HOSTILE,
            "note": HOSTILE,
            "findings": [{"defect": defect, "verdict": "rework", "pieces": 1, "responsible_no": 3}],
        },
    )
    return str(made["id"])


def _passed(story: Story, work_order: dict[str, Any]) -> dict[str, Any] | None:
    found: dict[str, Any] = story.person("petugas").get("production", f"/work-orders/{work_order['id']}")
    return found if found["passed"] else None
