"""The screens: one folder per group of pages, on one base of design, language and safety."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Final

from flask import Blueprint, Flask

from giatja_gateway.pages import assets, base, charts, csrf, errors, formats, forms, icons, language, states

HERE: Final = Path(__file__).parent

# The screen groups, in the order of the navigation. A group is a folder `pages/<group>/` with `pages.py`
# (which has `blueprint` and, for its navigation entries, `NAVIGATION`), `templates/<group>/*.html` and `en.po`.
GROUPS: Final[tuple[str, ...]] = (
    "home",
    "orders",
    "production",
    "workshops",
    "planning",
    "batches",
    "floor",
    "attendance",
    "days",
    "materials",
    "tools",
    "duty",
    "safety",
    "bundles",
    "quality",
    "board",
    "inmates",
    "departures",
    "assignments",
    "premi",
    "account",
    "people",
    "region",
    "facts",
    "tracking",
)


def _modules(groups: Iterable[str]) -> list[ModuleType]:
    return [import_module(f"{__name__}.{group}.pages") for group in groups]


def register_pages(app: Flask, groups: Iterable[str] = GROUPS) -> None:
    """Put every screen group, and what they stand on, into the gateway's app.

    Call it after `giatja_gateway.identity` has installed what puts the person into `flask.g`.
    """
    groups = tuple(groups)
    if not app.secret_key:
        raise RuntimeError("pages need app.secret_key: set GIATJA_SESSION_SECRET")
    language.load([HERE / "en.po", *(HERE / group / "en.po" for group in groups)])
    modules = _modules(groups)
    ground = Blueprint("ground", __name__, template_folder="../templates")
    assets.register(ground)
    app.register_blueprint(ground)
    # After a request these run from the last installed to the first: the error page needs language and form cookies.
    base.install(app, [item for module in modules for item in getattr(module, "NAVIGATION", ())])
    language.install(app)
    csrf.install(app)
    errors.install(app)
    formats.install(app)
    charts.install(app)
    forms.install(app)
    app.jinja_env.globals.update(icon=icons.icon, asset=assets.asset, look=states.look)
    for module in modules:
        app.register_blueprint(module.blueprint)
