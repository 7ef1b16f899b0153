"""The form of an order: lines that come and go, the body it makes, complaints that find their field."""

from giatja_gateway.pages.orders.order_form import OrderForm, grid, joined, split_list, typed_number, values_of

KOKO = {"id": "p1", "name": "Koko", "unit": "pcs", "rate": 7000, "sizes": ["M", "L"], "colours": ["Putih", "Hitam"]}
KAIN = {"id": "p2", "name": "Kain", "unit": "kodi", "rate": 12000, "sizes": ["-"], "colours": ["-"]}
PRODUCTS = {"p1": KOKO, "p2": KAIN}
VALUES = {
    "for": "partner",
    "partner_id": "x",
    "material_owner": "partner",
    "due_date": "2025-03-14",
    "lines.0.product_id": "p1",
    "lines.0.rate": "7.000",
    "lines.0.cells.Hitam.L": "5",
    "lines.3.product_id": "p2",
    "lines.3.cells.-.-": "-2",
}


def a_form(**values: str) -> OrderForm:
    return OrderForm(values={**VALUES, **values}, products=PRODUCTS)


class TestLines:
    def test_keep_their_numbers_when_others_go(self) -> None:
        form = OrderForm(values=a_form().without_line("0"), products=PRODUCTS)
        assert [line.nth for line in form.lines] == [3]
        assert OrderForm(values=form.with_line("p1"), products=PRODUCTS).lines[1].nth == 4

    def test_begin_with_the_products_own_rate_and_unit(self) -> None:
        values = a_form().with_line("p2")
        assert (values["lines.4.rate"], values["lines.4.unit"]) == ("12000", "kodi")

    def test_are_not_made_of_a_product_that_is_not_there(self) -> None:
        assert a_form().with_line("p9") == VALUES


class TestBody:
    def test_numbers_the_lines_anew_and_leaves_empty_cells_out(self) -> None:
        lines = a_form().body()["lines"]
        assert [x["product_id"] for x in lines] == ["p1", "p2"]
        assert lines[0]["cells"] == [{"size": "L", "colour": "Hitam", "quantity": 5}]
        assert lines[0]["rate"] == 7000

    def test_has_no_partner_where_it_is_internal(self) -> None:
        body = a_form(**{"for": "internal"}).body()
        assert (body["partner_id"], body["material_owner"]) == (None, "lapas")

    def test_of_an_order_that_is_there_is_the_same_again(self) -> None:
        order = {
            "internal": False,
            "partner_id": "x",
            "material_owner": "partner",
            "due_date": "2025-03-14",
            "note": "n",
            "lines": [
                {
                    "product_id": "p1",
                    "rate": 6500,
                    "unit": "pcs",
                    "note": "",
                    "due_date": "2025-03-10",
                    "cells": [{"size": "M", "colour": "Putih", "quantity": 3}],
                }
            ],
        }
        body = OrderForm(values=values_of(order), products=PRODUCTS).body()
        assert body == {key: order[key] for key in ("partner_id", "material_owner", "due_date", "note", "lines")}


class TestRefused:
    def test_brings_each_complaint_to_the_field_it_is_about(self) -> None:
        form = a_form()
        form.body()
        errors = [
            {"pointer": "/lines/1/cells/0/quantity", "detail": "paling kecil 1"},
            {"pointer": "/lines/0/rate", "detail": "terlalu besar"},
            {"pointer": "/elsewhere", "detail": "lain"},
        ]
        shown = form.refused({"errors": errors})
        assert shown.errors == {"lines.3.cells.-.-": "paling kecil 1", "lines.0.rate": "terlalu besar"}
        assert shown.general == ("lain",)
        assert form.labels()["lines.0.cells.Hitam.L"] == "Koko, Hitam, L"

    def test_says_what_the_problem_says_where_no_field_is_named(self) -> None:
        assert a_form().refused({"title": "Sudah diubah"}).general == ("Sudah diubah",)


class TestSmallThings:
    def test_lists_are_typed_with_commas(self) -> None:
        assert split_list("S, M;L\n XL ,") == ["S", "M", "L", "XL"]
        assert (joined(["S", "M"]), joined(["-"])) == ("S, M", "")

    def test_numbers_are_read_as_people_write_them(self) -> None:
        assert [typed_number(x) for x in ("7.000", "Rp7.000", " ", "-5", "1,5")] == [7000, 7000, None, -5, "1,5"]

    def test_a_grid_keeps_the_order_it_was_written_in(self) -> None:
        cells = [{"size": "L", "colour": "b", "quantity": 1}, {"size": "M", "colour": "a", "quantity": 2}]
        assert grid(cells) == (["L", "M"], ["b", "a"], {"b": {"L": 1}, "a": {"M": 2}})
