"""Plants in a browser: a batch is started, suffers, is harvested and sold; too much is refused."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.story import Story

SignIn = Callable[..., Page]


@pytest.fixture(scope="module")
def greenhouse(story: Story) -> Story:
    """Have a workshop of plants."""
    body = {"template": "tanaman_hias", "name": "Rumah kaca layar"}
    story.person("kasi").post("production", "/workshops", body)
    return story


class TestABatch:
    def test_goes_from_seed_to_sale_and_does_not_lose_more_than_lives(self, sign_in: SignIn, greenhouse: Story) -> None:
        page = sign_in("petugas")
        page.goto("/tanaman/baru")
        page.select_option("#f-workshop_id", label="Rumah kaca layar")
        page.fill("#f-plant", "Anthurium layar")
        page.fill("#f-started", "20")
        page.fill("#f-stages", "Semai\nDewasa")
        page.get_by_role("button", name="Mulai batch").click()
        expect(page.locator("h1")).to_have_text("Anthurium layar")
        expect(page.locator(".growth .is-now")).to_contain_text("Semai")

        page.get_by_role("button", name="Catat kehilangan").click()
        page.fill("#hilang-pieces", "3")
        page.locator("#hilang select[name=cause]").select_option(index=1)
        page.locator("#hilang button[type=submit]").click()
        expect(page.locator(".batch-sum .figure").first).to_contain_text("17")

        page.get_by_role("button", name="Pindah tahap").click()
        page.locator("#tahap button[type=submit]").click()
        expect(page.locator("header .badge-state")).to_contain_text("Siap jual")

        page.get_by_role("button", name="Panen", exact=True).click()
        page.locator("#panen-pieces").evaluate("field => { field.removeAttribute('max'); field.value = '18' }")
        page.locator("#panen button[type=submit]").click()
        expect(page.locator(".notice-merah")).to_contain_text("Hanya 17 pot yang hidup")
        page.fill("#panen-pieces", "10")
        page.locator("#panen button[type=submit]").click()
        expect(page.locator(".batch-sum")).to_contain_text("10")

        page.get_by_role("link", name="Kelola").click()
        page.fill("#f-pieces", "4")
        page.get_by_role("button", name="Catat").click()
        expect(page.locator(".error-summary")).to_contain_text("nomor dokumennya")
        page.fill("#f-document", "Kuitansi 31")
        page.get_by_role("button", name="Catat").click()
        expect(page.locator("tbody")).to_contain_text("Kuitansi 31")
        page.get_by_role("button", name="Serahkan").click()
        page.locator("dialog[open] button[type=submit]").click()
        expect(page.locator(".figures .figure").nth(2)).to_contain_text("4")

    @pytest.mark.parametrize("width", ["telepon", "tablet"])
    def test_fits_on_every_screen(self, sign_in: SignIn, greenhouse: Story, width: str) -> None:
        page = sign_in("kasi", width, language="en")
        page.goto("/tanaman")
        page.get_by_role("link", name="Anthurium layar").click()
        expect(page.locator("h1")).to_have_text("Anthurium layar")
        expect(page.locator("svg.chart-steps")).to_have_count(2)
        assert page.evaluate("document.documentElement.scrollWidth") <= {"telepon": 360, "tablet": 820}[width]
        page.goto("/tanaman/stok")
        expect(page.locator("tbody")).to_contain_text("Anthurium layar")
        assert page.evaluate("document.documentElement.scrollWidth") <= {"telepon": 360, "tablet": 820}[width]
