"""The shape of a fact: told in code as a dataclass, travelling as a CloudEvents 1.0 envelope."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any, ClassVar
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Something that happened, in the past tense; subclasses are the facts of a service.

    ``type`` is the name in the catalogue; ``subject`` names the field whose value it is about:
    facts about the same subject are heard in order, whatever happens to others.
    """

    type: ClassVar[str]
    subject: ClassVar[str]

    def data(self) -> dict[str, Any]:
        """Return the data as plain JSON values: ids, quantities, dates; never a person's name."""
        return {f.name: plain(getattr(self, f.name)) for f in dataclasses.fields(self)}

    def about(self) -> str:
        """Return the value of the subject field."""
        return str(getattr(self, self.subject))


def plain(value: Any) -> Any:
    """Return a value as JSON knows it."""
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, UUID | date | datetime):
        return str(value) if isinstance(value, UUID) else value.isoformat()
    if dataclasses.is_dataclass(value):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    raise TypeError(f"a fact cannot carry {type(value).__name__}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Envelope:
    """A fact as it is read from another service's feed."""

    id: UUID
    source: str
    type: str
    subject: str
    time: datetime
    position: int
    epoch: UUID
    lapas: str
    actor: str
    traceparent: str
    causation: UUID | None
    data: dict[str, Any]

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "Envelope":
        """Read the JSON form; fields it does not know are passed over."""
        return cls(
            id=UUID(document["id"]),
            source=document["source"],
            type=document["type"],
            subject=document["subject"],
            time=datetime.fromisoformat(document["time"]),
            position=int(document["position"]),
            epoch=UUID(document["epoch"]),
            lapas=document["lapas"],
            actor=document["actor"],
            traceparent=document["traceparent"],
            causation=UUID(document["causation"]) if document.get("causation") else None,
            data=dict(document["data"]),
        )

    def document(self) -> dict[str, Any]:
        """Return the JSON form, CloudEvents 1.0 in structured mode."""
        return {
            "specversion": "1.0",
            "id": str(self.id),
            "source": self.source,
            "type": self.type,
            "subject": self.subject,
            "time": self.time.isoformat(),
            "datacontenttype": "application/json",
            "position": self.position,
            "epoch": str(self.epoch),
            "lapas": self.lapas,
            "actor": self.actor,
            "traceparent": self.traceparent,
            "causation": str(self.causation) if self.causation else None,
            "data": self.data,
        }
