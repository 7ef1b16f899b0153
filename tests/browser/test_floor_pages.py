"""The tally of a shift in a browser: three taps a person, sent once, nothing lost without a network, nothing twice."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.story import LAPAS, Story

SignIn = Callable[..., Page]
NAMES = "Warga Uji"


@pytest.fixture(scope="module")
def job(story: Story) -> dict[str, Any]:
    """Have 40 pieces waiting at the first stage, four inmates who may work, and a second officer."""
    partner, product = story.partner("Mitra Lantai"), story.product("Baju lantai", 7000)
    order = story.accept(story.draft(partner, [(product, 7000, 20)]))
    work_order = story.work_orders(order["id"], 1)[0]
    inmates = [story.admit_worker(900 + n) for n in range(4)]
    story.known_to_production(work_order, inmates)
    if "petugas_dua" not in story.people:
        story.add_person("petugas_dua", "petugas", LAPAS)
    return {**work_order, "inmates": inmates}


@pytest.fixture
def floor(sign_in: SignIn, story: Story, job: dict[str, Any]) -> Iterator[Page]:
    """Stand in the workshop with a tablet; what a test recorded is taken back after it."""
    page = sign_in("petugas", "tablet")
    page.goto(f"/lantai?unit={job['workshop_id']}&shift=pagi&perintah={job['id']}")
    expect(tile(page, job, 0)).to_be_visible()
    yield page
    page.context.set_offline(False)
    take_back(story, job)


def take_back(story: Story, job: dict[str, Any]) -> None:
    officer = story.person("petugas")
    where = {"workshop_id": job["workshop_id"], "work_date": story.today, "shift": "pagi"}
    for tally in officer.get("production", "/tally", **where)["tallies"]:
        if tally["undone_at"] is None:
            officer.post("production", f"/tally/{tally['id']}/undo")


def tile(page: Page, job: dict[str, Any], nth: int) -> Any:
    return page.locator(f'[data-inmate="{job["inmates"][nth]}"]')


def count(page: Page, job: dict[str, Any], nth: int) -> Any:
    return tile(page, job, nth).locator("[data-count]")


def note(page: Page, job: dict[str, Any], nth: int, number: str) -> None:
    """Three taps: the person, the number, next."""
    if tile(page, job, nth).get_attribute("aria-pressed") != "true":
        tile(page, job, nth).tap()
    for digit in number:
        page.locator(f'[data-digit="{digit}"]').tap()
    page.locator("[data-save]").tap()
    expect(tile(page, job, nth)).to_have_class("tile is-unsent")


def send(page: Page) -> None:
    page.locator("button[data-check]").tap()
    page.locator("[data-submit]").tap()


def made(story: Story, job: dict[str, Any], nth: int) -> list[int]:
    """Return the good pieces of each entry that production holds and nobody took back."""
    found = story.person("petugas").get(
        "production", "/output", work_order_id=job["id"], inmate_id=job["inmates"][nth], limit=100
    )
    return [e["good"] for e in reversed(found["items"]) if not e["undone"] and not e["undoes"]]


class TestTheTallyOfAShift:
    def test_is_looked_over_sent_in_one_request_with_attendance_and_taken_back_whole(
        self, floor: Page, story: Story, job: dict[str, Any]
    ) -> None:
        sent: list[Any] = []
        floor.on("request", lambda r: sent.append(r.post_data_json) if r.url.endswith("/lantai/catat") else None)
        note(floor, job, 0, "4")
        note(floor, job, 1, "3")
        expect(floor.locator("p.figure span[data-actual]")).to_have_text("7")
        assert made(story, job, 0) == []
        floor.locator("button[data-check]").tap()
        dialog = floor.locator("#check")
        expect(dialog.locator("[data-totals]")).to_have_text("2 orang · 7 lolos")
        expect(dialog.locator("[data-check-missing]")).to_contain_text(f"{NAMES} 902")
        expect(dialog.locator("[data-check-missing]")).not_to_contain_text(f"{NAMES} 901")
        floor.locator("[data-submit]").tap()
        expect(floor.locator("#toasts")).to_contain_text("Tersimpan: 2 catatan.")
        assert [len(body["entries"]) for body in sent] == [2]
        assert (made(story, job, 0), made(story, job, 1)) == ([4], [3])
        sheet = story.person("petugas").get(
            "production", "/attendance", workshop_id=job["workshop_id"], work_date=story.today, shift="pagi"
        )
        marks = {p["inmate_id"]: p["status"] for p in sheet["people"]}
        assert [marks[inmate] for inmate in job["inmates"][:3]] == ["hadir", "hadir", None]
        floor.locator('[data-open="history"]').tap()
        undo = floor.locator("#history").get_by_role("button", name="Urungkan")
        undo.first.tap()
        floor.locator("#history").get_by_role("button", name="Ya, urungkan").tap()
        expect(floor.locator("#history")).to_contain_text("sudah diurungkan")
        assert (made(story, job, 0), made(story, job, 1)) == ([], [])

    def test_goes_by_keys_alone_and_remembers_where_somebody_works(self, floor: Page, job: dict[str, Any]) -> None:
        tile(floor, job, 0).focus()
        floor.keyboard.press("Enter")
        floor.keyboard.type("12")
        floor.keyboard.press("Enter")
        expect(count(floor, job, 0)).to_have_text("12")
        expect(tile(floor, job, 1)).to_have_attribute("aria-pressed", "true")
        floor.keyboard.press("ArrowLeft")
        expect(tile(floor, job, 0)).to_have_attribute("aria-pressed", "true")
        floor.keyboard.press("ArrowRight")
        floor.select_option("[name=stage]", index=1)
        tile(floor, job, 2).focus()
        floor.keyboard.press("Escape")
        floor.keyboard.press("Control+Enter")
        expect(floor.locator("#check")).to_be_visible()
        floor.keyboard.press("Escape")
        floor.reload()
        expect(count(floor, job, 0)).to_have_text("12")
        tile(floor, job, 0).tap()
        expect(floor.locator("[name=stage]")).to_have_value(job["stages"][0]["id"])
        floor.locator("[data-lines]").get_by_role("button", name="Buang dari draf").tap()
        expect(count(floor, job, 0)).to_have_text("belum")

    def test_shares_what_a_team_made_as_it_was_shown(self, floor: Page, story: Story, job: dict[str, Any]) -> None:
        floor.get_by_role("button", name="Pilih yang belum").tap()
        chosen = int(floor.locator("[data-who]").inner_text().split()[0])
        floor.get_by_role("radio", name="Satu tim").tap()
        floor.get_by_role("radio", name="Poin").tap()
        points = floor.locator(f'[data-points="{job["inmates"][0]}"]')
        points.fill("5")
        points.press("Tab")
        floor.locator('[data-digit="1"]').tap()
        floor.locator('[data-digit="7"]').tap()
        rows = floor.locator("[data-shares] li").all()
        shown = {
            row.locator("input").get_attribute("data-points"): int(row.locator("b").inner_text().split()[0])
            for row in rows
        }
        assert len(shown) == chosen
        assert sum(shown.values()) == 17
        floor.locator("[data-save]").tap()
        send(floor)
        expect(floor.locator("#toasts")).to_contain_text("Tersimpan")
        for nth, inmate in enumerate(job["inmates"]):
            assert sum(made(story, job, nth)) == shown[inmate]

    def test_names_the_line_that_is_refused_and_keeps_the_rest(
        self, floor: Page, story: Story, job: dict[str, Any]
    ) -> None:
        note(floor, job, 0, "2")
        note(floor, job, 1, "41")
        send(floor)
        wrong = floor.locator("#check .is-wrong")
        expect(wrong).to_contain_text("41 lolos")
        expect(floor.locator("[data-problem]")).to_contain_text("menunggu")
        assert made(story, job, 0) == []
        wrong.get_by_role("button").tap()
        floor.locator("[data-submit]").tap()
        expect(floor.locator("#toasts")).to_contain_text("Tersimpan: 1 catatan.")
        assert (made(story, job, 0), made(story, job, 1)) == ([2], [])

    def test_asks_for_the_defect_and_for_the_presence_of_who_was_marked_away(
        self, floor: Page, story: Story, job: dict[str, Any]
    ) -> None:
        officer = story.person("petugas")
        mark = {"inmate_id": job["inmates"][3], "status": "sakit"}
        where = {"workshop_id": job["workshop_id"], "work_date": story.today, "shift": "pagi"}
        officer.post("production", "/attendance", {**where, "marks": [mark]})
        floor.reload()
        expect(count(floor, job, 3)).to_have_text("sakit")
        tile(floor, job, 3).tap()
        floor.get_by_role("radio", name="Afkir").tap()
        floor.locator('[data-digit="1"]').tap()
        floor.locator("[data-save]").tap()
        expect(floor.locator("#toasts")).to_contain_text("cacat")
        floor.locator("[data-defects] input").first.tap()
        floor.locator("[data-save]").tap()
        expect(floor.locator("#toasts")).to_contain_text("ternyata hadir")
        floor.locator("[name=present]").check()
        floor.locator("[data-save]").tap()
        expect(tile(floor, job, 3)).to_contain_text("1 afkir")
        send(floor)
        expect(floor.locator("#toasts")).to_contain_text("Tersimpan: 1 catatan.")


class TestWithoutANetwork:
    def test_waits_on_the_device_without_names_and_is_sent_once(
        self, floor: Page, story: Story, job: dict[str, Any]
    ) -> None:
        floor.context.set_offline(True)
        note(floor, job, 2, "2")
        note(floor, job, 1, "3")
        send(floor)
        expect(floor.locator("[data-unsent]")).to_contain_text("2 catatan belum terkirim")
        assert NAMES not in floor.evaluate("JSON.stringify(localStorage)")
        assert made(story, job, 2) == []
        floor.context.set_offline(False)
        expect(floor.locator("[data-unsent]")).to_be_hidden(timeout=20_000)
        assert (made(story, job, 2), made(story, job, 1)) == ([2], [3])

    def test_records_once_what_was_answered_into_the_void(self, floor: Page, story: Story, job: dict[str, Any]) -> None:
        keys: list[str] = []

        def lose_the_first_answer(route: Route) -> None:
            keys.append(route.request.headers["idempotency-key"])
            if len(keys) == 1:
                route.fetch()
                route.abort()
            else:
                route.continue_()

        floor.route("**/lantai/catat", lose_the_first_answer)
        note(floor, job, 2, "1")
        send(floor)
        expect(floor.locator("[data-unsent]")).to_be_visible()
        expect(floor.locator("[data-unsent]")).to_be_hidden(timeout=20_000)
        assert len(keys) == 2
        assert len(set(keys)) == 1
        assert made(story, job, 2) == [1]

    def test_shows_both_values_when_another_officer_recorded_the_same_person_meanwhile(
        self, floor: Page, story: Story, job: dict[str, Any]
    ) -> None:
        note(floor, job, 1, "3")
        entry = {
            "inmate_id": job["inmates"][1],
            "work_order_id": job["id"],
            "stage_id": job["stages"][0]["id"],
            "good": 5,
        }
        where = {"workshop_id": job["workshop_id"], "work_date": story.today, "shift": "pagi"}
        story.person("petugas_dua").post("production", "/tally", {**where, "entries": [entry]})
        send(floor)
        conflict = floor.locator("[data-conflicts] .conflict")
        expect(conflict).to_contain_text("Sudah dicatat 5 lolos")
        expect(conflict).to_contain_text("oleh Uji petugas_dua")
        expect(conflict).to_contain_text("Catatan Anda: 3 lolos")
        assert made(story, job, 1) == [5]
        conflict.get_by_role("button", name="Buang catatan saya").tap()
        expect(floor.locator("[data-submit]")).to_be_disabled()
        assert made(story, job, 1) == [5]


class TestTheDayAndTheClock:
    def test_of_a_day_closed_meanwhile_becomes_a_proposal_for_a_second_person(
        self, sign_in: SignIn, story: Story, job: dict[str, Any]
    ) -> None:
        partner, product = story.partner("Mitra Susulan"), story.product("Tas susulan", 5000, "umum")
        [late] = story.work_orders(story.accept(story.draft(partner, [(product, 5000, 10)]))["id"], 1)
        story.known_to_production(late, job["inmates"])
        page = sign_in("petugas", "tablet")
        page.goto(f"/lantai?unit={late['workshop_id']}&shift=siang")
        if tile(page, job, 0).is_hidden():
            page.get_by_text("Orang lain").tap()
        note(page, job, 0, "2")
        day = {"work_date": story.today, "workshop_ids": [late["workshop_id"]], "accept_missing": True, "note": "Uji"}
        story.person("kasi").post("production", "/days/close", day)
        page.locator("button[data-check]").tap()
        submit = page.locator("[data-submit]")
        expect(submit).to_have_text("Usulkan catatan susulan")
        submit.tap()
        expect(page.locator("[data-problem]")).to_contain_text("Tulis alasannya dulu.")
        page.locator("#late-reason").fill("Jaringan putus sore tadi")
        submit.tap()
        expect(page.locator("#toasts")).to_contain_text("menunggu persetujuan orang kedua")
        expect(page.locator("[data-notices]")).to_contain_text("Hari ini ditutup oleh Uji kasi")
        asked = story.person("kasi").get("production", "/corrections", workshop_id=late["workshop_id"])["items"]
        assert [(one["kind"], one["state"], one["reason"]) for one in asked] == [
            ("late", "pending", "Jaringan putus sore tadi")
        ]
        expect(tile(page, job, 0)).not_to_have_class("is-unsent")

    def test_of_a_day_closed_while_it_was_on_its_way_goes_back_into_the_draft(
        self, floor: Page, job: dict[str, Any]
    ) -> None:
        note(floor, job, 0, "2")
        problem = {
            "type": "urn:giatja:problem:work-day-already-closed",
            "title": "Hari kerja ini sudah ditutup.",
            "status": 409,
        }
        floor.route("**/lantai/catat", lambda route: route.fulfill(status=409, body=json.dumps(problem)))
        send(floor)
        expect(floor.locator("[data-submit]")).to_have_text("Usulkan catatan susulan")
        expect(floor.locator("[data-problem]")).to_contain_text("sudah ditutup")
        expect(floor.locator("#check")).to_contain_text("2 lolos")

    def test_of_a_tablet_that_is_wrong_is_told_politely(self, sign_in: SignIn, job: dict[str, Any]) -> None:
        page = sign_in("petugas", "tablet")
        page.add_init_script("const now = Date.now; Date.now = () => now() - 3 * 3600 * 1000;")
        page.goto(f"/lantai?unit={job['workshop_id']}&shift=pagi")
        expect(page.locator("[data-notices]")).to_contain_text("180 menit lebih lambat")


class TestTheBoardOfWork:
    def test_shows_the_pieces_in_each_stage_and_opens_the_work_order(
        self, sign_in: SignIn, job: dict[str, Any]
    ) -> None:
        page = sign_in("kasi", "telepon")
        page.goto("/produksi?q=lantai")
        page.get_by_role("link", name="Baju lantai").click()
        expect(page.locator("h1")).to_have_text("Baju lantai")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
