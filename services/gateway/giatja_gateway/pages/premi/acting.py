"""What the screens of premi share: acting on a service and saying how it went, and finding people by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from flask import redirect, request
from flask.typing import ResponseReturnValue

from giatja_gateway.pages.base import toast
from giatja_gateway.services import Answer, ServiceProblem, services

REFUSED: Final = (403, 404, 409, 412, 422)


def act(ask: Callable[[], Answer], done: str, back: str) -> ResponseReturnValue:
    """Do one act and go back to the page; refused, the page says why not."""
    try:
        ask()
    except ServiceProblem as problem:
        if problem.status not in REFUSED:
            raise
        toast(said(problem), "merah")
    else:
        toast(done)
    return redirect(back, 303)


def said(problem: ServiceProblem) -> str:
    """Give what a service said no with: the complaint about a field where there is one, else its sentence."""
    errors = problem.document.get("errors") or []
    words = [str(each["detail"]) for each in errors if each.get("detail")]
    return " ".join(words) or str(problem.document.get("title") or problem.document.get("detail") or "")


def sent(name: str) -> str:
    """Give what was typed into a field."""
    return request.form.get(name, "").strip()


def found_by_name(name: str) -> list[str]:
    """Return whose name or register number holds some text, by id; wherever they are now."""
    return list(services().post("training", "/names/search", {"text": name[:100]}).json["items"])
