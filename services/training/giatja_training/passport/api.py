"""The passport of skills over HTTP."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from flask import Response
from pydantic import BaseModel

from giatja_kit.database import Store
from giatja_kit.web import ById, Input, Routes, dump
from giatja_training.competences.api import AwardView
from giatja_training.inmates.api import InmateView
from giatja_training.passport import queries
from giatja_training.permits.api import PermitView

routes = Routes("passport", tag="Paspor keterampilan")


class PracticeView(BaseModel):
    """Practice at one stage in one month."""

    workshop_kind: str
    competence: str | None
    competence_name: str | None
    competence_name_en: str | None
    stage: str
    month: str
    pieces: int
    minutes: int
    days: int


class WorkView(BaseModel):
    """What was done on an order."""

    product_name: str
    stage: str
    pieces: int
    minutes: int


class EvidenceView(BaseModel):
    """Took part in completing an order."""

    order_id: UUID
    number: str
    partner_name: str | None
    completed_on: date
    on_time: bool
    pieces: int
    minutes: int
    first_day: date
    last_day: date
    work: list[WorkView]


class TotalsView(BaseModel):
    """What practice adds up to; ``orders`` counts all that were worked on, completed or not."""

    minutes: int
    pieces: int
    days: int
    orders: int
    first_day: date | None
    last_day: date | None


class PassportView(BaseModel):
    """The passport of one inmate."""

    inmate: InmateView
    permits: list[PermitView]
    competences: list[AwardView]
    practice: list[PracticeView]
    evidence: list[EvidenceView]
    totals: TotalsView


class ExportQuery(Input):
    """Why the record leaves the system; kept in the audit trail."""

    purpose: Literal["own_request", "hearing", "transfer", "release"] = "own_request"


@routes.get("/passports/<id>", permission="passports.read", answer=PassportView)
def show_passport(store: Store, path: ById) -> dict[str, Any]:
    """Show the passport of one inmate; that it was read is kept in the audit trail."""
    shown = queries.passport(store, path.id)
    store.audit("passports.read", f"/api/training/v1/passports/{path.id}", lapas_id=shown["inmate"].pop("lapas_id"))
    return shown


@routes.get("/inmates/<id>/export", permission="passports.read")
def export_record(store: Store, path: ById, query: ExportQuery) -> Response:
    """Give an inmate's own record as one file, saying who took it, when and why."""
    record = queries.own_record(store, path.id)
    store.audit(
        "inmates.export",
        f"/api/training/v1/inmates/{path.id}/export",
        lapas_id=record["inmate"]["lapas_id"],
        purpose=query.purpose,
    )
    document = {"exported_at": store.at, "exported_by": store.actor, "purpose": query.purpose, **record}
    return Response(
        dump(document),
        content_type="application/json",
        headers={
            "Content-Disposition": f'attachment; filename="warga-binaan-{path.id}.json"',
            "Cache-Control": "no-store",
        },
    )
