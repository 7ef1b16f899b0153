"""The floor in a browser: three taps to record, nothing lost without a network, nothing twice."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.story import Story

SignIn = Callable[..., Page]


@pytest.fixture(scope="module")
def job(story: Story) -> dict[str, Any]:
    """Have 40 pieces waiting at the first stage, and three inmates who may work."""
    partner, product = story.partner("Mitra Lantai"), story.product("Baju lantai", 7000)
    order = story.accept(story.draft(partner, [(product, 7000, 20)]))
    work_order = story.work_orders(order["id"], 1)[0]
    inmates = [story.admit_worker(900 + n) for n in range(3)]
    story.known_to_production(work_order, inmates)
    return {**work_order, "inmates": inmates}


@pytest.fixture
def floor(sign_in: SignIn, job: dict[str, Any]) -> Page:
    """Stand at the first stage with a tablet."""
    page = sign_in("petugas", "tablet")
    page.goto("/lantai")
    page.locator(".job", has_text="Baju lantai").click()
    page.locator(".tile").first.click()
    expect(page.locator("[data-inmate]").first).to_be_visible()
    return page


def tile(page: Page, job: dict[str, Any], nth: int) -> Any:
    return page.locator(f'[data-inmate="{job["inmates"][nth]}"]')


def record(page: Page, job: dict[str, Any], nth: int, number: str) -> None:
    tile(page, job, nth).click()
    for digit in number:
        page.locator(f'[data-digit="{digit}"]').click()
    page.locator("[data-save]").click()


def all_sent(page: Page) -> None:
    expect(page.locator(".tile.is-unsent")).to_have_count(0, timeout=20_000)


def made(story: Story, job: dict[str, Any], nth: int) -> list[int]:
    """Return the good pieces of each entry that production holds for an inmate, the oldest first."""
    found = story.person("petugas").get(
        "production", "/output", work_order_id=job["id"], inmate_id=job["inmates"][nth], limit=100
    )
    return [entry["good"] for entry in reversed(found["items"])]


class TestRecordingAShift:
    def test_takes_a_person_a_number_and_save_and_can_be_taken_back(
        self, floor: Page, story: Story, job: dict[str, Any]
    ) -> None:
        record(floor, job, 0, "4")
        expect(tile(floor, job, 0).locator("[data-count]")).to_have_text("4")
        all_sent(floor)
        assert made(story, job, 0) == [4]
        floor.locator("[data-undo-last]").click()
        expect(tile(floor, job, 0)).to_have_class("tile is-open")
        assert made(story, job, 0) == [4, -4]

    def test_says_how_many_wait_when_too_many_are_typed(self, floor: Page, story: Story, job: dict[str, Any]) -> None:
        before = made(story, job, 1)
        record(floor, job, 1, "41")
        expect(floor.locator("[data-refused]")).to_contain_text("40")
        all_sent(floor)
        assert made(story, job, 1) == before

    def test_asks_for_the_defect_of_a_reject(self, floor: Page, story: Story, job: dict[str, Any]) -> None:
        tile(floor, job, 1).click()
        floor.locator("label.merah").click()
        floor.locator('[data-digit="1"]').click()
        floor.locator("[data-save]").click()
        expect(floor.locator("#toasts")).to_contain_text("cacat")
        floor.locator("[data-defects] label").first.click()
        floor.locator("[data-save]").click()
        expect(tile(floor, job, 1).locator("[data-parts]")).to_contain_text("1 afkir")
        all_sent(floor)

    def test_keeps_entries_without_a_network_and_sends_each_once(
        self, floor: Page, story: Story, job: dict[str, Any]
    ) -> None:
        before = made(story, job, 2)
        floor.context.set_offline(True)
        record(floor, job, 2, "2")
        record(floor, job, 2, "3")
        expect(floor.locator("[data-unsent]")).to_contain_text("2 catatan belum terkirim")
        shelf = floor.evaluate("JSON.stringify(localStorage)")
        assert "Warga Uji" not in shelf
        assert made(story, job, 2) == before
        floor.context.set_offline(False)
        all_sent(floor)
        assert made(story, job, 2) == [*before, 2, 3]

    def test_records_once_what_was_answered_into_the_void(self, floor: Page, story: Story, job: dict[str, Any]) -> None:
        before = made(story, job, 2)
        sent: list[str] = []

        def lose_the_first_answer(route: Route) -> None:
            sent.append(route.request.headers["idempotency-key"])
            if len(sent) == 1:
                route.fetch()
                route.abort()
            else:
                route.continue_()

        floor.route("**/lantai/catat", lose_the_first_answer)
        record(floor, job, 2, "1")
        expect(floor.locator("[data-unsent]")).to_be_visible()
        all_sent(floor)
        assert len(sent) == 2
        assert len(set(sent)) == 1
        assert made(story, job, 2) == [*before, 1]


class TestTheBoard:
    def test_shows_the_pieces_in_each_stage_and_opens_the_work_order(
        self, sign_in: SignIn, job: dict[str, Any]
    ) -> None:
        page = sign_in("kasi", "telepon")
        page.goto("/produksi?q=lantai")
        page.get_by_role("link", name="Baju lantai").click()
        expect(page.locator("h1")).to_have_text("Baju lantai")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
