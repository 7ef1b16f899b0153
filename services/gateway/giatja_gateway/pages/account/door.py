"""The door of the pages: the cookie of a session, and the person it brings into a request."""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import Final, cast
from urllib.parse import unquote, urlsplit

from flask import Flask, Response, abort, current_app, flash, g, redirect, request, url_for
from flask.sessions import SecureCookieSessionInterface
from flask.typing import ResponseReturnValue
from werkzeug.middleware.proxy_fix import ProxyFix

from giatja_contracts.permissions import ROLES
from giatja_gateway.identity import handlers, queries
from giatja_gateway.identity.domain import SESSION_LONGEST, SignedIn
from giatja_gateway.pages.account.roles import role_name
from giatja_gateway.pages.errors import MACHINES
from giatja_gateway.pages.language import _, choose
from giatja_gateway.services import ServiceProblem
from giatja_gateway.settings import GatewaySettings
from giatja_kit import clock, problems
from giatja_kit.database import Row
from giatja_kit.web import kit

COOKIE: Final = "giatja_session"
KNOWN_COOKIE: Final = "giatja_known"
ONE_YEAR: Final = 365 * 24 * 3600
_OPEN_WHILE_CHANGING: Final = frozenset(
    {"account.password", "account.change_password", "account.sign_out", "account.sign_in", "account.enter"}
)


class _NoticeCookie(SecureCookieSessionInterface):
    """Flask's own session carries nothing but the notices of the next page."""

    def get_cookie_secure(self, app: Flask) -> bool:
        """Keep it to HTTPS where the request came over HTTPS."""
        return request.is_secure


def install(app: Flask) -> None:
    """Give the app its secret and each request for a page its person."""
    settings = cast("GatewaySettings", app.extensions["giatja"].service.settings)
    app.secret_key = settings.session_secret.get_secret_value()
    app.config.update(SESSION_COOKIE_NAME="giatja_notices", SESSION_COOKIE_SAMESITE="Lax", SESSION_COOKIE_HTTPONLY=True)
    app.session_interface = _NoticeCookie()
    # Exactly one proxy, the edge, stands before this process, and it overwrites what a client claims.
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=0)  # type: ignore[method-assign]
    app.before_request(recognise)

    @app.errorhandler(ServiceProblem)
    def refused_by_service(problem: ServiceProblem) -> Response:
        answer = problems.answer("service-refused", problem.status, str(problem.document.get("title", "")))
        answer.set_data(current_app.json.dumps({**problem.document, "status": problem.status}))
        return answer


def keep_order(app: Flask) -> None:
    """Make what the session says be followed; after the language of the request is known."""
    app.before_request(follow)


def recognise() -> None:
    """Find the session of this request and put the person into ``g``."""
    g.person = None
    if request.path.startswith(MACHINES):
        return
    token = request.cookies.get(_cookie_name())
    if not token or len(token) > 100:
        return
    with kit().database.transaction(at=clock.now()) as store:
        found = queries.session(store, handlers.hash_token(token))
        if found is None:
            g.session_ended = True
            return
        g.role_moved = found["assignment_id"] != found["chosen_id"]
        # A form that was opened in a role that has ended must not be obeyed in another.
        if g.role_moved and request.method not in ("GET", "HEAD"):
            return
        handlers.see_session(store, found)
    g.session_id = found["id"]
    # The name of a role is said in the language of this request, which the pages look for only after this.
    choose()
    g.person = _person(found)


def follow() -> ResponseReturnValue | None:
    """Stop what a session may not do: anything but a new password after a temporary one."""
    person: SignedIn | None = g.get("person")
    if person is None:
        return None
    if g.get("role_moved"):
        flash(
            _("Peran Anda sebelumnya sudah berakhir. Anda sekarang bertindak sebagai %(role)s.")
            % {"role": person.title},
            "kunyit",
        )
    if person.must_change and request.endpoint not in _OPEN_WHILE_CHANGING:
        if request.method not in ("GET", "HEAD"):
            abort(403)
        return redirect(url_for("account.password"), 303)
    return None


def _person(row: Row) -> SignedIn:
    region = row["lapas_id"] == "*"
    return SignedIn(
        id=row["person_id"],
        username=row["username"],
        name=row["name"],
        assignment_id=row["assignment_id"],
        role=row["role"],
        title=row["title"] or role_name(row["role"]),
        plt=row["plt"],
        lapas_id=None if region else row["lapas_id"],
        lapas_name="" if region else row["lapas_name"],
        zone=row["zone"],
        permissions=ROLES.get(row["role"], frozenset()),
        must_change=row["must_change"],
    )


def let_in(response: Response, token: str) -> Response:
    """Hand the browser a session's token."""
    response.set_cookie(
        _cookie_name(),
        token,
        max_age=int(SESSION_LONGEST.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=request.is_secure,
    )
    return response


def let_out(response: Response) -> Response:
    """Take the session's token back, and what pages may have left in the browser."""
    response.delete_cookie(_cookie_name(), httponly=True, samesite="Lax", secure=request.is_secure)
    return response


def _cookie_name() -> str:
    # The prefix keeps other hosts of the same domain from planting one; browsers accept it over HTTPS only.
    return f"__Host-{COOKIE}" if request.is_secure else COOKIE


def is_known_device(username: str) -> bool:
    """Tell whether this person has signed in with this browser before."""
    return hmac.compare_digest(request.cookies.get(KNOWN_COOKIE, ""), _known_mark(username))


def remember_device(response: Response, username: str) -> Response:
    """Remember that this person signed in with this browser."""
    response.set_cookie(
        KNOWN_COOKIE,
        _known_mark(username),
        max_age=ONE_YEAR,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure,
    )
    return response


def _known_mark(username: str) -> str:
    secret = current_app.secret_key
    key = secret if isinstance(secret, bytes) else str(secret).encode()
    return hmac.new(b"giatja known device " + key, username.strip().lower().encode(), sha256).hexdigest()


def safe_next(target: str | None) -> str | None:
    """Return an address of our own pages to go back to, or nothing.

    A browser reads a backslash as a slash and drops control characters, so anything unusual is refused.
    """
    if not target or len(target) > 1000 or not target.startswith("/"):
        return None
    plain = unquote(target)
    if plain.startswith(("//", "/\\")) or "\\" in plain or any(ord(c) < 32 or ord(c) == 127 for c in plain):
        return None
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or parts.path.startswith((*MACHINES, "/masuk", "/keluar")):
        return None
    return target
