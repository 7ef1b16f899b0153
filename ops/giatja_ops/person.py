"""`giatja person`: the first people of a deployment, before anybody can sign in to make them."""

import sys

import click

from giatja_contracts.permissions import ROLES
from giatja_kit import clock
from giatja_kit.auth import EVERYWHERE, SERVICE
from giatja_kit.errors import Refusal
from giatja_kit.ids import new_id
from giatja_ops.databases import open_database, ops_settings

_PEOPLE_ROLES = sorted(set(ROLES) - {SERVICE})


@click.group()
def person() -> None:
    """Make the first people of a deployment; all others are made on the page for people and roles."""


@person.command()
@click.option("--username", required=True, help="What they sign in with.")
@click.option("--name", required=True, help="What they are called.")
@click.option("--role", required=True, type=click.Choice(_PEOPLE_ROLES))
@click.option("--lapas", default=EVERYWHERE, show_default=True, help="Code of the Lapas, or * for the region.")
@click.option("--plt", is_flag=True, help="They act for somebody else.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of making one.")
def add(username: str, name: str, role: str, lapas: str, plt: bool, password_stdin: bool) -> None:
    """Add a person with a role; without --password-stdin their first password is shown once."""
    from giatja_gateway import tables
    from giatja_gateway.identity import handlers

    tables.map_all()
    at = clock.now()
    person_id = new_id()
    with open_database("gateway", ops_settings()) as database:
        try:
            with database.transaction(at=at) as store:
                handlers.add_person(handlers.AddPerson(id=person_id, username=username, name=name), store)
                handlers.assign_role(
                    handlers.AssignRole(
                        id=new_id(), person_id=person_id, role=role, lapas_id=lapas, starts_on=at.date(), plt=plt
                    ),
                    store,
                )
                if password_stdin:
                    password = sys.stdin.readline().rstrip("\n")
                    handlers.set_password(handlers.SetPassword(person_id=person_id, password=password), store)
                else:
                    password = handlers.give_temporary_password(person_id, store)
                store.audit("people.add", f"person:{person_id}", lapas_id=lapas, role=role, by="giatja person add")
        except Refusal as refusal:
            raise click.ClickException(refusal.sentence("en")) from None
    click.echo(f"{username} may act as {role} ({lapas}).")
    if not password_stdin:
        click.echo(f"First password, shown this once, to be changed at the first sign-in: {password}")
