"""`giatja audit`: whether the trail of who did what is whole in every service."""

import json
from collections.abc import Mapping
from typing import Any

import click

from giatja_kit.client import ServiceUnavailable
from giatja_ops.names import SERVICES
from giatja_ops.reach import reach, table


@click.group()
def audit() -> None:
    """Look after the audit trail."""


@audit.command()
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def verify(as_json: bool) -> None:
    """Walk each service's chain of hashes; fails where an entry was changed or removed, or a service is down."""
    ask = reach()
    found: dict[str, Mapping[str, Any] | None] = {}
    for service in SERVICES:
        try:
            found[service] = ask.get(service, "/audit/verify", {})
        except ServiceUnavailable:
            found[service] = None
    if as_json:
        click.echo(json.dumps(found, indent=1))
    else:
        click.echo(table(("service", "verdict", "entries", "not sealed yet"), [_row(s, v) for s, v in found.items()]))
    whole = all(verdict is not None and verdict["whole"] for verdict in found.values())
    raise SystemExit(0 if whole else 1)


def _row(service: str, verdict: Mapping[str, Any] | None) -> tuple[object, ...]:
    if verdict is None:
        return (service, "no answer", None, None)
    said = "whole" if verdict["whole"] else f"BROKEN at {verdict['broken_at']}: {verdict['reason']}"
    return (service, said, verdict["checked"], verdict["unsealed"])
