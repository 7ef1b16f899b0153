"""The two languages of the screens: Indonesian as it stands in the code, English from `en.po` files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, Response, g, request

DEFAULT: Final = "id"
LANGUAGES: Final = {"id": "Indonesia", "en": "English"}
COOKIE: Final = "giatja_lang"
ONE_YEAR: Final = 365 * 24 * 3600
# What the extractor of the guard test looks for, besides Babel's own names.
KEYWORDS: Final = {"_": None, "lazy": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}

_translations: dict[str, NullTranslations] = {DEFAULT: NullTranslations()}


class ContradictoryTranslation(ValueError):
    """Two `en.po` files give one text two English forms; a context (`pgettext`) tells them apart."""


def merged(files: Iterable[Path]) -> Catalog:
    """Read every `en.po` into one catalogue.

    :raises ContradictoryTranslation: where two files disagree on the English of one text.
    """
    catalogue = Catalog(locale="en")
    for path in files:
        with path.open("rb") as source:
            for message in read_po(source, locale="en", abort_invalid=True):
                if not message.id:
                    continue
                known = catalogue.get(message.id, message.context)
                if known is not None and known.string != message.string:
                    raise ContradictoryTranslation(f"{path}: {message.id!r} is {known.string!r} elsewhere")
                catalogue.add(message.id, message.string, context=message.context, flags=message.flags)
    return catalogue


def load(files: Iterable[Path]) -> None:
    """Compile the English of all screen groups in memory, so that no compiled file is kept."""
    compiled = BytesIO()
    write_mo(compiled, merged(files))
    compiled.seek(0)
    _translations["en"] = GNUTranslations(compiled)


def current() -> str:
    """Name the language of this request."""
    try:
        chosen: str = g.lang
    except (RuntimeError, AttributeError):  # outside a request, or before the language was looked for
        return DEFAULT
    return chosen


def gettext(text: str) -> str:
    """Say an Indonesian text in the language of this request."""
    return _translations.get(current(), _translations[DEFAULT]).gettext(text)


def ngettext(one: str, many: str, count: int) -> str:
    """Say a text that depends on a count in the language of this request."""
    return _translations.get(current(), _translations[DEFAULT]).ngettext(one, many, count)


def pgettext(context: str, text: str) -> str:
    """Say a text whose English depends on where it stands."""
    return _translations.get(current(), _translations[DEFAULT]).pgettext(context, text)


_ = gettext


@dataclass(frozen=True)
class lazy:  # noqa: N801  reads like a function where it marks a text
    """A text that is said when it is shown, for tables built at import."""

    text: str

    def __str__(self) -> str:
        """Say the text in the language of this request."""
        return gettext(self.text)


def choose() -> None:
    """Find the language of a request: `?lang=`, then the cookie, then Indonesian."""
    asked = request.args.get("lang")
    kept = request.cookies.get(COOKIE, DEFAULT)
    g.lang = asked if asked in LANGUAGES else kept if kept in LANGUAGES else DEFAULT
    g.lang_chosen = asked in LANGUAGES and asked != kept
    if not request.path.startswith("/api/"):
        # A refusal made below the pages speaks the language of the header: let it be the person's choice.
        request.environ["HTTP_ACCEPT_LANGUAGE"] = g.lang


def keep(response: Response) -> Response:
    """Remember the chosen language and name it in the answer."""
    if g.get("lang_chosen"):
        response.set_cookie(COOKIE, g.lang, max_age=ONE_YEAR, httponly=True, samesite="Lax", secure=request.is_secure)
    if response.mimetype == "text/html":
        response.headers.setdefault("Content-Language", current())
        response.vary.add("Cookie")
    return response


def install(app: Flask) -> None:
    """Give the app's templates `_`, `ngettext` and `{% trans %}`, and each request its language."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    install_callables = app.jinja_env.install_gettext_callables  # type: ignore[attr-defined]
    install_callables(gettext, ngettext, newstyle=True, pgettext=pgettext)
    app.jinja_env.globals["current_language"] = current
    app.jinja_env.globals["languages"] = LANGUAGES
    app.before_request(choose)
    app.after_request(keep)
