"""The form that says how a work order is cut into bundles, read into what production understands."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

MOST: Final = {"bundle": 20, "lot": 60}
_PLIES: Final = "plies"


@dataclass(frozen=True, kw_only=True)
class CutForm:
    """What somebody filled in.

    Fields are named ``plies.<row>``, ``ratio.<row>.<column>`` and ``lot.<cell number>``, the rows being colours and the
    columns sizes in the order of the grid.
    """

    values: Mapping[str, str]
    cells: Sequence[Mapping[str, Any]]

    @property
    def sizes(self) -> list[str]:
        """The sizes of the grid."""
        return list(dict.fromkeys(c["size"] for c in self.cells))

    @property
    def colours(self) -> list[str]:
        """The colours of the grid."""
        return list(dict.fromkeys(c["colour"] for c in self.cells))

    def has(self, colour: str, size: str) -> bool:
        """Tell whether the grid has such a cell."""
        return any(c["size"] == size and c["colour"] == colour for c in self.cells)

    def body(self) -> dict[str, Any]:
        """Return what production is asked for."""
        kind = self.values.get("kind", "bundle")
        body: dict[str, Any] = {"kind": kind, "most": self.values.get("most") or MOST.get(kind, 20)}
        if self.values.get("stage_no"):
            body["stage_no"] = self.values["stage_no"]
        way = self.values.get("way", "all")
        if way == "ratio":
            body["lays"] = self._lays()
        elif way == "lots":
            body["lots"] = self._lots()
        return body

    def digest(self) -> str:
        """Return what tells one way of cutting from another, so that only what was looked at is done."""
        return sha256(json.dumps(self.body(), sort_keys=True).encode()).hexdigest()[:24]

    def _lays(self) -> list[dict[str, Any]]:
        lays = []
        for row, colour in enumerate(self.colours):
            plies = self.values.get(f"{_PLIES}.{row}", "").strip()
            ratio = [
                {"size": size, "times": self.values.get(f"ratio.{row}.{column}", "").strip() or 0}
                for column, size in enumerate(self.sizes)
                if self.has(colour, size)
            ]
            if plies and any(str(r["times"]) != "0" for r in ratio):
                lays.append({"colour": colour, "plies": plies, "ratio": ratio})
        return lays

    def _lots(self) -> list[dict[str, Any]]:
        return [
            {"size": c["size"], "colour": c["colour"], "pieces": pieces}
            for c in self.cells
            if (pieces := self.values.get(f"lot.{c['no']}", "").strip())
        ]


def summed(planned: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Sum planned bundles up by size and colour: how many, of how many pieces."""
    groups: dict[tuple[str, str], list[int]] = {}
    for one in planned:
        groups.setdefault((one["size"], one["colour"]), []).append(one["pieces"])
    return [
        {
            "size": size,
            "colour": colour,
            "bundles": len(pieces),
            "least": min(pieces),
            "most": max(pieces),
            "pieces": sum(pieces),
        }
        for (size, colour), pieces in groups.items()
    ]
