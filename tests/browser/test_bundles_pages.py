"""Bundles in a browser: cut with a preview, cards on paper, scanned by scanner and camera, recorded once, taken back."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.story import Story

SignIn = Callable[..., Page]

# A camera that sees one card, for a browser that has neither camera nor reader.
CAMERA = """
const canvas = document.createElement("canvas");
canvas.getContext("2d").fillRect(0, 0, 10, 10);
navigator.mediaDevices.getUserMedia = async () => canvas.captureStream(5);
window.BarcodeDetector = class {
  static async getSupportedFormats() { return ["qr_code"]; }
  async detect() { return window.held ? [{ rawValue: window.held }] : []; }
};
"""


@pytest.fixture(scope="module")
def job(story: Story) -> dict[str, Any]:
    """Have 40 pieces cut, and somebody to tie them up."""
    partner, product = story.partner("Mitra Bundel"), story.product("Baju bundel", 7000)
    order = story.accept(story.draft(partner, [(product, 7000, 20)]))
    work_order = story.work_orders(order["id"], 1)[0]
    inmate = story.admit_worker(940)
    story.known_to_production(work_order, [inmate])
    story.record(work_order, work_order["stages"][0], [{"inmate_id": inmate, "good": 40}])
    return {**work_order, "inmate": inmate}


def bundles(story: Story, job: dict[str, Any], **narrow: Any) -> list[dict[str, Any]]:
    found = story.person("petugas").get("production", "/bundles", work_order_id=job["id"], **narrow)
    items: list[dict[str, Any]] = found["items"]
    return items


def scanned(page: Page, code: str) -> None:
    """Type as a USB scanner does: all at once, then Enter, wherever the focus is."""
    page.keyboard.type(code)
    page.keyboard.press("Enter")


class TestAWorkOrder:
    def test_is_cut_after_a_look_at_what_that_makes_and_its_cards_are_printed(
        self, sign_in: SignIn, story: Story, job: dict[str, Any]
    ) -> None:
        page = sign_in("petugas", "tablet")
        page.goto(f"/produksi/{job['id']}")
        page.locator(".page-acts").get_by_role("link", name="Bundel dan lot").click()
        page.get_by_role("link", name="Buat bundel").first.click()
        page.locator("[name=way][value=ratio]").check()
        page.get_by_label("putih, lapis").fill("21")
        page.get_by_role("button", name="Lihat hasilnya dulu").click()
        expect(page.locator(".error-summary")).to_contain_text("21")
        assert bundles(story, job) == []
        page.get_by_label("putih, lapis").fill("20")
        page.get_by_label("Isi terbanyak").fill("10")
        page.get_by_role("button", name="Lihat hasilnya dulu").click()
        expect(page.locator("#hasil")).to_contain_text("4 bundel")
        page.get_by_label("Isi terbanyak").fill("5")
        page.get_by_role("button", name="Buat 4 bundel").click()
        expect(page.locator("#hasil")).to_contain_text("8 bundel")
        assert bundles(story, job) == []
        page.get_by_label("Isi terbanyak").fill("10")
        page.get_by_role("button", name="Lihat hasilnya dulu").click()
        expect(page.locator("#hasil")).to_contain_text("4 bundel")
        page.get_by_role("button", name="Buat 4 bundel").click()
        expect(page.locator("#toasts")).to_contain_text("4 bundel dibuat")
        expect(page.locator("#results tbody tr")).to_have_count(4)
        made = bundles(story, job)
        assert [(b["size"], b["pieces"]) for b in made] == [("M", 10), ("M", 10), ("L", 10), ("L", 10)]
        paper = page.request.get(f"/bundel/kartu/{job['id']}")
        assert (paper.status, paper.headers["content-type"]) == (200, "application/pdf")
        assert paper.body().startswith(b"%PDF")


class TestAScannedCard:
    @pytest.fixture
    def cards(self, story: Story, job: dict[str, Any]) -> list[dict[str, Any]]:
        if not bundles(story, job):
            story.person("petugas").post("production", f"/work-orders/{job['id']}/bundles", {"most": 10})
        return bundles(story, job, stage="bundel")

    def test_is_recorded_once_for_a_person_and_can_be_taken_back(
        self, sign_in: SignIn, story: Story, job: dict[str, Any], cards: list[dict[str, Any]]
    ) -> None:
        page, card = sign_in("petugas", "tablet"), cards[0]
        page.goto("/pindai")
        expect(page.locator("#kode")).to_be_focused()
        scanned(page, "K7M3QF-Z")
        expect(page.locator("[data-say]")).to_contain_text("bukan kode bundel")
        page.locator("#kode").fill("")
        scanned(page, card["code"].replace("-", "").lower())
        found = page.locator("[data-scanned]")
        expect(found).to_contain_text("10 potong")
        expect(page.locator("#kode")).to_have_value("")
        found.locator("button[type=submit]").click()
        found.locator("select").select_option(job["inmate"])
        found.locator("button[type=submit]").click()
        expect(page.locator("[data-say]")).to_contain_text("10 lolos di Bundel dicatat")
        expect(page.locator("[data-scanned]")).to_contain_text("Jahit")
        expect(page.locator("#kode")).to_be_focused()
        again = {**_entry(job, card), "stage_id": card["stage_id"]}
        refused = story.person("petugas").try_post("production", "/output", again)
        assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (409, "bundle-already-recorded")
        page.locator("[data-last] button:visible").first.click()
        expect(page.locator("#toasts")).to_contain_text("diurungkan")
        assert [b["id"] for b in bundles(story, job, stage="bundel")] == [c["id"] for c in cards]

    def test_is_read_by_the_camera_and_waits_out_a_broken_network(
        self, sign_in: SignIn, story: Story, job: dict[str, Any], cards: list[dict[str, Any]]
    ) -> None:
        page = sign_in("petugas", "telepon")
        page.add_init_script(CAMERA)
        page.goto("/pindai")
        page.get_by_role("button", name="Pakai kamera").click()
        page.evaluate("code => { window.held = code; }", cards[1]["code"])
        expect(page.locator("[data-scanned] .code")).to_have_text(cards[1]["code"])
        page.evaluate("window.held = null")
        page.locator("[data-scanned] select").select_option(job["inmate"])
        page.context.set_offline(True)
        page.locator("[data-scanned] button[type=submit]").click()
        expect(page.locator("[data-say]")).to_contain_text("Tidak tersambung")
        page.context.set_offline(False)
        page.locator("[data-scanned] button[type=submit]").click()
        expect(page.locator("[data-say]")).to_contain_text("10 lolos di Bundel")
        shelf = page.evaluate("JSON.stringify(sessionStorage)")
        assert "Warga Uji" not in shelf
        made = story.person("petugas").get("production", "/output", bundle_id=cards[1]["id"])["items"]
        assert [e["good"] for e in made] == [10]

    def test_of_a_lost_bundle_says_so_and_only_the_head_of_section_writes_it_off(
        self, sign_in: SignIn, story: Story, job: dict[str, Any], cards: list[dict[str, Any]]
    ) -> None:
        page, card = sign_in("petugas"), cards[-1]
        page.goto(f"/bundel/{card['id']}")
        page.get_by_role("button", name="Catat hilang").first.click()
        page.locator("#alasan-hilang").fill("Tidak ada di rak")
        page.locator("#hilang button[type=submit]").click()
        expect(page.locator(".notice-merah")).to_contain_text("Tercatat hilang")
        expect(page.get_by_role("button", name="Hapus buku")).to_have_count(0)
        page.goto("/pindai")
        scanned(page, card["code"])
        expect(page.locator("[data-scanned]")).to_contain_text("tercatat hilang")
        kasi = sign_in("kasi")
        kasi.goto(f"/bundel/{card['id']}")
        kasi.get_by_role("button", name="Hapus buku").first.click()
        kasi.locator("#alasan-hapus").fill("Sudah dicari dua hari")
        kasi.locator("#hapus-buku button[type=submit]").click()
        expect(kasi.locator(".content")).to_contain_text("Diafkir")
        kasi.goto(f"/produksi/{job['id']}")
        expect(kasi.locator(".defects")).to_contain_text("Hilang")


def _entry(job: dict[str, Any], card: dict[str, Any]) -> dict[str, Any]:
    entry = {"inmate_id": job["inmate"], "good": 10, "bundle_id": card["id"]}
    return {"work_order_id": job["id"], "work_date": Story.today.fget(None), "shift": "pagi", "entries": [entry]}  # type: ignore[attr-defined]
