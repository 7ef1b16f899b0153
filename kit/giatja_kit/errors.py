"""Refusals: what the rules say no to, by name, in the words of the caller.

Four kinds, and only :mod:`giatja_kit.web` knows which HTTP status each becomes. A service gives
every rule its own subclass beside the rule: the class name is the stable type of the problem
(``OrderNotAccepted`` -> ``order-not-accepted``), ``id`` and ``en`` are its sentence.
"""

import re
from typing import ClassVar


class Refusal(Exception):
    """Say no, with the fact that forbids.

    :param field: JSON pointer of the field the caller can change, e.g. ``/lines/0/quantity``.
    :param facts: values for the sentence; they are also given to the caller as they are.
    """

    id: ClassVar[str] = "Permintaan ini tidak dapat dilakukan."
    en: ClassVar[str] = "This cannot be done."

    def __init__(self, *, field: str | None = None, **facts: object) -> None:
        self.field = field
        self.facts = facts
        super().__init__(self.sentence("en"))

    @classmethod
    def slug(cls) -> str:
        """Return the stable name of this refusal, ``kebab-case``."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    def sentence(self, language: str) -> str:
        """Return the sentence for a person, in ``id`` or ``en``."""
        template = self.en if language == "en" else self.id
        return template.format_map(_Facts(self.facts))


class _Facts(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "-"


class Unknown(Refusal):
    """What was asked for does not exist, or not for this caller: the two look the same."""

    id = "Data yang diminta tidak ditemukan."
    en = "What you asked for was not found."


class NotAllowed(Refusal):
    """This person may not do this."""

    id = "Peran Anda tidak boleh melakukan ini ({permission})."
    en = "Your role may not do this ({permission})."


class Conflict(Refusal):
    """The state of things forbids it now."""


class Stale(Conflict):
    """Somebody changed it since the caller last looked."""

    id = "Data ini sudah diubah orang lain sejak Anda membukanya. Muat ulang, lalu coba lagi."
    en = "Somebody changed this since you opened it. Reload and try again."


class Invalid(Refusal):
    """The request itself is wrong; ``field`` names where."""

    id = "Isian tidak sah."
    en = "The input is not valid."
