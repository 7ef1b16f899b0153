"""People and their roles, and the registry of Lapas, for those who run the deployment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ValidationError

from giatja_gateway.identity import handlers, queries
from giatja_gateway.identity.api import AssignmentInput, EndInput, PersonChange, PersonInput
from giatja_gateway.lapas import handlers as lapas_handlers
from giatja_gateway.lapas import queries as lapas_queries
from giatja_gateway.lapas.api import LapasChange, NewLapas, TitlesInput
from giatja_gateway.lapas.domain import CLASSES, ZONES
from giatja_gateway.pages import base, forms, menu
from giatja_gateway.pages.account.roles import ROLE_NAMES, office_names, role_name
from giatja_gateway.pages.base import NavItem
from giatja_gateway.pages.formats import today
from giatja_gateway.pages.forms import Form
from giatja_gateway.pages.language import _, lazy
from giatja_gateway.services import own
from giatja_kit import problems
from giatja_kit.database import Store
from giatja_kit.errors import Conflict, Invalid, NotAllowed, Refusal, Stale, Unknown
from giatja_kit.ids import new_id
from giatja_kit.paging import PageQuery

blueprint = Blueprint("people", __name__, template_folder="templates")
NAVIGATION = (
    NavItem(
        endpoint="people.people",
        label=lazy("Orang"),
        icon="people",
        permission="people.write",
        section=menu.SYSTEM,
        bottom=True,
    ),
    NavItem(
        endpoint="people.lapas_list",
        label=lazy("Daftar Lapas"),
        icon="building",
        permission="lapas.write",
        section=menu.SYSTEM,
        bottom=True,
    ),
)
_SHOWN = 50


class _Refused(Exception):
    """A form that cannot be obeyed as it is."""

    def __init__(self, form: Form, status: int) -> None:
        self.form = form
        self.status = status
        super().__init__(str(status))


M = TypeVar("M", bound=BaseModel)
N = TypeVar("N", bound=BaseModel)
T = TypeVar("T")


def _read(model: type[M], values: dict[str, Any]) -> M:
    """Read a form as the API would read its JSON."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        document = problems.of_validation(error).get_json()
        raise _Refused(forms.refused(document), 422) from None


def _both(first: Callable[[], M], second: Callable[[], N]) -> tuple[M, N]:
    """Read two parts of one form, and complain about both at once."""
    try:
        one = first()
    except _Refused as refused:
        try:
            second()
        except _Refused as also:
            errors = {**refused.form.errors, **also.form.errors}
            raise _Refused(Form(values=request.form, errors=errors), 422) from None
        raise
    return one, second()


def _do(act: Callable[[Store], T], permission: str, subject: object) -> T:
    """Do something in a transaction of the person's own, and keep who did it."""
    try:
        with own(everywhere=True) as store:
            result = act(store)
            store.audit(permission, subject)
    except (Unknown, NotAllowed, Stale) as refusal:
        if not refusal.field:
            raise
        raise _refused(refusal) from None
    except (Conflict, Invalid) as refusal:
        raise _refused(refusal) from None
    return result


def _refused(refusal: Refusal) -> _Refused:
    response = problems.of_refusal(refusal)
    return _Refused(forms.refused(response.get_json()), response.status_code)


def _given(*names: str) -> dict[str, Any]:
    """Take these fields of the form, leaving out what was left empty."""
    return {name: value for name in names if (value := request.form.get(name, "").strip())}


def _roles() -> list[tuple[str, str]]:
    return [(role, role_name(role)) for role in ROLE_NAMES]


def _places(lapas: Sequence[Any]) -> list[tuple[str, str]]:
    return [("*", _("Seluruh wilayah")), *((row["lapas_id"], row["name"]) for row in lapas)]


def _assignment() -> AssignmentInput:
    return _read(
        AssignmentInput,
        {"plt": request.form.get("plt") == "1", **_given("role", "lapas_id", "starts_on", "ends_on")},
    )


# -- people


@blueprint.get("/orang")
@base.needs("people.write")
def people() -> ResponseReturnValue:
    """List people."""
    role = request.args.get("role")
    with own(everywhere=True) as store:
        page = queries.people(
            store,
            PageQuery(limit=_SHOWN, cursor=request.args.get("cursor") or None),
            search=request.args.get("q", "").strip()[:100] or None,
            lapas_id=request.args.get("lapas") or None,
            role=role if role in ROLE_NAMES else None,
        )
        lapas = lapas_queries.open_lapas(store)
    context = {"page": page, "places": _places(lapas), "roles": _roles(), "role_name": role_name}
    return base.render("people/people.html", context)


@blueprint.get("/orang/baru")
@base.needs("people.write")
def new_person() -> ResponseReturnValue:
    """Ask who is new."""
    return _new_person_page(Form())


def _new_person_page(form: Form, status: int = 200) -> ResponseReturnValue:
    with own(everywhere=True) as store:
        lapas = lapas_queries.open_lapas(store)
    context = {"form": form, "places": _places(lapas), "roles": _roles(), "today": today()}
    return base.render("people/new_person.html", context, status)


@blueprint.post("/orang/baru")
@base.needs("people.write")
def add_person() -> ResponseReturnValue:
    """Add somebody with a first role and a temporary password, shown this once."""
    id_ = new_id()

    def act(store: Store) -> str:
        handlers.add_person(handlers.AddPerson(id=id_, username=person.username, name=person.name), store)
        _assign(store, id_, assignment)
        return handlers.give_temporary_password(id_, store)

    try:
        person, assignment = _both(lambda: _read(PersonInput, _given("name", "username")), _assignment)
        secret = _do(act, "people.write", f"person:{id_}")
    except _Refused as refused:
        return _new_person_page(refused.form, refused.status)
    return _secret_page(id_, secret)


def _assign(store: Store, person_id: UUID, given: AssignmentInput) -> None:
    handlers.assign_role(
        handlers.AssignRole(
            id=new_id(),
            person_id=person_id,
            role=given.role,
            lapas_id=given.lapas_id,
            starts_on=given.starts_on,
            ends_on=given.ends_on,
            plt=given.plt,
        ),
        store,
    )


@blueprint.get("/orang/<uuid:person_id>")
@base.needs("people.write")
def person(person_id: UUID) -> ResponseReturnValue:
    """Show one person."""
    return _person_page(person_id)


def _person_page(
    person_id: UUID, *, role_form: Form | None = None, form: Form | None = None, status: int = 200
) -> ResponseReturnValue:
    with own(everywhere=True) as store:
        shown = queries.person(store, person_id)
        lapas = lapas_queries.open_lapas(store)
    context = {
        "person": shown,
        "places": _places(lapas),
        "roles": _roles(),
        "role_name": role_name,
        "today": today(),
        "role_form": role_form or Form(),
        "form": form or Form(),
    }
    return base.render("people/person.html", context, status)


@blueprint.post("/orang/<uuid:person_id>")
@base.needs("people.write")
def change_person(person_id: UUID) -> ResponseReturnValue:
    """Change a person's name, or close or open the account."""
    try:
        given = _read(PersonChange, {"active": request.form.get("active") == "1", **_given("name")})
        command = handlers.ChangePerson(id=person_id, version=_version(), name=given.name, active=given.active)
        _do(lambda store: handlers.change_person(command, store), "people.write", f"person:{person_id}")
    except _Refused as refused:
        return _person_page(person_id, form=refused.form, status=refused.status)
    base.toast(_("Sudah disimpan.") if given.active else _("Akun ditutup; semua sesinya berakhir."))
    return redirect(url_for("people.person", person_id=person_id), 303)


@blueprint.post("/orang/<uuid:person_id>/peran")
@base.needs("people.write")
def assign_role(person_id: UUID) -> ResponseReturnValue:
    """Let a person hold one more role."""
    try:
        given = _assignment()
        _do(lambda store: _assign(store, person_id, given), "people.write", f"person:{person_id}")
    except _Refused as refused:
        return _person_page(person_id, role_form=refused.form, status=refused.status)
    base.toast(_("Peran sudah diberikan."))
    return redirect(url_for("people.person", person_id=person_id), 303)


@blueprint.post("/orang/<uuid:person_id>/peran/<uuid:assignment_id>/akhiri")
@base.needs("people.write")
def end_role(person_id: UUID, assignment_id: UUID) -> ResponseReturnValue:
    """End a role of a person."""
    try:
        given = _read(EndInput, _given("last_day"))
        command = handlers.EndRole(person_id=person_id, id=assignment_id, version=_version(), last_day=given.last_day)
        _do(lambda store: handlers.end_role(command, store), "people.write", f"assignment:{assignment_id}")
    except _Refused as refused:
        return _person_page(person_id, form=refused.form, status=refused.status)
    base.toast(_("Peran diakhiri."))
    return redirect(url_for("people.person", person_id=person_id), 303)


@blueprint.post("/orang/<uuid:person_id>/kata-sandi")
@base.needs("people.write")
def give_temporary_password(person_id: UUID) -> ResponseReturnValue:
    """Give a temporary password and show it, this once."""
    secret = _do(
        lambda store: handlers.give_temporary_password(person_id, store), "people.write", f"password:{person_id}"
    )
    return _secret_page(person_id, secret)


def _secret_page(person_id: UUID, secret: str) -> ResponseReturnValue:
    # Not redirected: a secret that survived the redirect would have to be kept somewhere.
    with own(everywhere=True) as store:
        shown = queries.person(store, person_id)
    return base.render("people/secret.html", {"person": shown, "secret": secret})


def _version() -> int:
    """Return the version the person was looking at; one that no form of ours sends matches nothing."""
    sent = request.form.get(forms.VERSION_FIELD, "")
    return int(sent) if sent.isdecimal() and len(sent) < 10 else -1


# -- Lapas


@blueprint.get("/lapas")
@base.needs("lapas.write")
def lapas_list() -> ResponseReturnValue:
    """List the Lapas of this deployment."""
    with own(everywhere=True) as store:
        page = lapas_queries.lapas_page(
            store,
            PageQuery(limit=_SHOWN, cursor=request.args.get("cursor") or None),
            search=request.args.get("q", "").strip()[:100] or None,
        )
    return base.render("people/lapas_list.html", {"page": page})


@blueprint.get("/lapas/baru")
@base.needs("lapas.write")
def new_lapas() -> ResponseReturnValue:
    """Ask which Lapas joins."""
    return _new_lapas_page(Form())


def _new_lapas_page(form: Form, status: int = 200) -> ResponseReturnValue:
    return base.render("people/new_lapas.html", {"form": form, "classes": CLASSES, "zones": ZONES}, status)


@blueprint.post("/lapas/baru")
@base.needs("lapas.write")
def register_lapas() -> ResponseReturnValue:
    """Register a Lapas."""
    try:
        given = _read(NewLapas, _given("lapas_id", "name", "class", "zone"))
        command = lapas_handlers.RegisterLapas(
            lapas_id=given.lapas_id, name=given.name, lapas_class=given.lapas_class, zone=given.zone
        )
        _do(lambda store: lapas_handlers.register_lapas(command, store), "lapas.write", f"lapas:{given.lapas_id}")
    except _Refused as refused:
        return _new_lapas_page(refused.form, refused.status)
    base.toast(_("%(name)s sudah terdaftar.") % {"name": given.name})
    return redirect(url_for("people.lapas", lapas_id=given.lapas_id), 303)


@blueprint.get("/lapas/<lapas_id>")
@base.needs("lapas.write")
def lapas(lapas_id: str) -> ResponseReturnValue:
    """Show one Lapas with its letterheads."""
    return _lapas_page(lapas_id)


def _lapas_page(
    lapas_id: str, *, form: Form | None = None, titles_form: Form | None = None, status: int = 200
) -> ResponseReturnValue:
    with own(everywhere=True) as store:
        shown = lapas_queries.lapas(store, lapas_id)
        history = lapas_queries.titles_history(store, lapas_id)
    context = {
        "lapas": shown,
        "history": history,
        "classes": CLASSES,
        "zones": ZONES,
        "offices": office_names(),
        "today": today(),
        "form": form or Form(),
        "titles_form": titles_form or Form(),
    }
    return base.render("people/lapas.html", context, status)


@blueprint.post("/lapas/<lapas_id>")
@base.needs("lapas.write")
def change_lapas(lapas_id: str) -> ResponseReturnValue:
    """Change a Lapas."""
    try:
        given = _read(LapasChange, {"open": request.form.get("open") == "1", **_given("name", "class", "zone")})
        command = lapas_handlers.ChangeLapas(
            lapas_id=lapas_id,
            version=_version(),
            name=given.name,
            lapas_class=given.lapas_class,
            zone=given.zone,
            open=given.open,
        )
        _do(lambda store: lapas_handlers.change_lapas(command, store), "lapas.write", f"lapas:{lapas_id}")
    except _Refused as refused:
        return _lapas_page(lapas_id, form=refused.form, status=refused.status)
    base.toast(_("Sudah disimpan."))
    return redirect(url_for("people.lapas", lapas_id=lapas_id), 303)


@blueprint.post("/lapas/<lapas_id>/sebutan")
@base.needs("lapas.write")
def set_titles(lapas_id: str) -> ResponseReturnValue:
    """Set letterhead and titles from a day on."""
    lines = [line.strip() for line in request.form.get("letterhead", "").splitlines() if line.strip()]
    offices = {role: request.form.get(f"titles.{role}", "").strip() for role, _name in office_names()}
    try:
        given = _read(
            TitlesInput,
            {
                "letterhead": lines,
                "titles": {role: title for role, title in offices.items() if title},
                **_given("valid_from"),
            },
        )
        command = lapas_handlers.SetTitles(
            lapas_id=lapas_id,
            valid_from=given.valid_from,
            letterhead=tuple(given.letterhead),
            titles={str(role): title for role, title in given.titles.items()},
        )
        _do(lambda store: lapas_handlers.set_titles(command, store), "lapas.write", f"titles:{lapas_id}")
    except _Refused as refused:
        return _lapas_page(lapas_id, titles_form=refused.form, status=refused.status)
    base.toast(_("Kop dan sebutan disimpan; tanggal sebelumnya tetap memakai yang lama."))
    return redirect(url_for("people.lapas", lapas_id=lapas_id), 303)
