"""`giatja books`: whether the sums that are kept are the sums of their entries, to the rupiah and to the piece."""

import json

import click

from giatja_ops.reach import reach, table

_WRONG = 1


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def books(as_json: bool) -> None:
    """Reckon every kept sum anew; fails when one differs. Fit for a nightly job."""
    found = reach().get("production", "/books", {})
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        click.echo(table(("check", "differences", "where"), [
            (one["name"], one["differences"], ", ".join(f"{at['lapas_id']} {at['differences']}" for at in one["lapas"]))
            for one in found["items"]
        ]))  # fmt: skip
        click.echo("\nEverything adds up." if found["sound"] else "\nSomething does not add up; see above.")
    raise SystemExit(0 if found["sound"] else _WRONG)
