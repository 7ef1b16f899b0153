"""The base of the pages: who may, forms that prove their origin, refusals as pages, formats, charts, colours."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from xml.etree import ElementTree as ET

import pytest
from flask import Blueprint, Flask, abort, g, request
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from giatja_contracts.permissions import ALL
from giatja_gateway.pages import assets, base, charts, csrf, formats, forms, icons, language, register_pages, states
from giatja_kit import problems
from giatja_kit.errors import Conflict, Refusal

HTML = {"Accept": "text/html"}


@dataclass
class Person:
    name: str = "Petugas Piket"
    title: str = "Petugas"
    plt: bool = False
    lapas_name: str = "Lapas Pekalongan"
    zone: str = "Asia/Makassar"
    permissions: frozenset[str] = field(default_factory=lambda: frozenset({"orders.read"}))


class OrderAlreadyClosed(Conflict):
    id = "Pesanan sudah ditutup."
    en = "The order is closed."


@pytest.fixture
def app() -> Flask:
    app = Flask("pages_under_test", static_folder=None)
    app.secret_key = "under test"
    app.register_error_handler(Refusal, problems.of_refusal)

    @app.before_request
    def somebody() -> None:
        g.person = Person() if "X-In" in request.headers else None
        g.session_id = request.headers.get("X-Session")
        g.at = datetime(2023, 6, 17, 2, 42, tzinfo=UTC)

    register_pages(app, ())
    views = Blueprint("orders", __name__)

    @views.get("/pesanan")
    @base.needs("orders.read")
    def listing() -> str:
        return base.url_with({"cursor": "b", "q": None})

    @views.get("/rahasia")
    @base.needs("people.write")
    def secret() -> str:
        return "secret"

    @views.post("/pesanan")
    @base.anyone("a test")
    def create() -> ResponseReturnValue:
        return f"made with {forms.sent_key()} at {forms.sent_version()}"

    @views.get("/form")
    @base.anyone("a test")
    def form() -> ResponseReturnValue:
        return csrf.token()

    @views.get("/gagal/<int:status>")
    @base.anyone("a test")
    def fail(status: int) -> ResponseReturnValue:
        abort(status)

    @views.get("/ditutup")
    @base.anyone("a test")
    def closed() -> ResponseReturnValue:
        raise OrderAlreadyClosed

    @views.get("/masuk")
    @base.anyone("a test")
    def sign_in() -> str:
        return "sign in"

    app.register_blueprint(views)
    app.add_url_rule("/masuk2", "account.sign_in", sign_in)
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def in_indonesian(app: Flask) -> Iterator[None]:
    with app.test_request_context("/"):
        g.lang = "id"
        g.at = datetime(2023, 6, 17, 2, 42, tzinfo=UTC)
        yield


class TestNeeds:
    def test_lets_a_holder_in(self, client: FlaskClient) -> None:
        assert client.get("/pesanan", headers={"X-In": "1"}).status_code == 200

    def test_refuses_a_person_without_the_permission(self, client: FlaskClient) -> None:
        answer = client.get("/rahasia", headers=HTML | {"X-In": "1"})
        assert answer.status_code == 403
        assert "Bukan wewenang Anda" in answer.text
        assert "secret" not in answer.text

    def test_sends_a_stranger_to_sign_in_and_back(self, client: FlaskClient) -> None:
        answer = client.get("/pesanan?q=a%20b&state=x")
        assert answer.status_code == 303
        assert answer.location == "/masuk2?next=/pesanan?q%3Da%2520b%26state%3Dx"

    def test_tells_its_permission_to_the_guard_test(self, app: Flask) -> None:
        assert app.view_functions["orders.secret"].__dict__["permission"] == "people.write"


class TestEveryPage:
    def test_names_a_permission_some_role_has_or_why_it_is_open(self) -> None:
        app = Flask("all_pages", static_folder=None)
        app.secret_key = "under test"
        register_pages(app)
        assert app.view_functions
        for endpoint, view in app.view_functions.items():
            permission = view.__dict__.get("permission")
            assert permission in ALL or (permission == base.OPEN and view.__dict__.get("open_because")), endpoint


class TestUrlWith:
    def test_keeps_what_is_not_changed_and_takes_none_out(self, client: FlaskClient) -> None:
        answer = client.get("/pesanan?q=koko&state=a&state=b", headers={"X-In": "1"})
        assert answer.text == "/pesanan?state=a&state=b&cursor=b"


class TestCsrf:
    def sent(self, client: FlaskClient, token: str, **headers: str) -> int:
        return client.post("/pesanan", data={"csrf_token": token}, headers=headers).status_code

    def test_takes_a_form_of_ours(self, client: FlaskClient) -> None:
        assert self.sent(client, client.get("/form").text) == 200

    def test_takes_the_token_from_a_header(self, client: FlaskClient) -> None:
        token = client.get("/form").text
        assert client.post("/pesanan", json={}, headers={"X-CSRF-Token": token}).status_code == 200

    def test_two_pages_hold_different_tokens_that_both_work(self, client: FlaskClient) -> None:
        first, second = client.get("/form").text, client.get("/form").text
        assert first != second
        assert self.sent(client, first) == self.sent(client, second) == 200

    @pytest.mark.parametrize("token", ["", "x", "A" * 64, "é", "%%%"])
    def test_refuses_what_is_no_token(self, client: FlaskClient, token: str) -> None:
        client.get("/form")
        assert self.sent(client, token) == 400

    def test_refuses_a_token_of_another_browser(self, app: Flask, client: FlaskClient) -> None:
        client.get("/form")
        assert self.sent(client, app.test_client().get("/form").text) == 400

    def test_refuses_a_token_without_its_cookie(self, app: Flask, client: FlaskClient) -> None:
        assert self.sent(app.test_client(), client.get("/form").text) == 400

    def test_dies_with_the_session(self, client: FlaskClient) -> None:
        token = client.get("/form", headers={"X-Session": "one"}).text
        assert self.sent(client, token, **{"X-Session": "one"}) == 200
        assert self.sent(client, token, **{"X-Session": "two"}) == 400
        assert self.sent(client, token) == 400

    @pytest.mark.parametrize("site", ["cross-site", "same-site"])
    def test_refuses_what_the_browser_says_comes_from_elsewhere(self, client: FlaskClient, site: str) -> None:
        assert self.sent(client, client.get("/form").text, **{"Sec-Fetch-Site": site}) == 400

    def test_refuses_a_foreign_or_hidden_origin(self, client: FlaskClient) -> None:
        token = client.get("/form").text
        assert self.sent(client, token, Origin="https://elsewhere.example") == 400
        assert self.sent(client, token, Origin="null") == 400
        assert self.sent(client, token, Origin="http://localhost") == 200

    def test_says_so_in_words_a_person_can_act_on(self, client: FlaskClient) -> None:
        assert "kedaluwarsa" in client.post("/pesanan", headers=HTML).text

    def test_answers_a_script_with_a_problem(self, client: FlaskClient) -> None:
        answer = client.post("/pesanan", headers={"Accept": "application/json"})
        assert answer.mimetype == "application/problem+json"
        assert answer.json is not None
        assert answer.json["type"].endswith("form-expired")


class TestErrorPages:
    @pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 412, 413, 422, 429, 500, 503])
    def test_have_the_design(self, client: FlaskClient, status: int) -> None:
        answer = client.get(f"/gagal/{status}", headers=HTML)
        assert answer.status_code == status
        assert '<main class="outside-body" id="isi"' in answer.text
        assert answer.headers["Cache-Control"] == "no-store"

    def test_stand_in_the_frame_for_somebody_signed_in(self, client: FlaskClient) -> None:
        assert 'class="side' in client.get("/tidak-ada", headers=HTML | {"X-In": "1"}).text

    def test_say_the_fact_that_forbids_in_the_persons_language(self, client: FlaskClient) -> None:
        assert "Pesanan sudah ditutup." in client.get("/ditutup", headers=HTML).text
        english = client.get("/ditutup?lang=en", headers=HTML | {"Accept-Language": "id"})
        assert "The order is closed." in english.text
        assert english.status_code == 409

    def test_leave_machines_their_problem_document(self, client: FlaskClient) -> None:
        answer = client.get("/ditutup", headers={"Accept": "application/json"})
        assert answer.mimetype == "application/problem+json"

    def test_do_not_repeat_what_was_typed(self, client: FlaskClient) -> None:
        answer = client.get("/<script>alert(1)</script>?<b>", headers=HTML)
        assert "<script>alert" not in answer.text


class TestPolicy:
    def test_forbids_inline_script_and_style(self, client: FlaskClient) -> None:
        policy = client.get("/form").headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy

    def test_no_template_needs_what_it_forbids(self) -> None:
        found = [
            path.name
            for path in assets.OWN.parent.rglob("*.html")
            if re.search(r"""\sstyle=|\son[a-z]+="|<script(?![^>]*\bsrc=)|javascript:""", path.read_text("utf-8"))
        ]
        assert not found


class TestLanguage:
    def test_is_indonesian_until_chosen_and_then_stays(self, client: FlaskClient) -> None:
        assert '<html lang="id">' in client.get("/tidak-ada", headers=HTML).text
        assert '<html lang="en">' in client.get("/tidak-ada?lang=en", headers=HTML).text
        later = client.get("/tidak-ada", headers=HTML)
        assert '<html lang="en">' in later.text
        assert "Page not found" in later.text
        assert later.headers["Content-Language"] == "en"

    def test_ignores_a_language_it_does_not_speak(self, client: FlaskClient) -> None:
        assert '<html lang="id">' in client.get("/tidak-ada?lang=../x", headers=HTML).text

    def test_refuses_two_english_forms_of_one_text(self, tmp_path: object) -> None:
        from pathlib import Path

        folder = Path(str(tmp_path))
        for name, said in (("a.po", "One"), ("b.po", "Two")):
            (folder / name).write_text(f'msgid "Satu"\nmsgstr "{said}"\n')
        with pytest.raises(language.ContradictoryTranslation):
            language.merged([folder / "a.po", folder / "b.po"])


@pytest.mark.usefixtures("in_indonesian")
class TestFormats:
    @pytest.mark.parametrize(
        ("value", "shown"),
        [
            (7000, "7.000"),
            (0, "0"),
            (-1234567, "−1.234.567"),
            (1.5, "1,5"),
            (12480.25, "12.480,25"),
            (2.0, "2"),
            (None, "–"),
        ],
    )
    def test_number(self, value: float | None, shown: str) -> None:
        assert formats.format_number(value) == shown

    def test_rupiah(self) -> None:
        assert formats.format_rupiah(7000) == "Rp7.000"
        assert formats.format_rupiah(-500) == "−Rp500"

    def test_percent(self) -> None:
        assert formats.format_percent(0.9714, 1) == "97,1%"
        assert formats.format_percent(1) == "100%"

    @pytest.mark.parametrize(
        ("pieces", "shown"),
        [(45, "2 kodi 5 pcs"), (40, "2 kodi"), (5, "5 pcs"), (0, "0 pcs"), (20000, "1.000 kodi")],
    )
    def test_quantity_in_packs(self, pieces: int, shown: str) -> None:
        assert formats.format_quantity(pieces, "pcs", "kodi").replace("\u00a0", " ") == shown

    def test_dates(self) -> None:
        assert formats.format_date(date(2023, 6, 17)) == "17\u00a0Juni 2023"
        assert formats.format_date("2023-06-17") == "17\u00a0Juni 2023"
        assert formats.format_weekday("2023-06-17") == "Sabtu, 17\u00a0Juni 2023"
        assert formats.format_date_short("2023-06-17") == "17\u00a0Jun"
        assert formats.format_date_short("2022-08-01").endswith("2022")

    @pytest.mark.parametrize(
        ("zone", "shown"),
        [("Asia/Jakarta", "09.42\u00a0WIB"), ("WITA", "10.42\u00a0WITA"), ("Asia/Jayapura", "11.42\u00a0WIT")],
    )
    def test_time_in_the_zone_of_the_lapas(self, zone: str, shown: str) -> None:
        assert formats.format_time("2023-06-17T02:42:00Z", zone) == shown

    def test_the_persons_zone_is_the_default_and_moves_the_day(self) -> None:
        g.person = Person()
        assert formats.format_datetime("2023-06-16T16:30:00Z") == "17\u00a0Juni 2023, 00.30\u00a0WITA"

    @pytest.mark.parametrize(
        ("day", "shown"),
        [
            ("2023-06-17", "hari ini"),
            ("2023-06-18", "besok"),
            ("2023-06-20", "3 hari lagi"),
            ("2023-06-15", "telat 2 hari"),
        ],
    )
    def test_due(self, day: str, shown: str) -> None:
        assert formats.format_due(day) == shown

    def test_english(self) -> None:
        g.lang = "en"
        assert formats.format_date("2023-06-17") == "17\u00a0June 2023"
        assert formats.format_rupiah(12480000) == "Rp12,480,000"
        assert formats.format_time("2023-06-17T02:42:00Z", "WIB") == "09:42\u00a0WIB"
        assert formats.format_due("2023-06-16") == "1 day late"


@pytest.mark.usefixtures("in_indonesian")
class TestCharts:
    def drawn(self) -> dict[str, Markup]:
        parts = [charts.Part(label="<b>", value=3), charts.Part(label="Afkir", value=0, tone="merah")]
        return {
            "bar": charts.progress_bar(300, 200, 150, unit="pcs"),
            "empty bar": charts.progress_bar(0, 0),
            "segment": charts.segment(5, 0),
            "spark": charts.sparkline([3, 1, 2], "Hasil"),
            "flat": charts.sparkline([2], "Hasil"),
            "nothing": charts.sparkline([], "Hasil"),
            "columns": charts.column_chart(parts, "Hasil", 5),
            "no columns": charts.column_chart([], "Hasil"),
            "stack": charts.stacked_bar(parts, "Hasil"),
            "no stack": charts.stacked_bar([], "Hasil"),
        }

    def test_are_well_formed_escaped_and_without_style(self) -> None:
        for name, svg in self.drawn().items():
            root = ET.fromstring(str(svg))
            assert not [e for e in root.iter() if "style" in e.attrib], name
            assert "<b>" not in svg, name

    def test_say_what_they_show(self) -> None:
        drawn = self.drawn()
        assert 'aria-label="300 dari 200 pcs, 100%. Menurut rencana 150."' in drawn["bar"]
        assert "terendah 1, tertinggi 3" in drawn["spark"]

    def test_never_grow_beyond_their_frame(self) -> None:
        widths = re.findall(r'width="([\d.]+)%"', self.drawn()["bar"])
        assert all(float(width) <= 100 for width in widths)

    def test_ids_differ_within_a_page(self) -> None:
        ids = re.findall(r' id="([^"]+)"', "".join(self.drawn().values()))
        assert len(ids) == len(set(ids))


class TestForms:
    def test_a_services_complaints_find_their_fields(self, app: Flask) -> None:
        with app.test_request_context("/", method="POST", data={"lines.0.quantity": "0", "due": "x"}):
            form = forms.refused(
                {
                    "title": "no",
                    "errors": [
                        {"pointer": "/lines/0/quantity", "detail": "paling kecil 1"},
                        {"pointer": "/partner_id", "detail": "wajib diisi"},
                    ],
                }
            )
        assert form.error("lines.0.quantity") == "paling kecil 1"
        assert form.general == ("wajib diisi",)
        assert form.value("due") == "x"

    def test_a_complaint_without_fields_is_not_lost(self, app: Flask) -> None:
        with app.test_request_context("/", method="POST"):
            assert forms.refused({"title": "Pesanan sudah ditutup."}).general == ("Pesanan sudah ditutup.",)


class TestIconsAndStates:
    def test_every_icon_named_anywhere_exists(self) -> None:
        for look in states.LOOKS.values():
            assert icons.icon(look.icon)
        for path in assets.OWN.parent.rglob("*.html"):
            for name in re.findall(r"""icon\("([a-z0-9-]+)\"""", path.read_text("utf-8")):
                assert icons.icon(name), path

    def test_an_unknown_icon_is_refused(self) -> None:
        with pytest.raises(icons.UnknownIcon):
            icons.icon("no-such-icon")

    def test_a_label_is_escaped(self) -> None:
        assert 'aria-label="&lt;b&gt;"' in icons.icon("gear", "<b>")


class TestAssets:
    def test_a_versioned_address_is_kept_for_ever(self, client: FlaskClient) -> None:
        for url in (assets.asset("css/tokens.css"), assets.asset("css/bootstrap.min.css", "bootstrap")):
            answer = client.get(url)
            assert answer.status_code == 200
            assert "immutable" in answer.headers["Cache-Control"]
            answer.close()

    def test_an_unversioned_one_is_asked_for_again(self, client: FlaskClient) -> None:
        answer = client.get("/static/js/send.js")
        assert "no-cache" in answer.headers["Cache-Control"]
        answer.close()

    @pytest.mark.parametrize(
        "name", ["../base.html", "..%2f..%2fpages/base.py", "css/../../pages/base.py", "js", "x.py"]
    )
    def test_gives_nothing_else(self, client: FlaskClient, name: str) -> None:
        assert client.get(f"/static/{name}").status_code == 404

    def test_every_address_in_a_template_leads_somewhere(self) -> None:
        for path in assets.OWN.parent.rglob("*.html"):
            for name, root in re.findall(r"asset\('([^'~]+)'(?:, '(\w+)')?\)", path.read_text("utf-8")):
                if not name.endswith("/"):
                    assert (assets.ROOTS[root or "static"] / name).is_file(), (path, name)


def luminance(colour: str) -> float:
    def linear(part: str) -> float:
        value = int(part, 16) / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(colour[i : i + 2]) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


TEXT_PAIRS = [
    ("tinta", "mori"), ("tinta", "mori-2"), ("tinta-2", "mori"), ("tinta-2", "mori-2"), ("tinta-3", "mori"), ("tinta-3", "kain"),
    ("tinta-3", "nila-3"), ("nila-2", "mori"), ("nila-2", "kain"), ("nila-2", "nila-3"), ("nila", "nila-3"), ("soga", "soga-3"), ("soga", "kain"),
    ("kunyit-tua", "kunyit-3"), ("daun-tua", "daun-3"), ("daun", "kain"), ("merah-tua", "merah-3"), ("merah", "kain"),
    ("kain", "nila-2"), ("kain", "nila"), ("kain", "daun"), ("kain", "merah"), ("nila-tua", "kunyit"), ("kunyit", "nila-tua"),
]  # fmt: skip
MARK_PAIRS = [
    ("garis-kuat", "kain"), ("garis-kuat", "mori"), ("nila-2", "mori"), ("kunyit", "nila"), ("kunyit-2", "kain"), ("merah", "merah-3"),
]  # fmt: skip


class TestContrast:
    """WCAG 2.2, 1.4.3 and 1.4.11, on the tokens as they are written."""

    def ratio(self, one: str, other: str) -> float:
        tokens = dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", (assets.OWN / "css" / "tokens.css").read_text()))
        light, dark = sorted((luminance(tokens[one]), luminance(tokens[other])), reverse=True)
        return (light + 0.05) / (dark + 0.05)

    @pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
    def test_of_text(self, text: str, ground: str) -> None:
        assert self.ratio(text, ground) >= 4.5

    @pytest.mark.parametrize(("mark", "ground"), MARK_PAIRS)
    def test_of_marks(self, mark: str, ground: str) -> None:
        assert self.ratio(mark, ground) >= 3
