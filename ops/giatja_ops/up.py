"""`giatja up` and `giatja reset`: the whole system in one terminal, and its data cleared."""

import contextlib
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from giatja_ops import parts
from giatja_ops.local import (
    DEFAULT_PORT,
    DEFAULT_PORT_BASE,
    OFFSETS,
    Interrupted,
    LocalSystem,
    PortBusy,
    RunsAlready,
    StartFailed,
    running_state,
)
from giatja_ops.names import PROCESSES
from giatja_ops.secrets import write_private
from giatja_ops.supervisor import Process

# Runs in a process of its own, so that what it loads does not stay in memory and Ctrl-C can end it.
_LOAD_DEMO = """
import json, sys
from giatja_ops import demo
with open(sys.argv[1], "w") as file:
    json.dump([list(map(str, who)) for who in demo.load()], file)
"""


class Terminal:
    """Writes progress: one line for what is done, and on a terminal a last line for what is awaited."""

    def __init__(self) -> None:
        """Write to standard output for as long as somebody is there."""
        self._alive = True
        self._changes = sys.stdout.isatty()
        self._awaited = ""

    def say(self, text: str = "") -> None:
        """Write a line."""
        self._write(f"{self._erase()}{text}\n")

    def awaiting(self, text: str) -> None:
        """Write what is awaited, over what was awaited before; nothing where nobody watches."""
        if self._changes and text != self._awaited:
            erase = self._erase()
            self._awaited = text
            self._write(f"{erase}  ... {text[: shutil.get_terminal_size().columns - 7]}" if text else erase)

    def _erase(self) -> str:
        """Return what clears the line of what is awaited, and forget it."""
        awaited, self._awaited = self._awaited, ""
        return "\r\033[K" if awaited else ""

    def ready(self, what: Process | str, seconds: float) -> None:
        """Write that a part is ready."""
        label = what if isinstance(what, str) else what.spec.label
        self.say(f"  {label:<20} ready  {seconds:5.1f} s")

    def _write(self, text: str) -> None:
        # A terminal that was closed must not keep the rest from being stopped.
        if self._alive:
            try:
                sys.stdout.write(text)
                sys.stdout.flush()
            except (OSError, ValueError):
                self._alive = False


@click.command()
@click.option("--demo/--no-demo", default=True, help="Load the demonstration at the first start.")
@click.option("--only", multiple=True, type=click.Choice(PROCESSES), help="Start this process; may be repeated.")
def up(demo: bool, only: tuple[str, ...]) -> None:
    """Start the whole system here and keep it running until Ctrl-C."""
    terminal = Terminal()
    root = Path.cwd()
    system = LocalSystem(
        root,
        _port("GIATJA_PORT_BASE", DEFAULT_PORT_BASE, span=max(OFFSETS.values())),
        port=_port("GIATJA_PORT", DEFAULT_PORT),
        processes=only or PROCESSES,
        demo=demo,
        say=lambda text: terminal.say(f"! {text}"),
        awaiting=terminal.awaiting,
    )
    asked: list[float] = []

    def ask_to_stop(_number: int, _frame: object) -> None:
        asked.append(time.monotonic())
        system.stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ask_to_stop)
    began = time.monotonic()
    terminal.say(f"Giatja starts in {root} (data, secrets and logs: {system.var})")
    try:
        system.start(ready=terminal.ready)
        accounts = _demo_accounts(system, terminal) if demo and not only else []
        _greet(terminal, system, accounts, time.monotonic() - began)
        # Wakes up so that a signal is seen at once on every platform.
        while not system.stopping.wait(1.0):
            pass
    except Interrupted:
        pass
    except (RunsAlready, PortBusy, StartFailed, parts.PartMissing) as error:
        terminal.say()
        raise click.ClickException(str(error)) from None
    finally:
        _stop(system, terminal, asked)


@click.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(yes: bool) -> None:
    """Clear ./var: all data, secrets and logs of the system that ran here."""
    var = Path.cwd() / "var"
    if not var.exists():
        click.echo(f"There is nothing to clear: {var} does not exist.")
        return
    state = running_state(Path.cwd())
    if state is not None:
        raise click.ClickException(f"Giatja runs here (process {state.pid}); stop it first with Ctrl-C.")
    if not yes:
        click.echo(f"This deletes everything in {var}: the databases, the secrets and the logs.")
        click.confirm("Really delete it?", abort=True)
    shutil.rmtree(var)
    click.echo(f"{var} is gone; `make run` starts anew.")


def _port(setting: str, default: int, span: int = 0) -> int:
    text = os.environ.get(setting, "").strip() or str(default)
    if not text.isdigit() or not 1 <= int(text) <= 65535 - span:
        raise click.ClickException(f"{setting}={text!r} is not a port (1 to {65535 - span}).")
    return int(text)


def _demo_accounts(system: LocalSystem, terminal: Terminal) -> Sequence[Sequence[str]]:
    """Load the demonstration if it is not there yet, and return its sign-ins: who, name, password."""
    noted = system.var / "demo.json"
    if not noted.exists():
        began = time.monotonic()
        draft = system.run / "demo.json"
        write_private(draft, "")
        system.run_command(
            [sys.executable, "-c", _LOAD_DEMO, str(draft)],
            environment=_demo_env(system),
            label="demonstration",
            log=system.logs / "demo.log",
        )
        draft.replace(noted)
        terminal.ready("demonstration", time.monotonic() - began)
    accounts: list[list[str]] = json.loads(noted.read_text())
    return accounts


def _demo_env(system: LocalSystem) -> Mapping[str, str]:
    return {**system.settings_env("ops"), "GIATJA_DEMO": "1"}


def _greet(terminal: Terminal, system: LocalSystem, accounts: Sequence[Sequence[str]], seconds: float) -> None:
    terminal.say()
    terminal.say(f"Giatja runs at  {system.public_url}   (after {seconds:.1f} s; Ctrl-C stops it)")
    if accounts:
        widths = [max(len(row[column]) for row in accounts) for column in range(len(accounts[0]))]
        terminal.say("Sign in as")
        for row in accounts:
            terminal.say("  " + "   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    terminal.say()


def _stop(system: LocalSystem, terminal: Terminal, asked: Sequence[float]) -> None:
    # From here on nothing may interrupt: a second Ctrl-C would leave the rest running.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        with contextlib.suppress(ValueError):
            signal.signal(number, signal.SIG_IGN)
    if asked and system.started:
        terminal.say("\nStopping everything ...")
    system.stop()
    if asked:
        terminal.say(f"Stopped after {time.monotonic() - asked[0]:.1f} s. The data stays in {system.var}.")
