"""Turns and shifts in a browser: an officer asks to swap, the Kasi decides; a log is opened, signed and added to."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.story import LAPAS, Story

SignIn = Callable[..., Page]
ONE, TWO = "Ratri Widyastuti", "Bagus Kuncoro"


@pytest.fixture(scope="module")
def shop(story: Story) -> str:
    """Have a workshop where two officers take turns from tomorrow on, one of them with an account."""
    kasi = story.person("kasi")
    made = kasi.post("production", "/workshops", {"template": "garmen", "name": "Garmen piket"})
    if "petugas_piket" not in story.people:
        story.add_person("petugas_piket", "petugas", LAPAS)
    people = story.person("ops").get("gateway", "/people", limit=100)["items"]
    account = next(one["id"] for one in people if one["username"] == "petugas_piket")
    kasi.post("production", "/duty/officers", {"name": ONE, "grade": "III/a", "person_id": account})
    kasi.post("production", "/duty/officers", {"name": TWO, "grade": "III/a"})
    post = {"workshop_id": made["id"], "shift": "siang", "weekdays": [1, 2, 3, 4, 5, 6, 7], "officers": 1}
    kasi.post("production", "/duty/posts", post)
    return str(made["id"])


def turns(story: Story, week: dict[str, str]) -> list[dict[str, Any]]:
    """Return the turns of a week, by day; other tests may have posts of their own."""
    found: list[dict[str, Any]] = story.person("kasi").get("production", "/duty/roster", **week)["turns"]
    return sorted(found, key=lambda turn: str(turn["work_date"]))


class TestASwap:
    def test_is_asked_for_by_an_officer_and_decided_by_the_kasi(self, sign_in: SignIn, story: Story, shop: str) -> None:
        monday = date.fromisoformat(story.today) + timedelta(days=7 - date.fromisoformat(story.today).weekday())
        week = {"first": str(monday), "last": str(monday + timedelta(days=6))}
        story.person("kasi").post("production", "/duty/roster/propose", week)
        story.person("kasi").post("production", "/duty/roster/publish", week)
        mine = next(turn for turn in turns(story, week) if turn["officer_name"] == ONE)

        officer = sign_in("petugas_piket", "tablet")
        officer.goto(f"/piket/giliran/{mine['id']}")
        officer.get_by_role("button", name="Minta tukar").click()
        dialog = officer.locator("dialog:visible")
        other = dialog.get_by_label("Dengan giliran").locator("option").first.get_attribute("value")
        dialog.get_by_label("Dengan giliran").select_option(other)
        dialog.get_by_label("Alasan").fill("Acara keluarga")
        dialog.get_by_role("button", name="Minta", exact=True).click()
        expect(officer.locator("#toasts")).to_contain_text("Permintaan tukar terkirim")
        officer.goto("/piket")
        swap = officer.locator(".swap", has_text="Acara keluarga")
        expect(swap.get_by_role("button", name="Tarik permintaan")).to_be_visible()
        expect(swap.get_by_role("button", name="Setuju")).to_have_count(0)

        page = sign_in("kasi")
        page.goto("/")
        more = page.locator("details.more summary")
        if more.count():  # what is less pressing stands behind it
            more.click()
        page.get_by_text("permintaan tukar piket").locator("xpath=ancestor::li").get_by_role("link").click()
        asked = page.locator(".swap", has_text="Acara keluarga")
        expect(asked).to_contain_text(ONE)
        asked.get_by_role("button", name="Setuju").click()
        expect(page.locator("#toasts")).to_contain_text("Giliran ditukar")
        expect(page.locator(".swap", has_text="Acara keluarga")).to_have_count(0)
        now = {turn["id"]: turn["officer_name"] for turn in turns(story, week)}
        assert now[other] == ONE
        assert now[mine["id"]] != ONE


class TestALog:
    def test_is_opened_signed_once_everything_is_explained_and_added_to(
        self, sign_in: SignIn, story: Story, shop: str
    ) -> None:
        page = sign_in("petugas", "tablet")
        page.goto("/piket/jurnal")
        page.get_by_role("button", name="Buka jurnal").click()
        dialog = page.locator("dialog:visible")
        dialog.get_by_label("Unit kerja").select_option(shop)
        dialog.get_by_label("Shift").select_option("siang")
        dialog.get_by_label("WBP masuk").fill("4")
        dialog.get_by_label("Alat di tempat").fill("0")
        dialog.get_by_role("button", name="Buka", exact=True).click()
        expect(page.locator("h1")).to_contain_text("siang")
        page.get_by_label("Untuk shift berikutnya").first.fill("Kipas angin mati")
        page.get_by_role("button", name="Simpan").click()
        expect(page.locator("#toasts")).to_be_visible()
        page.get_by_role("button", name="Tutup shift").click()
        dialog = page.locator("dialog:visible")
        dialog.get_by_label("WBP keluar").fill("4")
        dialog.get_by_label("Alat kembali di tempat").fill("0")
        dialog.get_by_role("button", name="Tutup shift").click()
        # Nobody is marked as present, so four who came and went want a word.
        expect(page.locator(".error-summary")).to_be_visible()
        page.get_by_role("button", name="Tutup shift").first.click()
        dialog = page.locator("dialog:visible")
        expect(dialog.get_by_label("WBP keluar")).to_have_value("4")
        dialog.get_by_label("Bila jumlahnya berbeda: mengapa").fill("Absensi ditandai di buku")
        dialog.get_by_role("button", name="Tutup shift").click()
        expect(page.locator("main")).to_contain_text("Ditutup oleh")
        expect(page.locator("main")).to_contain_text("Kipas angin mati")
        page.get_by_role("button", name="Tambah catatan").click()
        page.locator("dialog:visible").get_by_label("Catatan").fill("Kipas diganti sore ini")
        page.locator("dialog:visible").get_by_role("button", name="Simpan").click()
        expect(page.locator(".timeline")).to_contain_text("Kipas diganti sore ini")
