"""What is done with facts about work: practice is credited, completed orders are kept."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from giatja_kit.database import Store


@dataclass(frozen=True, kw_only=True)
class CreditPractice:
    """Credit work that passed to the one who did it."""

    work_order_id: UUID
    inmate_id: UUID
    stage: str
    work_date: date
    order_id: UUID
    line_id: UUID
    competence: str | None
    workshop_kind: str
    product_name: str
    pieces: int
    minutes: int

    @classmethod
    def from_fact(cls, data: Mapping[str, Any]) -> "CreditPractice":
        """Read the data of ``output_accepted``."""
        return cls(
            work_order_id=UUID(data["work_order_id"]),
            inmate_id=UUID(data["inmate_id"]),
            stage=data["stage"],
            work_date=date.fromisoformat(data["work_date"]),
            order_id=UUID(data["order_id"]),
            line_id=UUID(data["line_id"]),
            competence=data["competence"],
            workshop_kind=data["workshop_kind"],
            product_name=data["product_name"],
            pieces=data["pieces"],
            minutes=data["minutes"],
        )


@dataclass(frozen=True, kw_only=True)
class KeepCompletedOrder:
    """Know that an order was completed."""

    order_id: UUID
    number: str
    partner_name: str | None
    completed_on: date
    on_time: bool

    @classmethod
    def from_fact(cls, data: Mapping[str, Any]) -> "KeepCompletedOrder":
        """Read the data of ``order_completed``."""
        return cls(
            order_id=UUID(data["order_id"]),
            number=data["number"],
            partner_name=data["partner_name"],
            completed_on=date.fromisoformat(data["completed_on"]),
            on_time=data["on_time"],
        )


def credit_practice(command: CreditPractice, store: Store) -> None:
    """Add to what the inmate did at this stage of this work order on this day."""
    store.run(
        "INSERT INTO practice (lapas_id, work_order_id, inmate_id, stage, work_date, order_id, line_id, competence,"
        " workshop_kind, product_name, pieces, minutes)"
        " VALUES (:lapas_id, :work_order_id, :inmate_id, :stage, :work_date, :order_id, :line_id, :competence,"
        " :workshop_kind, :product_name, :pieces, :minutes)"
        " ON CONFLICT (lapas_id, work_order_id, inmate_id, stage, work_date) DO UPDATE"
        " SET pieces = practice.pieces + excluded.pieces, minutes = practice.minutes + excluded.minutes",
        {"lapas_id": store.lapas_id, **asdict(command)},
    )


def keep_completed_order(command: KeepCompletedOrder, store: Store) -> None:
    """Keep a completed order: evidence for everyone with practice on it, heard before or after."""
    store.run(
        "INSERT INTO completed_order (lapas_id, order_id, number, partner_name, completed_on, on_time)"
        " VALUES (:lapas_id, :order_id, :number, :partner_name, :completed_on, :on_time)",
        {"lapas_id": store.lapas_id, **asdict(command)},
    )


def forget_heard_work(store: Store) -> None:
    """Clear what is made of facts alone, before it is heard again from the beginning."""
    store.run("DELETE FROM practice")
    store.run("DELETE FROM completed_order")
