"""Signing in and out, and one's own account: roles, password, sessions."""

from __future__ import annotations

import re
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from giatja_gateway.identity import handlers, queries
from giatja_gateway.identity.domain import NoRoleToday, SignedIn, SignInRefused, TooManyAttempts
from giatja_gateway.pages import base, forms
from giatja_gateway.pages.account import door
from giatja_gateway.pages.account.roles import role_name
from giatja_gateway.pages.forms import Form
from giatja_gateway.pages.language import _, current
from giatja_gateway.services import own
from giatja_kit import clock
from giatja_kit.database import Row, Store
from giatja_kit.errors import Invalid, Refusal
from giatja_kit.web import kit

blueprint = Blueprint("account", __name__, template_folder="templates")
_DEVICES = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "Mac"))
_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))


@blueprint.get("/masuk")
@base.anyone("the door itself")
def sign_in() -> ResponseReturnValue:
    """Ask who it is."""
    if base.signed_in() is not None:
        return redirect(_onward(request.args.get("next")), 303)
    answer = _sign_in_page(Form())
    return door.let_out(answer) if g.get("session_ended") else answer


@blueprint.post("/masuk")
@base.anyone("the door itself")
def enter() -> ResponseReturnValue:
    """Let somebody in who proves who they are."""
    username = request.form.get("username", "").strip().lower()
    refusal: Refusal | None = None
    token = ""
    # A refusal is caught inside: what was counted against the name and the address has to be kept.
    with kit().database.transaction(at=clock.now()) as store:
        try:
            person = handlers.sign_in(
                handlers.SignIn(
                    username=username,
                    password=request.form.get("password", ""),
                    address=request.remote_addr or "",
                    known_device=door.is_known_device(username),
                    demo=_demo(),
                ),
                store,
            )
            held = handlers.choose_role(store, person.id)
            # Whatever session this browser had ends: what opens one is always new.
            _end_present_session(store)
            token = handlers.open_session(
                handlers.OpenSession(person_id=person.id, assignment_id=held["id"], device=_device()), store
            )
        except (SignInRefused, TooManyAttempts, NoRoleToday) as problem:
            refusal = problem
    if refusal is not None:
        return _refused_at_the_door(refusal)
    answer = make_response(redirect(_onward(request.form.get("next")), 303))
    return door.remember_device(door.let_in(answer, token), username)


def _end_present_session(store: Store) -> None:
    present: SignedIn | None = base.signed_in()
    if present is not None:
        handlers.leave(store, g.session_id)


@blueprint.post("/keluar")
@base.anyone("somebody whose session has ended may still press the button")
def sign_out() -> ResponseReturnValue:
    """End the session here."""
    person: SignedIn | None = base.signed_in()
    if person is not None:
        with own(everywhere=True) as store:
            handlers.leave(store, g.session_id)
            store.audit("sign_out", person.id)
    answer = make_response(redirect(url_for("account.sign_in", out=1), 303))
    # The browser also drops what it has kept of the pages, for the next person at a shared tablet.
    answer.headers["Clear-Site-Data"] = '"cache"'
    return door.let_out(answer)


@blueprint.get("/akun")
@base.needs("account.own")
def account() -> ResponseReturnValue:
    """Show one's own roles and sessions."""
    person: SignedIn = g.person
    with own(everywhere=True) as store:
        held = queries.held_roles(store, person.id)
        sessions = queries.sessions(store, person.id)
    context = {"held": held, "sessions": sessions, "session_id": g.session_id, "role_name": role_name}
    return base.render("account/account.html", context)


@blueprint.get("/akun/kata-sandi")
@base.needs("account.own")
def password() -> ResponseReturnValue:
    """Ask for a new password."""
    return base.render("account/password.html", {"form": Form()})


@blueprint.post("/akun/kata-sandi")
@base.needs("account.own")
def change_password() -> ResponseReturnValue:
    """Change one's own password."""
    person: SignedIn = g.person
    chosen = request.form.get("password", "")
    if chosen != request.form.get("again", ""):
        form = forms.submitted(again=_("Kedua isian kata sandi baru tidak sama."))
        return base.render("account/password.html", {"form": form}, 422)
    command = handlers.ChangeOwnPassword(
        person_id=person.id, session_id=g.session_id, present=request.form.get("present"), password=chosen
    )
    try:
        with own(everywhere=True) as store:
            token = handlers.change_own_password(command, store)
            store.audit("account.password", person.id)
    except Invalid as refusal:
        name = forms.field_name(refusal.field or "/password")
        form = forms.submitted(**{name: refusal.sentence(current())})
        return base.render("account/password.html", {"form": form}, 422)
    base.toast(_("Kata sandi sudah diganti. Sesi Anda di perangkat lain sudah diakhiri."))
    return door.let_in(make_response(redirect(url_for("account.account"), 303)), token)


@blueprint.post("/akun/peran")
@base.needs("account.own")
def switch_role() -> ResponseReturnValue:
    """Act in another role from now on."""
    person: SignedIn = g.person
    with own(everywhere=True) as store:
        token = handlers.switch_role(
            store, session_id=g.session_id, person_id=person.id, assignment_id=_uuid(request.form.get("assignment"))
        )
        store.audit("account.role", request.form.get("assignment", ""))
    return door.let_in(make_response(redirect(_onward(None), 303)), token)


@blueprint.post("/akun/sesi/<uuid:session_id>/akhiri")
@base.needs("account.own")
def end_session(session_id: UUID) -> ResponseReturnValue:
    """End a session of one's own on another device."""
    person: SignedIn = g.person
    with own(everywhere=True) as store:
        handlers.end_session(store, session_id=session_id, person_id=person.id)
        store.audit("account.session", session_id)
    base.toast(_("Sesi di perangkat itu sudah diakhiri."))
    return redirect(url_for("account.account"), 303)


def _refused_at_the_door(refusal: Refusal) -> Response:
    status = 429 if isinstance(refusal, TooManyAttempts) else 403 if isinstance(refusal, NoRoleToday) else 401
    form = Form(values={"username": request.form.get("username", "")}, general=(refusal.sentence(current()),))
    answer = _sign_in_page(form, status)
    if status == 429:
        answer.headers["Retry-After"] = str(refusal.facts["seconds"])
    return answer


def _sign_in_page(form: Form, status: int = 200) -> Response:
    values = request.form if request.method == "POST" else request.args
    context = {
        "form": form,
        "next": door.safe_next(values.get("next")),
        "out": "out" in request.args,
        "wrong": status == HTTPStatus.UNAUTHORIZED,
        "wait": status == HTTPStatus.TOO_MANY_REQUESTS,
        "ended": bool(g.get("session_ended")) and request.method == "GET",
        "demo": _demo_sign_ins(),
        "role_name": role_name,
    }
    return base.render("account/sign_in.html", context, status)


def _demo() -> bool:
    return bool(getattr(kit().service.settings, "demo", False))


def _demo_sign_ins() -> list[Row]:
    if not _demo():
        return []
    with kit().database.transaction(at=clock.now()) as store:
        return list(queries.demo_sign_ins(store))


def _onward(target: str | None) -> str:
    """Return where to go after signing in: back where they came from, else the first page of their role."""
    back = door.safe_next(target)
    if back:
        return back
    return url_for("home.home" if base.has_page("home.home") else "account.account")


def _uuid(text: str | None) -> UUID:
    try:
        return UUID(text or "")
    except ValueError:
        return UUID(int=0)


def _device() -> str:
    """Describe the browser in a word or two, for the list of one's own sessions."""
    agent = request.headers.get("User-Agent", "")
    device = next((name for mark, name in _DEVICES if mark in agent), "Linux" if "Linux" in agent else "")
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    return re.sub(r"\s+", " ", f"{browser} {device}").strip()
