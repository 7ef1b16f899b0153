"""What may be asked for about people, roles, passwords, sessions and machines."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from threading import BoundedSemaphore
from typing import Final
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select

from giatja_gateway.identity import queries
from giatja_gateway.identity.domain import (
    EVERY_LAPAS,
    FREE_BY_ADDRESS,
    FREE_BY_NAME,
    LONGEST_PASSWORD,
    LONGEST_WAIT_BY_ADDRESS,
    SESSION_LONGEST,
    Assignment,
    AssignmentUnknown,
    Attempts,
    Client,
    ClientNameTaken,
    ClientUnknown,
    NoRoleToday,
    OwnRoleGivenByOneself,
    PasswordUnchanged,
    PasswordWrong,
    Person,
    PersonUnknown,
    RoleHeldAlready,
    SessionUnknown,
    SignInRefused,
    TooManyAttempts,
    UsernameTaken,
    check_password,
    check_username,
)
from giatja_gateway.lapas.domain import LapasUnknown
from giatja_kit.database import Row, Store
from giatja_kit.ids import new_id

# OWASP's second choice for Argon2id: 19 MiB, which eight threads at once can afford in a small container.
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# Hashing holds a core; more at once would only make everybody else wait.
_HASHING: Final = BoundedSemaphore(2)
_SEEN_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class AddPerson:
    """Add somebody who may sign in once a password is given."""

    id: UUID
    username: str
    name: str


@dataclass(frozen=True, kw_only=True)
class ChangePerson:
    """Change a person's name, or close or open the account."""

    id: UUID
    version: int | None
    name: str
    active: bool


@dataclass(frozen=True, kw_only=True)
class AssignRole:
    """Let a person hold a role from a day on; ``lapas_id`` is ``*`` for the region."""

    id: UUID
    person_id: UUID
    role: str
    lapas_id: str
    starts_on: date
    ends_on: date | None = None
    plt: bool = False


@dataclass(frozen=True, kw_only=True)
class EndRole:
    """Let a person hold a role no longer than a day."""

    person_id: UUID
    id: UUID
    version: int | None
    last_day: date


@dataclass(frozen=True, kw_only=True)
class SetPassword:
    """Give a person a password, e.g. the demonstration's."""

    person_id: UUID
    password: str = field(repr=False)
    must_change: bool = False


@dataclass(frozen=True, kw_only=True)
class ChangeOwnPassword:
    """Change one's own password; every other session of the person ends.

    :param present: the one until now; not asked again of somebody who came in with a temporary one.
    """

    person_id: UUID
    session_id: UUID
    present: str | None = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """Prove who one is.

    :param address: where it comes from.
    :param known_device: they signed in with this browser before.
    :param demo: the accounts of the demonstration may be used.
    """

    username: str
    password: str = field(repr=False)
    address: str
    known_device: bool = False
    demo: bool = False


@dataclass(frozen=True, kw_only=True)
class OpenSession:
    """Keep a person signed in in one browser."""

    person_id: UUID
    assignment_id: UUID
    device: str


@dataclass(frozen=True, kw_only=True)
class AddClient:
    """Let a machine ask in a role; its secret is given separately, once."""

    id: UUID
    name: str
    role: str
    lapas_id: str


# -- people and roles


def add_person(command: AddPerson, store: Store) -> None:
    """Add a person.

    :raises UsernameMalformed, UsernameTaken:
    """
    check_username(command.username)
    if store.value("SELECT true FROM person WHERE username = :username", username=command.username):
        raise UsernameTaken(field="/username", username=command.username)
    store.add(Person(id=command.id, username=command.username, name=command.name))


def change_person(command: ChangePerson, store: Store) -> None:
    """Change a person; closing the account ends every session at once.

    :raises PersonUnknown, Stale:
    """
    person = store.get(Person, command.id, version=command.version, missing=PersonUnknown)
    person.change(name=command.name, active=command.active)
    if not command.active:
        end_sessions(store, command.id)


def assign_role(command: AssignRole, store: Store) -> None:
    """Let a person hold a role.

    :raises PersonUnknown, LapasUnknown, RoleHeldAlready, RoleNeedsLapas, RoleIsOfRegion:
    :raises OwnRoleGivenByOneself: whoever hands out roles takes none.
    """
    if store.principal.subject == str(command.person_id):
        raise OwnRoleGivenByOneself(permission="people.write")
    store.get(Person, command.person_id, missing=PersonUnknown)
    _require_lapas(store, command.lapas_id)
    held = queries.overlapping(
        store,
        command.person_id,
        role=command.role,
        lapas_id=command.lapas_id,
        starts_on=command.starts_on,
        ends_on=command.ends_on,
    )
    if held is not None:
        raise RoleHeldAlready(field="/starts_on", starts_on=held["starts_on"].isoformat())
    assignment = Assignment(
        lapas_id=command.lapas_id,
        id=command.id,
        person_id=command.person_id,
        role=command.role,
        starts_on=command.starts_on,
        ends_on=command.ends_on,
        plt=command.plt,
    )
    assignment.check()
    store.add(assignment)


def end_role(command: EndRole, store: Store) -> None:
    """End a role of a person; a session acting in it loses it with the next request.

    :raises AssignmentUnknown, Stale, AssignmentEndedAlready:
    """
    assignment = store.get(Assignment, command.id, version=command.version, missing=AssignmentUnknown)
    if assignment.person_id != command.person_id:
        raise AssignmentUnknown(id=command.id)
    assignment.end(last_day=command.last_day)


def _require_lapas(store: Store, lapas_id: str) -> None:
    known = lapas_id == EVERY_LAPAS or store.value(
        "SELECT true FROM lapas WHERE lapas_id = :lapas_id AND open", lapas_id=lapas_id
    )
    if not known:
        raise LapasUnknown(field="/lapas_id", lapas_id=lapas_id)


# -- passwords


def set_password(command: SetPassword, store: Store) -> None:
    """Give a person a password; every session they have ends.

    :raises PersonUnknown, PasswordTooShort, PasswordTooLong, PasswordTooPlain:
    """
    person = store.get(Person, command.person_id, missing=PersonUnknown)
    check_password(command.password, username=person.username)
    person.take_password(_hash(command.password), must_change=command.must_change)
    end_sessions(store, person.id)


def offer_demo_sign_in(command: SetPassword, store: Store) -> None:
    """Give a person of the demonstration a password that is shown at the door.

    :raises PersonUnknown, PasswordTooShort, PasswordTooLong, PasswordTooPlain:
    """
    set_password(command, store)
    store.run(
        "INSERT INTO demo_sign_in (person_id, password) VALUES (:person_id, :password)"
        " ON CONFLICT (person_id) DO UPDATE SET password = excluded.password",
        {"person_id": command.person_id, "password": command.password},
    )


def give_temporary_password(person_id: UUID, store: Store) -> str:
    """Give a person a password that opens nothing but its own change, and return it to be handed over.

    :raises PersonUnknown:
    """
    password = "-".join(secrets.token_hex(2) for _ in range(4))
    set_password(SetPassword(person_id=person_id, password=password, must_change=True), store)
    return password


def change_own_password(command: ChangeOwnPassword, store: Store) -> str:
    """Change one's own password and return the token of the session that goes on; all others end.

    :raises PasswordWrong, PasswordUnchanged, PasswordTooShort, PasswordTooLong, PasswordTooPlain:
    """
    person = store.get(Person, command.person_id, missing=PersonUnknown)
    if not person.must_change and not _matches(command.present or "", person.password_hash):
        raise PasswordWrong(field="/present")
    check_password(command.password, username=person.username)
    if _matches(command.password, person.password_hash):
        raise PasswordUnchanged(field="/password")
    person.take_password(_hash(command.password), must_change=False)
    store.run("UPDATE demo_sign_in SET password = '' WHERE person_id = :id", {"id": person.id})
    end_sessions(store, person.id, but=command.session_id)
    return _renew_token(store, command.session_id)


def _hash(password: str) -> str:
    with _HASHING:
        return _HASHER.hash(password)


@cache
def _nobodys_hash() -> str:
    """Return a hash that no password fits, so that an unknown name costs what a known one does."""
    return _HASHER.hash(secrets.token_hex(32))


def _matches(password: str, password_hash: str | None) -> bool:
    candidate = password if len(password) <= LONGEST_PASSWORD else password[:LONGEST_PASSWORD] + "\0"
    try:
        with _HASHING:
            _HASHER.verify(password_hash or _nobodys_hash(), candidate)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


# -- signing in


def sign_in(command: SignIn, store: Store) -> Person:
    """Check who somebody is.

    A refusal is itself kept, so the caller commits after one. Failures are counted by name, or by name
    and device where that person signed in before, so that a stranger's guesses do not lock the owner
    out; and by address, which makes only devices wait that are not known.

    :raises SignInRefused: the same, after the same time, for an unknown name and a wrong password.
    :raises TooManyAttempts: nothing was checked.
    """
    username = command.username.strip().lower()[:200]
    name_key = _key("device" if command.known_device else "name", username)
    address_key = _key("address", command.address)
    _hold(store, name_key)
    by_name = _attempts(store, name_key, free=FREE_BY_NAME)
    waits = [by_name.seconds_to_wait(store.at)]
    if not command.known_device:
        by_address = _attempts(store, address_key, free=FREE_BY_ADDRESS, longest=LONGEST_WAIT_BY_ADDRESS)
        waits.append(by_address.seconds_to_wait(store.at))
    if max(waits):
        raise TooManyAttempts(seconds=max(waits))
    person = store.session.scalars(select(Person).filter_by(username=username)).one_or_none()
    usable = person if person is not None and person.active and _may_be_used(store, person, demo=command.demo) else None
    if not _matches(command.password, usable.password_hash if usable else None) or usable is None:
        _count_failure(store, name_key)
        _count_failure(store, address_key)
        store.audit("sign_in", username, outcome="refused", lapas_id=EVERY_LAPAS, address=command.address)
        raise SignInRefused(field="/password")
    store.run("DELETE FROM sign_in_attempt WHERE key = :key", {"key": name_key})
    if usable.password_hash and _HASHER.check_needs_rehash(usable.password_hash):
        usable.take_password(_hash(command.password), must_change=usable.must_change)
    store.audit("sign_in", usable.id, lapas_id=EVERY_LAPAS, address=command.address)
    return usable


def _may_be_used(store: Store, person: Person, *, demo: bool) -> bool:
    return demo or not store.value("SELECT true FROM demo_sign_in WHERE person_id = :id", id=person.id)


def _key(kind: str, value: str) -> bytes:
    return hashlib.sha256(f"{kind}\0{value}".encode()).digest()


def _hold(store: Store, key: bytes) -> None:
    """Let guesses at one name go one after the other, so that none slips past the count."""
    store.run("SELECT pg_advisory_xact_lock(:key)", {"key": int.from_bytes(key[:8], signed=True)})


def _attempts(store: Store, key: bytes, *, free: int, longest: timedelta = timedelta(minutes=15)) -> Attempts:
    failures, last_at = queries.attempts(store, key)
    return Attempts(failures=failures, last_at=last_at, free=free, longest=longest).at(store.at)


def _count_failure(store: Store, key: bytes) -> None:
    store.run(
        "INSERT INTO sign_in_attempt (key, failures, last_at) VALUES (:key, 1, :at) ON CONFLICT (key) DO UPDATE SET"
        " failures = CASE WHEN sign_in_attempt.last_at < :forgotten THEN 1 ELSE sign_in_attempt.failures + 1 END,"
        " last_at = excluded.last_at",
        {"key": key, "at": store.at, "forgotten": store.at - timedelta(hours=1)},
    )


def choose_role(store: Store, person_id: UUID, *, role: str | None = None, lapas_id: str | None = None) -> Row:
    """Return the role to begin with: the one asked for, else the one held longest.

    :raises NoRoleToday, AssignmentUnknown:
    """
    held: Sequence[Row] = queries.held_roles(store, person_id)
    if not held:
        raise NoRoleToday
    wanted = [h for h in held if role in (None, h["role"]) and lapas_id in (None, h["lapas_id"])]
    if not wanted:
        raise AssignmentUnknown(field="/role")
    return wanted[0]


# -- sessions


def open_session(command: OpenSession, store: Store) -> str:
    """Open a session and return its token, which is kept nowhere but in the browser."""
    _forget_old(store)
    token = secrets.token_urlsafe(32)
    store.run(
        "INSERT INTO session (id, token_hash, person_id, assignment_id, signed_in_at, seen_at, expires_at, device)"
        " VALUES (:id, :token_hash, :person_id, :assignment_id, :at, :at, :expires_at, :device)",
        {
            "id": new_id(),
            "token_hash": hash_token(token),
            "person_id": command.person_id,
            "assignment_id": command.assignment_id,
            "at": store.at,
            "expires_at": store.at + SESSION_LONGEST,
            "device": command.device[:200],
        },
    )
    return token


def see_session(store: Store, session: Row) -> None:
    """Note that a session is in use, and which role it acts in where the chosen one has ended."""
    moved = session["assignment_id"] != session["chosen_id"]
    if moved or store.at - session["seen_at"] > _SEEN_EVERY:
        store.run(
            "UPDATE session SET seen_at = :at, assignment_id = :assignment_id WHERE id = :id",
            {"at": store.at, "assignment_id": session["assignment_id"], "id": session["id"]},
        )


def switch_role(store: Store, *, session_id: UUID, person_id: UUID, assignment_id: UUID) -> str:
    """Act in another role one holds, and return the session's new token.

    :raises AssignmentUnknown: not theirs, or not today.
    """
    if assignment_id not in {held["id"] for held in queries.held_roles(store, person_id)}:
        raise AssignmentUnknown(id=assignment_id)
    store.run(
        "UPDATE session SET assignment_id = :assignment_id WHERE id = :id",
        {"assignment_id": assignment_id, "id": session_id},
    )
    return _renew_token(store, session_id)


def end_session(store: Store, *, session_id: UUID, person_id: UUID) -> None:
    """End one session of a person.

    :raises SessionUnknown: it is not theirs, or has ended.
    """
    ended = store.run(
        "DELETE FROM session WHERE id = :id AND person_id = :person_id", {"id": session_id, "person_id": person_id}
    )
    if not ended:
        raise SessionUnknown(id=session_id)


def leave(store: Store, session_id: UUID) -> None:
    """End the session somebody signs out of; one that has ended already is as good."""
    store.run("DELETE FROM session WHERE id = :id", {"id": session_id})


def end_sessions(store: Store, person_id: UUID, *, but: UUID | None = None) -> int:
    """End the sessions of a person, all or all but one."""
    return store.run(
        "DELETE FROM session WHERE person_id = :person_id AND (CAST(:but AS uuid) IS NULL OR id <> :but)",
        {"person_id": person_id, "but": but},
    )


def _forget_old(store: Store) -> None:
    """Drop sessions that expired and failures that count no more."""
    store.run("DELETE FROM session WHERE expires_at < :at", {"at": store.at})
    store.run("DELETE FROM sign_in_attempt WHERE last_at < :day", {"day": store.at - timedelta(days=1)})


def hash_token(token: str) -> bytes:
    """Return what a session is found by; 256 random bits need no salt."""
    return hashlib.sha256(token.encode()).digest()


def _renew_token(store: Store, session_id: UUID) -> str:
    """Give a session a new token, so that one that was seen before opens nothing now."""
    token = secrets.token_urlsafe(32)
    store.run(
        "UPDATE session SET token_hash = :token_hash WHERE id = :id",
        {"token_hash": hash_token(token), "id": session_id},
    )
    return token


# -- machines


def add_client(command: AddClient, store: Store) -> None:
    """Add a machine.

    :raises ClientNameTaken, LapasUnknown, RoleNeedsLapas, RoleIsOfRegion:
    """
    if store.value("SELECT true FROM client WHERE lower(name) = lower(:name)", name=command.name):
        raise ClientNameTaken(field="/name", name=command.name)
    _require_lapas(store, command.lapas_id)
    Assignment(
        lapas_id=command.lapas_id, id=command.id, person_id=command.id, role=command.role, starts_on=store.at.date()
    ).check()
    store.add(Client(lapas_id=command.lapas_id, id=command.id, name=command.name, role=command.role))


def renew_client_secret(client_id: UUID, store: Store) -> str:
    """Give a machine a new secret and return it, this once; the old one opens nothing any more.

    :raises ClientUnknown:
    """
    client = store.get(Client, client_id, missing=ClientUnknown)
    secret = secrets.token_urlsafe(32)
    client.secret_hash, client.active = hash_token(secret), True
    return secret


def close_client(client_id: UUID, store: Store) -> None:
    """Let a machine ask no more.

    :raises ClientUnknown:
    """
    client = store.get(Client, client_id, missing=ClientUnknown)
    client.secret_hash, client.active = None, False


def recognise_client(store: Store, *, client_id: str, secret: str, address: str) -> Client:
    """Return the machine that proves itself; failures are counted by address.

    :raises SignInRefused, TooManyAttempts:
    """
    address_key = _key("address", address)
    by_address = _attempts(store, address_key, free=FREE_BY_ADDRESS, longest=LONGEST_WAIT_BY_ADDRESS)
    if wait := by_address.seconds_to_wait(store.at):
        raise TooManyAttempts(seconds=wait)
    try:
        found = store.session.get(Client, _client_key(store, UUID(client_id)))
    except ValueError:
        found = None
    known = found.secret_hash if found and found.active and found.secret_hash else b""
    if not hmac.compare_digest(known, hash_token(secret)) or found is None:
        _count_failure(store, address_key)
        store.audit("client_sign_in", client_id[:100], outcome="refused", lapas_id=EVERY_LAPAS, address=address)
        raise SignInRefused(field="/client_secret")
    return found


def _client_key(store: Store, client_id: UUID) -> tuple[str, UUID]:
    return str(store.value("SELECT lapas_id FROM client WHERE id = :id", id=client_id) or ""), client_id
