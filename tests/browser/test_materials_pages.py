"""Materials in a browser: a partner's cloth comes, is issued, wasted, returned and settled, and its order closes."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.story import Story, eventually

SignIn = Callable[..., Page]


class TestTheClothOfAPartner:
    def test_is_received_issued_wasted_returned_and_settled_and_the_order_closes(
        self, sign_in: SignIn, story: Story
    ) -> None:
        partner, product = story.partner("Mitra Bahan"), story.product("Kemeja bahan layar", 7000)
        order = story.draft(partner, [(product, 7000, 1)])
        order_id = order["id"]
        story.accept(order)
        job = story.work_orders(order_id, 1)[0]
        page = sign_in("kasi")

        page.goto("/bahan/baru")
        page.fill("#f-name", "Katun layar")
        page.select_option("#f-kind", label="Kain")
        page.fill("#f-unit", "m")
        page.select_option("#f-decimals", "2")
        page.get_by_role("button", name="Simpan").click()
        expect(page.locator("h1")).to_have_text("Katun layar")

        page.get_by_role("link", name="Terima").click()
        page.select_option("#f-order_id", order_id)
        page.fill("#f-lines-0-counted", "dua puluh")
        page.get_by_role("button", name="Catat bahan masuk").click()
        expect(page.locator("#f-lines-0-counted-error")).to_contain_text("misalnya 12,5")
        page.fill("#f-lines-0-counted", "20,5")
        page.get_by_role("button", name="Catat bahan masuk").click()
        expect(page.locator("tbody")).to_contain_text("+20,5")

        page.goto(f"/bahan/gerak/keluar?dari=wo:{job['id']}")
        assert page.locator("tbody").count() == 0, "nothing is asked for without a bill"
        page.goto(f"/bahan/kebutuhan/{product}")
        page.select_option("#f-lines-0-material_id", label="Katun layar (m)")
        page.fill("#f-lines-0-quantity", "6,25")
        page.get_by_role("button", name="Simpan").click()
        expect(page.locator("#f-lines-0-quantity")).to_have_value("6,25")

        page.goto(f"/bahan/gerak/keluar?dari=wo:{job['id']}")
        expect(page.locator("#f-lines-0-quantity")).to_have_value("12,5")  # two pieces by the bill
        page.fill("#f-lines-0-quantity", "25")
        page.get_by_role("button", name="Keluarkan").click()
        expect(page.locator("#f-lines-0-quantity-error")).to_contain_text("Di gudang hanya ada 20,5 m")
        page.fill("#f-lines-0-quantity", "12,5")
        page.get_by_role("button", name="Keluarkan").click()
        expect(page.locator("h1 + .meta")).to_contain_text("Keluar ke pekerjaan")

        page.goto(f"/bahan/gerak/rusak?dari=wo:{job['id']}")
        page.fill("#f-lines-0-quantity", "0,75")
        page.fill("#f-reason", "Salah potong")
        page.get_by_role("button", name="Catat").click()
        expect(page.locator("h1 + .meta")).to_contain_text("Sisa rusak")

        page.goto(f"/bahan/gerak/ke-mitra?dari=order:{order_id}")
        page.fill("#f-lines-0-quantity", "8")
        page.get_by_role("button", name="Kembalikan").click()
        expect(page.locator("h1 + .meta")).to_contain_text("Kembali ke mitra")

        eventually("material known to orders", lambda: story.order(order_id)["material"] == "open")
        inmate = story.admit_worker(8150)
        story.known_to_production(job, [inmate])
        story.make_all(job, [inmate])
        story.completed(order_id)
        page.goto(f"/pesanan/{order_id}")
        expect(page.locator("main")).to_contain_text("Belum diselesaikan")
        expect(page.get_by_role("button", name="Tutup pesanan")).to_have_count(0)

        page.get_by_role("link", name="Lembar penyelesaian").click()
        expect(page.locator("tbody")).to_contain_text("0,75")
        page.get_by_role("button", name="Catat tanda tangan").click()
        page.fill("#f-signed_by", "Ratna Dewi")
        page.fill("#f-document_ref", "BA-1/LAYAR")
        page.get_by_role("button", name="Selesaikan bahan").click()
        expect(page.locator(".notice-daun")).to_contain_text("Ratna Dewi")

        eventually("settlement known to orders", lambda: story.order(order_id)["material"] == "settled")
        page.goto(f"/pesanan/{order_id}")
        page.get_by_role("button", name="Tutup pesanan").click()
        page.locator("dialog[open] button[type=submit]").click()
        expect(page.locator(".page-head .badge-state")).to_contain_text("Ditutup")

    @pytest.mark.parametrize("address", ["/bahan", "/bahan/mutasi", "/bahan/buku", "/bahan/kebutuhan", "/bahan/hitung"])
    def test_fits_on_a_phone(self, sign_in: SignIn, story: Story, address: str) -> None:
        page = sign_in("kasi", "telepon", language="en")
        page.goto(address)
        expect(page.locator("h1")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360

    def test_is_printed_and_kept_as_a_workbook(self, sign_in: SignIn, story: Story) -> None:
        page = sign_in("kasi")
        book, workbook = (page.request.get(f"/bahan/buku/{kind}") for kind in ("cetak", "xlsx"))
        assert (book.status, book.body()[:5]) == (200, b"%PDF-")
        assert (workbook.status, workbook.body()[:2]) == (200, b"PK")
