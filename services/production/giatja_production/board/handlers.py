"""What may be asked for about boards: links made, renewed and revoked; help called and answered."""

import hashlib
import secrets
from dataclasses import dataclass
from uuid import UUID

from giatja_kit.database import Store
from giatja_production.board import queries
from giatja_production.board.domain import BoardLink, BoardLinkUnknown, CallAlreadyAnswered, CallKind, TooManyBoards
from giatja_production.workshops.domain import WorkshopUnknown

_TOKEN_BYTES = 24


@dataclass(frozen=True, kw_only=True)
class ShareBoard:
    """Make a link for a screen; without a workshop it shows all in turn."""

    id: UUID
    name: str
    workshop_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class RenewBoard:
    """Give a screen another link."""

    id: UUID
    version: int | None


@dataclass(frozen=True, kw_only=True)
class RevokeBoard:
    """End a screen's link."""

    id: UUID


@dataclass(frozen=True, kw_only=True)
class CallForHelp:
    """Call somebody to a workshop."""

    id: UUID
    workshop_id: UUID
    kind: CallKind


@dataclass(frozen=True, kw_only=True)
class AnswerCall:
    """Say that somebody has come."""

    id: UUID


def share_board(command: ShareBoard, store: Store) -> str:
    """Make a link and return its token, which is shown this once.

    :raises TooManyBoards, WorkshopUnknown:
    """
    if queries.count_links(store) >= BoardLink.MOST:
        raise TooManyBoards(most=BoardLink.MOST)
    _must_be_there(command.workshop_id, store)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    store.add(
        BoardLink(
            lapas_id=store.lapas_id,
            id=command.id,
            name=command.name,
            workshop_id=command.workshop_id,
            token_hash=hashed(token),
            made_at=store.at,
            made_by=store.actor,
        )
    )
    return token


def renew_board(command: RenewBoard, store: Store) -> str:
    """Give a link another token and return it; the one before stops working at once.

    :raises BoardLinkUnknown, Stale:
    """
    link = store.get(BoardLink, command.id, version=command.version, missing=BoardLinkUnknown)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    link.renew(hashed(token), at=store.at, by=store.actor)
    return token


def revoke_board(command: RevokeBoard, store: Store) -> None:
    """End a link at once.

    :raises BoardLinkUnknown:
    """
    ended = store.run(
        "DELETE FROM board_link WHERE lapas_id = :lapas_id AND id = :id", {"lapas_id": store.lapas_id, "id": command.id}
    )
    if not ended:
        raise BoardLinkUnknown(id=command.id)


def call_for_help(command: CallForHelp, store: Store) -> UUID:
    """Call for help, or join the call of that kind that stands open already; return its id.

    :raises WorkshopUnknown:
    """
    _must_be_there(command.workshop_id, store)
    store.run(
        "INSERT INTO board_call (lapas_id, id, workshop_id, kind, raised_at, raised_by)"
        " VALUES (:lapas_id, :id, :workshop_id, :kind, :at, :by)"
        " ON CONFLICT (lapas_id, workshop_id, kind) WHERE answered_at IS NULL DO NOTHING",
        {
            "lapas_id": store.lapas_id,
            "id": command.id,
            "workshop_id": command.workshop_id,
            "kind": command.kind.value,
            "at": store.at,
            "by": store.actor,
        },
    )
    return queries.open_call(store, command.workshop_id, command.kind)


def answer_call(command: AnswerCall, store: Store) -> None:
    """Take a call off the board.

    :raises CallUnknown, CallAlreadyAnswered:
    """
    answered = store.run(
        "UPDATE board_call SET answered_at = :at, answered_by = :by"
        " WHERE lapas_id = :lapas_id AND id = :id AND answered_at IS NULL",
        {"lapas_id": store.lapas_id, "id": command.id, "at": store.at, "by": store.actor},
    )
    if not answered:
        queries.call(store, command.id)
        raise CallAlreadyAnswered


def _must_be_there(workshop_id: UUID | None, store: Store) -> None:
    if workshop_id is not None and not queries.has_workshop(store, workshop_id):
        raise WorkshopUnknown(field="/workshop_id", id=workshop_id)


def hashed(token: str) -> bytes:
    """Return what is kept of a token; it is random, so a plain hash cannot be guessed back."""
    return hashlib.sha256(token.encode()).digest()
