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
class TakePracticeBack:
    """Take back work that was credited and whose entry was reversed."""

    work_order_id: UUID
    inmate_id: UUID
    stage: str
    work_date: date
    pieces: int
    minutes: int

    @classmethod
    def from_fact(cls, data: Mapping[str, Any]) -> "TakePracticeBack":
        """Read the data of ``output_reversed``."""
        return cls(
            work_order_id=UUID(data["work_order_id"]),
            inmate_id=UUID(data["inmate_id"]),
            stage=data["stage"],
            work_date=date.fromisoformat(data["work_date"]),
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


class PracticeNeverCredited(LookupError):
    """Practice is taken back that was not there: a fault, for a person to look at."""


def take_practice_back(command: TakePracticeBack, store: Store) -> None:
    """Subtract from what the inmate did at this stage of this work order on this day; what comes to nothing goes.

    :raises PracticeNeverCredited: less is there than is taken back.
    """
    values = {"lapas_id": store.lapas_id, **asdict(command)}
    this = (
        "lapas_id = :lapas_id AND work_order_id = :work_order_id AND inmate_id = :inmate_id AND stage = :stage"
        " AND work_date = :work_date"
    )
    gone = store.run(f"DELETE FROM practice WHERE {this} AND pieces = :pieces AND minutes = :minutes", values)  # noqa: S608 - a constant
    if gone:
        return
    less = store.run(
        "UPDATE practice SET pieces = pieces - :pieces, minutes = minutes - :minutes"  # noqa: S608 - a constant
        f" WHERE {this} AND pieces > :pieces AND minutes >= :minutes",
        values,
    )
    if not less:
        raise PracticeNeverCredited(f"{command.pieces} pieces at {command.stage} of work order {command.work_order_id}")


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
