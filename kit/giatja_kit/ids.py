"""Identifiers: UUIDv7, so that keys made later sort later."""

from uuid import UUID

import uuid_utils


def new_id() -> UUID:
    """Make an identifier."""
    return UUID(int=uuid_utils.uuid7().int)
