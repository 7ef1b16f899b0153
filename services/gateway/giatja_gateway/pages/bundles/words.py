"""What the codes of bundles are called on the screens."""

from __future__ import annotations

from typing import Final

from giatja_gateway.pages.language import lazy

# state -> word, tone, icon
STATES: Final = {
    "open": (lazy("Di tahapnya"), "nila", "box-seam"),
    "done": (lazy("Selesai"), "daun", "check-lg"),
    "lost": (lazy("Hilang"), "merah", "question-diamond-fill"),
    "merged": (lazy("Digabung"), "mori", "intersect"),
    "split": (lazy("Dipecah"), "mori", "scissors"),
    "rejected": (lazy("Diafkir"), "merah", "x-lg"),
    "cancelled": (lazy("Dibubarkan"), "mori", "x-lg"),
}
REWORK: Final = (lazy("Perbaikan"), "kunyit", "arrow-counterclockwise")
KINDS: Final = {"bundle": lazy("Bundel"), "lot": lazy("Lot")}
# happening -> word, tone, icon
HAPPENINGS: Final = {
    "cut": (lazy("Dibundel"), "nila", "scissors"),
    "recorded": (lazy("Dicatat"), "daun", "check-lg"),
    "taken_back": (lazy("Catatan ditarik kembali"), "kunyit", "arrow-counterclockwise"),
    "split": (lazy("Dipecah"), "soga", "scissors"),
    "merged": (lazy("Digabung"), "soga", "intersect"),
    "lost": (lazy("Dicatat hilang"), "merah", "question-diamond-fill"),
    "found": (lazy("Ditemukan"), "daun", "search"),
    "mended": (lazy("Selesai diperbaiki"), "daun", "tools"),
    "dissolved": (lazy("Dibubarkan"), "merah", "x-lg"),
}
SHOWN: Final = (
    ("open", lazy("Di tahapnya")),
    ("rework", lazy("Perbaikan")),
    ("lost", lazy("Hilang")),
    ("done", lazy("Selesai")),
    ("rejected", lazy("Diafkir")),
    ("merged", lazy("Digabung")),
    ("split", lazy("Dipecah")),
    ("cancelled", lazy("Dibubarkan")),
    ("all", lazy("Semua")),
)
WAYS: Final = (
    ("all", lazy("Semua yang lepas"), "", "collection"),
    ("ratio", lazy("Marker dan lapis"), "", "layers"),
    ("lots", lazy("Jumlah per warna"), "", "palette"),
)


def scan_words() -> dict[str, str]:
    """Return what the scan page says, in the language of the page."""
    texts = {
        "reading": lazy("Mencari {code} …"),
        "offline": lazy("Tidak tersambung. Kartu ini belum dicatat; pindai lagi setelah tersambung."),
        "camera_none": lazy(
            "Peramban ini tidak bisa membaca kartu dengan kamera. Ketik kodenya atau pakai pemindai USB."
        ),
        "camera_refused": lazy("Kamera tidak bisa dibuka. Izinkan kamera untuk halaman ini, atau ketik kodenya."),
        "recorded": lazy("{code}: {n} lolos di {stage} dicatat."),
        "choose": lazy("Pilih dulu siapa yang mengerjakan."),
        "undone": lazy("Catatan {code} diurungkan."),
        "signin": lazy("Sesi berakhir. Masuk lagi, lalu pindai kartunya sekali lagi."),
    }
    return {name: str(text) for name, text in texts.items()}
