"""`giatja demo`: load the demonstration into a running deployment."""

from collections.abc import Sequence

import click

from giatja_ops.demo import SEED, Row, load
from giatja_ops.reach import settings


@click.command()
@click.option("--scale", type=click.Choice(["small", "region"]), default="small", show_default=True)
@click.option("--seed", default=SEED, show_default=True, help="The same seed gives the same demonstration.")
@click.option("--add", is_flag=True, help="Fill the region beside the data that is there.")
def demo(scale: str, seed: int, add: bool) -> None:
    """Load the demonstration into a running system; repeating it changes nothing.

    small: three Lapas whose people, orders and output are made by the services' own rules and told as facts.

    region: 46 Lapas, 12.000 inmates, 10.000 orders and about a million entries of one year, for measuring. They
    are written straight into the tables, regional figures included, and no facts are told of them: a replay of
    facts into a rebuilt read model would drop them.
    """
    if scale == "small":
        rows = load(settings(), seed=seed, say=click.echo)
    else:
        from giatja_ops.demo.region import load_region

        rows = load_region(settings(), seed=seed, say=click.echo, add=add)
    _show(rows)


def _show(rows: Sequence[Row]) -> None:
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    click.echo("\nThese sign-ins work where the gateway runs with GIATJA_DEMO=1:")
    for who, name, password in rows:
        click.echo(f"  {who.ljust(widths[0])}   {name.ljust(widths[1])}   {password}".rstrip())
