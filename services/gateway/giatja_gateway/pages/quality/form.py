"""The form of an inspection, read into what production understands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

FINDINGS: Final = 6


@dataclass(frozen=True, kw_only=True)
class InspectionForm:
    """What somebody filled in; a finding is ``defect.<n>``, ``verdict.<n>``, ``count.<n>`` and ``cause.<n>``."""

    values: Mapping[str, str]

    def rows(self) -> list[int]:
        """Return the rows that say anything: a defect or a number."""
        return [n for n in range(FINDINGS) if self._text(f"defect.{n}") or self._text(f"count.{n}")]

    def body(self) -> dict[str, Any]:
        """Return what production is asked for, without the day."""
        size, _, colour = self._text("cell").partition("|")
        bundle_id = self._text("bundle_id") or None
        body: dict[str, Any] = {
            "work_order_id": self._text("work_order_id"),
            "bundle_id": bundle_id,
            "sample_size": self._text("sample_size") or None,
            "inspector": self._text("inspector") or "petugas",
            "inspector_name": self._text("inspector_name") or None,
            "inmate_id": self._text("inmate_id") or None,
            "from_rework": self._text("from_rework") == "1",
            "note": self._text("note") or None,
            "findings": [self._finding(n) for n in self.rows()],
        }
        if bundle_id is None:
            body["pieces"] = self._text("pieces") or None
            if "|" in self._text("cell"):
                body |= {"size": size, "colour": colour}
        return body

    def _finding(self, nth: int) -> dict[str, Any]:
        return {
            "defect": self._text(f"defect.{nth}"),
            "verdict": self._text(f"verdict.{nth}") or "rework",
            "pieces": self._text(f"count.{nth}") or None,
            "responsible_no": self._text(f"cause.{nth}") or None,
        }

    def _text(self, name: str) -> str:
        return self.values.get(name, "").strip()
