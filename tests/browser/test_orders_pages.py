"""Orders in a browser: written, accepted, held and cancelled by people, followed by a partner."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.story import Story, eventually

SignIn = Callable[..., Page]


@pytest.fixture(scope="module")
def shop(story: Story) -> Story:
    """Have a partner and two products to order."""
    partner = story.partner("Mitra Layar")
    story.product("Kemeja layar panjang", 7000)
    story.product("Kemeja layar pendek", 6000)
    empty = {"partner_id": partner, "due_date": story.in_days(30)}
    eventually(
        "the Lapas known to orders",
        lambda: story.person("kasi").try_post("orders", "/orders", empty).status_code == 201,
    )
    return story


def write_order(page: Page, story: Story) -> str:
    """Write an order of one line and return its number."""
    page.goto("/pesanan/baru")
    page.select_option("[name=partner_id]", label="Mitra Layar")
    page.fill("[name=due_date]", story.in_days(30))
    page.select_option("#f-product", label="Kemeja layar panjang")
    page.locator(".order-line [data-size-grid] input").first.fill("25")
    page.get_by_role("button", name="Simpan konsep").click()
    page.wait_for_url(lambda url: "/baru" not in url)
    return page.locator("h1").inner_text()


class TestNewOrder:
    def test_keeps_two_rates_in_two_lines_and_what_was_typed_when_one_goes(self, sign_in: SignIn, shop: Story) -> None:
        page = sign_in("kasi")
        page.goto("/pesanan/baru")
        page.select_option("[name=partner_id]", label="Mitra Layar")
        page.fill("[name=due_date]", shop.in_days(30))
        for nth, product in enumerate(("Kemeja layar panjang", "Kemeja layar pendek", "Kemeja layar panjang")):
            page.select_option("#f-product", label=product)
            expect(page.locator(".order-line")).to_have_count(nth + 1)
            page.locator(".order-line").nth(nth).locator("[data-size-grid] input").first.fill(str(10 + nth))
        page.locator("button[value='remove.0']").click()
        expect(page.locator(".order-line")).to_have_count(2)
        page.get_by_role("button", name="Simpan konsep").click()
        page.wait_for_url(lambda url: "/baru" not in url)
        expect(page.locator(".card-box", has_text="Kemeja layar pendek").locator(".figure").first).to_contain_text("11")
        expect(page.locator("main")).to_contain_text("Rp150.000")  # 11 at 6.000 and 12 at 7.000

    def test_says_what_is_missing_and_loses_nothing(self, sign_in: SignIn, shop: Story) -> None:
        page = sign_in("kasi", "telepon")
        page.goto("/pesanan/baru")
        page.fill("[name=note]", "jangan hilang")
        page.get_by_role("button", name="Simpan konsep").click()
        expect(page.locator(".error-summary")).to_contain_text("Mitra: wajib diisi")
        expect(page.locator("[name=note]")).to_have_value("jangan hilang")

    def test_works_without_scripts(self, sign_in: SignIn, shop: Story) -> None:
        signed = sign_in("kasi")
        browser = signed.context.browser
        assert browser is not None
        context: BrowserContext = browser.new_context(
            java_script_enabled=False, storage_state=signed.context.storage_state(), locale="id-ID"
        )
        page = context.new_page()
        page.goto(f"{shop.address}/pesanan/baru")
        page.select_option("[name=partner_id]", label="Mitra Layar")
        page.fill("[name=due_date]", shop.in_days(30))
        page.select_option("#f-product", label="Kemeja layar pendek")
        page.click("button[value=add]")
        page.locator("[data-size-grid] input").first.fill("7")
        page.get_by_role("button", name="Simpan konsep").click()
        expect(page.locator(".figure").first).to_contain_text("7")
        context.close()


class TestOneOrder:
    def test_is_accepted_held_with_a_reason_resumed_and_cancelled(self, sign_in: SignIn, shop: Story) -> None:
        page = sign_in("kasi")
        write_order(page, shop)
        state = page.locator(".page-head .badge-state")
        page.locator("[data-dialog=accept]").click()
        page.locator("#accept button[type=submit]").click()
        expect(state).to_have_attribute("data-state", "accepted")
        page.locator("[data-dialog=hold]").click()
        page.fill("#hold textarea", "ab")
        page.locator("#hold button[type=submit]").click()
        expect(page.locator("#hold")).to_contain_text("paling pendek 3 huruf")
        page.fill("#hold textarea", "Banjir di blok kerja")
        page.locator("#hold button[type=submit]").click()
        expect(state).to_have_attribute("data-state", "on_hold")
        expect(page.locator(".notice")).to_contain_text("Banjir di blok kerja")
        page.locator("[data-dialog=resume]").click()
        page.locator("#resume button[type=submit]").click()
        expect(state).to_have_attribute("data-state", "accepted")
        page.locator("[data-dialog=cancel]").click()
        page.fill("#cancel textarea", "Mitra membatalkan")
        page.select_option("#cancel [name=material]", "returned")
        page.locator("#cancel button[type=submit]").click()
        expect(state).to_have_attribute("data-state", "cancelled")
        expect(page.locator(".timeline")).to_contain_text("dikembalikan ke mitra")

    def test_tells_of_somebody_elses_change_and_keeps_what_was_typed(self, sign_in: SignIn, shop: Story) -> None:
        page = sign_in("kasi")
        write_order(page, shop)
        page.goto(page.url.split("#")[0] + "/ubah")
        other = page.context.new_page()
        other.goto(page.url)
        other.fill("[name=note]", "dari layar lain")
        other.get_by_role("button", name="Simpan perubahan").click()
        other.wait_for_url(lambda url: "/ubah" not in url)
        page.fill("[name=note]", "dari layar ini")
        page.get_by_role("button", name="Simpan perubahan").click()
        expect(page.locator(".error-summary")).to_contain_text("sudah diubah orang lain")
        expect(page.locator("[name=note]")).to_have_value("dari layar ini")

    def test_offers_an_officer_no_acts(self, sign_in: SignIn, shop: Story) -> None:
        page = sign_in("kasi")
        write_order(page, shop)
        path = "/" + page.url.split("/", 3)[3].split("#")[0]
        officer = sign_in("petugas")
        officer.goto(path)
        expect(officer.locator("h1")).to_be_visible()
        expect(officer.locator(".page-acts")).to_have_count(1)
        expect(officer.locator(".page-acts .btn")).to_have_count(0)


class TestOrdersList:
    def test_keeps_search_and_tab_in_its_address(self, sign_in: SignIn, shop: Story) -> None:
        page = sign_in("kasi")
        number = write_order(page, shop)
        page.goto("/pesanan?tab=menunggu")
        page.fill("[data-search]", number)
        page.wait_for_url(lambda url: "q=" in url and "tab=menunggu" in url)
        expect(page.locator("tbody tr")).to_have_count(1)
        page.reload()
        expect(page.locator("tbody tr")).to_have_count(1)
        page.fill("[data-search]", "tidak ada yang seperti ini")
        expect(page.locator("#results")).to_contain_text("Tidak ada yang cocok")

    def test_is_open_to_the_region_too(self, sign_in: SignIn, shop: Story) -> None:
        number = write_order(sign_in("kasi"), shop)
        region = sign_in("kanwil")
        region.goto("/pesanan?tab=menunggu")
        expect(region.locator("tbody")).to_contain_text(number)
        expect(region.locator(".page-acts .btn")).to_have_count(0)


class TestTrackingPage:
    def test_is_open_to_the_holder_of_the_link_until_it_is_revoked(self, sign_in: SignIn, shop: Story) -> None:
        page = sign_in("kasi")
        number = write_order(page, shop)
        page.locator("[data-dialog=accept]").click()
        page.locator("#accept button[type=submit]").click()
        page.get_by_role("button", name="Buat tautan").click()
        link = page.locator("[data-copy-from]").input_value()
        partner = sign_in(None, "telepon")
        answer = partner.goto(link)
        assert answer is not None
        assert answer.headers["x-robots-tag"].startswith("noindex")
        expect(partner.locator("h1")).to_have_text(number)
        expect(partner.locator("nav")).to_have_count(0)
        for hidden in ("Rp7.000", "kasi"):
            expect(partner.locator("body")).not_to_contain_text(hidden)
        page.locator("[data-dialog=revoke]").click()
        page.locator("#revoke button[type=submit]").click()
        expect(page.locator("#toasts")).to_contain_text("dicabut")
        again = partner.goto(link)
        assert again is not None
        assert again.status == 404
