"""Who is in the demonstration: roles with accounts, and inmates with names that belong to nobody."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final
from uuid import UUID, uuid5

from giatja_contracts.permissions import ROLES
from giatja_kit.auth import EVERYWHERE, Principal

# Exists in deployments that loaded the demonstration, and nowhere else; it is shown on their sign-in page.
PASSWORD: Final = "kopi-senja-di-alun-alun"  # noqa: S105
_SPACE: Final = UUID("5c9a1a5e-6d0f-4f0a-9a3b-6769617463e1")


@dataclass(frozen=True, kw_only=True)
class Place:
    """A Lapas of the demonstration."""

    code: str
    name: str
    short: str
    lapas_class: str
    zone: str = "Asia/Jakarta"


@dataclass(frozen=True, kw_only=True)
class Account:
    """Somebody who signs in: a role at one Lapas, or in the region."""

    username: str
    name: str
    role: str
    lapas: str
    plt: bool = False

    @property
    def id(self) -> UUID:
        """The person's identifier, the same in every demonstration; it sorts by Lapas and role."""
        codes = [place.code for place in PLACES]
        place = codes.index(self.lapas) if self.lapas in codes else len(codes)
        role = [role for _, role, _ in _STAFF].index(self.role) if self.lapas != EVERYWHERE else 0
        return UUID(int=uuid5(_SPACE, self.username).int % 2**96 | place << 112 | role << 96)

    @property
    def who(self) -> str:
        """The person, said with the role as it is held."""
        return f"Plt. {self.name}" if self.plt else self.name

    @property
    def principal(self) -> Principal:
        """The person as the services see one who is signed in."""
        return Principal(
            subject=str(self.id),
            role=self.role,
            lapas=self.lapas,
            issuer="gateway",
            permissions=ROLES[self.role],
            acting=self.plt,
        )


PLACES: Final = (
    Place(code="PKL", name="Lapas Kelas IIA Pekalongan", short="Pekalongan", lapas_class="IIA"),
    Place(code="BTG", name="Lapas Kelas IIB Batang", short="Batang", lapas_class="IIB"),
    Place(code="SMG", name="Lapas Kelas I Semarang", short="Semarang", lapas_class="I"),
)
_STAFF: Final = (
    ("kasi", "kasi_giatja", "Kasi Giatja"),
    ("petugas", "petugas", "Petugas Pendamping"),
    ("bimker", "kasubsi_bimker", "Kasubsi Bimker"),
    ("kalapas", "kalapas", "Kalapas"),
    ("binadik", "binadik", "Sekretaris TPP"),
    ("sarana", "kasubsi_sarana", "Kasubsi Sarana Kerja"),
    ("bendahara", "bendahara", "Bendahara"),
)
_ACTING: Final = "PKL"
KANWIL: Final = Account(username="kanwil", name="Kanwil Jawa Tengah", role="kanwil", lapas=EVERYWHERE)
OPS: Final = Account(username="ops", name="Pengelola Sistem", role="ops", lapas=EVERYWHERE)


def staff(place: Place) -> Mapping[str, Account]:
    """Return the accounts of a Lapas, by the first part of their username."""
    return {
        short: Account(
            username=f"{short}.{place.code.lower()}",
            name=f"{title} {place.short}",
            role=role,
            lapas=place.code,
            plt=_is_acting(short, place),
        )
        for short, role, title in _STAFF
    }


def _is_acting(short: str, place: Place) -> bool:
    return short == "kasi" and place.code == _ACTING


LONG_NAME: Final = "Raden Mas Suryaningrat Wicaksono Adinegoro Pamungkas Kusumodiningrat"
_FIRST: Final = [
    "Agung",
    "Ahmad",
    "Aji",
    "Andi",
    "Anwar",
    "Ari",
    "Arif",
    "Bagus",
    "Bambang",
    "Bayu",
    "Beni",
    "Budi",
    "Cahyo",
    "Danang",
    "Darma",
    "Dedi",
    "Dimas",
    "Doni",
    "Eko",
    "Fajar",
    "Farid",
    "Galih",
    "Gilang",
    "Guntur",
    "Hadi",
    "Handoko",
    "Hari",
    "Hendra",
    "Heru",
    "Ilham",
    "Imam",
    "Indra",
    "Irfan",
    "Joko",
    "Jumadi",
    "Karno",
    "Kurnia",
    "Lukman",
    "Mamat",
    "Maman",
    "Muji",
    "Nanang",
    "Nugroho",
    "Nur",
    "Oki",
    "Panji",
    "Puji",
    "Purwo",
    "Rahmat",
    "Ratno",
    "Rizal",
    "Rohman",
    "Rudi",
    "Sabar",
    "Samsul",
    "Sarwo",
    "Seno",
    "Slamet",
    "Sugeng",
    "Suko",
    "Sunar",
    "Surya",
    "Susilo",
    "Tarjo",
    "Taufik",
    "Teguh",
    "Tono",
    "Tri",
    "Untung",
    "Wahyu",
    "Warno",
    "Wawan",
    "Widodo",
    "Yanto",
    "Yoga",
    "Yusuf",
    "Zainal",
]
_LAST: Final = [
    "Abadi",
    "Adiputra",
    "Ardiansyah",
    "Arifin",
    "Basuki",
    "Budiman",
    "Darmawan",
    "Fauzan",
    "Firmansyah",
    "Gunadi",
    "Hartanto",
    "Hidayat",
    "Irawan",
    "Jatmiko",
    "Kartono",
    "Kuncoro",
    "Kusnadi",
    "Laksono",
    "Mahendra",
    "Maulana",
    "Mulyadi",
    "Nurcahyo",
    "Pambudi",
    "Permana",
    "Prabowo",
    "Pradana",
    "Pranoto",
    "Purnomo",
    "Putranto",
    "Rahardjo",
    "Ramadhan",
    "Riyadi",
    "Saputra",
    "Sasongko",
    "Setiawan",
    "Sudarso",
    "Sukarno",
    "Supriyadi",
    "Susanto",
    "Sutrisno",
    "Triyono",
    "Utomo",
    "Wardana",
    "Wibisono",
    "Wicaksana",
    "Winarno",
    "Yudianto",
    "Yulianto",
]
# Put together these would name somebody everybody knows.
_KNOWN: Final = frozenset(
    {"Joko Widodo", "Eko Sukarno", "Hendra Setiawan", "Taufik Hidayat", "Hadi Sutrisno", "Tri Sutrisno"}
)


def names(random: Random) -> Iterator[str]:
    """Yield made-up names without end; one of a Lapas comes twice only after thousands."""
    seen: set[str] = set()
    while True:
        single = random.random() < 0.06
        first, last = random.choice(_FIRST), random.choice(_LAST)
        name = last if single else f"{first} {last}"
        if len(seen) < len(_FIRST) * len(_LAST) // 2 and (name in seen or name in _KNOWN):
            continue
        seen.add(name)
        yield name


def accounts(places: Sequence[Place] = PLACES) -> list[Account]:
    """Return every account of the demonstration."""
    return [*(one for place in places for one in staff(place).values()), KANWIL, OPS]
