"""Planning in a browser: a date is asked for, on its own page and on an order, and the load is read."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.story import Story, eventually

SignIn = Callable[..., Page]


@pytest.fixture(scope="module")
def draft(story: Story) -> str:
    """Write an order that nobody has accepted yet, and have its workshop."""
    partner = story.partner("Mitra Rencana")
    product = story.product("Celemek rencana", 3000)
    receipt = eventually("the Lapas known to orders", lambda: story.draft(partner, [(product, 3000, 40)]), seconds=30)
    accepted = story.accept(story.draft(partner, [(product, 3000, 12)]))
    story.work_orders(accepted["id"], 1)
    return str(receipt["id"])


class TestPlan:
    def test_says_what_stands_in_the_way_and_what_was_asked_wrongly(
        self, sign_in: SignIn, story: Story, draft: str
    ) -> None:
        page = sign_in("kasi")
        page.goto("/rencana")
        page.locator("#f-unit").select_option(index=1)
        page.fill("#f-jumlah", "100000")
        page.fill("#f-janji", story.in_days(3))
        page.get_by_role("button", name="Hitung").click()
        answer = page.locator(".promise")
        expect(answer).to_contain_text("Belum bisa")
        expect(answer.locator(".levers")).to_contain_text("Minta Lapas lain mengerjakan")
        # A day that is over is refused in words, at its field.
        page.fill("#f-janji", "2020-01-01")
        page.get_by_role("button", name="Hitung").click()
        expect(page.locator(".error-summary")).to_contain_text("Tanggal janji harus hari ini atau sesudahnya")
        expect(page.locator("#f-jumlah")).to_have_value("100000")

    def test_stands_on_the_order_before_it_is_accepted(self, sign_in: SignIn, draft: str) -> None:
        page = sign_in("kasi", "telepon")
        page.goto(f"/pesanan/{draft}")
        expect(page.locator("#janji")).to_contain_text("Bisakah dijanjikan?")
        expect(page.locator("#janji .promise-title")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360

    def test_shows_the_load_as_a_drawing_and_as_numbers(self, sign_in: SignIn, draft: str) -> None:
        page = sign_in("kasi", "telepon", language="en")
        page.goto("/rencana/beban")
        expect(page.locator("svg.chart-load title").first).to_contain_text("Load of each stage by week")
        page.locator(".plan-numbers summary").first.click()
        expect(page.locator(".plan-numbers table").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360

    def test_lists_when_orders_will_be_finished(self, sign_in: SignIn, draft: str) -> None:
        page = sign_in("kasi")

        def listed() -> bool:
            page.goto("/rencana?q=Celemek")
            return page.locator("td.main", has_text="Celemek rencana").count() == 1

        eventually("the forecast of the accepted order", listed, seconds=40)
        expect(page.locator(".plan-mark").first).to_be_visible()
