"""How plant batches are told: their stages with dates, their balance, their curves, why something leaves the stock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from giatja_gateway.pages.charts import Line, Part
from giatja_gateway.pages.floor.pages import named
from giatja_gateway.pages.formats import as_day, format_number
from giatja_gateway.pages.language import _, lazy, ngettext

STATES: Final = ("open", "growing", "ready", "sold_out", "lost", "all")
PURPOSES: Final[Mapping[str, lazy]] = {
    "sale": lazy("Penjualan"),
    "own_use": lazy("Dipakai Lapas"),
    "damaged": lazy("Rusak di stok"),
}
_PURPOSE_ICONS: Final = {"sale": "bag-check", "own_use": "house-door", "damaged": "trash3"}
ALLOCATIONS: Final[Mapping[str, tuple[lazy, str, str]]] = {
    "reserved": (lazy("Dipesan"), "kunyit", "bookmark-fill"),
    "sold": (lazy("Diserahkan"), "daun", "check-lg"),
    "released": (lazy("Dilepas"), "mati", "arrow-counterclockwise"),
}
_CURVES: Final = 3


def age(days: int) -> str:
    """Say how old a batch is."""
    return ngettext("%(num)s hari", "%(num)s hari", days) % {"num": format_number(days)}


def purposes() -> list[tuple[str, str, str, str]]:
    """List why something leaves the stock, for pills."""
    return [(key, str(text), "", _PURPOSE_ICONS[key]) for key, text in PURPOSES.items()]


def balance(batch: Mapping[str, Any]) -> list[Part]:
    """Divide what was started by where it is now."""
    return [
        Part(label=_("Hidup"), value=batch["living"], tone="daun"),
        Part(label=_("Stok bebas"), value=batch["free"], tone="nila"),
        Part(label=_("Dipesan"), value=batch["reserved"], tone="kunyit"),
        Part(label=_("Sudah keluar"), value=batch["sold"], tone="soga"),
        Part(label=_("Hilang"), value=batch["lost"], tone="merah"),
    ]


def stages(batch: Mapping[str, Any], entered: Sequence[Mapping[str, Any]] = ()) -> list[dict[str, Any]]:
    """Return the growth stages: passed, where it stands, or still to come; with the day it came there last."""
    days = {entry["stage_no"]: entry["entered_on"] for entry in entered}
    now = batch["stage_no"]
    return [
        {
            **stage,
            "no": no,
            "look": "past" if no < now else "now" if no == now else "next",
            "entered_on": batch["entered_on"] if no == now else days.get(no) if no < now else None,
        }
        for no, stage in enumerate(named(batch["stages"]), start=1)
    ]


def stayed(batch: Mapping[str, Any], today: Any) -> str:
    """Say how long it stands at its stage."""
    until = as_day(batch["ended_on"]) if batch["ended_on"] else today
    return age((until - as_day(batch["entered_on"])).days)


def curves(batch: Mapping[str, Any], what: str, tone: str) -> list[Line]:
    """Return the curve of a batch and those of former batches of its plant.

    :param what: `lost` or `harvested`.
    """
    return [
        Line(
            label=curve["code"],
            points=[(point["day"], point[what]) for point in curve["points"]],
            tone=tone if not nth else "soga",
            faint=bool(nth),
        )
        for nth, curve in enumerate(batch["curves"][: _CURVES + 1])
    ]


def movements(batch: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return losses and harvests for the table; what was taken back stays there, struck out, without its opposite."""
    causes = {c["key"]: c["name"] for c in named(batch["causes"])}
    return [
        {**m, "cause_label": causes.get(m["cause"], m["cause_name"]) if m["cause"] else None}
        for m in batch["movements"]
        if m["undoes"] is None
    ]
