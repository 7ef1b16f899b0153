"""Competences over HTTP, on PostgreSQL."""

from collections.abc import Callable

from giatja_kit.database import Database
from giatja_kit.testing import Caller, told

from .conftest import hear, lapas_registered, register

SEWING = {"competence": "menjahit", "awarded_on": "2025-03-20", "note": "Uji praktik"}


class TestCatalogue:
    def test_is_shipped_to_each_lapas_and_kept_when_the_lapas_changes(self, kasi: Caller, database: Database) -> None:
        keys = {c["key"] for c in kasi.get("/competences").json["items"]}
        assert {
            "menjahit",
            "memotong_kain",
            "mengobras",
            "pemeriksaan_mutu",
            "mengecap_batik",
            "budidaya_tanaman",
        } <= keys
        new = {"key": "bordir", "name": "Membordir", "name_en": "Embroidery"}
        assert kasi.post("/competences", new).status_code == 201
        hear(database, lapas_registered("PKL", "Lapas Pekalongan"))
        assert {c["key"] for c in kasi.get("/competences").json["items"]} == keys | {"bordir"}

    def test_refuses_a_key_twice_and_keeps_to_the_lapas(self, kasi: Caller, as_role: Callable[..., Caller]) -> None:
        again = kasi.post("/competences", {"key": "mengobras", "name": "Obras", "name_en": "Overlock"})
        assert (again.status_code, again.json["type"]) == (409, "urn:giatja:problem:competence-key-taken")
        kasi.post("/competences", {"key": "bordir", "name": "Membordir", "name_en": "Embroidery"})
        foreign = as_role("kasi_giatja", "BTG").get("/competences").json["items"]
        assert "bordir" not in {c["key"] for c in foreign}


class TestAwardCompetence:
    def test_is_kept_with_the_day_and_the_hand_and_told(self, kasi: Caller, database: Database) -> None:
        inmate = register(kasi)
        made = kasi.post(f"/inmates/{inmate['id']}/competences", SEWING)
        assert made.status_code == 201
        (award,) = kasi.get(f"/inmates/{inmate['id']}/competences").json["items"]
        assert (award["name"], award["awarded_on"], award["awarded_by"]) == (
            "Menjahit",
            "2025-03-20",
            "kasi_giatja:person-kasi_giatja",
        )
        (fact,) = told(database, "giatja.training.competence_awarded.v1")
        assert fact["data"] == {"inmate_id": inmate["id"], "competence": "menjahit", "awarded_on": "2025-03-20"}

    def test_refuses_twice_unknown_to_come_and_after_leaving(self, kasi: Caller, database: Database) -> None:
        inmate = register(kasi)
        address = f"/inmates/{inmate['id']}/competences"
        kasi.post(address, SEWING)
        assert kasi.post(address, SEWING).json["type"] == "urn:giatja:problem:already-competent"
        assert kasi.post(address, {**SEWING, "competence": "terbang"}).status_code == 422
        future = kasi.post(address, {"competence": "pemeriksaan_mutu", "awarded_on": "2999-01-01"})
        assert future.json["errors"][0]["pointer"] == "/awarded_on"
        kasi.post(f"/inmates/{inmate['id']}/leave", {"left_on": "2025-06-01", "reason": "release"}, version=1)
        assert kasi.post(address, {"competence": "pemeriksaan_mutu", "awarded_on": "2025-05-01"}).status_code == 409
        assert len(told(database, "giatja.training.competence_awarded.v1")) == 1

    def test_is_refused_to_other_roles(self, kasi: Caller, as_role: Callable[..., Caller]) -> None:
        inmate = register(kasi)
        for role in ("petugas", "wali", "kalapas", "kanwil"):
            assert as_role(role).post(f"/inmates/{inmate['id']}/competences", SEWING).status_code == 403
