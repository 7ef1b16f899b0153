"""Paper: a typst template and its data become a PDF, under the letterhead that was right on its day."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import segno
import typst
from flask import Response, current_app, g

from giatja_gateway.identity import queries as identity
from giatja_gateway.lapas import queries as lapas
from giatja_gateway.pages.account.roles import role_name
from giatja_gateway.pages.formats import format_datetime, today
from giatja_gateway.pages.language import _
from giatja_gateway.services import own
from giatja_kit import clock

ROOT: Final = Path(__file__).parents[1]


def pdf(
    template: Path,
    data: Mapping[str, Any],
    *,
    name: str,
    day: date | None = None,
    letterhead: bool = True,
    download: bool = False,
) -> Response:
    """Answer with a PDF.

    :param template: a ``.typ`` file, usually ``Path(__file__).parent / "papers" / "….typ"``; it begins
        with ``#import "/reports/giatja.typ": *`` and finds ``data`` there. Paper is in Indonesian.
    :param data: what JSON can hold; dates and ids are written as text.
    :param name: of the file, without its ending; of letters, digits, ``-`` and ``_``, never a person's name.
    :param day: whose letterhead it carries; today's when left out.
    :param download: keep it as a file instead of showing it.
    """
    given = {"data": data, "letterhead": _letterhead(day) if letterhead else [], "footer": _footer()}
    document = render(template, given)
    answer = current_app.response_class(document, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'{"attachment" if download else "inline"}; filename="{name}.pdf"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def render(template: Path, given: Mapping[str, Any]) -> bytes:
    """Return a template as PDF; only files of this package can be read by it."""
    # Only the fonts that come with typst, so that a paper looks alike wherever the gateway runs.
    return typst.compile(
        template,
        root=ROOT,
        sys_inputs={"given": json.dumps(given, default=str)},
        font_paths=[],
        ignore_system_fonts=True,
    )


@cache
def qr(text: str) -> str:
    """Return a QR code as SVG, for ``qr(data.code)`` in a template; level M survives a fold."""
    out = BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", border=0, xmldecl=False, svgns=True)
    return out.getvalue().decode()


def officials(roles: Iterable[str], *, day: date | None = None) -> list[dict[str, str]]:
    """Return who signs: the title each role had on a day, with the name of who held it, acting or not.

    A role nobody held has no name, and the paper a line to write one on.
    """
    at = day or today()
    with own(everywhere=True) as store:
        titles = lapas.titles_on(store, g.person.lapas_id, at)["titles"]
        holders = identity.holders(store, g.person.lapas_id, at)
    found = []
    for role in roles:
        holder = holders.get(role)
        title = titles.get(role) or role_name(role)
        acting = _("Plt.") + " " if holder and holder["plt"] else ""
        found.append({"title": f"{acting}{title}", "name": holder["name"] if holder else ""})
    return found


def _letterhead(day: date | None) -> list[str]:
    with own(everywhere=True) as store:
        return list(lapas.titles_on(store, g.person.lapas_id, day or today())["letterhead"])


def _footer() -> str:
    """Say who printed it and when: paper leaves the house, and has to say where it came from."""
    return f"Giatja · {g.person.lapas_name} · dicetak {format_datetime(clock.now())} oleh {g.person.name}"
