"""A workshop in a browser: its route goes to a next version, a machine breaks and runs again, it closes."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.story import Story

SignIn = Callable[..., Page]


@pytest.fixture(scope="module")
def shop(story: Story) -> str:
    """Add a workshop that nobody else works in."""
    made = story.person("kasi").post("production", "/workshops", {"template": "garmen", "name": "Garmen rute"})
    return str(made["id"])


def act(page: Page, opener: str, text: str) -> None:
    """Open a dialog and do what it asks about."""
    page.get_by_role("button", name=opener, exact=True).first.click()
    page.locator("dialog:visible").get_by_role("button", name=text, exact=True).click()


class TestARoute:
    def test_is_looked_at_before_it_becomes_the_next_version(self, sign_in: SignIn, shop: str) -> None:
        page = sign_in("kasi")
        page.goto(f"/unit-kerja/{shop}/rute")
        page.locator(".stage-edit summary").first.click()
        page.fill("[name='minutes.0']", "7")
        page.get_by_role("checkbox", name="Kacamata pelindung").first.check()
        page.fill("[name='gear_more.0']", "topi jerami")
        page.get_by_role("button", name="Lihat perubahan").click()
        expect(page.locator(".differences")).to_contain_text("menit baku")
        expect(page.locator(".differences")).to_contain_text("topi jerami")
        page.get_by_role("button", name="Simpan sebagai versi 2").click()
        expect(page.locator(".toasts")).to_contain_text("Rute disimpan")
        page.get_by_role("link", name="Versi 2").click()
        expect(page.locator(".differences").first).to_contain_text("7")

    def test_of_too_many_minutes_is_refused_and_nothing_typed_is_lost(self, sign_in: SignIn, shop: str) -> None:
        page = sign_in("kasi")
        page.goto(f"/unit-kerja/{shop}/rute")
        page.locator(".stage-edit summary").nth(1).click()
        page.fill("[name='minutes.1']", "10001")
        page.evaluate("document.querySelector('main form').noValidate = true")
        page.get_by_role("button", name="Lihat perubahan").click()
        expect(page.locator(".error-summary")).to_be_visible()
        expect(page.locator("[name='minutes.1']")).to_have_value("10001")
        expect(page.locator("[name='minutes.1']")).to_be_visible()
        expect(page.locator("#f-minutes-1-error")).to_be_visible()


class TestAMachine:
    def test_breaks_and_runs_again(self, sign_in: SignIn, shop: str) -> None:
        page = sign_in("kasi")
        page.goto(f"/unit-kerja/{shop}/mesin")
        page.get_by_role("button", name="Tambah mesin").click()
        dialog = page.locator("dialog:visible")
        dialog.get_by_label("Nama mesin").fill("Mesin obras 1")
        dialog.get_by_label("Tahap").select_option(label="Obras")
        dialog.get_by_role("button", name="Simpan").click()
        row = page.locator("tbody tr").filter(has_text="Mesin obras 1")
        expect(row).to_contain_text("berjalan")
        page.get_by_role("button", name="Lapor rusak").click()
        page.locator("dialog:visible").get_by_label("Apa yang rusak").fill("Jarum patah")
        page.locator("dialog:visible").get_by_role("button", name="Lapor rusak").click()
        expect(row).to_contain_text("Jarum patah")
        page.goto(f"/unit-kerja/{shop}")
        expect(page.locator("main")).to_contain_text("1 mesin rusak")
        page.goto(f"/unit-kerja/{shop}/mesin")
        row.get_by_role("button", name="Berjalan lagi").click()
        expect(row).to_contain_text("berjalan")


class TestAWorkshop:
    def test_closes_and_opens_again(self, sign_in: SignIn, shop: str) -> None:
        page = sign_in("kasi")
        page.goto(f"/unit-kerja/{shop}")
        act(page, "Tutup unit", "Tutup unit")
        expect(page.locator("main")).to_contain_text("ditutup pada")
        act(page, "Buka lagi", "Buka lagi")
        expect(page.get_by_role("button", name="Tutup unit").first).to_be_visible()
