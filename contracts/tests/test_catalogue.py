"""The catalogue of facts holds what it promises."""

import json
import re
from dataclasses import fields
from importlib import import_module

import jsonschema
import pytest

from giatja_contracts.catalogue import FactType, catalogue
from giatja_kit.events.fact import Fact

SERVICES = ("orders", "production", "training", "gateway")
ENTRIES = list(catalogue().values())


def named(entry: FactType) -> str:
    return entry.type


def facts_in_code() -> dict[str, type[Fact]]:
    found = {}
    for service in SERVICES:
        module = import_module(f"giatja_{service}.facts")
        found.update(
            {
                f.type: f
                for f in vars(module).values()
                if isinstance(f, type) and issubclass(f, Fact) and hasattr(f, "type")
            }
        )
    return found


@pytest.mark.parametrize("entry", ENTRIES, ids=named)
class TestEntry:
    def test_example_fits_its_schema(self, entry: FactType) -> None:
        jsonschema.Draft202012Validator.check_schema(entry.schema)
        entry.check(entry.example)
        assert entry.example[entry.subject]

    def test_refuses_an_example_without_its_subject(self, entry: FactType) -> None:
        with pytest.raises(jsonschema.ValidationError):
            entry.check({k: v for k, v in entry.example.items() if k != entry.subject})

    def test_carries_nobodys_name(self, entry: FactType) -> None:
        text = json.dumps(entry.schema)
        assert not re.search(r'"(inmate_name|birth|register_number|full_name)', text)

    def test_is_told_by_its_owner_with_the_same_fields(self, entry: FactType) -> None:
        code = facts_in_code().get(entry.type)
        assert code is not None, f"no service tells {entry.type}"
        assert code.__module__ == f"giatja_{entry.owner}.facts"
        assert code.subject == entry.subject
        # A field may be named otherwise in code where Python keeps the word (`lapas_class` for `class`).
        given = {f.name: entry.example.get(f.name, entry.example.get(f.name.rpartition("_")[2])) for f in fields(code)}
        data = code(**given).data()
        entry.check(data)
        assert set(data) == set(entry.schema["properties"])

    def test_is_heard_by_exactly_those_it_names(self, entry: FactType) -> None:
        hearing = [
            service
            for service in SERVICES
            if entry.type in import_module(f"giatja_{service}.subscriptions").subscriptions.types
        ]
        assert sorted(hearing) == sorted(entry.heard_by)


def test_every_fact_in_code_is_in_the_catalogue() -> None:
    assert sorted(facts_in_code()) == sorted(catalogue())
