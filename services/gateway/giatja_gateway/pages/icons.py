"""Bootstrap's icons, taken one by one out of the wheel's sprite and written into the page."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from markupsafe import Markup

from giatja_gateway.pages.assets import BOOTSTRAP

_SYMBOL: Final = re.compile(r'<symbol class="[^"]*" viewBox="([^"]*)" id="([^"]*)">(.*?)</symbol>', re.DOTALL)


class UnknownIcon(LookupError):
    """No icon of this name is in the wheel."""


@cache
def _drawings() -> dict[str, tuple[str, str]]:
    sprite = (BOOTSTRAP / "icons" / "bootstrap-icons.svg").read_text("utf-8")
    return {name: (box, body) for box, name, body in _SYMBOL.findall(sprite)}


@cache
def icon(name: str, label: str = "") -> Markup:
    """Draw an icon; one with a label is read out, one without is decoration.

    :raises UnknownIcon: where the wheel has none of this name.
    """
    try:
        box, body = _drawings()[name]
    except KeyError:
        raise UnknownIcon(name) from None
    said = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    # The drawing is the wheel's own text, not a person's: it may stand as markup.
    return Markup('<svg class="icon" viewBox="{}" fill="currentColor" {}>{}</svg>').format(
        box,
        said,
        Markup(body),  # noqa: S704
    )
