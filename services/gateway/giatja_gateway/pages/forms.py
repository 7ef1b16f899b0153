"""What a form holds while it is being filled in, and what was wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

from flask import Flask, request
from markupsafe import Markup

KEY_FIELD: Final = "idempotency_key"
VERSION_FIELD: Final = "version"


@dataclass(frozen=True, kw_only=True)
class Form:
    """Values by field name and the complaint about each, for the field macros.

    A field's name is the JSON pointer of what it fills with dots for slashes: `/lines/0/quantity` is
    `lines.0.quantity`, so that a service's complaint finds its field.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    general: tuple[str, ...] = ()

    def value(self, name: str, default: object = "") -> str:
        """Give what a field holds."""
        return self.values.get(name, "" if default is None else str(default))

    def error(self, name: str) -> str:
        """Give the complaint about a field, or nothing."""
        return self.errors.get(name, "")

    @property
    def wrong(self) -> bool:
        """Whether there is anything to complain about."""
        return bool(self.errors or self.general)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Go through the complaints that belong to a field."""
        return iter(self.errors.items())


def submitted(**errors: str) -> Form:
    """Give the form as it was sent, with complaints of this page's own."""
    return Form(values=request.form, errors=errors)


def refused(problem: Mapping[str, object], place: Callable[[str], str] = str) -> Form:
    """Give the form as it was sent, with the complaints of a service's problem document.

    Complaints about something that is no field here are kept as general ones, so that none gets lost.

    :param place: the pointer of the field of this form that a pointer of the service means, where they differ.
    """
    found = _complaints(problem.get("errors"), place)
    errors = {name: text for name, text in found if name in request.form}
    general = tuple(text for name, text in found if name not in request.form)
    if not found:
        general = (str(problem.get("detail") or problem.get("title") or ""),)
    return Form(values=request.form, errors=errors, general=general)


def _complaints(errors: object, place: Callable[[str], str]) -> list[tuple[str, str]]:
    if not isinstance(errors, Iterable):
        return []
    return [
        (field_name(place(str(each.get("pointer") or each.get("field") or ""))), str(each.get("detail") or ""))
        for each in errors
        if isinstance(each, Mapping)
    ]


def field_name(pointer: str) -> str:
    """Turn a JSON pointer into a field name: `#/lines/0/quantity` is `lines.0.quantity`."""
    return pointer.lstrip("#").strip("/").replace("/", ".")


def field_id(name: str) -> str:
    """Turn a field name into the id of its element."""
    return "f-" + name.replace(".", "-").replace("[", "-").replace("]", "")


def form_key() -> Markup:
    """Write the key that makes sending a form twice do its work once."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(KEY_FIELD, uuid4())


def sent_key() -> str:
    """Read the key that came with the form, for the `Idempotency-Key` of the call it leads to."""
    return request.form.get(KEY_FIELD) or request.headers.get("Idempotency-Key") or str(uuid4())


def version_field(version: int) -> Markup:
    """Write which version of a thing this page shows, for the `If-Match` of the call it leads to."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(VERSION_FIELD, version)


def sent_version() -> str:
    """Give the `If-Match` of the version the person was looking at: `"v7"`."""
    return f'"v{request.form.get(VERSION_FIELD, "")}"'


def install(app: Flask) -> None:
    """Give the templates what the field macros need."""
    app.jinja_env.globals.update(form_key=form_key, version_field=version_field, field_id=field_id, no_form=Form())
