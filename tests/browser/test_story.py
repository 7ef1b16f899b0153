"""The main story by clicking: from a partner's order to an inmate's passport and the region's figures."""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

from tests.browser.world import World
from tests.story import LAPAS, Story, eventually

SignIn = Callable[..., Page]
PARTNER, STAMPED, SHIRT = "H. Palal", "Kain cap kawung", "Koko lengan panjang DMA"
NUMBER: Final = re.compile(rf"{LAPAS}-\d{{4}}-\d{{4}}")


@pytest.fixture(scope="module")
def workers(story: Story) -> list[str]:
    """Have six inmates who may work."""
    return [story.admit_worker(700 + n) for n in range(6)]


def press(page: Page, name: str) -> None:
    """Press what is called so in the page itself."""
    page.locator("main").get_by_role("button", name=name, exact=True).click()


def add_partner(page: Page, name: str) -> None:
    """Write down who orders."""
    page.get_by_role("navigation", name="Menu utama").get_by_role("link", name="Mitra").click()
    page.get_by_role("link", name="Mitra baru").first.click()
    page.get_by_label("Nama", exact=True).fill(name)
    press(page, "Simpan")
    expect(page.locator("#toasts")).to_be_visible()
    expect(page.locator("main")).to_contain_text(name)


def add_product(page: Page, name: str, kind: str, rate: str, sizes: str, colours: str) -> None:
    """Write down what can be ordered."""
    page.goto("/produk/baru")
    page.get_by_label("Nama", exact=True).fill(name)
    page.get_by_label("Bengkel", exact=True).fill(kind)
    page.get_by_label("Satuan", exact=True).select_option("kodi")
    page.get_by_label("Tarif per potong").fill(rate)
    page.get_by_label("Ukuran").fill(sizes)
    page.get_by_label("Warna").fill(colours)
    press(page, "Simpan")
    expect(page.locator("main")).to_contain_text(name)


def write_order(page: Page, due: str) -> str:
    """Write an order of two lines, one of them a grid of sizes and colours; return its number."""
    page.goto("/pesanan")
    page.get_by_role("link", name="Pesanan baru").click()
    page.get_by_label("Mitra", exact=True).select_option(label=PARTNER)
    page.get_by_label("Janji selesai").fill(due)
    page.get_by_label("Tambah baris").select_option(label=STAMPED)
    grid = page.locator(".order-line").first
    for colour, size, pieces in (("sogan", "sarung", 9), ("sogan", "selendang", 6), ("indigo", "sarung", 5)):
        grid.get_by_label(f"{colour}, {size}").fill(str(pieces))
    expect(grid.locator("[data-grand]")).to_have_text("20")
    page.get_by_label("Tambah baris").select_option(label=SHIRT)
    page.locator(".order-line").nth(1).get_by_label("putih, L").fill("4")
    press(page, "Simpan konsep")
    page.wait_for_url(lambda url: "/baru" not in url)
    expect(page.locator("main")).to_contain_text("Rp528.000")  # 20 at Rp25.000 and 4 at Rp7.000
    number = page.locator("h1").inner_text()
    assert NUMBER.fullmatch(number)
    return number


def accept(page: Page, number: str) -> None:
    """Accept the order, after being asked."""
    press(page, "Terima pesanan")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"Terima {number}?")
    expect(dialog).to_contain_text("24 pcs")
    dialog.get_by_role("button", name="Tidak jadi").click()
    expect(dialog).to_be_hidden()
    press(page, "Terima pesanan")
    dialog.get_by_role("button", name="Terima pesanan").click()
    expect(page.locator(".page-head .badge-state")).to_have_text("Diterima")


def order_id(page: Page) -> str:
    """Return the id in the address of an order's page."""
    return page.url.split("/pesanan/")[1].split("#")[0].split("?")[0]


class Floor:
    """A tablet in an officer's hands."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.undo = page.locator("[data-undo-last]")
        self.unsent = page.locator("[data-unsent]")

    def choose(self, work: str, stage: str) -> None:
        """Choose the shift and the workshop, what is made, and the stage."""
        self.page.goto("/lantai")
        self.page.get_by_role("link", name="Pagi").tap()
        self.page.locator("a.job").filter(has_text="Batik cap").tap()
        self.pick("job", work)
        self.stage(stage)
        self.page.get_by_role("button", name="Tetap di tahap ini").tap()

    def stage(self, name: str) -> None:
        """Choose the stage, with the work chosen already."""
        self.pick("stage", name)
        expect(self.page.locator("[data-panel-work]")).to_contain_text(name)

    def pick(self, what: str, text: str) -> None:
        """Choose by a part of what is read."""
        value = self.page.locator(f"[name={what}] option").filter(has_text=text).first.get_attribute("value")
        self.page.select_option(f"[name={what}]", value)

    def tile(self, inmate: str) -> Any:
        """Return the tile of a person."""
        return self.page.locator(f'[data-inmate="{inmate}"]')

    def count(self, inmate: str) -> Any:
        """Return the number on the tile of a person."""
        return self.tile(inmate).locator("[data-count]")

    def three_taps(self, inmate: str, pieces: int) -> None:
        """Note somebody: the person, the number, next; no fourth."""
        if self.tile(inmate).get_attribute("aria-pressed") != "true":
            self.tile(inmate).tap()
        self.page.locator(f'[data-digit="{pieces}"]').tap()
        self.page.locator("[data-save]").tap()
        expect(self.tile(inmate)).to_have_class(re.compile("is-unsent"))

    def send(self) -> None:
        """Look it over and send it, all at once."""
        self.page.locator("button[data-check]").tap()
        self.page.locator("[data-submit]").tap()

    def settled(self) -> None:
        """Wait until everything was sent."""
        expect(self.page.locator(".tile.is-unsent")).to_have_count(0)
        expect(self.unsent).to_be_hidden()


def record_first_stage(floor: Floor, workers: Sequence[str]) -> None:
    """Six people, three taps each, sent at once."""
    for inmate, pieces in zip(workers, (4, 4, 3, 3, 3, 3), strict=True):
        floor.three_taps(inmate, pieces)
        expect(floor.count(inmate)).to_have_text(str(pieces))
    expect(floor.page.locator("p.figure span[data-actual]")).to_have_text("20")
    floor.send()
    floor.settled()
    expect(floor.page.locator("p.figure span[data-actual]")).to_have_text("20")


def record_second_stage(floor: Floor, workers: Sequence[str]) -> None:
    """All at once, taken out of the draft; then one by one, the last two without a network."""
    floor.stage("Mordan")
    floor.page.get_by_role("button", name="Pilih beberapa").tap()
    for inmate in workers:
        if floor.tile(inmate).get_attribute("aria-pressed") != "true":
            floor.tile(inmate).tap()
        expect(floor.tile(inmate)).to_have_attribute("aria-pressed", "true")
    expect(floor.page.locator("[data-who]")).to_have_text(re.compile(r"\d+ orang dipilih"))
    floor.page.locator('[data-digit="2"]').tap()
    floor.page.locator("[data-save]").tap()
    expect(floor.count(workers[0])).to_have_text("6")
    floor.undo.tap()
    expect(floor.count(workers[0])).to_have_text("4")
    for inmate in workers[:4]:
        floor.three_taps(inmate, 4)
    floor.send()
    floor.settled()
    expect(floor.count(workers[5])).to_have_text("3")
    floor.page.context.set_offline(True)
    for inmate in workers[4:]:
        floor.three_taps(inmate, 2)
    floor.send()
    expect(floor.unsent).to_have_text("2 catatan belum terkirim")
    floor.page.context.set_offline(False)
    expect(floor.unsent).to_be_hidden(timeout=20_000)


def record_a_defect(floor: Floor, inmate: str) -> None:
    """Five stamped well, one to be done again."""
    floor.stage("Pengecapan")
    floor.three_taps(inmate, 5)
    floor.tile(inmate).tap()
    floor.page.get_by_role("radio", name="Perbaikan").tap()
    floor.page.get_by_role("radio", name="Cap geser").tap()
    floor.page.locator('[data-digit="1"]').tap()
    floor.page.locator("[data-save]").tap()
    expect(floor.tile(inmate)).to_contain_text("1 perbaikan")
    floor.send()
    floor.settled()


def made_at(story: Story, work_order: dict[str, Any], stage_no: int, inmate: str) -> list[int]:
    """Return the good pieces of each entry that stands."""
    query = {"work_order_id": work_order["id"], "stage_no": stage_no, "inmate_id": inmate, "limit": 100}
    items = story.person("petugas").get("production", "/output", **query)["items"]
    return [entry["good"] for entry in items if not entry["undone"] and not entry["undoes"]]


def finish(story: Story, work_order: dict[str, Any], inmate: str) -> None:
    """Take what is left through the rest of the route, by the API."""
    for stage in work_order["stages"]:
        now = story.person("petugas").get("production", f"/work-orders/{work_order['id']}")["stages"][stage["no"] - 1]
        entries = [{"inmate_id": inmate, "good": now["rework"], "from_rework": True}] if now["rework"] else []
        if now["waiting"]:
            entries.append({"inmate_id": inmate, "good": now["waiting"]})
        if entries:
            story.record(work_order, stage, entries)


class TestTheMainStory:
    def test_goes_from_a_partner_to_passport_and_region(
        self, sign_in: SignIn, story: Story, workers: list[str]
    ) -> None:
        desk = sign_in("kasi")
        add_partner(desk, PARTNER)
        add_product(desk, STAMPED, "batik_cap", "25000", "sarung, selendang", "sogan, indigo")
        add_product(desk, SHIRT, "garmen", "7000", "M, L", "putih")
        number = write_order(desk, story.in_days(14))
        accept(desk, number)
        order = order_id(desk)
        before = story.figures()

        work_orders = {found["product_name"]: found for found in story.work_orders(order, 2)}
        stamped = work_orders[STAMPED]
        story.known_to_production(stamped, workers)
        floor = Floor(sign_in("petugas", "tablet"))
        floor.choose(STAMPED, "Persiapan kain")
        record_first_stage(floor, workers)
        record_second_stage(floor, workers)
        assert [made_at(story, stamped, 2, inmate) for inmate in workers] == [[4]] * 4 + [[2]] * 2
        record_a_defect(floor, workers[0])

        desk.goto("/produksi?q=kawung")
        row = desk.locator("tbody tr").filter(has_text=number)
        expect(row.locator(".wip-cell b")).to_have_text(["151 perbaikan", "5"])
        row.get_by_role("link", name=STAMPED).click()
        expect(desk.locator("main")).to_contain_text("Cap geser")

        for work_order in work_orders.values():
            finish(story, work_order, workers[0])
        story.completed(order)
        self.is_completed(desk, order)
        self.is_evidence(desk, story, workers[0], order, number)
        link = self.shares(desk, order)
        self.is_followed(sign_in(None, "telepon"), link, number)
        story.region(passed=before["passed"] + 24)
        self.is_a_figure(sign_in("kanwil"), number)
        self.has_settled(sign_in("ops"))

    def is_completed(self, desk: Page, order: str) -> None:
        """The order says so itself, with what happened."""
        desk.goto(f"/pesanan/{order}")
        expect(desk.locator(".page-head .badge-state")).to_have_text("Selesai")
        expect(desk.locator(".order-sum")).to_contain_text("24 / 24 pcs")
        expect(desk.locator(".order-sum")).to_contain_text("100%")
        expect(desk.locator(".timeline li").first).to_contain_text("Pesanan selesai")

    def is_evidence(self, desk: Page, story: Story, inmate: str, order: str, number: str) -> None:
        """The passport of who worked on it names the order and what was done."""
        story.evidence(inmate, order)
        menu = desk.get_by_role("navigation", name="Menu utama")
        menu.get_by_text("Warga binaan", exact=True).click()
        menu.get_by_role("link", name="Daftar WBP").click()
        desk.get_by_label("Cari nomor register").fill("BI.700")
        expect(desk.locator("tbody tr")).to_have_count(1)
        desk.get_by_role("link", name="Warga Uji 700").click()
        desk.get_by_role("link", name="Paspor keterampilan").click()
        evidence = desk.locator(".evidence li").filter(has_text=number).first
        expect(evidence).to_contain_text(PARTNER)
        expect(evidence).to_contain_text(f"{STAMPED}, pengecapan: 20 hasil lolos")
        expect(evidence).to_contain_text("Sesuai janji")

    def shares(self, desk: Page, order: str) -> str:
        """Make the partner's link."""
        desk.goto(f"/pesanan/{order}")
        press(desk, "Buat tautan")
        return desk.get_by_role("textbox", name="Tautan pelacakan").input_value()

    def is_followed(self, partner: Page, link: str, number: str) -> None:
        """The partner sees the own order, and nobody's name."""
        partner.goto(link)
        expect(partner.locator("h1")).to_have_text(number)
        expect(partner.locator("main")).to_contain_text("Semua barang sudah selesai")
        expect(partner.locator("main")).to_contain_text("24 / 24 pcs")
        for hidden in ("Warga Uji", "Uji petugas", "Rp"):
            expect(partner.locator("body")).not_to_contain_text(hidden)

    def is_a_figure(self, kanwil: Page, number: str) -> None:
        """The region sees the order among the figures, and nobody's name."""
        expect(kanwil.locator("h1")).to_have_text("Wilayah")
        expect(kanwil.locator("body")).not_to_contain_text("Warga Uji")
        kanwil.locator("table").get_by_role("link", name="Lapas Kelas IIA Pekalongan").click()
        expect(kanwil.locator("h1")).to_have_text("Lapas Kelas IIA Pekalongan")
        kanwil.locator("#pesanan").get_by_role("link", name="Selesai").click()
        row = kanwil.locator("#pesanan tbody tr").filter(has_text=number)
        expect(row).to_contain_text("24 / 24")
        expect(row).to_contain_text("Sesuai janji")
        expect(kanwil.locator("body")).not_to_contain_text("Warga Uji")

    def has_settled(self, ops: Page) -> None:
        """Every service has heard everything, once; nothing was set aside."""
        expect(ops.locator("h1")).to_have_text("Fakta antarlayanan")
        expect(ops.locator("#parkir")).to_contain_text("Tidak ada yang diparkir")
        eventually("everything heard", lambda: ops.reload() and ops.get_by_text("tertinggal").count() == 0)
        expect(ops.locator(".hearing")).to_have_count(4)
        expect(ops.get_by_text("terkejar").first).to_be_visible()
        ops.get_by_role("link", name="Periksa semua").click()
        expect(ops.locator("main")).to_contain_text("Utuh.")


class TestAnOrderThatStops:
    def test_is_held_resumed_and_cancelled_and_the_floor_knows(
        self, sign_in: SignIn, story: Story, workers: list[str]
    ) -> None:
        partner, product = story.partner("Mitra Banjir"), story.product("Celemek banjir", 3000)
        receipt = story.accept(story.draft(partner, [(product, 3000, 10)]))
        [work_order] = story.work_orders(receipt["id"], 1)
        story.known_to_production(work_order, workers)
        floor = Floor(sign_in("petugas", "tablet"))
        floor.page.goto(f"/lantai?perintah={work_order['id']}&shift=siang")
        floor.stage("Potong")
        floor.page.get_by_role("button", name="Tetap di tahap ini").tap()
        if floor.tile(workers[0]).is_hidden():
            floor.page.get_by_text("Orang lain").tap()
        floor.three_taps(workers[0], 3)
        desk = sign_in("kasi")
        desk.goto(f"/pesanan/{receipt['id']}")

        press(desk, "Tahan")
        dialog = desk.get_by_role("dialog")
        dialog.get_by_label("Alasan").fill("Banjir di blok kerja")
        dialog.get_by_role("button", name="Tahan pesanan").click()
        expect(desk.locator(".page-head .badge-state")).to_have_attribute("data-state", "on_hold")
        expect(desk.locator("main")).to_contain_text("Banjir di blok kerja")
        self.stands(story, work_order, "on_hold")
        floor.send()
        expect(floor.page.locator("[data-problem]")).to_contain_text("ditahan")
        floor.page.get_by_role("button", name="Kembali mencatat").tap()

        press(desk, "Lanjutkan")
        dialog.get_by_role("button", name="Lanjutkan").click()
        expect(desk.locator(".page-head .badge-state")).not_to_have_attribute("data-state", "on_hold")
        self.stands(story, work_order, "released")
        floor.send()
        floor.settled()

        press(desk, "Batalkan")
        dialog.get_by_label("Alasan").fill("Mitra menarik pesanan")
        dialog.get_by_label("Bahan yang tersisa").select_option("returned")
        dialog.get_by_role("button", name="Batalkan pesanan").click()
        expect(desk.locator(".page-head .badge-state")).to_have_attribute("data-state", "cancelled")
        expect(desk.locator(".timeline")).to_contain_text("Mitra menarik pesanan")
        self.stands(story, work_order, "cancelled")
        floor.page.goto(f"/lantai?unit={work_order['workshop_id']}&shift=malam")
        expect(floor.page.locator("[name=stage]")).to_be_visible()
        expect(floor.page.locator("[name=job] option").filter(has_text="Celemek banjir")).to_contain_text("batal")

    def stands(self, story: Story, work_order: dict[str, Any], state: str) -> None:
        """Wait until the workshop has heard of it."""
        path = f"/work-orders/{work_order['id']}"
        eventually(state, lambda: story.person("petugas").get("production", path)["state"] == state)


class TestSomebodySignedIn:
    def test_reads_english_for_as_long_as_they_like(self, sign_in: SignIn, world: World) -> None:
        page = sign_in("kasi")
        page.get_by_role("button", name="Uji kasi").click()
        page.locator("#menu .lang a", has_text="EN").click()
        expect(page.locator("html")).to_have_attribute("lang", "en")
        page.get_by_role("navigation", name="Main menu").get_by_role("link", name="Orders", exact=True).click()
        expect(page.locator("h1")).to_have_text("Orders")
        page.get_by_label("Search number").fill("tidak ada")
        page.wait_for_url(lambda url: "q=" in url)
        page.get_by_role("button", name="Uji kasi").click()
        page.locator("#menu .lang a", has_text="ID").click()
        expect(page.locator("h1")).to_have_text("Pesanan")
        expect(page.get_by_role("searchbox")).to_have_value("tidak ada")

    def test_leaves_nothing_open_behind(self, sign_in: SignIn, world: World) -> None:
        page = sign_in("kasi")
        page.goto(f"/pesanan/{world.running}")
        page.get_by_role("button", name="Uji kasi").click()
        page.get_by_role("button", name="Keluar").click()
        expect(page.locator("main")).to_contain_text("Anda sudah keluar")
        page.go_back()
        expect(page.locator("h1")).to_have_text("Masuk")
