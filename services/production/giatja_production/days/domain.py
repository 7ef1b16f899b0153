"""A working day of a workshop: closed once, and then changed only by two people."""

from giatja_kit.errors import Conflict


class WorkDayAlreadyClosed(Conflict):
    """The day of this workshop was closed; a late entry or a correction is proposed and confirmed."""

    id = "Hari kerja {work_date} sudah ditutup. Usulkan catatan susulan atau koreksi."
    en = "The working day {work_date} is closed. Propose a late entry or a correction."
