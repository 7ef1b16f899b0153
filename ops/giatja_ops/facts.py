"""`giatja facts`: where every log and cursor stands, what was set aside, and whether all was heard once."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

import click

from giatja_kit.client import ServiceUnavailable
from giatja_kit.events.verify import Verdict, statuses
from giatja_kit.events.verify import verify as compare
from giatja_ops.names import SERVICES
from giatja_ops.reach import Reach, Refused, reach, table

_WAIT_STEP: Final = 0.2
_WRONG: Final = 1
_REASON = click.option("--reason", required=True, help="Why; kept in the audit trail.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Write JSON.")
_SERVICE = click.argument("service", type=click.Choice(SERVICES))


@click.group()
def facts() -> None:
    """Look after the facts between services."""


@facts.command()
@_JSON
def status(as_json: bool) -> None:
    """Show where each service's log and cursors stand; fails when one is down, ahead, or has set facts aside."""
    ask = reach()
    found = statuses(ask.get, SERVICES)
    vanished = _vanished(ask, found)
    if as_json:
        _write(found)
    else:
        click.echo(table(_STATUS_HEADS, [_status_row(service, standing) for service, standing in found.items()]))
        click.echo()
        click.echo(table(_CURSOR_HEADS, _cursor_rows(found)))
        for subscriber, items in vanished.items():
            click.echo(f"\n{subscriber} acted on these, which the restored source no longer has:")
            click.echo(table(("position", "type", "subject", "outcome"), [
                (i["position"], i["type"], i["subject"], i["outcome"]) for i in items
            ]))  # fmt: skip
    wrong = vanished or any(standing is None or standing["parked"] for standing in found.values())
    raise SystemExit(_WRONG if wrong else 0)


_STATUS_HEADS = ("service", "state", "head", "unplaced", "parked", "retrying", "waiting", "epoch")
_CURSOR_HEADS = ("subscriber", "source", "state", "position", "head", "lag", "last look")


def _status_row(service: str, standing: Mapping[str, Any] | None) -> tuple[object, ...]:
    if standing is None:
        return (service, "does not answer", *[None] * 6)
    aside = standing["parked"]
    counts = [aside.get(state, 0) for state in ("parked", "retrying", "waiting")]
    return (service, "answers", standing["head"], standing["unplaced"], *counts, standing["epoch"][:8])


def _cursor_rows(found: Mapping[str, Mapping[str, Any] | None]) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for subscriber, standing in found.items():
        for cursor in standing["cursors"] if standing else ():
            head = _head(found, cursor)
            rows.append((subscriber, cursor["source"], cursor["state"], cursor["position"], head,
                         max(head - cursor["position"], 0), _short(cursor["looked_at"])))  # fmt: skip
    return rows


def _head(found: Mapping[str, Mapping[str, Any] | None], cursor: Mapping[str, Any]) -> int:
    """Return the source's own word on its head, or else the last one the subscriber saw."""
    source = found.get(cursor["source"])
    return int(source["head"] if source else cursor["head"])


def _short(moment: str | None) -> str | None:
    return moment[:19].replace("T", " ") if moment else None


def _vanished(ask: Reach, found: Mapping[str, Mapping[str, Any] | None]) -> dict[str, list[dict[str, Any]]]:
    return {
        subscriber: ask.get(subscriber, f"/facts/vanished/{cursor['source']}", {})["items"]
        for subscriber, standing in found.items()
        if standing
        for cursor in standing["cursors"]
        if cursor["state"] == "ahead"
    }


@facts.command()
@click.option("--most", default=100, show_default=True, help="Fails when a subscriber is further behind than this.")
@_JSON
def lag(most: int, as_json: bool) -> None:
    """Show how far behind each subscriber is."""
    found = statuses(reach().get, SERVICES)
    rows = _cursor_rows(found)
    if as_json:
        _write([dict(zip(("subscriber", "source", "lag"), (r[0], r[1], r[5]), strict=True)) for r in rows])
    else:
        click.echo(table(("subscriber", "source", "lag", "last look"), [(r[0], r[1], r[5], r[6]) for r in rows]))
        for service in (s for s, standing in found.items() if standing is None):
            click.echo(f"{service} does not answer")
    behind = any(isinstance(r[5], int) and r[5] > most for r in rows)
    raise SystemExit(_WRONG if behind or None in found.values() else 0)


@facts.command()
@_JSON
def parked(as_json: bool) -> None:
    """List the facts that were set aside; fails when there are any."""
    items, silent = _all_parked(reach())
    if as_json:
        _write(items)
    elif items:
        heads = ("id", "service", "state", "lapas", "type", "subject", "tries", "error")
        click.echo(table(heads, [
            (i["id"], i["service"], i["state"], i["lapas_id"], i["type"], i["subject"], i["attempts"], _first_line(i["error"]))
            for i in items
        ]))  # fmt: skip
    else:
        click.echo("Nothing is set aside.")
    for service in silent:
        click.echo(f"{service} does not answer", err=True)
    raise SystemExit(_WRONG if items or silent else 0)


def _all_parked(ask: Reach) -> tuple[list[dict[str, Any]], list[str]]:
    items: list[dict[str, Any]] = []
    silent = []
    for service in SERVICES:
        try:
            answer = ask.get(service, "/facts/parked", {})
        except ServiceUnavailable:
            silent.append(service)
        else:
            items += [{"service": service, **item} for item in answer["items"]]
    return items, silent


def _first_line(error: str | None) -> str:
    return (error or "waits for an earlier one").splitlines()[0][:120]


@facts.command()
@click.argument("ids", nargs=-1, type=click.UUID, metavar="ID...")
@click.option("--all", "everything", is_flag=True, help="Retry every fact that waits for a person.")
def retry(ids: Sequence[object], everything: bool) -> None:
    """Try parked facts again now; fails when one still cannot be applied."""
    ask = reach()
    items, _ = _all_parked(ask)
    wanted = {str(i) for i in ids}
    chosen = [i for i in items if i["id"] in wanted or (everything and i["state"] == "parked")]
    _require_found(wanted, chosen)
    stuck = 0
    for item in chosen:
        went_through = ask.post(item["service"], f"/facts/parked/{item['id']}/retry", {})["applied"]
        click.echo(f"{item['id']}  {'applied' if went_through else 'failed again'}")
        stuck += not went_through
    raise SystemExit(_WRONG if stuck else 0)


@facts.command()
@click.argument("fact", type=click.UUID, metavar="ID")
@_REASON
@click.option("--yes", is_flag=True, help="Do not ask.")
def discard(fact: object, reason: str, yes: bool) -> None:
    """Give a parked fact up; it will never act in that service."""
    ask = reach()
    items, _ = _all_parked(ask)
    chosen = [i for i in items if i["id"] == str(fact)]
    _require_found({str(fact)}, chosen)
    item = chosen[0]
    if not yes:
        click.echo(f"{item['type']} about {item['subject']} will never act in {item['service']}.")
        click.confirm("Really give it up?", abort=True)
    ask.post(item["service"], f"/facts/parked/{item['id']}/discard", {"reason": reason})
    click.echo(f"{item['id']}  discarded")


def _require_found(wanted: set[str], chosen: Sequence[Mapping[str, Any]]) -> None:
    if missing := wanted - {i["id"] for i in chosen}:
        raise Refused(f"Not set aside in any service that answers: {', '.join(sorted(missing))}")


@facts.command()
@_SERVICE
@click.option("--yes", is_flag=True, help="Do not ask.")
def replay(service: str, yes: bool) -> None:
    """Clear a service's read model and make it again from the first fact on."""
    if not yes:
        click.echo(f"Everything {service} made from facts is cleared and made again; figures are incomplete meanwhile.")
        click.confirm("Really replay?", abort=True)
    _or_silent(lambda: reach().post(service, "/facts/replay", {}))
    click.echo(f"{service} reads everything again; `giatja facts lag` shows how far it is.")


@facts.command("new-epoch")
@_SERVICE
@click.option("--yes", is_flag=True, help="Do not ask.")
def new_epoch(service: str, yes: bool) -> None:
    """Begin a new epoch after a service's database was restored."""
    if not yes:
        click.confirm(f"Was the database of {service} restored just now?", abort=True)
    begun = _or_silent(lambda: reach().post(service, "/facts/epoch", {}))
    click.echo(f"{service} is in epoch {begun['epoch']} from position {begun['from']} on.")


@facts.command()
@_SERVICE
@click.argument("source", type=click.Choice(SERVICES))
@_REASON
def accept(service: str, source: str, reason: str) -> None:
    """Go on with a restored source, after a person has looked at what vanished."""
    _or_silent(lambda: reach().post(service, f"/facts/vanished/{source}/accept", {"reason": reason}))
    click.echo(f"{service} follows {source} again.")


@facts.command()
@click.option("--wait", type=float, default=0.0, metavar="SECONDS", help="First wait until nobody lags behind.")
@_JSON
def verify(wait: float, as_json: bool) -> None:
    """Compare what each source told with what each subscriber heard; fails when anything is wrong."""
    ask = reach()
    end = time.monotonic() + wait
    found = compare(ask.get, SERVICES)
    while time.monotonic() < end and any(v.lag or v.state == "unreachable" for v in found):
        time.sleep(_WAIT_STEP)
        found = compare(ask.get, SERVICES)
    sound = all(v.sound and not v.lag for v in found)
    if as_json:
        _write({"sound": sound, "comparisons": [asdict(v) for v in found]})
    else:
        heads = ("subscriber", "source", "verdict", "told", "heard", "lag", "held", "discarded")
        click.echo(table(heads, [
            (v.subscriber, v.source, in_words(v), v.told, v.heard, v.lag, v.held, v.discarded) for v in found
        ]))  # fmt: skip
        click.echo("\nEvery fact was heard once and in order." if sound else "\nSomething is wrong; see above.")
    raise SystemExit(0 if sound else _WRONG)


_REASONS = {
    "lost": "LOST at {0}",
    "repeated": "TWICE at {0}",
    "out_of_order": "OUT OF ORDER at {0}",
    "held_but_gone": "HELD BUT GONE",
}


def in_words(verdict: Verdict) -> str:
    """Say a verdict in a word or two."""
    if verdict.reason:
        return _REASONS[verdict.reason].format(verdict.broken_at)
    if verdict.state == "whole" and verdict.held:
        return "whole, some wait"
    return {"whole": "whole", "ahead": "AHEAD", "unreachable": "no answer", "broken": "BROKEN"}[verdict.state]


def _or_silent(act: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    try:
        return act()
    except ServiceUnavailable as error:
        raise Refused(f"No answer from {error}") from None


def _write(value: object) -> None:
    click.echo(json.dumps(value, indent=1))
