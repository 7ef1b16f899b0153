"""Competences and their award."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from giatja_kit.errors import Conflict, Invalid
from giatja_training.facts import CompetenceAwarded
from giatja_training.inmates.domain import Inmate, not_in_future


class CompetenceUnknown(Invalid):
    """Not in the catalogue of this Lapas."""

    id = "Kompetensi {competence} tidak ada dalam daftar Lapas ini."
    en = "Competence {competence} is not in the catalogue of this Lapas."


class CompetenceKeyTaken(Conflict):
    """The catalogue has it already."""

    id = "Kompetensi dengan kunci {key} sudah ada."
    en = "There is already a competence with the key {key}."


class AlreadyCompetent(Conflict):
    """It was awarded before."""

    id = "Kompetensi ini sudah diberikan pada {awarded_on}."
    en = "This competence was awarded on {awarded_on} already."


@dataclass(frozen=True, kw_only=True)
class Competence:
    """Something that can be learned at a workshop; ``workshop_kind`` is empty where it serves several."""

    key: str
    name: str
    name_en: str
    workshop_kind: str = ""


# What a Lapas starts with: each competence that a stage of production's templates practises, by the same key.
SHIPPED_COMPETENCES = (
    Competence(key="memotong_kain", name="Memotong kain", name_en="Cutting cloth", workshop_kind="garmen"),
    Competence(key="menjahit", name="Menjahit", name_en="Sewing", workshop_kind="garmen"),
    Competence(key="mengobras", name="Mengobras", name_en="Overlocking", workshop_kind="garmen"),
    Competence(key="lubang_kancing", name="Lubang kancing", name_en="Buttonholes", workshop_kind="garmen"),
    Competence(key="menyetrika", name="Menyetrika", name_en="Ironing", workshop_kind="garmen"),
    Competence(key="pemeriksaan_mutu", name="Pemeriksaan mutu", name_en="Quality control"),
    Competence(key="mengecap_batik", name="Mengecap batik", name_en="Stamping batik", workshop_kind="batik_cap"),
    Competence(key="mewarnai_batik", name="Mewarnai batik", name_en="Dyeing batik", workshop_kind="batik_cap"),
    Competence(key="melorod_batik", name="Melorod malam", name_en="Boiling off the wax", workshop_kind="batik_cap"),
    Competence(
        key="budidaya_tanaman",
        name="Budidaya tanaman hias",
        name_en="Growing ornamental plants",
        workshop_kind="tanaman_hias",
    ),
    Competence(
        key="merawat_tanaman",
        name="Merawat tanaman hias",
        name_en="Caring for ornamental plants",
        workshop_kind="tanaman_hias",
    ),
)


@dataclass(kw_only=True, eq=False)
class CompetenceAward:
    """An inmate was found competent on a day, by somebody."""

    lapas_id: str
    inmate_id: UUID
    competence: str
    awarded_on: date
    awarded_by: str
    note: str = ""


def award(
    inmate: Inmate, competence: str, *, on: date, by: str, note: str, today: date
) -> tuple[CompetenceAward, CompetenceAwarded]:
    """Find an inmate competent.

    :raises InmateHasLeft, DayInFuture:
    """
    inmate.must_be_present()
    not_in_future(on, today, field="/awarded_on")
    given = CompetenceAward(
        lapas_id=inmate.lapas_id, inmate_id=inmate.id, competence=competence, awarded_on=on, awarded_by=by, note=note
    )
    return given, CompetenceAwarded(inmate_id=inmate.id, competence=competence, awarded_on=on)
