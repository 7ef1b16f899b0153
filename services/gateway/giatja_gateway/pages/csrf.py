"""Proof that a form was sent from one of our own pages.

Two independent checks, since either has known gaps: the browser's own word on where a request comes from
(`Sec-Fetch-Site`, `Origin`), and a token that only our pages hold. The token is a salted HMAC over a secret
cookie and the session, so it dies with the session, cannot be planted by a sibling site, and looks different on
every page, which leaves nothing to learn from the length of compressed answers.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from secrets import token_bytes, token_urlsafe
from typing import Final
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request
from markupsafe import Markup

COOKIE: Final = "giatja_form"
FIELD: Final = "csrf_token"
HEADER: Final = "X-CSRF-Token"
SALT: Final = 16
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


def _seed() -> str:
    if "form_seed" not in g:
        kept = request.cookies.get(COOKIE, "")
        g.form_seed = kept or token_urlsafe(32)
        g.form_seed_new = not kept
    seed: str = g.form_seed
    return seed


def _mac(salt: bytes, seed: str) -> bytes:
    secret = current_app.secret_key
    if not secret:
        raise RuntimeError("the gateway has no SESSION_SECRET")
    key = secret if isinstance(secret, bytes) else secret.encode()
    said = f"{seed}|{g.get('session_id') or ''}".encode()
    return hmac.new(b"giatja form " + key, salt + said, sha256).digest()


def token() -> str:
    """Make the token of this page."""
    salt = token_bytes(SALT)
    return urlsafe_b64encode(salt + _mac(salt, _seed())).decode().rstrip("=")


def field() -> Markup:
    """Write the token as a hidden field; the templates call it `csrf()`."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, token())


def _from_elsewhere() -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.host


def _holds(sent: str) -> bool:
    if COOKIE not in request.cookies:
        return False
    try:
        raw = urlsafe_b64decode(sent.encode("ascii") + b"=" * (-len(sent) % 4))
    except ValueError:
        return False
    salt, mac = raw[:SALT], raw[SALT:]
    return hmac.compare_digest(mac, _mac(salt, _seed()))


def refused() -> bool:
    """Tell whether this request must not be obeyed, because no page of ours sent it."""
    if request.method in SAFE or request.path.startswith("/api/"):
        # The API takes no cookie, only tokens, so no foreign page can borrow a session there.
        return False
    return _from_elsewhere() or not _holds(request.headers.get(HEADER) or request.form.get(FIELD, ""))


def keep(response: Response) -> Response:
    """Hand the browser the secret half, once."""
    if g.get("form_seed_new"):
        response.set_cookie(COOKIE, g.form_seed, httponly=True, samesite="Lax", secure=request.is_secure)
    return response


def install(app: Flask) -> None:
    """Give templates `csrf()` and `csrf_token()`."""
    app.jinja_env.globals["csrf"] = field
    app.jinja_env.globals["csrf_token"] = token
    app.after_request(keep)
