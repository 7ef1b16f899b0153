"""Every screen of every role: fits, speaks its language, names its fields, and holds only links that open."""

import re
from collections.abc import Callable, Iterator
from typing import Final

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Response, expect
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter

from giatja_contracts.permissions import ROLES
from giatja_gateway.pages import GROUPS, HERE, language, register_pages
from giatja_ops.local import LocalSystem
from tests.browser.conftest import WIDTHS
from tests.browser.world import EXTRA_PEOPLE, HOSTILE, LONGEST_NAME, World
from tests.story import LAPAS, PASSWORD, PEOPLE, Story

SignIn = Callable[..., Page]

USERS: Final = {**{name: role for name, (role, _) in PEOPLE.items()}, **EXTRA_PEOPLE}
# The users whose screens together are all screens; the others see some of the same, so their menu is enough.
EVERYTHING: Final = ("kasi", "petugas", "binadik", "kanwil", "ops")
# Which of these in English too: what one of them has seen is the same for the next.
IN_ENGLISH: Final = {"kasi": "/", "binadik": "/warga-binaan", "kanwil": "/wilayah", "ops": "/"}
# Files, parts of a page, what only leads elsewhere, and what is opened with an order of its own below.
NOT_SCREENS: Final = frozenset(
    {"region.as_csv", "inmates.download", "facts.standing", "floor.standing", "inmates.search_again",
     "departures.check_again",
     "bundles.cards", "bundles.scanned",
     "attendance.print_sheet", "attendance.change", "tools.count_sheet", "duty.print_roster", "duty.print_log",
     "materials.booking.paper", "materials.booking.workbook", "materials.counting.paper", "materials.settling.paper",
     "materials.settling.sheet",
     "premi.lists.paper", "premi.lists.workbook", "premi.lists.progress", "premi.lists.search_again",
     "premi.cards.paper", "premi.cards.workbook", "premi.cards.search_again"}
)  # fmt: skip

AUDIT: Final = """() => {
  const found = [];
  const seen = (e) => e.checkVisibility({ visibilityProperty: true });
  const named = (e) => e.labels?.length || e.ariaLabel || e.title || (e.getAttribute("aria-labelledby") ?? "")
    .split(" ").some((id) => document.getElementById(id));
  const headings = [...document.querySelectorAll("h1")].filter(seen);
  if (headings.length !== 1) found.push(`${headings.length} h1`);
  for (const e of document.querySelectorAll("input:not([type=hidden]), select, textarea"))
    if (!named(e)) found.push(`no label: ${e.outerHTML.slice(0, 90)}`);
  for (const e of document.querySelectorAll("a[href], button:not([aria-hidden=true])"))
    if (!e.textContent.trim() && !e.ariaLabel && !e.title && !e.querySelector("img[alt]:not([alt=''])"))
      found.push(`no name: ${e.outerHTML.slice(0, 90)}`);
  for (const e of document.querySelectorAll("img:not([alt])")) found.push(`no alt: ${e.outerHTML.slice(0, 90)}`);
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  for (const id of new Set(ids.filter((id, n) => ids.indexOf(id) !== n))) found.push(`two of id ${id}`);
  if (document.querySelector("img[src=x], [onerror], script:not([src])")) found.push("a stored text became markup");
  return found;
}"""

WIDER: Final = """() => {
  const wide = document.documentElement.scrollWidth;
  if (wide <= innerWidth) return [];
  const scrolls = (e) => { for (let p = e.parentElement; p; p = p.parentElement)
    if (getComputedStyle(p).overflowX !== "visible" && p !== document.body && p !== document.documentElement) return true; };
  const out = [...document.body.querySelectorAll("*")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !scrolls(e));
  return [`${wide} > ${innerWidth}: ${out.slice(0, 3).map((e) => e.outerHTML.slice(0, 80)).join(" | ")}`];
}"""

DIALOGS: Final = """() => [...document.querySelectorAll("dialog")].flatMap((d) => {
  d.showModal();
  const box = d.getBoundingClientRect();
  const wide = d.scrollWidth > d.clientWidth;
  d.close();
  return wide || box.left < 0 || box.right > innerWidth || box.bottom > innerHeight ? [`dialog ${d.id} does not fit`] : [];
})"""

TEXTS: Final = """() => [...document.querySelectorAll(
    "nav a, nav button, h1, h2, h3, th, legend, label, dt, button, .btn, .meta, summary, .tiny, .small, .hint, [aria-label], [placeholder]")]
  .flatMap((e) => [e.textContent, e.ariaLabel, e.placeholder])
  .filter(Boolean).map((text) => text.replace(/\\s+/g, " ").trim()).filter(Boolean)"""

SHOWN: Final = "document.body.innerText + [...document.querySelectorAll('input, textarea')].map((e) => e.value)"
INJECTED: Final = "document.querySelector('img[src=x], [onerror], script:not([src])')"

LINKS: Final = """() => [...document.querySelectorAll("a[href]")].filter((a) => a.origin === location.origin).map((a) => a.pathname)"""

UNFOCUSED: Final = """() => {
  const shown = (e) => { const s = getComputedStyle(e);
    return (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2) || s.boxShadow !== "none"; };
  const found = [];
  for (const e of document.querySelectorAll("a[href], button:not([tabindex='-1']), input:not([type=hidden]), select, textarea, summary")) {
    if (!e.checkVisibility({ visibilityProperty: true }) || e.disabled) continue;
    e.focus({ preventScroll: true });
    if (document.activeElement !== e) continue;
    if (!shown(e) && !(e.nextElementSibling && shown(e.nextElementSibling)) && !shown(e.parentElement))
      found.push(e.outerHTML.slice(0, 90));
  }
  return found;
}"""


class Screens:
    """The addresses of the gateway's pages, and who may open which."""

    def __init__(self) -> None:
        app = Flask("screens", static_folder=None)
        app.secret_key = "only to list the addresses"
        register_pages(app)
        self._map: MapAdapter = app.url_map.bind("")
        self._permissions = {
            rule.endpoint: app.view_functions[rule.endpoint].__dict__["permission"]
            for rule in app.url_map.iter_rules()
            if "GET" in (rule.methods or ())
        }
        self._arguments = {rule.endpoint: rule.arguments for rule in app.url_map.iter_rules()}

    def permission(self, path: str) -> str | None:
        """Return what somebody needs to open an address, or nothing where there is no page."""
        try:
            endpoint, _ = self._map.match(path, method="GET")
        except HTTPException:
            return None
        return self._permissions.get(endpoint)

    def of(self, role: str, ids: dict[str, str]) -> tuple[list[str], list[str]]:
        """Return the addresses that a role may open, and those it may not."""
        may: list[str] = []
        may_not: list[str] = []
        for endpoint, permission in self._permissions.items():
            if permission == "public" or endpoint in NOT_SCREENS:
                continue
            path = self._map.build(endpoint, {name: ids[name] for name in self._arguments[endpoint]})
            (may if permission in ROLES[role] else may_not).append(path)
        return may, may_not


@pytest.fixture(scope="module")
def screens() -> Screens:
    """List the pages."""
    return Screens()


@pytest.fixture(scope="module")
def foreign() -> dict[str, frozenset[str]]:
    """Return, for each language of the page, the texts that belong to the other."""
    pairs: dict[str, str] = {}
    for message in language.merged([HERE / "en.po", *(HERE / group / "en.po" for group in GROUPS)]):
        if isinstance(message.id, str) and "%(" not in message.id and message.id != message.string:
            pairs[message.id] = str(message.string)
    english = frozenset(pairs.values())
    # The workshops of a Lapas keep the names they were given.
    return {"en": frozenset(pairs) - english - {"Garmen", "Batik cap", "Umum"}, "id": english - frozenset(pairs)}


def ids_of(world: World) -> dict[str, str]:
    """Return one of each thing an address may ask for."""
    return {
        "order_id": world.draft,
        "partner_id": world.partner,
        "product_id": world.product,
        "work_order_id": world.work_order["id"],
        "workshop_id": world.work_order["workshop_id"],
        "inmate_id": world.inmates[0],
        "person_id": world.person,
        "bundle_id": world.bundle,
        "inspection_id": world.inspection,
        "list_id": world.premi_list,
        "paid_order_id": world.completed,
        "batch_id": world.batch,
        "tool_id": world.tool,
        "alert_id": world.alert,
        "incident_id": world.incident,
        "turn_id": world.turn,
        "log_id": world.log,
        "day": world.today,
        "material_id": world.material,
        "document_id": world.document,
        "count_id": world.count,
        "departure_id": world.departure,
        "act": "keluar",
        "lapas_id": LAPAS,
    }


def addresses(world: World, role: str, may: list[str]) -> list[str]:
    """Return every screen of a role: each page, and the pages that look different by what they show."""
    found = ["/", *may]
    if "orders.read" in ROLES[role]:
        found += [f"/pesanan/{order}" for order in (world.running, world.held, world.completed)]
        found += ["/pesanan?tab=semua", "/pesanan?q=tidakadaini"]
    if "materials.read" in ROLES[role]:
        found.append(f"/bahan/titipan/{world.running}")
    if "attendance.read" in ROLES[role]:
        found.append(f"/absensi?unit={world.work_order['workshop_id']}")
    if "tools.issue" in ROLES[role]:
        found.append(f"/alat/loket?unit={world.work_order['workshop_id']}&shift=pagi")
    if "output.record" in ROLES[role]:
        work_order, stage = world.work_order["id"], world.work_order["stages"][2]["id"]
        found += [f"/lantai?perintah={work_order}", f"/lantai?perintah={work_order}&tahap={stage}"]
    if "passports.read" in ROLES[role]:
        found.append(f"/warga-binaan/{world.inmates[1]}/paspor")
    return found


def menu(page: Page) -> list[str]:
    """Return what the menu leads to."""
    links = page.get_by_role("navigation", name="Menu utama").get_by_role("link").all()
    found = {str(link.get_attribute("href")) for link in links}
    assert "/" in found
    assert len(found) > 1
    return sorted(found)


def listen(page: Page) -> list[str]:
    """Collect what the server refuses while a page is walked."""
    refused: list[str] = []

    def look(response: Response) -> None:
        if response.status >= 400:
            refused.append(f"{response.status} {response.url}")

    page.on("response", look)
    return refused


def looked_at(page: Page, address: str, lang: str, foreign: frozenset[str]) -> Iterator[str]:
    """Open an address and tell what is wrong with it."""
    page.goto(f"{address}{'&' if '?' in address else '?'}lang={lang}")
    if page.evaluate("document.documentElement.lang") != lang:
        yield f"html lang is not {lang}"
    yield from page.evaluate(AUDIT)
    yield from (f"other language: {text}" for text in sorted(foreign.intersection(page.evaluate(TEXTS))))
    # The narrow screen last: what does not fit shows there first, so the second language looks only there.
    for name in ("meja", "tablet", "telepon") if lang == "id" else ("telepon",):
        page.set_viewport_size({"width": WIDTHS[name][0], "height": WIDTHS[name][1]})
        yield from (f"{name}: {text}" for text in page.evaluate(WIDER))
    yield from page.evaluate(DIALOGS)


class TestEveryScreen:
    @pytest.mark.parametrize("user", USERS)
    def test_fits_and_is_whole(
        self, user: str, sign_in: SignIn, world: World, screens: Screens, foreign: dict[str, frozenset[str]]
    ) -> None:
        role = USERS[user]
        may, may_not = screens.of(role, ids_of(world))
        page = sign_in(user)
        complaints = listen(page)
        everything = addresses(world, role, may) if user in EVERYTHING else menu(page)
        in_english = IN_ENGLISH.get(user)
        for lang, wanted in (("id", "/"), ("en", in_english)):
            for address in everything:
                if wanted is None or not address.startswith(wanted):
                    continue
                complaints += [f"{address} {what}" for what in looked_at(page, address, lang, foreign[lang])]
                for path in set(page.evaluate(LINKS)):
                    needed = screens.permission(path)
                    if needed != "public" and needed not in ROLES[role]:
                        complaints.append(f"{address} leads to {path}, which {role} may not open")
        assert not complaints, "\n".join(complaints)
        opened = {path: page.request.get(path, max_redirects=0).status for path in may_not}
        assert {path: status for path, status in opened.items() if status != 403} == {}

    def test_fits_for_those_outside(self, sign_in: SignIn, world: World, foreign: dict[str, frozenset[str]]) -> None:
        page = sign_in(None)
        complaints = listen(page)
        for lang in ("en", "id"):
            for address in ("/masuk", "/masuk?next=/pesanan", world.tracking):
                complaints += [f"{address} {what}" for what in looked_at(page, address, lang, foreign[lang])]
        assert not complaints, "\n".join(complaints)


class TestRefusals:
    def test_are_pages_of_the_same_design(self, sign_in: SignIn, world: World) -> None:
        page = sign_in("binadik")
        for address, status, title in (
            (f"/pesanan/{world.running}", 403, "Bukan wewenang Anda"),
            ("/pesanan/bukan-id", 404, "Halaman tidak ditemukan"),
            (f"/warga-binaan/{world.running}", 404, "Halaman tidak ditemukan"),
        ):
            answer = page.goto(address)
            assert answer is not None
            assert answer.status == status
            expect(page.locator("h1")).to_have_text(title)
            expect(page.get_by_role("navigation", name="Menu utama")).to_be_visible()
            assert page.evaluate(AUDIT) == []
        page.get_by_role("main").get_by_role("link", name="Ke Beranda").click()
        expect(page.locator("h1")).to_contain_text("Uji binadik")

    def test_tell_a_stranger_nothing_but_how_to_come_in(self, sign_in: SignIn, world: World) -> None:
        page = sign_in(None, "telepon")
        page.goto(f"/pesanan/{world.running}")
        expect(page.locator("h1")).to_have_text("Masuk")
        answer = page.goto("/lacak/tidak-ada")
        assert answer is not None
        assert answer.status == 404
        expect(page.locator("h1")).to_have_text("Halaman tidak ditemukan")
        assert page.evaluate(WIDER) == []


class TestKeyboard:
    @pytest.mark.parametrize(
        "address",
        ["/pesanan", "/pesanan/baru", "/produksi", "/warga-binaan/{inmate}", "/lantai?perintah={work}&tahap={stage}"],
    )
    def test_shows_where_it_is(self, address: str, sign_in: SignIn, world: World) -> None:
        page = sign_in("kasi")
        stage = world.work_order["stages"][2]["id"]
        page.goto(address.format(inmate=world.inmates[0], work=world.work_order["id"], stage=stage))
        page.keyboard.press("Tab")
        assert page.evaluate(UNFOCUSED) == []

    def test_skips_the_menu_and_finds_the_search(self, sign_in: SignIn, world: World) -> None:
        page = sign_in("kasi")
        page.goto("/pesanan")
        page.keyboard.press("Tab")
        skip = page.get_by_role("link", name="Langsung ke isi")
        expect(skip).to_be_focused()
        expect(skip).to_be_in_viewport()
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()
        page.keyboard.press("/")
        search = page.get_by_role("searchbox")
        expect(search).to_be_focused()
        page.keyboard.type("PKL-/")
        expect(search).to_have_value("PKL-/")
        page.goto("/pesanan")
        page.keyboard.press("n")
        expect(page.locator("h1")).to_have_text("Pesanan baru")

    def test_opens_and_leaves_a_dialog(self, sign_in: SignIn, world: World) -> None:
        page = sign_in("kasi")
        page.goto(f"/pesanan/{world.running}")
        opener = page.get_by_role("button", name="Tahan")
        opener.focus()
        page.keyboard.press("Space")
        expect(page.locator("#hold textarea")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator("#hold")).to_be_hidden()
        expect(opener).to_be_focused()


class TestFingers:
    @pytest.mark.parametrize(("width", "least"), [("tablet", 64), ("telepon", 48)])
    def test_hit_what_they_aim_at_on_the_floor(self, width: str, least: int, sign_in: SignIn, world: World) -> None:
        page = sign_in("petugas", width)
        page.goto(f"/lantai?perintah={world.work_order['id']}&tahap={world.work_order['stages'][2]['id']}")
        # Whoever works elsewhere stands in a fold, to be hit all the same.
        for fold in page.locator(".floor-others summary").all():
            fold.click()
        for target in (".tile", ".keypad button"):
            for box in page.locator(target).all():
                if (size := box.bounding_box()) is not None:
                    assert size["height"] >= least, (target, size)
        other = sign_in("kasi", width)
        other.goto(f"/pesanan/{world.running}")
        small = other.evaluate(
            "() => [...document.querySelectorAll('main .btn:not(.btn-small), .bottom a')].filter((e) => e.checkVisibility())"
            ".filter((e) => e.getBoundingClientRect().height < 44).map((e) => e.outerHTML.slice(0, 90))"
        )
        assert small == []


class TestWithoutScripts:
    def test_somebody_signs_in_and_accepts_an_order(
        self, browser: Browser, system: LocalSystem, story: Story, world: World
    ) -> None:
        order = story.draft(world.partner, [(world.product, 7000, 2)])
        context = browser.new_context(base_url=system.public_url, java_script_enabled=False, locale="id-ID")
        page = context.new_page()
        page.goto(f"/pesanan/{order['id']}")
        page.fill("[name=username]", "kasi")
        page.fill("[name=password]", PASSWORD)
        page.get_by_role("button", name="Masuk", exact=True).click()
        expect(page.locator("h1")).to_have_text(order["number"])
        page.get_by_role("button", name="Terima pesanan").first.click()
        page.locator("#accept button[type=submit]").click()
        expect(page.locator(".page-head .badge-state")).to_have_attribute("data-state", "accepted")
        page.goto("/pesanan")
        page.get_by_role("searchbox").fill(order["number"])
        page.get_by_role("button", name="Terapkan").click()
        expect(page.locator("tbody tr")).to_have_count(1)
        context.close()


class TestStoredTexts:
    @pytest.mark.parametrize(
        ("user", "addresses"),
        [
            (
                "kasi",
                (
                    "/",
                    "/pesanan?tab=semua",
                    "/pesanan/{0.running}",
                    "/pesanan/{0.draft}/ubah",
                    "/pesanan/{0.held}",
                    "/mitra",
                    "/produk",
                    "/produksi",
                    "/produksi/{0.work_order[id]}",
                    "/warga-binaan",
                    "/warga-binaan/{0.inmates[0]}",
                    "/warga-binaan/{0.inmates[0]}/paspor",
                ),
            ),
            ("petugas", ("/lantai?perintah={0.work_order[id]}&tahap={0.work_order[stages][2][id]}",)),
            ("kanwil", (f"/wilayah/{LAPAS}",)),
            (None, ("{0.tracking}",)),
        ],
    )
    def test_stay_texts(self, user: str | None, addresses: tuple[str, ...], sign_in: SignIn, world: World) -> None:
        page = sign_in(user)
        dialogs: list[str] = []
        page.on("dialog", lambda dialog: dialogs.append(dialog.message))
        for address in addresses:
            page.goto(address.format(world))
            assert HOSTILE in re.sub(r"\s+", " ", page.evaluate(SHOWN)), address
            assert page.evaluate(INJECTED) is None, address
        assert dialogs == []

    def test_do_not_reach_the_region_with_a_name(self, sign_in: SignIn, world: World) -> None:
        page = sign_in("kanwil")
        for address in ("/wilayah", f"/wilayah/{LAPAS}", f"/pesanan/{world.completed}", f"/pesanan/{world.running}"):
            page.goto(address)
            for name in (LONGEST_NAME, "Warga Uji"):
                expect(page.locator("body")).not_to_contain_text(name)
