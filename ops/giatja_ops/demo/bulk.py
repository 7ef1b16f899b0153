"""Writes many rows into a service's tables in a few statements, in the service's own role and under its row security.

``COPY`` is not to be had under row security, so rows travel as one array for each column, or as JSON where a
table has columns that are arrays themselves.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from giatja_kit import clock
from giatja_kit.database import Database, Store

_ROWS: Final = 5_000

# The tables of a year that hold a row for each thing done; all others are small beside them.
_TYPES: Final[Mapping[str, Mapping[str, str]]] = {
    "output": {
        "lapas_id": "text", "id": "uuid", "cell_no": "smallint", "work_order_id": "uuid", "stage_no": "smallint",
        "stage_key": "text", "counts_quality": "boolean", "inmate_id": "uuid", "work_date": "date", "shift": "text",
        "good": "integer", "rework": "integer", "reject": "integer", "defect": "text", "from_rework": "boolean",
        "credited": "integer", "undone": "boolean", "recorded_at": "timestamptz", "recorded_by": "text",
    },
    "credit": {
        "lapas_id": "text", "id": "uuid", "output_id": "uuid", "cell_no": "smallint", "inmate_id": "uuid",
        "stage_key": "text", "pieces": "integer", "at": "timestamptz",
    },
    "practice": {
        "lapas_id": "text", "work_order_id": "uuid", "inmate_id": "uuid", "stage": "text", "work_date": "date",
        "order_id": "uuid", "line_id": "uuid", "competence": "text", "workshop_kind": "text", "product_name": "text",
        "pieces": "integer", "minutes": "integer",
    },
    "region_worker_day": {"lapas_id": "text", "day": "date", "inmate_id": "uuid", "minutes": "integer"},
}  # fmt: skip

Rows = list[tuple[Any, ...]]


def columns(table: str) -> Sequence[str]:
    """Return the columns of a large table, in the order its rows have."""
    return tuple(_TYPES[table])


class Sheet:
    """Rows for the tables of one service, kept until they are written."""

    def __init__(self) -> None:
        self._large: dict[str, Rows] = {}
        self._small: dict[str, list[Mapping[str, Any]]] = {}

    def rows(self, table: str) -> Rows:
        """Return the list that rows of a large table are put into."""
        return self._large.setdefault(table, [])

    def add(self, table: str, **row: Any) -> None:
        """Add a row to a small table; tables are written in the order in which they first got one."""
        self._small.setdefault(table, []).append(row)

    def write(self, database: Database) -> None:
        """Write everything in one transaction; rows that are there already stay as they are."""
        with database.transaction(at=clock.now()) as store:
            # A service's request has ten seconds; this is no request.
            store.run("SET LOCAL statement_timeout = 0")
            store.run("SET LOCAL idle_in_transaction_session_timeout = 0")
            for table, small in self._small.items():
                _write_small(store, table, small)
            for table, large in self._large.items():
                _write_large(store, table, large)


def _write_small(store: Store, table: str, rows: list[Mapping[str, Any]]) -> None:
    names = ", ".join(rows[0])
    statement = (
        f"INSERT INTO {table} ({names}) SELECT {names}"  # noqa: S608 - names of our own tables and columns
        f" FROM jsonb_populate_recordset(CAST(NULL AS {table}), CAST(:rows AS jsonb)) ON CONFLICT DO NOTHING"
    )
    for part in _parts(rows):
        store.run(statement, {"rows": json.dumps(part, default=str)})


def _write_large(store: Store, table: str, rows: Rows) -> None:
    types = _TYPES[table]
    arrays = ", ".join(f"CAST(:{name} AS {type_}[])" for name, type_ in types.items())
    statement = f"INSERT INTO {table} ({', '.join(types)}) SELECT * FROM unnest({arrays}) ON CONFLICT DO NOTHING"  # noqa: S608 - names of our own tables and columns
    for part in _parts(rows):
        store.run(statement, dict(zip(types, map(list, zip(*part, strict=True)), strict=True)))


def _parts(rows: list[Any]) -> Iterator[list[Any]]:
    return (rows[first : first + _ROWS] for first in range(0, len(rows), _ROWS))
