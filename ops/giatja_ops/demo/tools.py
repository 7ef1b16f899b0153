"""Tools with their codes, who has which today, a difference that was resolved and one that is open; safety reports."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from giatja_kit.database import Store
from giatja_ops.demo.cast import staff
from giatja_ops.demo.days import identifier
from giatja_ops.demo.story import Story
from giatja_production.attendance import queries as sheets
from giatja_production.output.domain import Shift
from giatja_production.safety import handlers as safety
from giatja_production.safety.domain import Kind, Severity
from giatja_production.tools import handlers as tools
from giatja_production.tools.domain import Fate, Outcome

_KITS: Final = {
    "garmen": (("GT", "Gunting kain", "gunting", True, 8), ("PT", "Pendedel", "pendedel", True, 4), ("MT", "Meteran", "meteran", False, 4)),
    "batik_cap": (("CP", "Cap tembaga", "cap", False, 6), ("WJ", "Wajan malam", "wajan", True, 3)),
    "tanaman_hias": (("CK", "Cangkul kecil", "cangkul", True, 4), ("SP", "Sekop tangan", "sekop", False, 4)),
}  # fmt: skip


def play_tools(story: Story) -> None:
    """Enter the tools, play a difference of last week and one of today, and report what happened at work."""
    production, people, calendar = story.deployment["production"], staff(story.place), story.calendar
    code = story.place.code
    with production.transaction(at=calendar.now) as store:
        store.scope(code)
        if store.value("SELECT true FROM tool WHERE lapas_id = :code LIMIT 1", code=code):
            return
        shops = {
            r["kind"]: r["id"]
            for r in store.rows(
                "SELECT DISTINCT ON (kind) kind, id FROM workshop WHERE lapas_id = :c ORDER BY kind, id", c=code
            )
        }

    def as_(who: str, at: Any, do: Any) -> None:
        with production.transaction(people[who].principal, at=at) as opened:
            do(opened)

    entered: dict[str, UUID] = {}

    def enter(opened: Store) -> None:
        for kind, shop in shops.items():
            for prefix, name, sort, dangerous, count in _KITS.get(kind, ()):
                codes = [f"{prefix}-{n:03}" for n in range(1, count + 1)]
                ids = [identifier(opened.at, story.seed, code, "tool", one) for one in codes]
                entered.update(zip(codes, ids, strict=True))
                tools.add_tools(
                    tools.AddTools(
                        ids=ids,
                        codes=codes,
                        name=name,
                        kind=sort,
                        kit=f"Kotak {sort}",
                        workshop_id=shop,
                        dangerous=dangerous,
                    ),
                    opened,
                )

    as_("sarana", calendar.on(-30, "08:30"), enter)
    shop = shops.get("garmen")
    if shop is None:
        return
    _lost_and_found(story, as_, shop, entered)
    _today(story, as_, shop, entered)
    _report(story, as_, shop)


def _workers(store: Store, shop: UUID, day: Any, count: int) -> list[UUID]:
    seen = sheets.sheet(store, workshop_id=shop, work_date=day, shift=Shift.MORNING.value)
    return sorted((p["inmate_id"] for p in seen["people"] if p["allowed"]), key=str)[:count]


def _lost_and_found(story: Story, as_: Any, shop: UUID, entered: dict[str, UUID]) -> None:
    """Let scissors be missing at the end of a shift, and be found behind the cutting table."""
    day = story.calendar.day(-6)
    alert = identifier(story.calendar.on(-6, "15:35"), story.seed, story.place.code, "alert")

    def give(store: Store) -> None:
        worker = _workers(store, shop, day, 1)[0]
        ids = [identifier(store.at, story.seed, story.place.code, "issue")]
        handed = [tools.Handed(tool="GT-003", inmate_id=worker)]
        tools.issue_tools(
            tools.IssueTools(workshop_id=shop, work_date=day, shift=Shift.AFTERNOON, handed=handed, ids=ids), store
        )

    def miss(store: Store) -> None:
        note = "Saat hitung alat akhir shift, GT-003 tidak ada di kotak"
        tools.report_missing(
            tools.ReportMissing(
                id=alert,
                workshop_id=shop,
                work_date=day,
                shift=Shift.AFTERNOON,
                tool_ids=[entered["GT-003"]],
                note=note,
            ),
            store,
        )

    def resolve(store: Store) -> None:
        findings = "Ruang jahit digeledah; gunting ditemukan di belakang meja potong, dalam keadaan baik"
        tools.resolve_alert(
            tools.ResolveAlert(id=alert, version=1, findings=findings, fates={entered["GT-003"]: Fate.FOUND}), store
        )

    as_("petugas", story.calendar.on(-6, "13:05"), give)
    as_("petugas", story.calendar.on(-6, "15:35"), miss)
    as_("kasi", story.calendar.on(-6, "15:58"), resolve)


def _today(story: Story, as_: Any, shop: UUID, entered: dict[str, UUID]) -> None:
    """Let three tools be out this morning, one come back, and one not lie in its place."""
    day = story.calendar.today
    at = story.calendar.on(0, "08:05")

    def give(store: Store) -> None:
        workers = _workers(store, shop, day, 3)
        ids = [identifier(store.at, story.seed, story.place.code, "issue", n) for n in range(len(workers))]
        handed = [tools.Handed(tool=f"GT-{n + 1:03}", inmate_id=who) for n, who in enumerate(workers)]
        handed = [h if h.tool != "GT-003" else tools.Handed(tool="GT-004", inmate_id=h.inmate_id) for h in handed]
        tools.issue_tools(
            tools.IssueTools(workshop_id=shop, work_date=day, shift=Shift.MORNING, handed=handed, ids=ids), store
        )

    def give_back(store: Store) -> None:
        issue = store.value(
            "SELECT id FROM tool_issue WHERE lapas_id = :l AND ended_at IS NULL ORDER BY id LIMIT 1", l=store.lapas_id
        )
        tools.return_tools(
            tools.ReturnTools(returns=[tools.Return(issue_id=issue, outcome=Outcome.GOOD, note="")]), store
        )

    def miss(store: Store) -> None:
        alert = identifier(store.at, story.seed, story.place.code, "alert")
        note = "Pendedel PT-002 tidak ada di kotak saat loket dibuka"
        tools.report_missing(
            tools.ReportMissing(
                id=alert, workshop_id=shop, work_date=day, shift=Shift.MORNING, tool_ids=[entered["PT-002"]], note=note
            ),
            store,
        )

    as_("petugas", at, give)
    as_("petugas", at + timedelta(minutes=1), miss)
    as_("petugas", story.calendar.on(0, "09:15"), give_back)


def _first_stage(store: Store, shop: UUID) -> str:
    sql = "SELECT route -> 'stages' -> 0 ->> 'key' FROM workshop WHERE lapas_id = :lapas_id AND id = :shop"
    return str(store.value(sql, lapas_id=store.lapas_id, shop=shop))


def _report(story: Story, as_: Any, shop: UUID) -> None:
    """Report a cut finger with what was done about it, and a near miss."""
    calendar = story.calendar
    cut = identifier(calendar.on(-18, "10:40"), story.seed, story.place.code, "incident")

    def accident(store: Store) -> None:
        safety.report_incident(
            safety.ReportIncident(
                id=cut, kind=Kind.INCIDENT, severity=Severity.MINOR, workshop_id=shop, stage_key=_first_stage(store, shop), machine_id=None,
                happened_at=calendar.on(-18, "10:25"),
                what="Ujung jari tergores pisau potong saat memindahkan tumpukan kain; sarung tangan logam tidak dipakai",
                first_aid="Luka dibersihkan dan dibalut di poliklinik, bekerja lagi esok harinya",
                injured=_workers(store, shop, calendar.day(-18), 1),
            ),
            store,
        )  # fmt: skip

    def near(store: Store) -> None:
        safety.report_incident(
            safety.ReportIncident(
                id=identifier(store.at, story.seed, story.place.code, "near"), kind=Kind.NEAR_MISS, severity=Severity.MODERATE,
                workshop_id=shop, stage_key=None, machine_id=None, happened_at=calendar.on(-4, "14:05"),
                what="Kabel setrika terkelupas terlihat sebelum dipakai; setrika disisihkan", first_aid="", injured=[],
            ),
            store,
        )  # fmt: skip

    def follow(store: Store) -> None:
        for nth, (action, days) in enumerate(
            (("Sarung tangan logam wajib di meja potong", -10), ("Latihan ulang pemakaian pisau potong", 9))
        ):
            safety.ask_follow_up(
                safety.AskFollowUp(
                    id=identifier(store.at, story.seed, story.place.code, "follow", nth), incident_id=cut, action=action,
                    responsible="Kasubsi Sarana Kerja", due_date=max(calendar.day(days), store.at.date()),
                ),
                store,
            )  # fmt: skip

    as_("petugas", calendar.on(-18, "10:40"), accident)
    as_("kasi", calendar.on(-17, "09:00"), follow)
    as_("petugas", calendar.on(-4, "14:20"), near)
