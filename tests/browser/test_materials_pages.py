"""Materials in a browser: a partner's cloth comes, is issued, wasted, returned and settled, and its order closes."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.story import Caller, Story, eventually

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


@pytest.fixture(scope="module")
def store(story: Story) -> dict[str, str]:
    """Have a Lapas of its own with twelve reels of its own thread, and two people who keep them."""
    ops = story.person("ops")
    ops.post("gateway", "/lapas", {"lapas_id": "GDG", "name": "Lapas Gudang", "class": "III"})
    for name, role in (("kasi.gdg", "kasi_giatja"), ("sarana.gdg", "kasubsi_sarana")):
        story.add_person(name, role, "GDG")
    kasi = story.person("kasi.gdg")
    eventually("the Lapas", lambda: kasi.try_get("production", "/materials").status_code == 200)
    thread = {"name": "Benang hitung", "kind": "thread", "unit": "gulung", "decimals": 0}
    material = eventually("its clock", lambda: _made(kasi, "/materials", thread))
    received = {
        "received_on": story.today,
        "lines": [{"material_id": material["id"], "counted": 12_000}],
    }
    document = kasi.post("production", "/material-receipts", received)
    return {"material": material["id"], "document": document["id"]}


class TestTheStore:
    def test_is_counted_by_one_and_the_difference_is_booked_by_another(
        self, sign_in: SignIn, store: dict[str, str]
    ) -> None:
        kasi = sign_in("kasi.gdg", "tablet")
        kasi.goto("/bahan/hitung")
        kasi.get_by_role("button", name="Buat daftar hitung").click()
        kasi.fill("#f-lines-0-counted", "sebelas")
        kasi.get_by_role("button", name="Simpan hasil hitung").click()
        expect(kasi.locator("#f-lines-0-counted-error")).to_be_visible()
        kasi.fill("#f-lines-0-counted", "11")
        kasi.fill("#f-lines-0-reason", "Satu gulung basah")
        kasi.get_by_role("button", name="Simpan hasil hitung").click()
        expect(kasi.locator(".notice")).to_contain_text("orang lain yang menyetujui")
        expect(kasi.get_by_role("button", name="Setujui")).to_have_count(0)
        sarana = sign_in("sarana.gdg", "tablet")
        sarana.goto(kasi.url)
        expect(sarana.locator("tbody")).to_contain_text("\N{MINUS SIGN}1 gulung")
        sarana.get_by_role("button", name="Setujui").click()
        sarana.locator("dialog:visible").get_by_role("button", name="Setujui").click()
        expect(sarana.locator(".notice-daun")).to_contain_text("Selisihnya dibukukan")
        sarana.goto(f"/bahan/{store['material']}")
        expect(sarana.locator("main")).to_contain_text("11 gulung")

    def test_takes_a_document_back_by_its_opposite_where_that_is_possible(
        self, sign_in: SignIn, story: Story, store: dict[str, str]
    ) -> None:
        kasi = story.person("kasi.gdg")
        lines = [{"material_id": store["material"], "counted": 5_000}]
        more = kasi.post("production", "/material-receipts", {"received_on": story.today, "lines": lines})
        page = sign_in("sarana.gdg")
        page.goto(f"/bahan/dokumen/{more['id']}")
        page.get_by_role("button", name="Batalkan dokumen").click()
        page.locator("dialog:visible").get_by_label("Alasan").fill("Tercatat dua kali")
        page.locator("dialog:visible").get_by_role("button", name="Batalkan dokumen").click()
        expect(page.locator(".notice").first).to_contain_text("membatalkan")
        page.goto(f"/bahan/dokumen/{more['id']}")
        expect(page.locator(".notice-kunyit")).to_contain_text("sudah dibatalkan")
        expect(page.get_by_role("button", name="Batalkan dokumen")).to_have_count(0)


def _made(caller: Caller, path: str, body: dict[str, Any]) -> Any:
    answer = caller.try_post("production", path, body)
    return answer.json() if answer.status_code == 201 else None
