"""Tools and the rules about them: with one person at a time, back at the end of the shift, or an alert.

Domain invariant 7: tools out = tools in at the end of a shift. What is missing is not out any more:
it is lost, and an alert says so until somebody else than who reported it has found out what happened.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from giatja_kit.errors import Conflict, Invalid, NotAllowed, Unknown


class ToolUnknown(Unknown):
    """No such tool at this Lapas."""

    id = "Alat ini tidak ditemukan."
    en = "This tool was not found."


class ToolCodeUnknown(Invalid):
    """No tool of this Lapas has that code."""

    id = "Tidak ada alat berkode {code}."
    en = "There is no tool with the code {code}."


class ToolCodeTaken(Conflict):
    """Another tool has that code."""

    id = "Kode {code} sudah dipakai alat lain."
    en = "The code {code} belongs to another tool."


class ToolRepeated(Invalid):
    """One tool was named twice in a request."""

    id = "Alat {code} disebut dua kali."
    en = "The tool {code} is named twice."


class ToolAlreadyOut(Conflict):
    """Somebody has it: two clerks, one tool."""

    id = "Alat {code} sedang dipinjam sejak {since}."
    en = "The tool {code} is out since {since}."


class ToolNotUsable(Conflict):
    """It is lost or being repaired."""

    id = "Alat {code} tidak dapat dipakai: {state}."
    en = "The tool {code} cannot be used: {state}."


class ToolNotOut(Conflict):
    """It is not with anybody."""

    id = "Alat {code} tidak sedang dipinjam."
    en = "The tool {code} is not out."


class ToolIsOut(Conflict):
    """What is out cannot go to repair or be changed."""

    id = "Alat {code} sedang dipinjam; kembalikan dahulu."
    en = "The tool {code} is out; have it returned first."


class ToolAlreadyMissing(Conflict):
    """It was reported missing before."""

    id = "Alat {code} sudah dilaporkan hilang."
    en = "The tool {code} was reported missing already."


class IssueUnknown(Unknown):
    """No such issue at this Lapas."""

    id = "Peminjaman ini tidak ditemukan."
    en = "This issue was not found."


class IssueAlreadyEnded(Conflict):
    """It came back, or was reported missing, before."""

    id = "Alat {code} sudah dikembalikan atau dilaporkan pada {ended_at}."
    en = "The tool {code} came back or was reported at {ended_at}."


class IssueDayNotToday(Invalid):
    """A tool goes out now, not yesterday or tomorrow."""

    id = "Alat dikeluarkan untuk hari ini ({today}), bukan {work_date}."
    en = "Tools are issued for today ({today}), not for {work_date}."


class ToolsStillOut(Conflict):
    """A shift or a day does not close while tools are out."""

    id = "Masih ada {count} alat di luar: {codes}. Kembalikan, atau laporkan hilang."
    en = "{count} tools are still out: {codes}. Have them returned, or report them missing."


class AlertUnknown(Unknown):
    """No such alert at this Lapas."""

    id = "Peringatan keamanan ini tidak ditemukan."
    en = "This security alert was not found."


class AlertAlreadyResolved(Conflict):
    """Somebody resolved it before."""

    id = "Peringatan ini sudah diselesaikan pada {resolved_at}."
    en = "This alert was resolved at {resolved_at}."


class AlertOfOneself(NotAllowed):
    """Who issued the tool or raised the alert does not alone say what became of it."""

    id = "Peringatan ini diselesaikan orang lain: Anda yang mengeluarkan alatnya atau melaporkannya."
    en = "Somebody else has to resolve this: you issued the tool or raised the alert."


class AlertOutcomeMissing(Invalid):
    """What became of each tool has to be said."""

    id = "Sebutkan nasib tiap alat yang hilang, tidak kurang dan tidak lebih."
    en = "Say what became of each missing tool, no fewer and no others."


class ToolState(StrEnum):
    """Where a tool is."""

    AVAILABLE = "available"
    OUT = "out"
    LOST = "lost"
    REPAIR = "repair"


class Outcome(StrEnum):
    """How an issue ended."""

    GOOD = "good"
    DAMAGED = "damaged"
    MISSING = "missing"


class Fate(StrEnum):
    """What became of a missing tool."""

    FOUND = "found"
    DAMAGED = "damaged"
    LOST = "lost"


_STATE_NAMES = {ToolState.LOST: "hilang", ToolState.REPAIR: "diperbaiki"}
_AFTER = {Outcome.GOOD: ToolState.AVAILABLE, Outcome.DAMAGED: ToolState.REPAIR, Outcome.MISSING: ToolState.LOST}
_AFTER_ALERT = {Fate.FOUND: ToolState.AVAILABLE, Fate.DAMAGED: ToolState.REPAIR, Fate.LOST: ToolState.LOST}


def as_code(text: str) -> str:
    """Return a code as it is kept: capitals, no space round it."""
    return text.strip().upper()


@dataclass(kw_only=True, eq=False)
class Tool:
    """A tool with its own number.

    :param kit: a set that is issued together, e.g. what belongs to one sewing machine.
    :param dangerous: scissors, cutters, needles: counted with more care.
    """

    lapas_id: str
    id: UUID
    code: str
    name: str
    kind: str
    kit: str | None
    workshop_id: UUID
    dangerous: bool
    state: str = ToolState.AVAILABLE
    note: str = ""
    version: int = 1

    def issue(self, *, field: str, since: datetime | None) -> None:
        """Give it out.

        :param since: when it went out, if it is.
        :raises ToolAlreadyOut, ToolNotUsable:
        """
        if self.state == ToolState.OUT:
            raise ToolAlreadyOut(field=field, code=self.code, since=since.isoformat() if since else "-")
        if self.state != ToolState.AVAILABLE:
            raise ToolNotUsable(field=field, code=self.code, state=_STATE_NAMES[ToolState(self.state)])
        self.state = ToolState.OUT

    def come_back(self, outcome: Outcome) -> None:
        """Take it back, or know that it is missing.

        :raises ToolNotOut:
        """
        if self.state != ToolState.OUT:
            raise ToolNotOut(code=self.code)
        self.state = _AFTER[outcome]

    def go_missing(self) -> None:
        """Know that it is not where it should lie.

        :raises ToolAlreadyMissing:
        """
        if self.state == ToolState.LOST:
            raise ToolAlreadyMissing(code=self.code)
        self.state = ToolState.LOST

    def turn_up(self, fate: Fate) -> None:
        """Take over what an alert found out; what was put right meanwhile stays so."""
        if self.state == ToolState.LOST:
            self.state = _AFTER_ALERT[fate]

    def repair(self, *, begins: bool, note: str) -> None:
        """Take it out of use, or back into use.

        :raises ToolIsOut, ToolNotUsable: it is out; it is lost, which an alert settles.
        """
        if self.state == ToolState.OUT:
            raise ToolIsOut(code=self.code)
        if self.state == ToolState.LOST:
            raise ToolNotUsable(code=self.code, state=_STATE_NAMES[ToolState.LOST])
        self.state, self.note = (ToolState.REPAIR if begins else ToolState.AVAILABLE), note

    def change(self, *, name: str, kind: str, kit: str | None, workshop_id: UUID, dangerous: bool) -> None:
        """Take over how it is described and where it belongs.

        :raises ToolIsOut: to another workshop while somebody holds it.
        """
        if workshop_id != self.workshop_id and self.state == ToolState.OUT:
            raise ToolIsOut(field="/workshop_id", code=self.code)
        self.name, self.kind, self.kit, self.workshop_id, self.dangerous = name, kind, kit, workshop_id, dangerous


@dataclass(kw_only=True, eq=False)
class SecurityAlert:
    """Tools that did not come back, until a named person has found out what happened."""

    lapas_id: str
    id: UUID
    workshop_id: UUID
    work_date: date
    shift: str
    note: str
    opened_at: datetime
    opened_by: str
    state: str = "open"
    findings: str | None = None
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    version: int = 1

    def resolve(
        self,
        *,
        findings: str,
        fates: Sequence[UUID],
        tools: Sequence[UUID],
        issued_by: Sequence[str],
        by: str,
        at: datetime,
    ) -> None:
        """Settle it.

        :param fates: the tools about which something is said; :param tools: those that are missing.
        :param issued_by: who gave them out.
        :raises AlertAlreadyResolved, AlertOfOneself, AlertOutcomeMissing:
        """
        if self.state != "open":
            raise AlertAlreadyResolved(resolved_at=self.resolved_at.isoformat() if self.resolved_at else "-")
        if _person(by) in {_person(one) for one in (self.opened_by, *issued_by)}:
            raise AlertOfOneself
        if sorted(fates) != sorted(tools):
            raise AlertOutcomeMissing(field="/tools")
        self.state, self.findings, self.resolved_at, self.resolved_by = "resolved", findings, at, by


def _person(actor: str) -> str:
    """Return who somebody is, whatever role they act in."""
    return actor.rpartition(":")[2]
