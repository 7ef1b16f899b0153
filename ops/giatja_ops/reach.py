"""How commands reach the services: over HTTP through the edge's inner listener, signed as `ops`."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click

from giatja_kit.auth import Signer
from giatja_kit.client import ServiceClient
from giatja_ops.secrets import read_secret

ISSUER: Final = "ops"
_SLOW: Final = (2.0, 60.0)


class NotReachable(click.ClickException):
    """There is nothing to ask: no settings, and no system that runs here."""


class Refused(click.ClickException):
    """A service said no; its sentence is the message."""


class Reach:
    """Asks services as `ops`; what they refuse ends the command with their own words."""

    def __init__(self, internal_url: str, signing_key: str) -> None:
        self._client = ServiceClient(internal_url, Signer(ISSUER, signing_key), timeout=_SLOW)

    def get(self, service: str, path: str, query: Mapping[str, Any]) -> Mapping[str, Any]:
        """Ask a question.

        :raises Refused: it answered no. :raises ServiceUnavailable: it did not answer.
        """
        return self._ask("GET", service, path, params=query)

    def post(self, service: str, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Ask for an act.

        :raises Refused: it answered no. :raises ServiceUnavailable: it did not answer.
        """
        return self._ask("POST", service, path, json=body)

    def _ask(self, method: str, service: str, path: str, **sent: Any) -> Mapping[str, Any]:
        answer = self._client.request(method, service, path, headers={"Accept-Language": "en"}, **sent)
        document: Mapping[str, Any] = answer.json()
        if answer.status_code >= 400:
            raise Refused(f"{service}: {document.get('title', answer.status_code)}")
        return document


def reach() -> Reach:
    """Return the way to the services: of the environment, or else of the system that runs in this folder.

    :raises NotReachable: neither is there.
    """
    known = settings()
    key = known.get("GIATJA_SIGNING_KEY")
    if key is None and "GIATJA_SECRETS_DIR" in known:
        key = read_secret(Path(known["GIATJA_SECRETS_DIR"]), "giatja_signing_key")
    if key is None:
        raise NotReachable("GIATJA_SIGNING_KEY is missing: the key of `ops`, or its file in GIATJA_SECRETS_DIR.")
    return Reach(known["GIATJA_INTERNAL_URL"], key)


def settings() -> Mapping[str, str]:
    """Return the settings of `ops`: those of the environment, or else of the system that runs in this folder.

    :raises NotReachable: neither is there.
    """
    given = {n: v for n, v in os.environ.items() if n.startswith("GIATJA_")}
    return given if "GIATJA_INTERNAL_URL" in given else _settings_here(Path.cwd())


def _settings_here(root: Path) -> Mapping[str, str]:
    from giatja_ops.local import OFFSETS, LocalSystem, running_state  # an image has no local parts

    state = running_state(root)
    if state is None:
        raise NotReachable(f"Nothing runs in {root}. Start it with `make run`, or set GIATJA_INTERNAL_URL.")
    return LocalSystem(root, state.ports["internal"] - OFFSETS["internal"]).settings_env(ISSUER)


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return rows as a table for a terminal; numbers stand to the right."""
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max(len(row[n]) for row in [list(heads), *cells]) for n in range(len(heads))]
    right = [bool(rows) and all(isinstance(row[n], int) for row in rows) for n in range(len(heads))]

    def line(row: Sequence[str]) -> str:
        placed = (c.rjust(w) if r else c.ljust(w) for c, w, r in zip(row, widths, right, strict=True))
        return "  ".join(placed).rstrip()

    return "\n".join([line(heads), line(["-" * w for w in widths]), *(line(row) for row in cells)])


def _cell(value: object) -> str:
    return "-" if value is None else str(value)
