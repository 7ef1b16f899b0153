"""Lists by cursor: the last row's sort key, opaque to the caller; never OFFSET."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from giatja_kit.database import Row
from giatja_kit.errors import Invalid

MOST = 200


class CursorMalformed(Invalid):
    """The cursor is not one we gave out."""

    id = "Penanda halaman tidak dikenali. Mulai lagi dari halaman pertama."
    en = "The page cursor is not one we gave. Start again from the first page."


class PageQuery(BaseModel):
    """What every list takes; a list's own filters extend it."""

    limit: int = Field(50, ge=1, le=MOST, description="How many rows at the most")
    cursor: str | None = Field(None, max_length=500, description="`next` of the page before")

    def after(self, size: int) -> list[Any] | None:
        """Return the sort key to go on from, ``size`` values, or nothing on the first page.

        :raises CursorMalformed: when it is not a cursor of such a list.
        """
        if self.cursor is None:
            return None
        try:
            values = json.loads(urlsafe_b64decode(self.cursor + "=" * (-len(self.cursor) % 4)))
        except ValueError:
            raise CursorMalformed(field="/cursor") from None
        simple = isinstance(values, list) and all(v is None or isinstance(v, str | int | float) for v in values)
        if not simple or len(values) != size:
            raise CursorMalformed(field="/cursor")
        return list(values)


def page(rows: Sequence[Row], *, limit: int, key: Sequence[str]) -> dict[str, Any]:
    """Return the JSON form of a page.

    :param rows: up to ``limit + 1`` rows, the extra one telling that there is a next page.
    :param key: the columns of the sort key, in order.
    """
    shown = rows[:limit]
    more = len(rows) > limit and bool(shown)
    return {
        "items": [dict(row) for row in shown],
        "next": _cursor([shown[-1][k] for k in key]) if more else None,
    }


def _cursor(values: Sequence[Any]) -> str:
    simple = [str(v) if isinstance(v, UUID) else v.isoformat() if isinstance(v, date | datetime) else v for v in values]
    return urlsafe_b64encode(json.dumps(simple).encode()).decode().rstrip("=")
