"""The headings of the navigation; a page stands under the one where its users would look for it."""

from __future__ import annotations

from typing import Final

from giatja_gateway.pages.language import lazy

FLOOR: Final = lazy("Lantai")
WORK: Final = lazy("Produksi")
PEOPLE: Final = lazy("Warga binaan")
MEANS: Final = lazy("Bahan dan alat")
OFFICE: Final = lazy("Seksi")
SYSTEM: Final = lazy("Sistem")
