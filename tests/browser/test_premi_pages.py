"""Premi in a browser: a scheme, money of an order, a list by two people, credit, a card, a withdrawal by three."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.world import LONGEST_NAME, World

SignIn = Callable[..., Page]


def confirm(page: Page, opener: str, act: str) -> None:
    """Open a dialog and do what it asks about."""
    page.get_by_role("button", name=opener, exact=True).first.click()
    page.locator("dialog:visible").get_by_role("button", name=act, exact=True).click()


class TestPremi:
    def test_goes_from_a_scheme_to_money_for_a_purpose(self, sign_in: SignIn, world: World) -> None:
        kasi = sign_in("kasi")
        kasi.goto("/premi/skema/baru")
        kasi.get_by_label("Unit kerja").select_option(label="Garmen")
        kasi.get_by_label("Bagi hasil").check()
        kasi.fill("[name='terms.premi']", "50")
        # What is typed stays where another method or workshop shows other fields.
        kasi.fill("[name='product_name']", "Koko lengan pendek")
        kasi.fill("[name='document']", "SK-UJI/1")
        kasi.fill("[name='valid_from']", "2024-01-01")
        kasi.fill("[name='saved_percent']", "10")
        kasi.get_by_role("button", name="Usulkan skema").click()
        expect(kasi.locator(".toasts")).to_contain_text("Skema diusulkan")

        kalapas = sign_in("kalapas", "tablet")
        kalapas.goto("/premi")
        kalapas.get_by_role("listitem").filter(has_text="skema menunggu").get_by_role("link").click()
        confirm(kalapas, "Setujui", "Setujui")
        expect(kalapas.locator(".toasts")).to_contain_text("Skema disetujui")

        bendahara = sign_in("bendahara")
        bendahara.goto(f"/premi/penerimaan/{world.completed}")
        bendahara.fill("[name=base]", "18001")
        bendahara.fill("[name=document]", "KW-UJI-1")
        bendahara.get_by_role("button", name="Bagi menurut skema").click()
        expect(bendahara.locator("[name=pnbp]")).to_have_value("2700")
        expect(bendahara.locator("[name=premi]")).to_have_value("9001")
        bendahara.fill("[name=pnbp]", "2699")
        bendahara.locator("main").get_by_role("button", name="Catat penerimaan").click()
        expect(bendahara.locator(".error-summary")).to_contain_text("harus sama dengan dasar")
        bendahara.fill("[name=pnbp]", "2700")
        bendahara.locator("main").get_by_role("button", name="Catat penerimaan").click()
        expect(bendahara.locator(".toasts")).to_contain_text("Penerimaan dicatat")

        kasi.goto(f"/premi/daftar/{world.premi_list}")
        expect(kasi.locator("main")).to_contain_text("Hitung ulang supaya ikut")
        confirm(kasi, "Hitung ulang", "Hitung ulang")
        # It is worked out by the worker; the page opens by itself.
        expect(kasi.locator(".premi-sum")).to_contain_text("Rp10.501")
        kasi.get_by_text("Rincian").first.click()
        expect(kasi.locator(".premi-sheet").first).to_contain_text("bagian dari hasil pesanan")
        confirm(kasi, "Usulkan ke Kalapas", "Usulkan")
        expect(kasi.get_by_role("button", name="Setujui dan kunci")).to_have_count(0)
        address = kasi.url

        kalapas.goto(address)
        confirm(kalapas, "Setujui dan kunci", "Setujui dan kunci")
        expect(kalapas.locator(".page-head")).to_contain_text("Disetujui dan dikunci")

        bendahara.goto(address)
        bendahara.get_by_role("button", name="Kreditkan", exact=True).first.click()
        bendahara.locator("dialog:visible [name=document]").fill("REG-D/1")
        bendahara.locator("dialog:visible").get_by_role("button", name="Kreditkan", exact=True).click()
        expect(bendahara.locator(".page-head")).to_contain_text("Dikreditkan")
        for part, kind in (("cetak", "application/pdf"), ("unduh", "spreadsheetml")):
            answer = bendahara.request.get(f"{address}/{part}?untuk=signing")
            assert answer.status == 200
            assert kind in answer.headers["content-type"]

        wali = sign_in("wali", "telepon")
        wali.goto("/premi/kartu")
        wali.fill("#name-search", LONGEST_NAME[:12])
        wali.get_by_role("button", name="Cari", exact=True).click()
        wali.get_by_role("link", name=LONGEST_NAME).click()
        wali.get_by_role("button", name="Ajukan penarikan").click()
        wali.fill("[name=amount]", "900000")
        wali.fill("[name=purpose]", "Obat gigi")
        wali.locator("dialog:visible").get_by_role("button", name="Ajukan", exact=True).click()
        expect(wali.locator(".error-summary")).to_contain_text("tidak cukup")
        wali.get_by_role("button", name="Ajukan penarikan").click()
        expect(wali.locator("[name=purpose]")).to_have_value("Obat gigi")
        wali.fill("[name=amount]", "1000")
        wali.locator("dialog:visible").get_by_role("button", name="Ajukan", exact=True).click()
        expect(wali.locator(".toasts")).to_contain_text("Penarikan diajukan")

        kalapas.goto("/premi/penarikan")
        confirm(kalapas, "Setujui", "Setujui")
        bendahara.goto("/premi/penarikan")
        bendahara.get_by_role("button", name="Bayarkan", exact=True).first.click()
        bendahara.locator("dialog:visible [name=document]").fill("TT-1")
        bendahara.locator("dialog:visible").get_by_role("button", name="Bayarkan", exact=True).click()
        expect(bendahara.locator("#results")).to_contain_text("TT-1")
