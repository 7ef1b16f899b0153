"""What every page module needs: who may see it, where it stands in the navigation, how it is rendered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final, ParamSpec, cast
from urllib.parse import urlencode

from flask import (
    Flask,
    Response,
    abort,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from giatja_gateway.pages.language import lazy
from giatja_kit.errors import NotAllowed

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]

# No inline script, no style attribute: a stored text can never become either. `data:` is for Bootstrap's form marks.
SECURITY_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
OPEN: Final = "public"


@dataclass(frozen=True, kw_only=True)
class NavItem:
    """One entry of the navigation, shown to those who hold the permission.

    `section` is the heading it stands under (nothing: the first, unnamed group); `bottom` puts it into the
    bottom bar of a phone, where the first four fit.
    """

    endpoint: str
    label: lazy
    icon: str
    permission: str
    section: lazy | None = None
    bottom: bool = False


@dataclass(frozen=True, kw_only=True)
class NavLink:
    """A navigation entry as the template shows it."""

    url: str
    label: str
    icon: str
    section: str
    bottom: bool
    current: bool


def signed_in() -> Any:
    """Give the person of this request, or None; `giatja_gateway.identity` puts it into `g`."""
    return g.get("person")


def may(permission: str) -> bool:
    """Tell whether the person of this request holds a permission; templates ask too."""
    person = signed_in()
    return person is not None and permission in person.permissions


def needs(permission: str) -> Callable[[View[P]], View[P]]:
    """Let only holders of a permission see a page; others are sent to sign in, or refused."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            if signed_in() is None:
                return to_sign_in()
            if permission not in signed_in().permissions:
                raise NotAllowed(permission=permission)
            return view(*args, **kwargs)

        guarded.__dict__["permission"] = permission
        return cast("View[P]", guarded)

    return decorate


def anyone(reason: str) -> Callable[[View[P]], View[P]]:
    """Open a page to everybody, saying why; the guard test asks every route for one or the other."""

    def decorate(view: View[P]) -> View[P]:
        view.__dict__["permission"] = OPEN
        view.__dict__["open_because"] = reason
        return view

    return decorate


def to_sign_in() -> ResponseReturnValue:
    """Send somebody to sign in and back here; a script gets 401, which it can show."""
    if request.method not in ("GET", "HEAD") or "account.sign_in" not in current_app.view_functions:
        abort(401)
    back = request.full_path.rstrip("?")
    return redirect(url_for("account.sign_in", next=back if back != "/" else None), 303)


def render(template: str, context: Mapping[str, object] | None = None, status: int = 200) -> Response:
    """Render a page; nobody keeps a copy of it unless the view says so afterwards."""
    g.page_rendered = True
    answer = make_response(render_template(template, **(context or {})), status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def toast(message: str, tone: str = "daun") -> None:
    """Say something on the next page: `daun` done, `nila` to know, `kunyit` careful, `merah` failed."""
    flash(message, tone)


def url_with(changes: Mapping[str, object] | None = None) -> str:
    """Give this page's address with some of its query changed; None takes a parameter out."""
    query = request.args.to_dict(flat=False)
    for name, value in (changes or {}).items():
        query[name] = [] if value is None or value == "" else [str(value)]
    text = urlencode([(name, each) for name, values in query.items() for each in values])
    return f"{request.path}?{text}" if text else request.path


def _is_current(item: NavItem, url: str) -> bool:
    path = request.path
    return path == url or (url != "/" and path.startswith(url.rstrip("/") + "/"))


def navigation() -> list[NavLink]:
    """List the navigation entries the person may follow, in the order of the screen groups."""
    items: list[NavItem] = current_app.extensions["giatja_navigation"]
    links = [(item, url_for(item.endpoint)) for item in items if may(item.permission)]
    nearest = max((url for item, url in links if _is_current(item, url)), key=len, default="")
    return [
        NavLink(
            url=url,
            label=str(item.label),
            icon=item.icon,
            section=str(item.section) if item.section else "",
            bottom=item.bottom,
            current=url == nearest,
        )
        for item, url in links
    ]


_FEW_LINKS: Final = 10


@dataclass(frozen=True, kw_only=True)
class NavSection:
    """What stands under one heading of the navigation; without a title it is always seen."""

    title: str
    links: list[NavLink]
    open: bool


def navigation_sections(links: list[NavLink]) -> list[NavSection]:
    """Group the entries under their headings, the unnamed first.

    Where there are many, only the heading of this page is open, on pages that stand under none the first.
    """
    titles = sorted(dict.fromkeys(link.section for link in links), key=bool)
    current = next((link.section for link in links if link.current), "")
    opened = current or next(filter(None, titles), "")
    return [
        NavSection(
            title=title,
            links=[link for link in links if link.section == title],
            open=title == opened or len(links) <= _FEW_LINKS,
        )
        for title in titles
    ]


def has_page(endpoint: str) -> bool:
    """Tell whether a page exists in this deployment, for links that only stand where it does."""
    return endpoint in current_app.view_functions


def secure(response: Response) -> Response:
    """Add the security headers of pages; the API's own documents bring theirs."""
    if not request.path.startswith("/api/"):
        for name, value in SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
    return response


def install(app: Flask, items: list[NavItem]) -> None:
    """Give the app its navigation, headers and template helpers."""
    app.extensions["giatja_navigation"] = items
    app.after_request(secure)
    app.jinja_env.globals.update(
        navigation=navigation, navigation_sections=navigation_sections, may=may, url_with=url_with, has_page=has_page
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
