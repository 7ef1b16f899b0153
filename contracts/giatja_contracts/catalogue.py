"""The catalogue of facts: for each type who tells it, about what, who hears it, its schema and an example."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker


@dataclass(frozen=True, kw_only=True, slots=True)
class FactType:
    """One type of fact, as promised to those who hear it."""

    type: str
    owner: str
    subject: str
    heard_by: tuple[str, ...]
    says: str
    schema: Mapping[str, Any]
    example: Mapping[str, Any]

    def check(self, data: Mapping[str, Any]) -> None:
        """Check data against the schema.

        :raises jsonschema.ValidationError: naming what does not fit.
        """
        Draft202012Validator(self.schema, format_checker=FormatChecker()).validate(data)


@cache
def catalogue() -> Mapping[str, FactType]:
    """Return all types of facts, by name."""
    documents = (json.loads(f.read_text()) for f in files(__package__).joinpath("facts").iterdir())
    entries = (FactType(**{**d, "heard_by": tuple(d["heard_by"])}) for d in documents)
    return {e.type: e for e in sorted(entries, key=lambda e: e.type)}


def heard_by() -> Mapping[str, tuple[str, ...]]:
    """Return for each type the services that hear it."""
    return {e.type: e.heard_by for e in catalogue().values()}
