"""Quality in a browser: an inspection finds something, the defect is seen in the sums and opens down to its entry."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.story import Story

SignIn = Callable[..., Page]


@pytest.fixture(scope="module")
def job(story: Story) -> dict[str, Any]:
    """Have a bundle of ten and ten loose pieces wait at quality control."""
    partner, product = story.partner("Mitra Mutu"), story.product("Baju mutu", 7000)
    order = story.accept(story.draft(partner, [(product, 7000, 10)]))
    work_order = story.work_orders(order["id"], 1)[0]
    inmate = story.admit_worker(960)
    story.known_to_production(work_order, [inmate])
    for stage in work_order["stages"]:
        if stage["counts_quality"]:
            break
        story.record(work_order, stage, [{"inmate_id": inmate, "good": 20}])
    cut = {"most": 10, "stage_no": stage["no"], "lots": [{"size": "M", "colour": "putih"}]}
    made = story.person("petugas").post("production", f"/work-orders/{work_order['id']}/bundles", cut)
    return {**work_order, "inmate": inmate, "bundle": made["bundles"][0]}


class TestAnInspection:
    def test_by_the_partner_sends_rework_back_and_shows_in_the_sums_down_to_the_entry(
        self, sign_in: SignIn, story: Story, job: dict[str, Any]
    ) -> None:
        page = sign_in("petugas", "tablet")
        page.goto(f"/mutu/periksa?bundel={job['bundle']['id']}")
        page.locator("[name=inspector][value=mitra]").check()
        page.get_by_label("Cacat", exact=True).first.select_option("jahitan_loncat")
        page.locator("[name='count.0']").fill("2")
        page.locator("[name='cause.0']").select_option("3")
        page.locator("[name='count.1']").wait_for(state="visible")
        page.get_by_role("button", name="Simpan pemeriksaan").click()
        expect(page.locator(".error-summary")).to_contain_text("nama pemeriksa")
        page.locator("[name=inspector_name]").fill("Bu Ratna")
        page.get_by_role("button", name="Simpan pemeriksaan").click()
        expect(page.locator("#toasts")).to_contain_text("8 lolos, 2 cacat")
        expect(page.locator(".content")).to_contain_text("Bu Ratna")
        child = story.person("petugas").get("production", "/bundles", work_order_id=job["id"], in_rework="true")
        assert [(b["pieces"], b["mend_name"]) for b in child["items"]] == [(2, "Jahit")]
        page.goto(f"/mutu?perintah={job['id']}")
        expect(page.locator(".figure").first).to_contain_text("80")
        expect(page.locator(".chart-pareto")).to_contain_text("Jahitan loncat")
        page.locator(".more a").first.click()
        expect(page.locator("#results tbody tr")).to_have_count(1)
        expect(page.locator("#results")).to_contain_text("Jahit")

    def test_of_more_than_there_is_is_refused_where_it_was_typed(
        self, sign_in: SignIn, story: Story, job: dict[str, Any]
    ) -> None:
        page = sign_in("petugas")
        page.goto("/mutu/periksa")
        page.get_by_role("link", name="Baju mutu").first.click()
        page.get_by_label("Jumlah").fill("11")
        page.get_by_role("button", name="Simpan pemeriksaan").click()
        expect(page.locator("#f-pieces-error")).to_be_visible()
        page.get_by_label("Jumlah").fill("10")
        page.get_by_role("button", name="Simpan pemeriksaan").click()
        expect(page.locator("#toasts")).to_contain_text("10 lolos, 0 cacat")
        page.goto(f"/mutu/pemeriksaan?perintah={job['id']}")
        expect(page.locator("#results")).to_contain_text("potongan lepas")
