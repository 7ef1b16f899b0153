"""The board in a browser: a link without signing in, no names, faces in turn, a network that comes and goes, a call."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from giatja_ops.local import LocalSystem
from tests.story import Story

SignIn = Callable[..., Page]
MINUTE = 60_000


@pytest.fixture(scope="module")
def job(story: Story) -> dict[str, Any]:
    """Have two workshops with something to do, and somebody who may work."""
    partner = story.partner("Mitra Papan")
    shirt, cloth = story.product("Baju papan", 7000), story.product("Kain papan", 9000, "batik_cap")
    order = story.accept(story.draft(partner, [(shirt, 7000, 12), (cloth, 9000, 5)]))
    work_orders = story.work_orders(order["id"], 2)
    found = next(one for one in work_orders if one["product_name"] == "Baju papan")
    inmate = story.admit_worker(950)
    story.known_to_production(found, [inmate])
    return {**found, "inmate": inmate}


@pytest.fixture
def television(browser: Browser, system: LocalSystem) -> Iterator[BrowserContext]:
    """Hang a television on the wall: nobody signs in there."""
    context = browser.new_context(base_url=system.public_url, viewport={"width": 1920, "height": 1080}, locale="id-ID")
    yield context
    context.close()


def share(page: Page, name: str) -> str:
    """Make a link as Kasi does and return its address."""
    page.goto("/papan")
    page.get_by_label("Nama layar").fill(name)
    page.get_by_role("button", name="Buat tautan").click()
    address = page.get_by_label("Tautan papan").input_value()
    assert re.search(r"/papan/[\w-]{32}$", address)
    return address


def show(television: BrowserContext, address: str) -> Page:
    """Open a board, with its time in our hands."""
    page = television.new_page()
    page.clock.install()
    page.goto(address)
    expect(page.locator(".face.is-now")).to_have_count(1)
    return page


def let_pass(page: Page, milliseconds: int) -> None:
    """Let time pass for the board, with real moments in between in which it is answered."""
    for _ in range(milliseconds // 4000):
        page.clock.run_for(4000)
        page.wait_for_timeout(150)


class TestABoard:
    def test_shows_the_day_without_names_and_follows_what_is_recorded(
        self, sign_in: SignIn, television: BrowserContext, story: Story, job: dict[str, Any]
    ) -> None:
        page = show(television, share(sign_in("kasi"), "Televisi satu"))
        names = page.locator(".face h1").all_text_contents()
        assert len(set(names)) >= 2
        text = page.locator("main").inner_text()
        assert "Warga Uji" not in text
        assert "Mitra" not in text
        garment = page.locator(".face").filter(has=page.locator("h1", has_text="Garmen")).first
        bundling = garment.locator(".stages li").nth(1).locator("b")
        before = int(bundling.text_content() or "")
        story.record(job, job["stages"][0], [{"inmate_id": job["inmate"], "good": 3}])
        let_pass(page, 20_000)
        expect(bundling).to_have_text(str(before + 3))

    def test_turns_by_itself_and_fits_the_screen(
        self, sign_in: SignIn, television: BrowserContext, job: dict[str, Any]
    ) -> None:
        page = show(television, share(sign_in("kasi"), "Televisi dua"))
        seen = set()
        for _ in range(page.locator(".face").count()):
            seen.add(page.locator(".face.is-now").get_attribute("data-face"))
            fits = page.evaluate(
                "[...document.querySelectorAll('.face.is-now *')].filter((e) => e.checkVisibility())"
                ".every((e) => e.getBoundingClientRect().right <= innerWidth + 1 && e.getBoundingClientRect().bottom <= innerHeight + 1)"
            )
            assert fits
            small = page.evaluate(
                "Math.min(...[...document.querySelectorAll('.face.is-now *, .seen *')].filter((e) => e.checkVisibility()"
                " && [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()))"
                ".map((e) => parseFloat(getComputedStyle(e).fontSize)))"
            )
            assert small >= 26, "read from five metres on a screen of 1080 lines"
            page.clock.run_for(12_500)
        assert len(seen) >= 2

    def test_says_that_it_lost_the_network_and_comes_back_alone(
        self, sign_in: SignIn, television: BrowserContext, job: dict[str, Any]
    ) -> None:
        page = show(television, share(sign_in("kasi"), "Televisi tiga"))
        television.set_offline(True)
        let_pass(page, MINUTE)
        expect(page.locator("[data-stale]")).to_contain_text("Sambungan terputus sejak pukul")
        expect(page.locator(".face.is-now .figure")).to_be_visible()
        television.set_offline(False)
        let_pass(page, 20_000)
        expect(page.locator("[data-stale]")).to_be_hidden()

    def test_loads_itself_anew_when_a_new_version_was_installed(
        self, sign_in: SignIn, television: BrowserContext, job: dict[str, Any]
    ) -> None:
        page = show(television, share(sign_in("kasi"), "Televisi empat"))
        page.evaluate("document.querySelector('.sheet').dataset.version = 'id yang-lama'")
        let_pass(page, 30_000)
        assert page.locator(".sheet").get_attribute("data-version") == "id yang-lama"
        with page.expect_navigation():
            let_pass(page, MINUTE)
        assert page.locator(".sheet").get_attribute("data-version") != "id yang-lama"

    def test_shows_a_call_for_help_from_the_floor_until_somebody_comes(
        self, sign_in: SignIn, television: BrowserContext, job: dict[str, Any]
    ) -> None:
        page = show(television, share(sign_in("kasi"), "Televisi lima"))
        officer = sign_in("petugas", "tablet")
        officer.goto(f"/lantai?unit={job['workshop_id']}")
        officer.get_by_role("button", name="Panggil bantuan").tap()
        officer.get_by_role("dialog").get_by_role("button", name="Medis").tap()
        expect(officer.locator("#toasts")).to_contain_text("Bantuan dipanggil: Medis")
        let_pass(page, 20_000)
        expect(page.locator(".help")).to_contain_text("Medis")
        officer.goto("/bantuan")
        officer.locator(".calls li").filter(has_text="Medis").get_by_role("button", name="Sudah datang").tap()
        expect(officer.locator("#toasts")).to_contain_text("bantuan sudah datang")
        let_pass(page, 20_000)
        expect(page.locator(".help")).to_have_count(0)

    def test_ends_with_its_link_and_says_so(
        self, sign_in: SignIn, television: BrowserContext, system: LocalSystem, job: dict[str, Any]
    ) -> None:
        kasi = sign_in("kasi")
        address = share(kasi, "Televisi enam")
        page = show(television, address)
        row = kasi.locator("tr").filter(has_text="Televisi enam")
        row.get_by_role("button", name="Cabut").click()
        kasi.get_by_role("dialog").get_by_role("button", name="Cabut tautan").click()
        expect(kasi.locator("tr").filter(has_text="Televisi enam")).to_have_count(0)
        let_pass(page, 20_000)
        expect(page.locator("[data-stale]")).to_contain_text("sudah tidak berlaku")
        answer = page.request.get(address)
        assert answer.status == 404
        assert "berlaku" not in answer.headers.get("location", "")
