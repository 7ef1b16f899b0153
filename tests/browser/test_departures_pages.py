"""Leaving together in a browser: a block is emptied, the other Lapas receives it, who never went is here again."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.world import World
from tests.story import Story, eventually

SignIn = Callable[..., Page]
OTHER = "BTG"
BLOCK = "Blok Melati"


@pytest.fixture(scope="module")
def people(story: Story) -> Mapping[str, str]:
    """Have a second Lapas, three people of one block and one elsewhere here, and a number that is taken there."""
    story.person("ops").post("gateway", "/lapas", {"lapas_id": OTHER, "name": "Lapas Batang", "class": "IIB"})
    story.add_person("kasi.btg", "kasi_giatja", OTHER)
    there = story.person("kasi.btg")

    def enter(at: Any, number: str, name: str, block: str) -> str:
        body = {"register_number": number, "name": name, "date_of_birth": "1990-05-01", "block": block}
        return str(at.post("training", "/inmates", body)["id"])

    eventually("the other Lapas", lambda: there.try_get("training", "/blocks").status_code == 200)
    here = story.person("kasi")
    eventually("a destination", lambda: there.try_post("training", "/departures/selection", {}).status_code == 200)
    enter(there, "BM.2/2025", "Warga Batang", "")
    found = {f"Melati {n}": enter(here, f"BM.{n}/2025", f"Melati {n}", BLOCK) for n in (1, 2, 3)}
    found["Kamboja"] = enter(here, "BK.9/2025", "Kamboja", "Blok Kamboja")
    return found


class TestLeavingTogether:
    def test_is_checked_noted_received_elsewhere_and_taken_back(
        self, sign_in: SignIn, story: Story, people: Mapping[str, str]
    ) -> None:
        page = sign_in("kasi", "tablet")
        page.goto("/kepergian/baru")
        page.get_by_role("button", name="Periksa").click()
        expect(page.locator(".error-summary")).to_contain_text("Pilih blok atau tempel nomor register")
        page.get_by_label("Semua dari blok").select_option(BLOCK)
        page.get_by_label("Nomor register").fill("BK.9/2025; BX.0/0000")
        page.get_by_role("button", name="Periksa").click()
        expect(page.locator(".notice-kunyit")).to_contain_text("bx.0/0000")
        expect(page.locator("[data-choose-row]")).to_have_count(4)
        expect(page.locator("[data-choose-count]")).to_have_text("4 orang dipilih")
        page.get_by_role("checkbox", name="Kamboja").uncheck()
        page.get_by_label("Lapas tujuan").select_option(label="Lapas Batang")
        page.get_by_label("Tanggal", exact=True).fill("2999-01-01")
        page.locator("form[data-choose]").evaluate("form => form.noValidate = true")
        page.get_by_role("button", name="Catat kepergian").click()
        expect(page.locator(".error-summary")).to_contain_text("Tanggal")
        expect(page.locator("[data-choose-row]")).to_have_count(3)
        expect(page.get_by_label("Lapas tujuan").locator("option:checked")).to_have_text("Lapas Batang")
        page.get_by_label("Tanggal", exact=True).fill(story.today)
        page.locator("#f-numbers").fill("BK.9/2025")
        page.get_by_role("button", name="Catat kepergian").click()
        expect(page.locator("[data-choose-row]")).to_have_count(4)  # typed and not added: shown before it is noted
        page.get_by_role("checkbox", name="Kamboja").uncheck()
        page.get_by_role("button", name="Catat kepergian").click()
        expect(page.locator("#toasts")).to_contain_text("Kepergian 3 orang dicatat")
        expect(page.locator("[data-state=arrival_waiting]")).to_have_count(3)
        departure = page.url

        there = sign_in("kasi.btg", "tablet")
        there.goto("/kedatangan")
        expect(there.locator("[data-choose-row]")).to_have_count(3)
        expect(there.locator("tr", has_text="Melati 2")).to_contain_text("beri nomor lain")
        for name in ("Melati 1", "Melati 2"):
            there.get_by_role("checkbox", name=name).check()
        there.get_by_label("Blok bagi yang kosong").fill("B1")
        there.get_by_role("button", name="Terima").click()
        expect(there.locator("tr", has_text="Melati 2").locator(".complaint")).to_be_visible()
        expect(there.get_by_role("checkbox", name="Melati 1")).to_be_checked()
        there.get_by_label("Nomor register di sini: Melati 2").fill("BM.2/2025-BTG")
        there.get_by_role("button", name="Terima").click()
        expect(there.locator("#toasts")).to_contain_text("2 orang masuk register")
        expect(there.locator("[data-choose-row]")).to_have_count(1)
        found = story.person("kasi.btg").get("training", "/inmates", block="B1")["items"]
        assert sorted(p["register_number"] for p in found) == ["BM.1/2025", "BM.2/2025-BTG"]
        there.get_by_role("checkbox", name="Melati 3").check()
        there.get_by_role("button", name="Tidak datang").click()
        expect(there.locator(".empty")).to_contain_text("Tidak ada yang ditunggu")
        there.get_by_role("link", name="Tidak datang").click()
        expect(there.locator("[data-choose-row]")).to_have_count(1)

        page.goto(departure)
        expect(page.locator("[data-state=arrival_taken]")).to_have_count(2)
        expect(page.get_by_role("checkbox", name="Melati 1")).to_have_count(0)
        page.get_by_role("checkbox", name="Melati 3").check()
        page.get_by_role("button", name="Daftarkan kembali").click()
        expect(page.locator("#toasts")).to_contain_text("1 orang masuk register lagi")
        expect(page.locator("tr", has_text="Melati 3").locator("[data-state=inmate_present]")).to_be_visible()
        assert story.person("kasi").get("training", f"/inmates/{people['Melati 3']}")["status"] == "present"

    def test_begins_from_the_list_of_placements_too(self, sign_in: SignIn, story: Story, world: World) -> None:
        worker, kasi = story.admit_worker(5970), story.person("kasi")
        known = {"ids": [worker], "limit": 1}
        eventually("the worker", lambda: kasi.post("production", "/placements/people", known)["items"])
        page = sign_in("kasi")
        page.goto("/penempatan?belum=")
        page.get_by_role("checkbox", name="Warga Uji 5970").check()
        page.get_by_role("button", name="Kepergian").click()
        expect(page.locator("h1")).to_have_text("Periksa kepergian")
        expect(page.locator("[data-choose-row]")).to_have_count(1)
        page.get_by_role("radio", name="Bebas").check()
        page.get_by_role("button", name="Catat kepergian").click()
        expect(page.locator("#toasts")).to_contain_text("Kepergian 1 orang dicatat")
        assert kasi.get("training", f"/inmates/{worker}")["status"] == "released"
        # Today is still a day of their work, and the last.
        eventually(
            "production knows that they left",
            lambda: (
                [one["permitted_until"] for one in kasi.post("production", "/placements/people", known)["items"]]
                == [story.today]
            ),
        )

    def test_is_shown_but_not_offered_to_an_officer(self, sign_in: SignIn, people: Mapping[str, str]) -> None:
        page = sign_in("petugas")
        page.goto("/kepergian")
        expect(page.get_by_role("link", name="Catat kepergian")).to_have_count(0)
        answer = page.goto("/kepergian/baru")
        assert answer is not None
        assert answer.status == 403
