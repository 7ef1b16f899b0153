"""Products over HTTP, on PostgreSQL."""

from collections.abc import Callable
from typing import Any

import pytest

from giatja_kit.testing import Caller

KOKO = {"name": "Koko", "workshop_kind": "garmen", "unit": "kodi", "rate": 7000, "sizes": ["M", "L"], "colours": []}


class TestAddProduct:
    def test_is_shown_with_a_single_colour_as_a_dash(self, kasi: Caller) -> None:
        made = kasi.post("/products", KOKO)
        assert made.status_code == 201
        shown = kasi.get(f"/products/{made.json['id']}").json
        assert (shown["sizes"], shown["colours"], shown["rate"]) == (["M", "L"], ["-"], 7000)

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            ({"unit": "gros"}, "/unit"),
            ({"sizes": ["M", "m"]}, "/sizes/1"),
            ({"rate": -1}, "/rate"),
            ({"rate": 10**12}, "/rate"),
            ({"name": " "}, "/name"),
            ({"workshop_kind": "Garmen!"}, "/workshop_kind"),
            ({"lapas_id": "BTG"}, "/lapas_id"),
        ],
    )
    def test_refuses_input_that_is_wrong_naming_the_field(
        self, kasi: Caller, change: dict[str, Any], pointer: str
    ) -> None:
        answer = kasi.post("/products", {**KOKO, **change})
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)

    def test_refuses_a_name_that_is_taken(self, kasi: Caller) -> None:
        kasi.post("/products", KOKO)
        again = kasi.post("/products", {**KOKO, "name": "KOKO"})
        assert (again.status_code, again.json["type"]) == (409, "urn:giatja:problem:product-name-taken")

    def test_refuses_the_treasurer(self, as_role: Callable[..., Caller]) -> None:
        assert as_role("bendahara").post("/products", KOKO).status_code == 403


class TestChangeProduct:
    def test_takes_it_off_offer_but_refuses_a_version_that_has_passed(self, kasi: Caller) -> None:
        made = kasi.post("/products", KOKO).json
        changed = kasi.patch(f"/products/{made['id']}", {**KOKO, "active": False}, version=1)
        assert (changed.status_code, changed.json["version"]) == (200, 2)
        assert kasi.patch(f"/products/{made['id']}", KOKO, version=1).status_code == 412
        assert kasi.get("/products", active="true").json["items"] == []

    def test_of_another_lapas_looks_like_one_that_does_not_exist(
        self, kasi: Caller, as_role: Callable[..., Caller]
    ) -> None:
        made = kasi.post("/products", KOKO).json
        other = as_role("kasi_giatja", "BTG")
        assert other.get(f"/products/{made['id']}").status_code == 404
        assert other.patch(f"/products/{made['id']}", KOKO, version=1).status_code == 404


class TestListProducts:
    def test_narrows_by_name_and_kind_and_pages(self, kasi: Caller) -> None:
        for name, kind in (("Koko B", "garmen"), ("Koko A", "garmen"), ("Kain cap", "batik_cap")):
            kasi.post("/products", {**KOKO, "name": name, "workshop_kind": kind})
        found = kasi.get("/products", search="koko", workshop_kind="garmen", limit=1).json
        rest = kasi.get("/products", search="koko", limit=1, cursor=found["next"]).json
        assert [p["name"] for p in found["items"] + rest["items"]] == ["Koko A", "Koko B"]
        assert rest["next"] is None


class TestOddInput:
    @pytest.mark.parametrize("cursor", ["WyJ4Il0", "WzFd", "WyJ4IiwgIngiXQ", "WzEsMV0", "W10", "bnVsbA"])
    def test_refuses_a_cursor_of_the_wrong_kind(self, kasi: Caller, cursor: str) -> None:
        for path in ("/products", "/partners", "/orders"):
            for query in ({}, {"sort": "due_date"} if path == "/orders" else {}):
                assert kasi.get(path, cursor=cursor, **query).status_code == 422

    def test_refuses_text_the_database_cannot_hold(self, kasi: Caller) -> None:
        assert kasi.post("/products", {**KOKO, "note": "a\0b"}).status_code == 422
        assert kasi.get("/products", search="\0").status_code == 422
