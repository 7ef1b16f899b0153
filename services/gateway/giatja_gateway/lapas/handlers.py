"""What may be asked for about Lapas."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from giatja_gateway.lapas.domain import Lapas, LapasCodeTaken, LapasUnknown, Titles, usual_titles
from giatja_kit.database import Store
from giatja_kit.errors import Stale


@dataclass(frozen=True, kw_only=True)
class RegisterLapas:
    """Take a Lapas into this deployment, with the titles usual for its class."""

    lapas_id: str
    name: str
    lapas_class: str
    zone: str


@dataclass(frozen=True, kw_only=True)
class ChangeLapas:
    """Change what a Lapas is called, its class or zone, or close it."""

    lapas_id: str
    version: int | None
    name: str
    lapas_class: str
    zone: str
    open: bool


@dataclass(frozen=True, kw_only=True)
class SetTitles:
    """Say how letterhead and titles of a Lapas read from a day on."""

    lapas_id: str
    valid_from: date
    letterhead: tuple[str, ...]
    titles: Mapping[str, str]


def register_lapas(command: RegisterLapas, store: Store) -> None:
    """Register a Lapas and tell everybody.

    :raises LapasCodeTaken: another one has the code.
    """
    holder = store.value("SELECT name FROM lapas WHERE lapas_id = :lapas_id", lapas_id=command.lapas_id)
    if holder is not None:
        raise LapasCodeTaken(field="/lapas_id", code=command.lapas_id, name=holder)
    lapas = Lapas(lapas_id=command.lapas_id, name=command.name, lapas_class=command.lapas_class, zone=command.zone)
    store.add(lapas)
    for titles in usual_titles(command.name, command.lapas_class):
        _keep_titles(store, command.lapas_id, titles)
    store.tell(lapas.registered(), lapas_id=lapas.lapas_id)


def change_lapas(command: ChangeLapas, store: Store) -> None:
    """Change a Lapas and tell everybody.

    :raises LapasUnknown, Stale:
    """
    lapas = _get(store, command.lapas_id, command.version)
    fact = lapas.change(name=command.name, lapas_class=command.lapas_class, zone=command.zone, open_=command.open)
    store.tell(fact, lapas_id=lapas.lapas_id)


def set_titles(command: SetTitles, store: Store) -> None:
    """Set letterhead and titles from a day on; those of earlier days stay as they were.

    :raises LapasUnknown:
    """
    _get(store, command.lapas_id, None)
    titles = Titles(valid_from=command.valid_from, letterhead=command.letterhead, titles=command.titles)
    _keep_titles(store, command.lapas_id, titles)


def _get(store: Store, lapas_id: str, version: int | None) -> Lapas:
    found = store.session.scalars(select(Lapas).filter_by(lapas_id=lapas_id).with_for_update()).one_or_none()
    if found is None:
        raise LapasUnknown(lapas_id=lapas_id)
    if version is not None and found.version != version:
        raise Stale(version=found.version)
    return found


def _keep_titles(store: Store, lapas_id: str, titles: Titles) -> None:
    store.run(
        "INSERT INTO lapas_titles (lapas_id, valid_from, letterhead, titles)"
        " VALUES (:lapas_id, :valid_from, :letterhead, CAST(:titles AS jsonb))"
        " ON CONFLICT (lapas_id, valid_from) DO UPDATE SET letterhead = excluded.letterhead, titles = excluded.titles",
        {
            "lapas_id": lapas_id,
            "valid_from": titles.valid_from,
            "letterhead": list(titles.letterhead),
            "titles": json.dumps(dict(titles.titles)),
        },
    )
