"""What the codes of premi are called on the screens, and amounts as they are shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from flask import url_for

from giatja_gateway.pages.account.roles import role_name
from giatja_gateway.pages.base import may
from giatja_gateway.pages.formats import format_month, format_number, format_rupiah
from giatja_gateway.pages.language import _, current, lazy, ngettext
from giatja_gateway.services import Name

ACCOUNTS: Final[dict[str, lazy]] = {
    "payable": lazy("Belum dikreditkan"),
    "bank_book": lazy("Buku tabungan"),
    "card": lazy("Kartu"),
    "custody": lazy("Titipan (Register D)"),
    "savings": lazy("Simpanan sampai bebas"),
    "handover": lazy("Menunggu diserahkan"),
}
WAYS: Final[dict[str, lazy]] = {
    "bank_book": lazy("Buku tabungan"),
    "card": lazy("Kartu"),
    "custody": lazy("Titipan (Register D)"),
    "handover": lazy("Menunggu diserahkan"),
}
WAY_ICONS: Final = {"bank_book": "bank", "card": "credit-card", "custody": "journal-text"}
METHODS: Final[dict[str, lazy]] = {
    "per_piece": lazy("Per potong"),
    "team_pool": lazy("Kas tim"),
    "day": lazy("Harian"),
    "share_of_proceeds": lazy("Bagi hasil"),
}
METHOD_ICONS: Final = {
    "per_piece": "scissors",
    "team_pool": "people",
    "day": "calendar-check",
    "share_of_proceeds": "pie-chart",
}
KEYS: Final[dict[str, lazy]] = {
    "equal": lazy("sama rata"),
    "hours": lazy("menurut jam hadir"),
    "points": lazy("menurut hasil yang diterima"),
}
SHARES: Final[dict[str, lazy]] = {
    "premi": lazy("Premi"),
    "capital": lazy("Modal"),
    "pnbp": lazy("PNBP"),
    "other": lazy("Lainnya"),
}
SHARE_TONES: Final = {"premi": "daun", "capital": "nila", "pnbp": "kunyit", "other": "mori"}
REFERENCES: Final[dict[str, lazy]] = {"floor": lazy("Batas layak sebulan"), "umk": lazy("UMK")}
PURPOSES: Final[dict[str, lazy]] = {
    "signing": lazy("Ditandatangani dan diarsipkan"),
    "transfer": lazy("Pemindahbukuan oleh bank"),
    "audit": lazy("Pemeriksaan"),
    "report": lazy("Laporan bulanan"),
}
CARD_PURPOSES: Final[dict[str, lazy]] = {
    "own_request": lazy("Permintaan yang bersangkutan"),
    "withdrawal": lazy("Penarikan"),
    "release": lazy("Pembebasan"),
    "transfer": lazy("Pemindahan"),
    "audit": lazy("Pemeriksaan"),
}
SHORT_KEY: Final = 6
_MOVES: Final[dict[str, tuple[lazy, str, str]]] = {
    "list": (lazy("Disetujui dalam daftar"), "lock-fill", "nila"),
    "credit": (lazy("Dikreditkan"), "check-lg", "daun"),
    "withdrawal": (lazy("Penarikan"), "cash-stack", "soga"),
    "leaving": (lazy("Keluar dari Lapas: dikumpulkan untuk diserahkan"), "door-open-fill", "kunyit"),
    "handover": (lazy("Diserahkan"), "box-arrow-right", "soga"),
    "recall": (lazy("Kiriman ditarik kembali"), "arrow-counterclockwise", "kunyit"),
    "arrival": (lazy("Diterima dari Lapas lain"), "box-arrow-in-right", "daun"),
    "return": (lazy("Kembali ke Lapas: menjadi titipan lagi"), "arrow-left-right", "kunyit"),
}
SENT: Final[dict[str, lazy]] = {
    "waiting": lazy("belum diterima di sana"),
    "accepted": lazy("sudah diterima di sana"),
    "recalled": lazy("ditarik kembali"),
}


def options(words: Mapping[str, lazy], *keys: str) -> list[tuple[str, str]]:
    """Give the choices of a field, all of them or those named."""
    return [(key, str(words[key])) for key in keys or words]


def who(actor: str | None) -> str:
    """Name who did something: the role it was done in."""
    return role_name(actor.partition(":")[0]) if actor else ""


def named(names: Mapping[str, Name], inmate_id: str) -> str:
    """Give an inmate's name, or the end of the id where it may not be known or training is away."""
    found = names.get(inmate_id)
    return found.name if found else _("WBP %(end)s") % {"end": inmate_id[-SHORT_KEY:]}


def number_of(names: Mapping[str, Name], inmate_id: str) -> str:
    """Give an inmate's register number, where it may be known."""
    found = names.get(inmate_id)
    return found.register_number if found else ""


def move(kind: str) -> tuple[str, str, str]:
    """Give what an entry of the ledger is called, its icon and tone."""
    title, icon, tone = _MOVES[kind]
    return str(title), icon, tone


def terms(scheme: Mapping[str, Any]) -> str:
    """Say in one sentence how a scheme pays."""
    given = scheme["terms"]
    match given["method"]:
        case "per_piece" if given["rates"]:
            rates = [rate for rate in given["rates"].values() if rate]
            low, high = (min(rates), max(rates)) if rates else (0, 0)
            span = format_rupiah(low) if low == high else f"{format_rupiah(low)}–{format_rupiah(high)}"
            return ngettext(
                "%(span)s per potong di %(num)s tahap", "%(span)s per potong di %(num)s tahap", len(rates)
            ) % {"span": span, "num": len(rates)}
        case "per_piece":
            return _("%(rate)s per potong jadi, dibagi menurut menit tahap") % {
                "rate": format_rupiah(given["finished"])
            }
        case "team_pool":
            return _("%(amount)s per %(per)s potong jadi, dibagi %(key)s") % {
                "amount": format_rupiah(given["amount"]),
                "per": format_number(given["per"]),
                "key": KEYS[given["key"]],
            }
        case "day" if given["grades"]:
            return _("%(amount)s sehari; sampai %(most)s dengan kompetensi") % {
                "amount": format_rupiah(given["amount"]),
                "most": format_rupiah(max(given["grades"].values())),
            }
        case "day":
            return _("%(amount)s sehari") % {"amount": format_rupiah(given["amount"])}
    parts = [f"{SHARES[name]} {given[name]}%" for name in SHARES if given[name]]
    return " · ".join(parts)


def stage(one: Mapping[str, Any]) -> str:
    """Name the stage that a part of a line was done at, or say that it was days."""
    name = one["stage_en"] if current() == "en" and one["stage_en"] else one["stage"]
    return name or _("Hari hadir")


def did(one: Mapping[str, Any]) -> str:
    """Say what a part of a line was done for: `Jahit: 52 × Rp1.750`."""
    count = format_number(one["count"])
    if one["method"] == "day":
        return _("%(count)s hari × %(rate)s") % {"count": count, "rate": format_rupiah(one["rate"])}
    if one["rate"] is not None:
        return f"{count} × {format_rupiah(one['rate'])}"
    if one["method"] == "team_pool":
        return _("%(count)s potong, bagian dari kas tim") % {"count": count}
    return _("%(count)s potong, bagian dari hasil pesanan") % {"count": count}


def source(part: Mapping[str, Any]) -> str:
    """Name where a part of a line comes from: an order, or the days of a month."""
    if part["order_number"]:
        return str(part["order_number"])
    return _("Kehadiran %(month)s") % {"month": format_month(part["month"])}


def rate_of(line: Mapping[str, Any]) -> str:
    """Say the rate of a line: the one rate there is, or that there are several."""
    rates = {one["rate"] for part in line["parts"] for one in part["did"]}
    if rates == {None}:
        return _("bagi hasil")
    if len(rates) == 1:
        return format_rupiah(rates.pop())
    return _("beragam")


def tabs(shown: str) -> list[tuple[str, str, None, bool]]:
    """Give the parts of premi, the one that is shown marked."""
    parts: Sequence[tuple[str, lazy]] = (
        ("premi.overview", lazy("Ringkasan")),
        ("premi.lists.listing", lazy("Daftar premi")),
        ("premi.cards.listing", lazy("Kartu premi")),
        ("premi.withdrawals.listing", lazy("Penarikan")),
        ("premi.proceeds.listing", lazy("Penerimaan")),
        ("premi.schemes.listing", lazy("Skema")),
        ("premi.references.listing", lazy("Acuan")),
    )
    return [(url_for(endpoint), str(label), None, endpoint == shown) for endpoint, label in parts if may("premi.read")]


def ids(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Give the inmates that stand in rows."""
    return [row["inmate_id"] for row in rows]
