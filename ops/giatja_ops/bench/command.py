"""`giatja bench`: measure everything once and write it down."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Final
from uuid import UUID

import click

from giatja_ops.bench import acts, bare, floor, load, office, report, seed, stage, told
from giatja_ops.bench.report import Figure, Report
from giatja_ops.bench.stage import LAPAS, Stage
from giatja_ops.demo.cast import accounts
from giatja_ops.names import app_role, database
from giatja_ops.secrets import read_secret

_REST: Final = 8.0
_PLACES: Final = 200


@click.command()
@click.option("--seconds", default=8.0, show_default=True, help="How long each figure is measured.")
@click.option("--only", multiple=True, help="Measure only figures whose name has this in it; nothing is written then.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("docs/benchmarks.md"),
    show_default=True,
    help="Where to write the table.",
)
def bench(seconds: float, only: tuple[str, ...], out: Path) -> None:
    """Measure this machine: requests, facts, memory and start, each beside a floor of the same run."""
    began = monotonic()
    with _telling("first and second start"):
        opened = stage.whole_system()
        system, starts = opened.__enter__()
    try:
        with _telling("memory at rest"):
            told.settle(system, _REST)
            memory = stage.memory(system)
        with stage.with_hello(system) as ground:
            with _telling("demonstration and ten thousand orders"):
                seed.fill(ground)
            run = _Run(ground, seconds=seconds, only=only)
            run.reads()
            run.writes()
            latencies, drains = run.facts()
            run.workshop()
    finally:
        opened.__exit__(*sys.exc_info())
    found = Report(
        machine=stage.machine(),
        seconds=seconds,
        figures=run.figures,
        latencies=latencies,
        drains=drains,
        memory=memory,
        starts=starts,
        took=monotonic() - began,
    )
    click.echo("\n" + found.markdown())
    if not only:
        out.write_text(found.markdown())
        click.echo(f"written to {out}")
    if found.errors:
        raise click.ClickException("\n".join(found.errors))


@contextmanager
def _telling(what: str) -> Iterator[None]:
    began = monotonic()
    click.echo(f"{what} ...", nl=False)
    yield
    click.echo(f" {monotonic() - began:.1f} s")


class _Run:
    """One pass over everything, in an order in which nothing that is measured has been made slower by what came before."""

    def __init__(self, ground: Stage, *, seconds: float, only: tuple[str, ...]) -> None:
        self.ground = ground
        self.seconds = seconds
        self.only = only
        self.figures: list[Figure] = []
        self.token = ground.token()
        self.bodies = acts.Bodies.known_to(ground)

    def _wanted(self, name: str) -> bool:
        return not self.only or any(part in name for part in self.only)

    def _measure(self, name: str, make: acts.Make, *, port: int | None = None) -> load.Outcome:
        with _telling(name):
            found = load.run(port or self.ground.port, make, seconds=self.seconds)
        click.echo(f"  {found.rate:.0f}/s {found.first_error}")
        return found

    def reads(self) -> None:
        """Measure what is read, and the hello before and after it."""
        ids = self._past_orders()
        cookies = acts.sign_in(self.ground)
        pages = acts.cursors(self.ground.port, self.token)
        reads: dict[str, acts.Make] = {
            "List of 50 orders": acts.list_orders(self.token, pages),
            "One order with its lines": acts.one_order(self.token, ids),
            "Beranda (page, signed in)": acts.beranda(cookies),
        }
        before = self._measure("Flask hello", acts.hello, port=self.ground.hello_port)
        found = {name: self._measure(name, make) for name, make in reads.items() if self._wanted(name)}
        after = self._measure("Flask hello again", acts.hello, port=self.ground.hello_port)
        hello = load.Outcome(seconds=before.seconds + after.seconds, took=before.took + after.took)
        self.figures.append(Figure(name="Flask hello (floor)", found=hello))
        self.figures += [Figure(name=n, found=one, floor=hello, floor_name="hello") for n, one in found.items()]

    def writes(self) -> None:
        """Measure what is written: with everything at work, and with the facts waiting as they do beside the floor."""
        # Also with --only: the output that is recorded later is of these orders.
        self._write("Create and accept an order of 3 lines", self._order, self._score_of_order)
        self._write("Record output of 3 people", self._output, self._score_of_output)

    def workshop(self) -> None:
        """Measure what a workshop waits for, in Lapas of their own: the floor, then the office."""
        with _telling("the floor"):
            found = floor.measure(self.ground, seconds=self.seconds)
        with _telling("the office"):
            found += office.measure(self.ground)
        self.figures += [one for one in found if self._wanted(one.name)]

    def _write(self, name: str, make: Callable[[], acts.Make], score: Callable[[], bare.Score]) -> None:
        found = self._measure(name, make())
        with _telling("everybody hears of it"):
            told.wait_heard(self.ground)
        if not self._wanted(name):
            return
        repeated = score()
        with told.workers_stopped(self.ground):
            alone = self._measure(f"{name}, facts waiting", make())
            with _telling(f"{name}: the bare SQL"):
                floor = bare.run(repeated, seconds=self.seconds)
        click.echo(f"  {floor.rate:.0f}/s")
        self.figures += [
            Figure(name=name, found=found, floor=floor, floor_name="bare SQL"),
            Figure(name="- the same while facts wait", found=alone, floor=floor, floor_name="bare SQL"),
        ]
        with _telling("everybody hears of it"):
            told.wait_heard(self.ground)

    def _order(self) -> acts.Make:
        return acts.create_and_accept(self.token, self.bodies)

    def _output(self) -> acts.Make:
        return acts.record_output(self.token, self._floor_of_work())

    def _floor_of_work(self) -> acts.Floor:
        return acts.Floor.known_to(self.ground, most=_PLACES)

    def facts(self) -> tuple[list[told.Latency], list[told.Drain]]:
        """Measure how fast facts act."""
        if not self._wanted("facts"):
            return [], []
        with _telling("facts at a steady pace"):
            latencies = told.latency(self.ground, self.token, self.bodies, seconds=self.seconds * 2)
        drains: list[told.Drain] = []
        for kind, count, subscribers in told.BACKLOGS:
            with _telling(f"backlog of {count} {kind.split('.')[2]}"):
                drains += told.drain(self.ground, kind, count, subscribers)
        return latencies, drains

    def _score_of_order(self) -> bare.Score:
        orders = "/api/orders/v1/orders"
        recipe = self._recipe(
            "orders",
            bare.Request(path=orders, body=self.bodies.order, headers={}),
            bare.Request(path=orders + "/{made}/accept", body={}, headers={"If-Match": '"v1"'}),
        )
        kept = frozenset({self.bodies.partner, *self.bodies.products})
        return bare.Score(
            dsn=self._dsn("orders"), lapas=LAPAS, transactions=bare.record(recipe), kept=kept | self._person()
        )

    def _score_of_output(self) -> bare.Score:
        floor = self._floor_of_work()
        request = bare.Request(path="/api/production/v1/output", body=floor.body(floor.places[0]), headers={})
        return bare.Score(
            dsn=self._dsn("production"),
            lapas=LAPAS,
            transactions=bare.record(self._recipe("production", request)),
            kept=frozenset(floor.people) | self._person(),
            places=[(order,) for order, _ in floor.places],
        )

    def _recipe(self, service: str, *requests: bare.Request) -> bare.Recipe:
        settings = self.ground.system.settings_env(service)
        return bare.Recipe(service=service, settings=settings, token=self.token, requests=requests)

    def _dsn(self, service: str) -> str:
        system = self.ground.system
        password = read_secret(system.secrets / service, "giatja_database_password")
        port = system.port_of("postgres")
        return f"postgresql://{app_role(service)}:{password}@127.0.0.1:{port}/{database(service)}"

    def _person(self) -> frozenset[UUID]:
        return frozenset(one.id for one in accounts())

    def _past_orders(self) -> list[UUID]:
        with self.ground.superuser("orders") as connection:
            rows = connection.execute(
                "SELECT id FROM orders WHERE lapas_id = %s AND year = %s ORDER BY id", (LAPAS, seed.YEAR)
            ).fetchall()
        return [one for (one,) in rows]


__all__ = ["bench", "report"]
