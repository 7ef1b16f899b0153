"""The units work is counted in, and how many pieces each holds."""

from collections.abc import Mapping
from typing import NewType

Pieces = NewType("Pieces", int)
"""A number of single pieces, whatever unit they were ordered in."""

Rupiah = NewType("Rupiah", int)
"""An amount of money in whole rupiah."""

PIECES: Mapping[str, int] = {
    "pcs": 1,
    "lembar": 1,
    "lusin": 12,
    "kodi": 20,
    "pot": 1,
    "bibit": 1,
}
