"""The pictures of README.md: taken from the demonstration when asked for, else from the small data of these tests.

`GIATJA_PICTURES=1 pytest tests/browser/test_pictures.py` writes docs/pictures. Without it the same pages are
opened and photographed into a folder that is thrown away, so that the pictures can always be taken again.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page

from giatja_ops import demo
from giatja_ops.local import LocalSystem
from tests.browser.palette import few_colours, size_of
from tests.browser.world import HOSTILE
from tests.story import PASSWORD

ROOT: Final = Path(__file__).parents[2]
FOR_README: Final = os.environ.get("GIATJA_PICTURES") == "1"
SIZE: Final = (1440, 900)
MOST_BYTES: Final = 250_000


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Where the pictures are taken: the address, who signs in, with which password, and a board's link."""

    url: str
    users: Mapping[str, str]
    password: str
    board: str


@pytest.fixture(scope="module")
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Load the demonstration into a system of its own, which takes half a minute, or take what is there."""
    people = ("kasi", "petugas", "bimker")
    if not FOR_README:
        request.getfixturevalue("world")
        system: LocalSystem = request.getfixturevalue("system")
        kasi = request.getfixturevalue("story").person("kasi")
        made = kasi.post("production", "/board-links", {"name": "Gambar"})
        users = {name: name for name in (*people, "kanwil", "ops")}
        yield Stage(url=system.public_url, users=users, password=PASSWORD, board=f"/papan/{made['token']}")
        return
    with LocalSystem(tmp_path_factory.mktemp("demo"), durable=False, demo=True) as system:
        rows = demo.load(system.settings_env("ops"))
        password = next(password for _who, username, password in rows if username == "kanwil")
        users = {name: f"{name}.pkl" for name in people}
        board = next(link for _what, _user, link in rows if "/papan/" in link)
        users |= {"kanwil": "kanwil", "ops": "ops"}
        yield Stage(url=system.public_url, users=users, password=password, board=board)


SignIn = Callable[[str], Page]


@pytest.fixture
def visit(browser: Browser, stage: Stage) -> Iterator[SignIn]:
    """Return a function: who -> their page, as large as a picture."""
    context = browser.new_context(
        base_url=stage.url, viewport={"width": SIZE[0], "height": SIZE[1]}, locale="id-ID", reduced_motion="reduce"
    )

    def signed_in(who: str) -> Page:
        page = context.new_page()
        page.goto("/masuk")
        page.fill(".door-form input[name=username]", stage.users[who])
        page.fill(".door-form input[name=password]", stage.password)
        page.click(".door-form button[type=submit]")
        page.wait_for_url(lambda url: "/masuk" not in url)
        return page

    yield signed_in
    context.close()


@pytest.fixture
def take(tmp_path: Path) -> Callable[[Page, str], None]:
    """Return a function that takes a picture: of a whole page of the right size, and not too heavy for a README."""

    def photograph(page: Page, name: str) -> None:
        page.mouse.move(SIZE[0] - 1, 1)
        page.evaluate("document.fonts.ready")
        picture = page.screenshot(animations="disabled")
        assert size_of(picture) == SIZE
        if FOR_README:
            picture = few_colours(page.context, picture)
            assert len(picture) < MOST_BYTES
        folder = ROOT / "docs" / "pictures" if FOR_README else tmp_path
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.png").write_bytes(picture)

    return photograph


Take = Callable[[Page, str], None]


def figures(page: Page, within: str) -> list[int]:
    """Return the numbers that stand in a part of a page."""
    return [
        int(found.replace(".", ""))
        for found in re.findall(r"\d[\d.]*", " ".join(page.locator(within).all_inner_texts()))
    ]


class TestPictures:
    def test_of_what_needs_doing_today(self, visit: SignIn, take: Take) -> None:
        page = visit("kasi")
        assert page.locator(".home-workshop").count() >= 1
        assert max(figures(page, ".home-workshop .figure")) > 0
        assert page.locator(".task").count() >= (5 if FOR_README else 1)
        take(page, "beranda")

    def test_of_orders_from_draft_to_completed(self, visit: SignIn, take: Take) -> None:
        page = visit("kasi")
        page.goto("/pesanan?tab=semua")
        states = {badge.get_attribute("data-state") for badge in page.locator("tbody [data-state]").all()}
        assert {"draft", "in_production", "on_hold", "completed"} <= states
        take(page, "pesanan")

    def test_of_the_pieces_in_each_stage(self, visit: SignIn, take: Take) -> None:
        page = visit("kasi")
        page.goto("/produksi")
        assert page.locator(".wip-cell b").count() > 5
        assert page.locator(".wip-cell.is-most").first.is_visible()
        take(page, "produksi")

    def test_of_a_shift_being_recorded(self, visit: SignIn, take: Take) -> None:
        page = visit("petugas")
        page.goto("/lantai?shift=pagi")
        page.locator("a.job:not(.is-out)").filter(has_text="Garmen").first.click()
        work = page.locator("[name=job] option").filter(has_text="Kemeja kerja" if FOR_README else HOSTILE)
        page.select_option("[name=job]", work.first.get_attribute("value"))
        page.select_option(
            "[name=stage]", page.locator("[name=stage] option").filter(has_text="Jahit").get_attribute("value")
        )
        people = page.locator("[data-inmate]:visible")
        people.first.wait_for()
        missing = people.and_(page.locator(".is-open"))
        missing = missing.first if missing.count() else people.first
        person = missing.locator("b").inner_text()
        missing.click()
        page.locator('[data-set="12"]').click()
        assert page.locator("[data-who]").inner_text() == person
        assert figures(page, "[data-number]") == [12]
        take(page, "lantai")

    @pytest.mark.parametrize(
        ("name", "path", "seen"),
        [
            ("bundel", "/bundel", "main"),
            ("mutu", "/mutu", "main svg"),
            ("bahan", "/bahan/titipan", "main"),
            ("rencana", "/rencana/beban", "main svg"),
            ("piket", "/piket", "main"),
            ("kepergian", "/kedatangan", "main"),
            ("premi", "/premi", "main"),
        ],
    )
    def test_of_what_the_kasi_looks_after(self, visit: SignIn, take: Take, name: str, path: str, seen: str) -> None:
        page = visit("kasi")
        page.goto(path)
        if FOR_README:
            page.locator(seen).first.wait_for()
            assert page.locator("main .empty").count() == 0
        assert page.locator("main h1").is_visible()
        take(page, name)

    def test_of_a_day_before_it_is_closed(self, visit: SignIn, take: Take) -> None:
        page = visit("kasi")
        page.goto("/hari?tab=all")
        page.locator("td.main a").first.click()
        page.locator("main .tasks, main .notice").first.wait_for()
        take(page, "hari")

    def test_of_the_board_on_the_wall(self, visit: SignIn, stage: Stage, take: Take) -> None:
        page = visit("kasi")
        page.goto(stage.board)
        page.wait_for_timeout(1500)
        assert max(figures(page, "body")) > 0
        take(page, "papan")

    def test_of_a_passport(self, visit: SignIn, take: Take) -> None:
        page = visit("bimker")
        page.goto("/warga-binaan?permit=active&sort=name")
        links = [str(link.get_attribute("href")) for link in page.locator("td.main a").all()]
        richest = max(links[:12], key=lambda link: self.worth(page, link))
        page.goto(f"{richest}/paspor")
        assert figures(page, ".passport-sums")[0] > 0
        assert page.locator(".evidence > li").count() >= 1
        take(page, "paspor")

    def worth(self, page: Page, link: str) -> tuple[int, int]:
        """Tell how much there is to see in a passport: competences, orders."""
        page.goto(f"{link}/paspor")
        return page.locator(".seals-big li").count(), page.locator(".evidence > li").count()

    def test_of_the_region(self, visit: SignIn, take: Take) -> None:
        page = visit("kanwil")
        assert max(figures(page, ".region-figures")) > 0
        assert page.locator(".region-table tbody tr").count() >= (3 if FOR_README else 1)
        take(page, "wilayah")

    def test_of_facts_that_all_acted(self, visit: SignIn, take: Take) -> None:
        page = visit("ops")
        assert min(figures(page, ".facts-cards")) > 0
        assert page.locator(".hearing .badge-daun").count() == page.locator(".hearing li").count()
        take(page, "fakta")
