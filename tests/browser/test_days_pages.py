"""Days in a browser: one is closed with a word about what is missing; after that only two people change it."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.story import Story, eventually

SignIn = Callable[..., Page]


@pytest.fixture(scope="module")
def job(story: Story) -> dict[str, Any]:
    """Have two people make six pieces today in a workshop of its own, and nobody marked as present."""
    # A day that is closed stays closed, so not where the other tests work.
    partner, product = story.partner("Mitra Hari"), story.product("Bordir hari", 7000, "bordir_hari")
    work_order = story.work_orders(story.accept(story.draft(partner, [(product, 7000, 20)]))["id"], 1)[0]
    inmates = [story.admit_worker(5800 + n) for n in range(2)]
    story.known_to_production(work_order, inmates)
    story.record(work_order, work_order["stages"][0], [{"inmate_id": one, "good": 3} for one in inmates])
    return {**work_order, "inmates": inmates}


class TestADay:
    def test_is_closed_with_a_word_and_changes_only_by_two(
        self, sign_in: SignIn, story: Story, job: dict[str, Any]
    ) -> None:
        address = f"/hari/{story.today}/{job['workshop_id']}"
        kasi = sign_in("kasi")
        kasi.goto(address)
        expect(kasi.locator("main")).to_contain_text("Punya hasil tanpa absensi")
        kasi.get_by_role("button", name="Tutup hari").click()
        kasi.locator("dialog:visible").get_by_role("button", name="Tidak jadi").click()
        expect(kasi.locator("dialog:visible")).to_have_count(0)
        kasi.get_by_role("button", name="Tutup hari").click()
        kasi.locator("dialog:visible").get_by_label("Catatan").fill("Absensi di buku, menyusul")
        kasi.locator("dialog:visible").get_by_role("button", name="Tutup hari").click()
        expect(kasi.locator("#toasts")).to_contain_text("ditutup")
        expect(kasi.locator("main")).to_contain_text("Absensi di buku, menyusul")

        officer = sign_in("petugas")
        officer.goto(address)
        row = officer.locator("tr", has_text="Warga Uji 5800")
        row.get_by_role("button", name="Minta tarik").click()
        officer.locator("dialog:visible").get_by_label("Alasan").fill("Salah orang")
        officer.locator("dialog:visible").get_by_role("button", name="Minta", exact=True).click()
        expect(officer.locator("#toasts")).to_contain_text("orang kedua")
        own = officer.locator("section", has_text="Salah orang")
        expect(own).to_contain_text("Permintaan Anda sendiri")
        expect(own.get_by_role("button", name="Setujui")).to_have_count(0)

        kasi.goto("/koreksi")
        kasi.locator("section", has_text="Salah orang").get_by_role("button", name="Setujui").click()
        kasi.locator("dialog:visible").get_by_role("button", name="Setujui").click()
        expect(kasi.locator("#toasts")).to_contain_text("sudah berlaku")
        stage = story.person("kasi").get("production", f"/work-orders/{job['id']}")["stages"][0]
        assert stage["good"] == 3
        kasi.goto(address)
        expect(kasi.locator("tr", has_text="Warga Uji 5800")).to_contain_text("ditarik kembali")


class TestTheCalendar:
    def test_keeps_a_holiday_until_it_is_taken_back(self, sign_in: SignIn, story: Story) -> None:
        page = sign_in("kasi")
        day = story.in_days(20)
        page.goto(f"/kalender?tahun={day[:4]}")
        page.get_by_label("Tanggal").fill(day)
        page.get_by_label("Nama hari libur").fill("Hari Bakti Uji")
        page.get_by_role("button", name="Tambah", exact=True).click()
        expect(page.locator("main")).to_contain_text("Hari Bakti Uji")
        kept = story.person("kasi").get("production", "/calendar", year=day[:4])["holidays"]
        assert (day, "Hari Bakti Uji") in [(one["day"], one["name"]) for one in kept]
        page.locator("li", has_text="Hari Bakti Uji").get_by_role("button", name="Hapus").click()
        expect(page.locator("main")).not_to_contain_text("Hari Bakti Uji")
        eventually("the day is an ordinary one", lambda: not _holiday(story, day))

    def test_refuses_hours_that_overlap_and_keeps_what_was_typed(self, sign_in: SignIn) -> None:
        page = sign_in("kasi")
        page.goto("/kalender")
        page.locator("[name='ends.1.pagi']").fill("15:00")
        page.get_by_role("button", name="Simpan jam kerja").click()
        expect(page.locator(".error-summary")).to_contain_text("Senin")
        expect(page.locator("[name='ends.1.pagi']")).to_have_value("15:00")


def _holiday(story: Story, day: str) -> bool:
    kept = story.person("kasi").get("production", "/calendar", year=day[:4])["holidays"]
    return day in [one["day"] for one in kept]
