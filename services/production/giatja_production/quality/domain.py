"""Inspections of bundles, lots and loose pieces at quality control, and what they say about the stages before it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from giatja_kit.errors import Conflict, Invalid, Unknown
from giatja_production.output.domain import Entry


class InspectionUnknown(Unknown):
    """No such inspection at this Lapas."""

    id = "Pemeriksaan ini tidak ditemukan."
    en = "This inspection was not found."


class NotAtQuality(Conflict):
    """A bundle is inspected where quality counts."""

    id = "Bundel {code} ada di tahap {stage}; pemeriksaan dilakukan di tahap {quality}."
    en = "Bundle {code} is at {stage}; it is inspected at {quality}."


class PiecesMissing(Invalid):
    """Loose pieces are counted by whoever inspects them."""

    id = "Isi berapa potong yang diperiksa."
    en = "Enter how many pieces were inspected."


class MoreFaultsThanPieces(Invalid):
    """What is faulty is part of what was inspected."""

    id = "Cacatnya {faulty} potong, padahal yang diperiksa {pieces}."
    en = "{faulty} pieces are faulty, but {pieces} were inspected."


class SampleTooLarge(Invalid):
    """A sample is part of the whole."""

    id = "Sampel {sample} lebih banyak dari isinya, {pieces}."
    en = "A sample of {sample} is more than there are, {pieces}."


class FaultsBeyondSample(Invalid):
    """Outside the sample nobody looked."""

    id = (
        "Dari sampel {sample} potong tidak mungkin {faulty} yang cacat. Periksa semuanya, atau kembalikan seluruh isinya"
        " ({pieces})."
    )
    en = "Of a sample of {sample}, {faulty} cannot be faulty. Inspect everything, or send all {pieces} back."


class PartnerInspectorUnnamed(Invalid):
    """An inspector of the partner signs with a name."""

    id = "Isi nama pemeriksa dari mitra."
    en = "Enter the name of the partner's inspector."


class OwnInspectorNamed(Invalid):
    """Whoever inspects for the Lapas is signed in."""

    id = "Nama pemeriksa hanya diisi untuk pemeriksa dari mitra."
    en = "A name is only given for an inspector of the partner."


class NobodyOfPartnerCredited(Invalid):
    """What the partner inspects is no work of an inmate."""

    id = "Pemeriksaan oleh mitra tidak dihitung sebagai hasil kerja WBP."
    en = "What the partner inspects is no inmate's work."


class ResponsibleStageLater(Invalid):
    """A defect comes from the stage that found it, or from one before it."""

    id = "Penyebab cacat harus tahap QC atau tahap sebelumnya."
    en = "A defect comes from quality control or from a stage before it."


class Inspector(StrEnum):
    """Who inspects: an officer of the Lapas, or somebody the partner sent."""

    OFFICER = "petugas"
    PARTNER = "mitra"


class Verdict(StrEnum):
    """What becomes of faulty pieces."""

    REWORK = "rework"
    REJECT = "reject"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Pieces with one defect.

    :param responsible_no: the stage whose work it comes from, and that mends it; nothing when nobody can tell.
    """

    defect: str
    verdict: Verdict
    pieces: int
    responsible_no: int | None = None


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """What somebody inspected, and found.

    :param pieces: all that the judgement is about. :param sample_size: how many of them were looked at; all when nothing.
    :param inspector_name: of the partner's inspector.
    :param inmate_id: the inmate who checked, whose work at quality control it is.
    """

    pieces: int
    sample_size: int | None
    inspector: Inspector
    inspector_name: str | None
    inmate_id: UUID | None
    findings: Sequence[Finding]

    @property
    def faulty(self) -> int:
        """All pieces with a defect."""
        return sum(f.pieces for f in self.findings)

    def check(self, *, quality_no: int) -> None:
        """Let pass what makes sense; what the pieces allow is for the flow to say.

        :raises MoreFaultsThanPieces, SampleTooLarge, FaultsBeyondSample, ResponsibleStageLater:
        :raises PartnerInspectorUnnamed, OwnInspectorNamed, NobodyOfPartnerCredited:
        """
        self._check_inspector()
        for nth, finding in enumerate(self.findings):
            if finding.responsible_no is not None and finding.responsible_no > quality_no:
                raise ResponsibleStageLater(field=f"/findings/{nth}/responsible_no")
        if self.faulty > self.pieces:
            raise MoreFaultsThanPieces(field="/pieces", faulty=self.faulty, pieces=self.pieces)
        if self.sample_size is None:
            return
        if self.sample_size > self.pieces:
            raise SampleTooLarge(field="/sample_size", sample=self.sample_size, pieces=self.pieces)
        if self.sample_size < self.faulty < self.pieces:
            raise FaultsBeyondSample(
                field="/sample_size", sample=self.sample_size, faulty=self.faulty, pieces=self.pieces
            )

    def entries(
        self, *, bundle_id: UUID | None, size: str | None, colour: str | None, from_rework: bool
    ) -> list[tuple[str, Entry]]:
        """Return what is to be recorded of it, each with the pointer to where that stands in the request."""
        whole = Entry(
            inmate_id=self.inmate_id,
            good=self.pieces - self.faulty,
            bundle_id=bundle_id,
            size=size,
            colour=colour,
            from_rework=from_rework,
        )
        entries = [("/pieces", whole)] if whole.good else []
        for nth, finding in enumerate(self.findings):
            entry = replace(
                whole,
                good=0,
                rework=finding.pieces if finding.verdict is Verdict.REWORK else 0,
                reject=finding.pieces if finding.verdict is Verdict.REJECT else 0,
                defect=finding.defect,
                responsible_no=finding.responsible_no,
            )
            entries.append((f"/findings/{nth}", entry))
        return entries

    def _check_inspector(self) -> None:
        if self.inspector is Inspector.PARTNER:
            if not self.inspector_name:
                raise PartnerInspectorUnnamed(field="/inspector_name")
            if self.inmate_id is not None:
                raise NobodyOfPartnerCredited(field="/inmate_id")
        elif self.inspector_name:
            raise OwnInspectorNamed(field="/inspector_name")


@dataclass(frozen=True, kw_only=True)
class Seen:
    """How many pieces somebody looked at for the first time, and how they were.

    :param good: passed at first sight.
    """

    good: int
    rework: int
    reject: int

    @property
    def looked_at(self) -> int:
        """All of them."""
        return self.good + self.rework + self.reject

    @property
    def first_pass_yield(self) -> float | None:
        """The share that passed at first sight; nothing where nothing was looked at."""
        return self.good / self.looked_at if self.looked_at else None


def rolled_yield(stages: Sequence[Seen]) -> float | None:
    """Return the share of pieces that come through all stages without a defect: the product of their yields."""
    rolled = 1.0
    found = False
    for one in stages:
        share = one.first_pass_yield
        if share is not None:
            rolled *= share
            found = True
    return rolled if found else None
