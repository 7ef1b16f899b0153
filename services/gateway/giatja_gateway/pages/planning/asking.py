"""Asking planning whether a date can be promised, for any page that needs to know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from giatja_gateway.pages.planning import words
from giatja_gateway.services import ServiceProblem, services
from giatja_kit.client import ServiceUnavailable


def promise(lines: Iterable[Mapping[str, Any]], due: str) -> dict[str, Any]:
    """Say in words whether lines can be finished by a day.

    :param lines: pieces with `workshop_kind` or `workshop_id`.
    :returns: `answer`, or `refused` with the sentence of the refusal and `field` it is about, or `missing`.
    """
    body = {"due_date": due, "lines": list(lines)}
    try:
        return {"answer": words.answer(services().post("production", "/planning/promise", body).json)}
    except ServiceUnavailable:
        return {"missing": True}
    except ServiceProblem as problem:
        if problem.status >= 500:
            return {"missing": True}
        if problem.status not in (404, 409, 422):
            raise
        errors = problem.document.get("errors") or [{}]
        return {
            "refused": str(errors[0].get("detail") or problem.document.get("title", "")),
            "field": str(errors[0].get("pointer") or ""),
        }


def of_order(order: Mapping[str, Any]) -> dict[str, Any]:
    """Say in words whether an order that nobody accepted yet can be promised."""
    lines = [{"quantity": line["quantity"], "workshop_kind": line["workshop_kind"]} for line in order["lines"]]
    return promise(lines, order["due_date"])
