"""Own files and Bootstrap's, served under an address that changes with their content.

In a deployment the edge answers `/static/*` itself; what stands here answers where there is no edge, and always
for Bootstrap, whose files stay in their wheel.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

import flask_bootstrap
from flask import Blueprint, Response, abort, request, send_from_directory

OWN: Final = Path(__file__).parent.parent / "static"
BOOTSTRAP: Final = Path(flask_bootstrap.__file__).parent / "static" / "bootstrap5"
ROOTS: Final = {"static": OWN, "bootstrap": BOOTSTRAP}
SERVED: Final = frozenset({".css", ".js", ".svg", ".png", ".woff2", ".webmanifest"})
FOREVER: Final = 365 * 24 * 3600


@cache
def version() -> str:
    """Hash every own file and Bootstrap's stylesheet."""
    digest = sha256()
    for path in [*sorted(OWN.rglob("*")), BOOTSTRAP / "css" / "bootstrap.min.css"]:
        if path.is_file():
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def asset(name: str, root: str = "static") -> str:
    """Give the address of a file, e.g. `asset("css/shell.css")`."""
    return f"/{root}/{name}?v={version()}"


def _send(root: str, name: str) -> Response:
    if Path(name).suffix not in SERVED:
        abort(404)
    response = send_from_directory(ROOTS[root], name)
    # A file asked for by its version never changes; without one (a module another imports), ask whether it did.
    if request.args.get("v") == version():
        response.cache_control.no_cache = None
        response.cache_control.public = True
        response.cache_control.max_age = FOREVER
        response.cache_control.immutable = True
    return response


def register(blueprint: Blueprint) -> None:
    """Serve the files."""

    @blueprint.get("/static/<path:name>")
    def own(name: str) -> Response:
        return _send("static", name)

    @blueprint.get("/bootstrap/<path:name>")
    def bootstrap(name: str) -> Response:
        return _send("bootstrap", name)

    @blueprint.get("/favicon.ico")
    def favicon() -> Response:
        return _send("static", "img/favicon.svg")

    for view in (own, bootstrap, favicon):
        view.__dict__["permission"] = "public"
        view.__dict__["open_because"] = "a file that shows nothing of anybody"
