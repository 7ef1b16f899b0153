"""The facts the gateway tells."""

from dataclasses import dataclass
from typing import Any, ClassVar

from giatja_kit.events.fact import Fact


@dataclass(frozen=True, kw_only=True)
class _LapasParticulars(Fact):
    """What others know of a Lapas."""

    subject: ClassVar[str] = "lapas_id"

    lapas_id: str
    name: str
    zone: str
    lapas_class: str
    open: bool

    def data(self) -> dict[str, Any]:
        """Return the data; ``class`` is a word Python keeps for itself."""
        data = super().data()
        data["class"] = data.pop("lapas_class")
        return data


@dataclass(frozen=True, kw_only=True)
class LapasRegistered(_LapasParticulars):
    """A Lapas joined this deployment."""

    type: ClassVar[str] = "giatja.gateway.lapas_registered.v1"


@dataclass(frozen=True, kw_only=True)
class LapasChanged(_LapasParticulars):
    """Name, class or zone of a Lapas changed, or it closed."""

    type: ClassVar[str] = "giatja.gateway.lapas_changed.v1"
