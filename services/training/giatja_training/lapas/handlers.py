"""What is done when a Lapas is registered or changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from giatja_kit.database import Store


@dataclass(frozen=True, kw_only=True)
class KeepLapas:
    """Know a Lapas as the gateway says it is now."""

    lapas_id: str
    name: str
    zone: str

    @classmethod
    def from_fact(cls, data: Mapping[str, Any]) -> "KeepLapas":
        """Read the data of ``lapas_registered`` or ``lapas_changed``."""
        return cls(lapas_id=data["lapas_id"], name=data["name"], zone=data["zone"])


def keep_lapas(command: KeepLapas, store: Store) -> None:
    """Keep a Lapas, new or changed."""
    store.run(
        "INSERT INTO lapas (lapas_id, name, zone) VALUES (:lapas_id, :name, :zone)"
        " ON CONFLICT (lapas_id) DO UPDATE SET name = excluded.name, zone = excluded.zone",
        {"lapas_id": command.lapas_id, "name": command.name, "zone": command.zone},
    )
