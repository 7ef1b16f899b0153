"""`giatja doctor`: looks at everything a local system needs and says in plain words what is wrong."""

import http.client
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Literal

import click

from giatja_ops import parts, secrets
from giatja_ops.local import DEFAULT_PORT, DEFAULT_PORT_BASE, LocalSystem, PortBusy, ask, running_state
from giatja_ops.names import SERVICES, WORKERS

ROOM_NEEDED = 2 * 1024**3
BEAT_MAX_AGE = 60.0


@dataclass(frozen=True)
class Finding:
    """One thing looked at: how it is, and what to do about it."""

    grade: Literal["ok", "note", "wrong"]
    text: str
    advice: str = ""


@click.command()
def doctor() -> None:
    """Check versions, disk, ports, processes and readiness, and say what to do."""
    found = list(examine(Path.cwd()))
    for finding in found:
        click.echo(f"  {finding.grade:<6} {finding.text}")
        if finding.advice:
            click.echo(f"         -> {finding.advice}")
    wrong = sum(finding.grade == "wrong" for finding in found)
    click.echo("Everything is in order." if not wrong else f"{wrong} of {len(found)} points need attention.")
    sys.exit(1 if wrong else 0)


def examine(root: Path) -> Iterator[Finding]:
    """Look at a folder's system, whether it runs or not."""
    yield from _programs()
    yield _disk(root)
    yield from _secrets(root / "var" / "secrets")
    state = running_state(root)
    if state is None:
        yield from _ports(root)
        yield Finding("note", "Giatja does not run here.", "`make run` starts it.")
        return
    yield Finding("ok", f"Giatja runs at {state.url} (process {state.pid}).")
    for name in SERVICES:
        if name in state.processes:
            yield readiness(name, state.ports[name])
    if "edge" in state.processes:
        yield _edge(state.ports["edge"])
    yield from _workers(root / "var" / "run", [name for name in WORKERS if name in state.processes])


def readiness(name: str, port: int) -> Finding:
    """Ask a service whether it is ready, and pass on its reasons if it is not."""
    log = f"Its log: var/logs/{name}.log"
    status, text = ask(port, "/readyz")
    if status == http.client.OK:
        return Finding("ok", f"{name} is ready (port {port}).")
    if not status:
        return Finding("wrong", f"{name} does not answer on port {port}: {text}.", log)
    return Finding("wrong", f"{name} is not ready ({status}): {text[:300]}", log)


def _edge(port: int) -> Finding:
    status, text = ask(port, "/livez")
    if status != http.client.OK:
        return Finding("wrong", f"The edge answers {status or text} on port {port}.", "Its log: var/logs/edge.log")
    return Finding("ok", f"The edge answers (port {port}).")


def _workers(run: Path, workers: list[str]) -> Iterator[Finding]:
    from giatja_kit.clock import now

    for worker in workers:
        beat = run / f"{worker}.beat"
        age = now().timestamp() - beat.stat().st_mtime if beat.exists() else None
        if age is None or age > BEAT_MAX_AGE:
            since = "has not proved yet" if age is None else f"has not proved for {age:.0f} s"
            yield Finding("wrong", f"{worker} {since} that it consumes.", f"Its log: var/logs/{worker}.log")
        else:
            yield Finding("ok", f"{worker} consumes (seen {age:.0f} s ago).")


def _programs() -> Iterator[Finding]:
    python = ".".join(map(str, sys.version_info[:3]))
    yield Finding("ok", f"Python {python} in {sys.prefix}")
    try:
        for name, which in parts.versions().items():
            yield Finding("ok", f"{name} {which}")
        for program in (parts.postgres_program("postgres"), parts.valkey_program(), parts.caddy_program()):
            if not os.access(program, os.X_OK):
                yield Finding("wrong", f"{program} may not be executed.", "Is the folder mounted with noexec?")
    except (PackageNotFoundError, parts.PartMissing) as error:
        yield Finding("wrong", f"A part is missing: {error}", "`make .venv` installs it.")


def _disk(root: Path) -> Finding:
    free = shutil.disk_usage(root).free
    text = f"{free / 1024**3:.1f} GiB of disk are free in {root}."
    if free < ROOM_NEEDED:
        return Finding("wrong", text, "PostgreSQL stops when the disk is full; make room (2 GiB at least).")
    return Finding("ok", text)


def _secrets(folder: Path) -> Iterator[Finding]:
    if not folder.exists():
        yield Finding("note", "There are no secrets yet.", "The first `make run` makes them.")
        return
    open_files = [str(path) for path in secrets.readable_by_others(folder)]
    if open_files:
        yield Finding("wrong", f"Others may read: {', '.join(open_files)}", "chmod 600 these files.")
    else:
        yield Finding("ok", "Only their owner may read the secrets.")


def _ports(root: Path) -> Iterator[Finding]:
    try:
        base = int(os.environ.get("GIATJA_PORT_BASE") or DEFAULT_PORT_BASE)
        port = int(os.environ.get("GIATJA_PORT") or DEFAULT_PORT)
    except ValueError as error:
        yield Finding("wrong", f"GIATJA_PORT or GIATJA_PORT_BASE is no number: {error}")
        return
    try:
        LocalSystem(root, base, port=port).check_ports()
    except PortBusy as error:
        for line in str(error).splitlines():
            if not line.startswith("  "):
                yield Finding(
                    "wrong", line, "Free it, or move ours with GIATJA_PORT (edge) or GIATJA_PORT_BASE (all others)."
                )
    else:
        yield Finding("ok", f"Port {port} and the ports from {base + 1} are free.")
