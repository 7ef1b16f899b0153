"""The buku bahan baku: what was there, came, went and is left, per item, owner and order, for any days."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, request
from flask.typing import ResponseReturnValue

from giatja_gateway.pages.base import needs, render
from giatja_gateway.pages.formats import today
from giatja_gateway.pages.materials import papers, words
from giatja_gateway.services import services
from giatja_kit import clock

blueprint = Blueprint("booking", __name__)


@blueprint.get("/bahan/buku")
@needs("materials.read")
def book() -> ResponseReturnValue:
    """Show the stock book of some days."""
    g.at = clock.now()
    found = _asked()
    orders = services().every("production", "/material-orders", owner="partner")
    context = {
        "book": found,
        "orders": [(o["order_id"], f"{o['number']} · {o['partner_name']}") for o in orders],
        "words": words,
        "tabs": words.tabs("materials.booking.book"),
    }
    return render("materials/book.html", context)


@blueprint.get("/bahan/buku/cetak")
@needs("materials.read")
def paper() -> Response:
    """Give the stock book on paper."""
    g.at = clock.now()
    return papers.book(_asked())


@blueprint.get("/bahan/buku/xlsx")
@needs("materials.read")
def workbook() -> Response:
    """Give the stock book as a workbook."""
    g.at = clock.now()
    return papers.book_workbook(_asked())


def _asked() -> Any:
    args = request.args
    last = _day(args.get("sampai")) or today()
    first = _day(args.get("dari")) or last.replace(day=1)
    query = {
        "first": min(first, last).isoformat(),
        "last": last.isoformat(),
        "owner": args.get("pemilik") if args.get("pemilik") in ("partner", "lapas") else None,
        "kind": args.get("jenis") if args.get("jenis") in words.KINDS else None,
        "order_id": _uuid(args.get("pesanan")),
    }
    return services().get("production", "/material-book", **query).json


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _uuid(text: str | None) -> str | None:
    try:
        return str(UUID(text)) if text else None
    except ValueError:
        return None
