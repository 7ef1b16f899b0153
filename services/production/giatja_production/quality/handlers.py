"""What may be asked for about quality: inspect pieces."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from giatja_kit.database import Store
from giatja_kit.errors import Refusal
from giatja_kit.ids import new_id
from giatja_production.bundles.domain import Bundle, BundleOfAnotherOrder, BundleUnknown
from giatja_production.output.domain import Shift
from giatja_production.output.handlers import RecordOutput, record_output
from giatja_production.quality import queries
from giatja_production.quality.domain import Finding, Inspection, Inspector, NotAtQuality, PiecesMissing
from giatja_production.work_orders.domain import WorkOrder, WorkOrderUnknown


@dataclass(frozen=True, kw_only=True)
class InspectPieces:
    """Judge a bundle, a lot or loose pieces at quality control.

    :param pieces: of loose ones; a bundle is judged whole.
    :param from_rework: they were mended and are looked at again.
    """

    id: UUID
    work_order_id: UUID
    work_date: date
    shift: Shift
    bundle_id: UUID | None = None
    size: str | None = None
    colour: str | None = None
    pieces: int | None = None
    sample_size: int | None = None
    inspector: Inspector = Inspector.OFFICER
    inspector_name: str | None = None
    inmate_id: UUID | None = None
    from_rework: bool = False
    note: str | None = None
    findings: Sequence[Finding] = ()


def inspect_pieces(command: InspectPieces, store: Store) -> None:
    """Keep an inspection and record what it found, so that pieces are counted and credited as by any other entry.

    :raises WorkOrderUnknown, NotAtQuality, PiecesMissing:
    :raises Refusal: as the inspection and the flow of the pieces forbid it.
    """
    work_order = store.get(WorkOrder, command.work_order_id, missing=WorkOrderUnknown)
    quality = work_order.route.quality
    bundle = _bundle(command, work_order, store)
    pieces = bundle.pieces if bundle is not None and command.pieces is None else command.pieces
    if not pieces:
        raise PiecesMissing(field="/pieces")
    inspection = Inspection(
        pieces=pieces,
        sample_size=command.sample_size,
        inspector=command.inspector,
        inspector_name=command.inspector_name,
        inmate_id=command.inmate_id,
        findings=command.findings,
    )
    inspection.check(quality_no=quality.no)
    store.run(queries.INSERT_INSPECTION, queries.inspection_row(store, command, inspection, stage_no=quality.no))
    entries = inspection.entries(
        bundle_id=command.bundle_id,
        size=None if bundle else command.size,
        colour=None if bundle else command.colour,
        from_rework=command.from_rework,
    )
    try:
        record_output(
            RecordOutput(
                work_order_id=work_order.id,
                stage_id=quality.id,
                work_date=command.work_date,
                shift=command.shift,
                entries=[entry for _, entry in entries],
                ids=[new_id() for _ in entries],
                inspection_id=command.id,
            ),
            store,
        )
    except Refusal as refusal:
        raise _about(refusal, [at for at, _ in entries]) from None


def _bundle(command: InspectPieces, work_order: WorkOrder, store: Store) -> Bundle | None:
    if command.bundle_id is None:
        return None
    bundle = store.get(Bundle, command.bundle_id, missing=BundleUnknown)
    if bundle.work_order_id != work_order.id:
        raise BundleOfAnotherOrder(field="/bundle_id", code=bundle.code)
    quality = work_order.route.quality
    if bundle.stage_no < quality.no:
        stage = work_order.route.stages[bundle.stage_no - 1]
        raise NotAtQuality(field="/bundle_id", code=bundle.code, stage=stage.name, quality=quality.name)
    return bundle


def _about(refusal: Refusal, places: Sequence[str]) -> Refusal:
    """Return a refusal as it is about the inspection: entries are made of its pieces and its findings."""
    field = refusal.field or ""
    if field.startswith("/entries/"):
        nth, _, name = field.removeprefix("/entries/").partition("/")
        if name in ("bundle_id", "inmate_id", "from_rework", "size", "colour"):
            refusal.field = f"/{name}"
        else:
            place = places[int(nth)]
            refusal.field = f"{place}/{name}" if name == "defect" else place
    return refusal
