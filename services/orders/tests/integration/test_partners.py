"""Partners over HTTP, on PostgreSQL."""

from collections.abc import Callable

from giatja_kit.testing import Caller


class TestAddPartner:
    def test_is_found_again_under_its_address(self, kasi: Caller) -> None:
        made = kasi.post("/partners", {"name": "DMA Collection", "phone": "0285 1234"})
        assert made.status_code == 201
        shown = kasi.get(f"/partners/{made.json['id']}")
        assert shown.json["name"] == "DMA Collection"
        assert shown.headers["ETag"] == '"v1"'

    def test_refuses_a_name_that_is_taken_naming_the_field(self, kasi: Caller) -> None:
        kasi.post("/partners", {"name": "DMA Collection"})
        again = kasi.post("/partners", {"name": "dma collection"})
        assert (again.status_code, again.json["type"]) == (409, "urn:giatja:problem:partner-name-taken")
        assert again.json["errors"][0]["pointer"] == "/name"

    def test_does_it_once_for_one_key(self, kasi: Caller) -> None:
        first = kasi.post("/partners", {"name": "H. Palal"}, key="k1")
        second = kasi.post("/partners", {"name": "H. Palal"}, key="k1")
        assert first.json == second.json
        assert second.headers["Idempotent-Replay"] == "true"
        assert len(kasi.get("/partners").json["items"]) == 1

    def test_refuses_a_key_used_for_something_else(self, kasi: Caller) -> None:
        kasi.post("/partners", {"name": "H. Palal"}, key="k1")
        other = kasi.post("/partners", {"name": "DMA Collection"}, key="k1")
        assert (other.status_code, other.json["type"]) == (422, "urn:giatja:problem:idempotency-key-reused")

    def test_refuses_an_officer(self, as_role: Callable[..., Caller]) -> None:
        assert as_role("petugas").post("/partners", {"name": "DMA Collection"}).status_code == 403


class TestPartnerOfAnotherLapas:
    def test_looks_like_one_that_does_not_exist(self, kasi: Caller, as_role: Callable[..., Caller]) -> None:
        made = kasi.post("/partners", {"name": "DMA Collection"}).json
        other = as_role("kasi_giatja", "BTG")
        assert other.get(f"/partners/{made['id']}").status_code == 404
        assert other.get("/partners").json["items"] == []
        change = {"name": "Milik kami", "phone": "", "note": "", "active": False}
        assert other.patch(f"/partners/{made['id']}", change, version=1).status_code == 404
        assert kasi.get(f"/partners/{made['id']}").json["name"] == "DMA Collection"


class TestChangePartner:
    def test_refuses_a_version_that_has_passed(self, kasi: Caller) -> None:
        made = kasi.post("/partners", {"name": "DMA Collection"}).json
        change = {"name": "DMA", "phone": "", "note": "", "active": True}
        assert kasi.patch(f"/partners/{made['id']}", change, version=1).json["version"] == 2
        assert kasi.patch(f"/partners/{made['id']}", change, version=1).status_code == 412
        assert kasi.patch(f"/partners/{made['id']}", change).status_code == 428


class TestListPartners:
    def test_pages_through_all_in_order(self, kasi: Caller) -> None:
        for letter in "DBECA":
            kasi.post("/partners", {"name": f"Mitra {letter}"})
        first = kasi.get("/partners", limit=2).json
        second = kasi.get("/partners", limit=2, cursor=first["next"]).json
        third = kasi.get("/partners", limit=2, cursor=second["next"]).json
        names = [p["name"][-1] for page in (first, second, third) for p in page["items"]]
        assert names == list("ABCDE")
        assert third["next"] is None

    def test_refuses_a_cursor_it_did_not_give(self, kasi: Caller) -> None:
        answer = kasi.get("/partners", cursor="bogus")
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/cursor")
