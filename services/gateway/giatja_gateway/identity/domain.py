"""People, the roles they hold from a day to a day, and the rules of passwords and of guessing them."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from giatja_kit.errors import Conflict, Invalid, NotAllowed, Unknown

EVERY_LAPAS: Final = "*"
LAPAS_ROLES: Final = (
    "kalapas",
    "kasi_giatja",
    "kasubsi_bimker",
    "kasubsi_sarana",
    "petugas",
    "bendahara",
    "wali",
    "binadik",
)
REGION_ROLES: Final = ("kanwil", "ops")
PERSON_ROLES: Final = (*LAPAS_ROLES, *REGION_ROLES)

_USERNAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{2,39}")
SHORTEST_PASSWORD: Final = 12
# Hashing is made slow on purpose; without a limit a long text makes it a weapon.
LONGEST_PASSWORD: Final = 128
_FEWEST_LETTERS: Final = 5

SESSION_IDLE: Final = timedelta(hours=1)
SESSION_LONGEST: Final = timedelta(hours=12)
PERSON_TOKEN_SECONDS: Final = 300
API_TOKEN_SECONDS: Final = 900

_FORGOTTEN_AFTER: Final = timedelta(hours=1)
_LONGEST_WAIT: Final = timedelta(minutes=15)
_FIRST_WAIT: Final = timedelta(seconds=15)


class PersonUnknown(Unknown):
    """No such person."""

    id = "Orang ini tidak ditemukan."
    en = "This person was not found."


class AssignmentUnknown(Unknown):
    """No such role of a person, or not one they hold today."""

    id = "Peran ini tidak ditemukan atau tidak berlaku hari ini."
    en = "This role was not found or is not held today."


class SessionUnknown(Unknown):
    """No such session, or not this person's."""

    id = "Sesi ini sudah berakhir."
    en = "This session has ended already."


class ClientUnknown(Unknown):
    """No such machine."""

    id = "Klien mesin ini tidak ditemukan."
    en = "This machine client was not found."


class UsernameMalformed(Invalid):
    """A username has a form that can be read out over the telephone."""

    id = "Nama pengguna: 3 sampai 40 huruf kecil, angka, titik, garis; diawali huruf atau angka."
    en = "A username has 3 to 40 small letters, digits, dots, dashes, and begins with a letter or digit."


class UsernameTaken(Conflict):
    """Somebody else has the username."""

    id = "Nama pengguna {username} sudah dipakai."
    en = "The username {username} is taken."


class ClientNameTaken(Conflict):
    """Another machine has the name."""

    id = "Sudah ada klien mesin bernama {name}."
    en = "There is already a machine client named {name}."


class RoleNeedsLapas(Invalid):
    """A role of one Lapas was given for the region."""

    id = "Peran ini dipegang di satu Lapas; pilih Lapasnya."
    en = "This role is held at one Lapas; choose which."


class RoleIsOfRegion(Invalid):
    """A role of the region was given for one Lapas."""

    id = "Peran ini mencakup seluruh wilayah, bukan satu Lapas."
    en = "This role covers the region, not one Lapas."


class AssignmentEndsBeforeItStarts(Invalid):
    """The last day lies before the first."""

    id = "Tanggal akhir mendahului tanggal mulai ({starts_on})."
    en = "The last day is before the first ({starts_on})."


class RoleHeldAlready(Conflict):
    """The person holds that role there in some of these days."""

    id = "Peran ini sudah dipegangnya sejak {starts_on}. Akhiri dahulu, atau pilih tanggal lain."
    en = "They hold this role since {starts_on}. End that first, or choose other days."


class AssignmentEndedAlready(Conflict):
    """The role ended before."""

    id = "Peran ini sudah berakhir pada {ends_on}."
    en = "This role ended on {ends_on} already."


class OwnRoleGivenByOneself(NotAllowed):
    """Nobody gives roles to themselves."""

    id = "Peran untuk diri sendiri diberikan oleh orang lain."
    en = "A role of your own has to be given by somebody else."


class PasswordTooShort(Invalid):
    """Too easily guessed, being short."""

    id = "Kata sandi paling pendek 12 huruf. Beberapa kata acak lebih mudah diingat daripada tanda baca."
    en = "A password has 12 characters at least. A few random words are easier to remember than punctuation."


class PasswordTooLong(Invalid):
    """Longer than anybody types."""

    id = "Kata sandi paling panjang 128 huruf."
    en = "A password has 128 characters at the most."


class PasswordTooPlain(Invalid):
    """Too easily guessed, being made of the name or of a few characters."""

    id = "Kata sandi ini mudah ditebak: jangan memuat nama pengguna, urutan, atau huruf yang diulang-ulang."
    en = "This password is easily guessed: leave out the username, sequences and repeated characters."


class PasswordUnchanged(Invalid):
    """The new password is the old one."""

    id = "Kata sandi baru sama dengan yang lama."
    en = "The new password is the old one."


class PasswordWrong(Invalid):
    """The present password is not this."""

    id = "Kata sandi sekarang tidak cocok."
    en = "The present password does not match."


class SignInRefused(Unknown):
    """Name and password do not belong together; which of them is wrong is not said."""

    id = "Nama pengguna atau kata sandi tidak cocok."
    en = "Username or password does not match."


class TooManyAttempts(Conflict):
    """Somebody has been guessing."""

    id = "Terlalu banyak percobaan. Coba lagi dalam {seconds} detik."
    en = "Too many attempts. Try again in {seconds} seconds."


class NoRoleToday(Conflict):
    """The person holds no role today, so there is nothing to do here."""

    id = "Anda tidak memegang peran pada hari ini. Hubungi pengelola di kantor wilayah."
    en = "You hold no role today. Ask the operators at the regional office."


@dataclass(kw_only=True, eq=False)
class Person:
    """Somebody who may sign in.

    :param password_hash: Argon2id, or nothing before a first password was given.
    :param must_change: the password was given by somebody else and opens nothing but its own change.
    """

    id: UUID
    username: str
    name: str
    password_hash: str | None = None
    active: bool = True
    must_change: bool = False
    version: int = 1

    def change(self, *, name: str, active: bool) -> None:
        """Take over a new name, or close or open the account."""
        self.name, self.active = name, active

    def take_password(self, password_hash: str, *, must_change: bool) -> None:
        """Take over a password that was checked and hashed."""
        self.password_hash, self.must_change = password_hash, must_change


@dataclass(kw_only=True, eq=False)
class Assignment:
    """A role held at one Lapas or in the region, from a day to a day, both counted."""

    lapas_id: str
    id: UUID
    person_id: UUID
    role: str
    starts_on: date
    ends_on: date | None = None
    plt: bool = False
    version: int = 1

    def check(self) -> None:
        """Check that role, place and days fit together.

        :raises RoleNeedsLapas, RoleIsOfRegion, AssignmentEndsBeforeItStarts:
        """
        if self.role in REGION_ROLES and self.lapas_id != EVERY_LAPAS:
            raise RoleIsOfRegion(field="/lapas_id")
        if self.role in LAPAS_ROLES and self.lapas_id == EVERY_LAPAS:
            raise RoleNeedsLapas(field="/lapas_id")
        if self.ends_on is not None and self.ends_on < self.starts_on:
            raise AssignmentEndsBeforeItStarts(field="/ends_on", starts_on=self.starts_on.isoformat())

    def end(self, *, last_day: date) -> None:
        """End it after a day, which may lie before today but not after an end it already has.

        A role that has not begun, or began that same morning by mistake, ends before its first day.

        :raises AssignmentEndedAlready:
        """
        if self.ends_on is not None and self.ends_on <= last_day:
            raise AssignmentEndedAlready(ends_on=self.ends_on.isoformat())
        self.ends_on = max(last_day, self.starts_on - timedelta(days=1))


@dataclass(kw_only=True, eq=False)
class Client:
    """A machine that asks in a role of its own, e.g. a reporting system."""

    lapas_id: str
    id: UUID
    name: str
    role: str
    secret_hash: bytes | None = None
    active: bool = True
    version: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedIn:
    """The person of a request, in the role they act in.

    :param lapas_id: nothing where the role covers the region.
    :param title: what the role is called at that Lapas on this day.
    """

    id: UUID
    username: str
    name: str
    assignment_id: UUID
    role: str
    title: str
    plt: bool
    lapas_id: str | None
    lapas_name: str
    zone: str
    permissions: frozenset[str]
    must_change: bool = False

    @property
    def scope(self) -> str:
        """The Lapas as a token says it: a code, or ``*``."""
        return self.lapas_id or EVERY_LAPAS


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempts:
    """How often a sign-in has failed under one key: a name, a known device, or an address.

    :param free: failures that cost nothing yet.
    :param longest: the wait never grows beyond this.
    """

    failures: int
    last_at: datetime | None
    free: int
    longest: timedelta = _LONGEST_WAIT

    def at(self, moment: datetime) -> "Attempts":
        """Forget failures that lie long back."""
        if self.last_at is None or moment - self.last_at > _FORGOTTEN_AFTER:
            return Attempts(failures=0, last_at=None, free=self.free, longest=self.longest)
        return self

    def seconds_to_wait(self, moment: datetime) -> int:
        """Return how long the next attempt has to wait, nothing when it need not.

        Each failure beyond the free ones doubles the wait.
        """
        if self.failures < self.free or self.last_at is None:
            return 0
        doubled = min(self.failures - self.free, 10)
        until = self.last_at + min(_FIRST_WAIT * 2**doubled, self.longest)
        return max(0, -int((moment - until) // timedelta(seconds=1)))


FREE_BY_NAME: Final = 5
FREE_BY_ADDRESS: Final = 30
LONGEST_WAIT_BY_ADDRESS: Final = timedelta(seconds=60)


def check_username(username: str) -> None:
    """Check the form of a username.

    :raises UsernameMalformed:
    """
    if not _USERNAME.fullmatch(username):
        raise UsernameMalformed(field="/username")


def check_password(password: str, *, username: str) -> None:
    """Check that a password is not easily guessed.

    Length counts, composition does not (NIST SP 800-63B, section 5.1.1.2).

    :raises PasswordTooShort, PasswordTooLong, PasswordTooPlain:
    """
    if len(password) < SHORTEST_PASSWORD:
        raise PasswordTooShort(field="/password")
    if len(password) > LONGEST_PASSWORD:
        raise PasswordTooLong(field="/password")
    plain = password.casefold()
    bare = username.casefold().replace(".", "").replace("-", "").replace("_", "")
    named = username.casefold() in plain or bare in plain
    if named or len(set(plain)) < _FEWEST_LETTERS or _is_sequence(plain) or _is_well_known(plain):
        raise PasswordTooPlain(field="/password")


_KEYBOARD: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz", "01234567890")


def _is_sequence(plain: str) -> bool:
    """Tell whether a password is a walk along the alphabet, the digits or the keyboard, perhaps repeated."""
    steps = [plain[i : i + 3] for i in range(len(plain) - 2)]
    walks = [*_KEYBOARD, *(row[::-1] for row in _KEYBOARD)]
    along = sum(any(step in walk for walk in walks) for step in steps)
    return along > len(steps) * 0.7


_WELL_KNOWN: Final = (
    "password",
    "katasandi",
    "rahasia",
    "admin",
    "indonesia",
    "lapas",
    "giatja",
    "kemenkumham",
    "bismillah",
)


def _is_well_known(plain: str) -> bool:
    """Tell whether nothing much is left of a password without the words everybody thinks of first."""
    rest = plain
    for word in _WELL_KNOWN:
        rest = rest.replace(word, "")
    letters = "".join(c for c in rest if c.isalpha())
    return rest != plain and len(letters) < 4
