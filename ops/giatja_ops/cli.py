"""The command ``giatja``: each subcommand lives in the module of its subject and is loaded when it is called."""

import importlib
from typing import Final

import click

# name -> (module, attribute). Loading only what is called keeps the start fast, and lets an
# image without the local parts still migrate.
COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "up": ("giatja_ops.up", "up"),
    "reset": ("giatja_ops.up", "reset"),
    "doctor": ("giatja_ops.doctor", "doctor"),
    "migrate": ("giatja_ops.migrate", "migrate"),
    "env": ("giatja_ops.environment", "env"),
    "facts": ("giatja_ops.facts", "facts"),
    "books": ("giatja_ops.books", "books"),
    "audit": ("giatja_ops.audit", "audit"),
    "demo": ("giatja_ops.demo.command", "demo"),
    "person": ("giatja_ops.person", "person"),
    "bench": ("giatja_ops.bench.command", "bench"),
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name every subcommand."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one subcommand."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name]
        command = getattr(importlib.import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}.{attribute} is not a command")
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Run and examine a Giatja deployment."""
