"""The demonstration: three Lapas with people, orders and output up to today, or a whole region for measuring."""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Final

Row = tuple[str, str, str]
SEED: Final = 2025


def load(
    settings: Mapping[str, str] | None = None, *, seed: int = SEED, say: Callable[[str], None] | None = None
) -> Sequence[Row]:
    """Load the small demonstration into a running deployment; what is there already stays as it is.

    :param settings: of ``ops``, by default those of the environment.
    :param say: is told of progress; by default it is printed.
    :return: who, username, password of everybody who may sign in, and the link that was made for a partner.
    :raises DemoFailed: there is data of somebody else, or the workers do not hear.
    """
    from giatja_ops.demo.small import load_small

    return load_small(os.environ if settings is None else settings, seed=seed, say=say or _print)


def _print(text: str) -> None:
    print(text, flush=True)
