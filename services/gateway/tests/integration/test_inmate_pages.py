"""The screens of inmates in front of a real training service."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from threading import Thread
from typing import Any
from uuid import UUID, uuid5

import pytest
from flask import g
from flask.testing import FlaskClient
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from giatja_contracts.permissions import ROLES
from giatja_gateway.bootstrap import make_app, make_service
from giatja_gateway.identity.domain import SignedIn
from giatja_gateway.settings import GatewaySettings
from giatja_kit import clock
from giatja_kit.database import Database
from giatja_kit.testing import told
from giatja_kit.web import create_app
from giatja_ops.pytest_plugin import RealParts
from giatja_training.bootstrap import make_service as make_training
from giatja_training.competences.handlers import ship_catalogue
from giatja_training.lapas.handlers import KeepLapas, keep_lapas
from giatja_training.permits.handlers import ship_requirements
from giatja_training.settings import TrainingSettings

PERSON = {
    "register_number": "B.I. 12/2024",
    "name": "Contoh Satu",
    "date_of_birth": "1990-05-01",
    "expected_release": "",
    "block": "A1",
    "fitness": "fit",
}
SOMEBODY = UUID("019a0000-0000-7000-8000-000000000001")


class Browser:
    """Somebody in a role who reads pages and sends forms; each role is another person."""

    def __init__(self, client: FlaskClient) -> None:
        self._client = client
        self.role = "kasi_giatja"

    def __call__(self, role: str) -> "Browser":
        self.role = role
        return self

    def person(self) -> SignedIn:
        identifier = uuid5(SOMEBODY, self.role)
        return SignedIn(
            id=identifier,
            username=self.role,
            name="Petugas Contoh",
            assignment_id=identifier,
            role=self.role,
            title=self.role,
            plt=False,
            lapas_id=None if self.role == "kanwil" else "PKL",
            lapas_name="Lapas Pekalongan",
            zone="Asia/Jakarta",
            permissions=ROLES[self.role],
        )

    def get(self, path: str, **query: str) -> TestResponse:
        return self._client.get(path, query_string=query)

    def post(self, path: str, **form: Any) -> TestResponse:
        page = self._client.get("/warga-binaan").text
        proof = page.split('name="csrf-token" content="')[1].split('"')[0]
        return self._client.post(path, data={"csrf_token": proof, **form})


@pytest.fixture(scope="module")
def training_url(real_parts: RealParts) -> Iterator[str]:
    """The training service answering over HTTP."""
    real_parts.migrate("training")
    app = create_app(make_training(real_parts.settings(TrainingSettings)))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    app.extensions["giatja"].database.engine.dispose()


@pytest.fixture(scope="module")
def pages(real_parts: RealParts, training_url: str) -> Iterator[Browser]:
    """The gateway's pages in front of it, with whoever a test says they are."""
    settings = real_parts.settings(GatewaySettings).model_copy(update={"internal_url": training_url})
    app = make_app(make_service(settings))
    browser = Browser(app.test_client())

    def somebody() -> None:
        g.person, g.session_id = browser.person(), SOMEBODY

    before = app.before_request_funcs[None]
    before[[f.__name__ for f in before].index("recognise")] = somebody
    yield browser
    app.extensions["giatja"].database.engine.dispose()


@pytest.fixture
def training(database_of: Callable[[str], Database]) -> Database:
    """The database of training with one Lapas and nobody in its register."""
    database = database_of("training")
    with database.transaction(at=clock.now()) as store:
        keep_lapas(KeepLapas(lapas_id="PKL", name="Lapas Pekalongan", zone="Asia/Jakarta"), store)
        ship_catalogue("PKL", store)
        ship_requirements("PKL", store)
    return database


@pytest.fixture
def browser(pages: Browser, training: Database) -> Browser:
    pages.get("/warga-binaan", lang="id")
    return pages("kasi_giatja")


@pytest.fixture
def inmate(browser: Browser) -> str:
    """The address of somebody in the register."""
    made = browser("kasi_giatja").post("/warga-binaan/baru", **PERSON)
    assert made.status_code == 303, made.text
    return made.headers["Location"]


def version_of(page: TestResponse, action: str) -> str:
    """Return the version a dialog's form carries."""
    form = page.text[page.text.index(f'action="{action}') :]
    return form[form.index('name="version" value="') + 22 :].split('"')[0]


class TestRegister:
    def test_is_empty_first_and_names_the_next_act(self, browser: Browser) -> None:
        page = browser.get("/warga-binaan")
        assert (page.status_code, "Register masih kosong" in page.text) == (200, True)

    def test_shows_who_was_entered_and_finds_them_by_name_without_an_address(
        self, browser: Browser, inmate: str
    ) -> None:
        assert "Contoh Satu" in browser.get("/warga-binaan").text
        found = browser.post("/warga-binaan/cari", name="satu")
        assert (found.status_code, "Contoh Satu" in found.text) == (200, True)
        assert "Tidak ada yang cocok" in browser.post("/warga-binaan/cari", name="dua").text

    def test_keeps_filters_in_the_address(self, browser: Browser, inmate: str) -> None:
        assert "Contoh Satu" not in browser.get("/warga-binaan", permit="works").text
        again = browser.get("/warga-binaan/cari", permit="works", _external="1")
        assert again.headers["Location"] == "/warga-binaan?permit=works"

    def test_gives_back_what_was_typed_with_the_complaint(self, browser: Browser, inmate: str) -> None:
        page = browser.post("/warga-binaan/baru", **{**PERSON, "name": "Contoh Dua"})
        assert page.status_code == 409
        assert "Contoh Dua" in page.text
        assert "sudah dipakai" in page.text

    def test_speaks_english_too(self, browser: Browser, inmate: str) -> None:
        assert "Skill passport" in browser.get(inmate, lang="en").text


class TestWorkPermission:
    def test_goes_from_proposal_to_sk_by_two_people(self, browser: Browser, inmate: str, training: Database) -> None:
        today = date.today().isoformat()  # noqa: DTZ011 - any day up to today will do
        day = {"propose.proposed_on": "2025-01-05", "propose.done": ["kesehatan"]}
        assert browser("kasi_giatja").post(f"{inmate}/izin", **day).status_code == 303
        page = browser("kalapas").get(inmate)
        permit = page.text.split(f'action="{inmate}/izin/')[1].split("/")[0]
        address = f"{inmate}/izin/{permit}"

        sent = {"version": version_of(page, address), "decide.decision": "approved", "decide.decided_on": "2025-01-10"}
        asked = browser.post(f"{address}/keputusan", **sent, **{"decide.note": ""})
        assert (asked.status_code, "syarat belum terpenuhi" in asked.text) == (422, True)
        done = browser.post(f"{address}/keputusan", **sent, **{"decide.note": "Disusulkan"})
        assert done.status_code == 303

        sk = {"issue.sk_number": "W13.PAS-12/2025", "issue.valid_from": today, "issue.valid_until": ""}
        stale = browser.post(f"{address}/sk", version=sent["version"], **sk)
        assert (stale.status_code, "W13.PAS-12/2025" in stale.text) == (412, True)
        issued = browser.post(f"{address}/sk", version=version_of(browser.get(inmate), f"{address}/sk"), **sk)
        assert issued.status_code == 303
        assert "Boleh bekerja" in browser.get(inmate).text
        assert len(told(training, "giatja.training.work_permission_granted.v1")) == 1

    def test_offers_each_role_only_its_own_acts(self, browser: Browser, inmate: str) -> None:
        browser("kasi_giatja").post(f"{inmate}/izin", **{"propose.proposed_on": "2025-01-05"})
        assert "/keputusan" not in browser("kasi_giatja").get(inmate).text
        assert "/keputusan" in browser("kalapas").get(inmate).text
        assert browser("kasubsi_bimker").post(f"{inmate}/izin/{SOMEBODY}/keputusan").status_code == 403

    def test_ends_with_leaving(self, browser: Browser, inmate: str) -> None:
        sent = {"leave.left_on": "2025-06-01", "leave.reason": "release", "version": "1"}
        assert browser("kasi_giatja").post(f"{inmate}/pergi", **sent).status_code == 303
        assert "Meninggalkan Lapas pada" in browser.get(inmate).text


class TestPassport:
    def test_shows_competences_and_hands_out_the_record(self, browser: Browser, inmate: str) -> None:
        sent = {"award.competence": "menjahit", "award.awarded_on": "2025-03-20", "award.note": ""}
        assert browser("kasi_giatja").post(f"{inmate}/kompetensi", **sent).status_code == 303
        page = browser("wali").get(f"{inmate}/paspor")
        assert (page.status_code, "Dinyatakan kompeten" in page.text) == (200, True)
        record = browser.get(f"{inmate}/unduh", purpose="release")
        assert json.loads(record.text)["inmate"]["name"] == "Contoh Satu"
        assert "attachment" in record.headers["Content-Disposition"]

    @pytest.mark.parametrize("role", ["kanwil", "ops", "bendahara"])
    def test_is_closed_to_whoever_may_not_know_people(self, browser: Browser, inmate: str, role: str) -> None:
        for path in (inmate, f"{inmate}/paspor", f"{inmate}/unduh", "/warga-binaan"):
            page = browser(role).get(path)
            assert page.status_code == 403
            assert "Contoh Satu" not in page.text
        assert browser(role).post("/warga-binaan/cari", name="Contoh").status_code == 403

    def test_of_nobody_is_a_page_too(self, browser: Browser) -> None:
        page = browser("wali").get(f"/warga-binaan/{SOMEBODY}/paspor")
        assert (page.status_code, "<html" in page.text) == (404, True)
