"""The form of an order: what was typed, as the body the service wants, and its complaints back onto the fields.

A line keeps the number it got when it was added (``lines.3.rate``), so that taking another line
away moves nothing that was typed. The grid's fields are ``lines.3.cells.<colour>.<size>``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from giatja_gateway.pages.forms import Form, field_name
from giatja_gateway.pages.language import _

INTERNAL: Final = "internal"
MOST_LINES: Final = 50
_LINE = re.compile(r"lines\.(\d{1,3})\.product_id")


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of the form: its number, its product, and how the grid is laid out."""

    nth: int
    product: Mapping[str, Any]
    cells: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The beginning of its fields' names."""
        return f"lines.{self.nth}"


@dataclass(kw_only=True)
class OrderForm:
    """An order being written.

    :param fields: pointer of the service -> name of the field here, for what is not named alike.
    """

    values: Mapping[str, str]
    products: Mapping[str, Mapping[str, Any]]
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def lines(self) -> list[Line]:
        """The lines, in the order they were added."""
        numbers = sorted(int(found[1]) for name in self.values if (found := _LINE.fullmatch(name)))
        return [
            Line(nth=nth, product=self._product(self.values[f"lines.{nth}.product_id"])) for nth in numbers[:MOST_LINES]
        ]

    def with_line(self, product_id: str) -> Mapping[str, str]:
        """Return the values with one more line."""
        if product_id not in self.products:
            return self.values
        nth = max((line.nth for line in self.lines), default=-1) + 1
        product = self.products[product_id]
        added = {"product_id": product_id, "rate": str(product["rate"]), "unit": product["unit"]}
        return {**self.values, **{f"lines.{nth}.{name}": value for name, value in added.items()}}

    def without_line(self, nth: str) -> Mapping[str, str]:
        """Return the values without a line."""
        return {name: value for name, value in self.values.items() if not name.startswith(f"lines.{nth}.")}

    def body(self) -> dict[str, Any]:
        """Return what the service is asked to write down."""
        internal = self.values.get("for") == INTERNAL
        return {
            "partner_id": None if internal else self.values.get("partner_id") or "",
            "material_owner": "lapas" if internal else self.values.get("material_owner", "partner"),
            "due_date": self.values.get("due_date", ""),
            "note": self.values.get("note", ""),
            "lines": [self._line(nth, line) for nth, line in enumerate(self.lines)],
        }

    def refused(self, problem: Mapping[str, Any]) -> Form:
        """Return the form as it was sent, each of the service's complaints at its field."""
        errors: dict[str, str] = {}
        general: list[str] = []
        for each in problem.get("errors") or ():
            pointer = field_name(str(each.get("pointer", "")))
            name = self.fields.get(pointer, pointer)
            if name in self.values or name in ("partner_id", "due_date"):
                detail = str(each.get("detail", "")) if self.values.get(name) else _("wajib diisi")
                errors.setdefault(name, detail)
            else:
                general.append(str(each.get("detail", "")))
        if not errors and not general:
            general.append(str(problem.get("title", "")))
        return Form(values=self.values, errors=errors, general=tuple(general))

    def labels(self) -> dict[str, str]:
        """Return how the fields of the lines are called in the summary of complaints."""
        called = {"partner_id": _("Mitra"), "due_date": _("Janji selesai")}
        for line in self.lines:
            for name in self.values:
                if name.startswith(f"{line.name}."):
                    cell = name.removeprefix(f"{line.name}.cells.")
                    called[name] = ", ".join([line.product["name"], *(cell.split(".") if cell != name else ())])
        return called

    def _product(self, product_id: str) -> Mapping[str, Any]:
        unknown = {"id": product_id, "name": "?", "unit": "pcs", "rate": 0, "sizes": ["-"], "colours": ["-"]}
        return self.products.get(product_id, unknown)

    def _line(self, nth: int, line: Line) -> dict[str, Any]:
        for name in ("product_id", "rate", "unit", "due_date", "note"):
            self.fields[f"lines.{nth}.{name}"] = f"{line.name}.{name}"
        self.fields[f"lines.{nth}.cells"] = f"{line.name}.cells"
        cells: list[dict[str, Any]] = []
        for colour in line.product["colours"]:
            for size in line.product["sizes"]:
                name = f"{line.name}.cells.{colour}.{size}"
                typed = self.values.get(name, "").strip()
                if typed in ("", "0"):
                    continue
                for what in ("size", "colour", "quantity"):
                    self.fields[f"lines.{nth}.cells.{len(cells)}.{what}"] = name
                self.fields[f"lines.{nth}.cells.{len(cells)}"] = name
                cells.append({"size": size, "colour": colour, "quantity": typed_number(typed)})
        return {
            "product_id": self.values[f"{line.name}.product_id"],
            "rate": typed_number(self.values.get(f"{line.name}.rate", "")),
            "unit": self.values.get(f"{line.name}.unit") or None,
            "due_date": self.values.get(f"{line.name}.due_date") or None,
            "note": self.values.get(f"{line.name}.note", ""),
            "cells": cells,
        }


def values_of(order: Mapping[str, Any]) -> dict[str, str]:
    """Return the values of the form for an order that is there already."""
    values = {
        "for": INTERNAL if order["internal"] else "partner",
        "partner_id": order["partner_id"] or "",
        "material_owner": order["material_owner"],
        "due_date": order["due_date"],
        "note": order["note"],
    }
    for nth, line in enumerate(order["lines"]):
        name = f"lines.{nth}"
        values |= {f"{name}.{key}": str(line[key]) for key in ("product_id", "rate", "unit", "note")}
        if line["due_date"] != order["due_date"]:
            values[f"{name}.due_date"] = line["due_date"]
        values |= {f"{name}.cells.{c['colour']}.{c['size']}": str(c["quantity"]) for c in line["cells"]}
    return values


def grid(cells: Iterable[Mapping[str, Any]]) -> tuple[list[str], list[str], dict[str, dict[str, int]]]:
    """Return sizes, colours and quantities of ordered cells, each in the order it was written."""
    sizes: dict[str, None] = {}
    rows: dict[str, dict[str, int]] = {}
    for cell in cells:
        sizes[cell["size"]] = None
        rows.setdefault(cell["colour"], {})[cell["size"]] = cell["quantity"]
    return list(sizes), list(rows), rows


def split_list(text: str) -> list[str]:
    """Return the words of a list typed with commas or new lines between them."""
    return [word for part in re.split(r"[,;\n]", text) if (word := part.strip())]


def joined(values: Sequence[str]) -> str:
    """Return a list as it is typed; a single ``-`` is nothing."""
    return "" if list(values) == ["-"] else ", ".join(values)


def typed_number(typed: str) -> int | str | None:
    """Return a whole number, or the text as it is, for the service to say what is wrong with it."""
    plain = typed.strip().replace(".", "").replace(" ", "").removeprefix("Rp")
    if not plain:
        return None
    return int(plain) if re.fullmatch(r"-?\d{1,12}", plain) else typed
