"""The screens of orders: the list, writing one, and one with everything that can be done to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from giatja_contracts.units import PIECES
from giatja_gateway.pages import forms, menu
from giatja_gateway.pages.base import NavItem, may, needs, render, toast
from giatja_gateway.pages.forms import Form
from giatja_gateway.pages.language import _, lazy
from giatja_gateway.pages.orders import partners, products, words
from giatja_gateway.pages.orders.order_form import OrderForm, grid, values_of
from giatja_gateway.pages.planning import asking
from giatja_gateway.pages.planning.words import risk
from giatja_gateway.services import Every, Question, ServiceProblem, services
from giatja_kit.web import kit

blueprint = Blueprint("orders", __name__, template_folder="templates")
blueprint.register_blueprint(partners.blueprint)
blueprint.register_blueprint(products.blueprint)
NAVIGATION = (
    NavItem(
        endpoint="orders.listing",
        label=lazy("Pesanan"),
        icon="clipboard-check",
        permission="orders.read",
        section=menu.WORK,
        bottom=True,
    ),
    NavItem(
        endpoint="orders.partners.listing",
        label=lazy("Daftar mitra"),
        icon="building",
        permission="partners.read",
        section=menu.WORK,
    ),
    NavItem(
        endpoint="orders.products.listing",
        label=lazy("Daftar produk"),
        icon="tags",
        permission="products.read",
        section=menu.WORK,
    ),
)
_SHOWN: Final = 25
_RUNNING: Final = ("accepted", "in_production", "on_hold")
_SORTS: Final = ("number", "-number", "due_date", "-due_date", "created_at", "-created_at")
# What each tab of the list shows; the first is where one arrives.
_TABS: Final[Mapping[str, tuple[lazy, tuple[str, ...]]]] = {
    "": (lazy("Berjalan"), ("accepted", "in_production", "on_hold")),
    "menunggu": (lazy("Menunggu"), ("draft", "quoted")),
    "selesai": (lazy("Selesai"), ("completed", "closed")),
    "batal": (lazy("Dibatalkan"), ("cancelled",)),
    "semua": (lazy("Semua"), ()),
}


@blueprint.get("/pesanan")
@needs("orders.read")
def listing() -> ResponseReturnValue:
    """List the orders of the Lapas."""
    tab = request.args.get("tab", "")
    states = _TABS.get(tab, _TABS[""])[1]
    sort = request.args.get("sort", "")
    query = {
        "search": request.args.get("q", "")[:100],
        "state": list(states),
        "partner_id": _uuid(request.args.get("mitra")),
        "late": "true" if request.args.get("janji") == "telat" else None,
        "at_risk": "true" if request.args.get("janji") == "berisiko" else None,
        "sort": sort if sort in _SORTS else "due_date" if tab == "" else "-created_at",
        "cursor": request.args.get("cursor"),
        "limit": _SHOWN,
    }
    questions: dict[str, Question | Every] = {
        "orders": ("orders", "/orders", {name: value for name, value in query.items() if value}),
        "summary": ("orders", "/orders/summary"),
    }
    if may("partners.read"):
        questions["partners"] = Every("orders", "/partners")
    found = services().together(**questions)
    counts = found["summary"]["states"] if found["summary"] else {}
    tabs = [
        (
            url_for("orders.listing", tab=key or None),
            str(label),
            sum(counts.get(state, 0) for state in shown) if found["summary"] and key in ("", "menunggu") else None,
            key == tab,
        )
        for key, (label, shown) in _TABS.items()
    ]
    context = {"found": found["orders"], "tabs": tabs, "tab": tab, "risk": risk, **_choices(found)}
    return render("orders/listing.html", context)


@blueprint.get("/pesanan/baru")
@needs("orders.write")
def new() -> ResponseReturnValue:
    """Ask for a new order."""
    values = {"for": "partner", "material_owner": "partner", "partner_id": request.args.get("mitra", "")}
    return _form_page(OrderForm(values=values, products=_products()))


@blueprint.post("/pesanan/baru")
@needs("orders.write")
def create() -> ResponseReturnValue:
    """Write down a new order, or give its form one line more or less."""
    form = OrderForm(values=request.form.to_dict(), products=_products())
    if request.form.get("act"):
        return _form_page(_with_act(form))
    try:
        made = services().post("orders", "/orders", form.body(), key=forms.sent_key()).json
    except ServiceProblem as problem:
        return _form_page(form, problem=problem)
    toast(_("Pesanan %(number)s dicatat sebagai konsep.") % {"number": made["number"]})
    return redirect(url_for("orders.one", order_id=made["id"]), 303)


@blueprint.get("/pesanan/<uuid:order_id>/ubah")
@needs("orders.write")
def edit(order_id: UUID) -> ResponseReturnValue:
    """Ask how an order nobody has accepted yet is to change."""
    order = services().get("orders", f"/orders/{order_id}").json
    if order["state"] not in ("draft", "quoted"):
        return redirect(url_for("orders.one", order_id=order_id), 303)
    return _form_page(OrderForm(values=values_of(order), products=_products()), order=order)


@blueprint.post("/pesanan/<uuid:order_id>/ubah")
@needs("orders.write")
def change(order_id: UUID) -> ResponseReturnValue:
    """Rewrite an order."""
    order = services().get("orders", f"/orders/{order_id}").json
    order["version"] = request.form.get(forms.VERSION_FIELD, order["version"])
    form = OrderForm(values=request.form.to_dict(), products=_products())
    if request.form.get("act"):
        return _form_page(_with_act(form), order=order)
    try:
        services().patch("orders", f"/orders/{order_id}", form.body(), version=forms.sent_version())
    except ServiceProblem as problem:
        return _form_page(form, order=order, problem=problem)
    toast(_("Perubahan disimpan."))
    return redirect(url_for("orders.one", order_id=order_id), 303)


@blueprint.get("/pesanan/<uuid:order_id>")
@needs("orders.read")
def one(order_id: UUID) -> ResponseReturnValue:
    """Show one order."""
    return _order_page(order_id)


@blueprint.post("/pesanan/<uuid:order_id>/tawarkan")
@needs("orders.write")
def quote(order_id: UUID) -> ResponseReturnValue:
    """Send an order to its partner as a quote."""
    return _act(order_id, "quote", _("Pesanan ditandai sudah ditawarkan."), version=forms.sent_version())


@blueprint.post("/pesanan/<uuid:order_id>/terima")
@needs("orders.accept")
def accept(order_id: UUID) -> ResponseReturnValue:
    """Accept an order."""
    said = _("Pesanan diterima. Perintah kerjanya dibuka di produksi.")
    return _act(order_id, "accept", said, version=forms.sent_version())


@blueprint.post("/pesanan/<uuid:order_id>/tenggat")
@needs("orders.accept")
def move_due_date(order_id: UUID) -> ResponseReturnValue:
    """Promise another day."""
    body = {"due_date": request.form.get("due_date", ""), "reason": request.form.get("reason", "")}
    return _act(order_id, "due-date", _("Tenggat digeser."), body, version=forms.sent_version())


@blueprint.post("/pesanan/<uuid:order_id>/tahan")
@needs("orders.hold")
def hold(order_id: UUID) -> ResponseReturnValue:
    """Stop the work for now."""
    return _act(order_id, "hold", _("Pesanan ditahan."), {"reason": request.form.get("reason", "")})


@blueprint.post("/pesanan/<uuid:order_id>/lanjutkan")
@needs("orders.hold")
def resume(order_id: UUID) -> ResponseReturnValue:
    """Let the work go on."""
    return _act(order_id, "resume", _("Pesanan dilanjutkan."))


@blueprint.post("/pesanan/<uuid:order_id>/batalkan")
@needs("orders.cancel")
def cancel(order_id: UUID) -> ResponseReturnValue:
    """End an order unfinished."""
    body = {name: request.form.get(name, "") for name in ("reason", "material", "finished")}
    return _act(order_id, "cancel", _("Pesanan dibatalkan."), body)


@blueprint.post("/pesanan/<uuid:order_id>/tutup")
@needs("orders.close")
def close(order_id: UUID) -> ResponseReturnValue:
    """End a completed order for good."""
    return _act(order_id, "close", _("Pesanan ditutup."), {}, version=forms.sent_version())


@blueprint.post("/pesanan/<uuid:order_id>/tautan")
@needs("tracking.share")
def share(order_id: UUID) -> ResponseReturnValue:
    """Make a tracking link and show it, this once."""
    made = services().post("orders", f"/orders/{order_id}/tracking-link", {}).json
    address = url_for("tracking.follow", token=made["token"])
    return _order_page(order_id, link=kit().service.settings.public_url.rstrip("/") + address)


@blueprint.post("/pesanan/<uuid:order_id>/tautan/cabut")
@needs("tracking.share")
def revoke(order_id: UUID) -> ResponseReturnValue:
    """End the tracking link."""
    return _act(order_id, "tracking-link/revoke", _("Tautan pelacakan dicabut."))


def _act(
    order_id: UUID, act: str, said: str, body: Mapping[str, str] | None = None, *, version: str | None = None
) -> ResponseReturnValue:
    """Ask for an act on an order; a refusal is shown on the order as it is now, with what was typed."""
    # The address the tracking link's token came under must not be kept with a key.
    key = None if act.startswith("tracking") else forms.sent_key()
    try:
        services().post("orders", f"/orders/{order_id}/{act}", body, key=key, version=version)
    except ServiceProblem as problem:
        if problem.status not in (409, 412, 422):
            raise
        return _order_page(order_id, problem=problem)
    toast(said)
    # A fragment of its own, or the browser keeps the dialog's.
    return redirect(url_for("orders.one", order_id=order_id, _anchor="isi"), 303)


def _order_page(order_id: UUID, *, problem: ServiceProblem | None = None, link: str = "") -> ResponseReturnValue:
    order = services().get("orders", f"/orders/{order_id}").json
    context = {
        "order": order,
        "lines": [_line(line) for line in order["lines"]],
        "value": sum(line["rate"] * line["quantity"] for line in order["lines"]),
        "entries": words.timeline(order["timeline"]),
        "form": forms.refused(problem.document) if problem else Form(),
        "problem": problem,
        "link": link,
        "promise": _promise(order),
        "risk": risk(order) if order["state"] in _RUNNING else None,
        "material_fates": [(key, str(text)) for key, text in words.MATERIAL_FATES.items()],
        "finished_fates": [(key, str(text)) for key, text in words.FINISHED_FATES.items()],
    }
    return render("orders/one.html", context, problem.status if problem else 200)


def _promise(order: Mapping[str, Any]) -> dict[str, Any]:
    """Say whether what nobody accepted yet can be promised, to those who plan."""
    if order["state"] in ("draft", "quoted") and order["lines"] and may("planning.read"):
        return asking.of_order(order)
    return {}


def _line(line: Mapping[str, Any]) -> dict[str, Any]:
    sizes, colours, cells = grid(line["cells"])
    stages = [
        {
            "name": stage["name"],
            "done": stage["good"],
            "total": line["quantity"],
            "wip": stage["waiting"] + stage["rework"],
        }
        for stage in line["stages"]
    ]
    return {
        **line,
        "sizes": sizes,
        "colours": colours,
        "grid": cells,
        "strip": stages,
        "icon": words.KIND_ICONS.get(line["workshop_kind"], "box-seam"),
        "pack": line["unit"] if PIECES[line["unit"]] > 1 else None,
        "piece": line["unit"] if PIECES[line["unit"]] == 1 else "pcs",
        "rejected": sum(stage["reject"] for stage in line["stages"]),
    }


def _form_page(
    form: OrderForm, *, order: Mapping[str, Any] | None = None, problem: ServiceProblem | None = None
) -> ResponseReturnValue:
    if problem is not None and problem.status not in (409, 412, 422):
        raise problem
    shown = form.refused(problem.document) if problem else Form(values=form.values)
    partners_ = services().every("orders", "/partners", active="true")
    context = {
        "form": shown,
        "lines": form.lines,
        "labels": form.labels(),
        "order": order,
        "stale": problem is not None and problem.status == 412,
        "partners": [(p["id"], p["name"]) for p in partners_],
        "products": [(p["id"], p["name"]) for p in form.products.values() if p["active"]],
        "units": words.units(),
    }
    return render("orders/form.html", context, problem.status if problem else 200)


def _with_act(form: OrderForm) -> OrderForm:
    act, _dot, nth = request.form["act"].partition(".")
    values = form.without_line(nth) if act == "remove" else form.with_line(request.form.get("product", ""))
    return OrderForm(values=values, products=form.products)


def _products() -> dict[str, Any]:
    return {product["id"]: product for product in services().every("orders", "/products")}


def _choices(found: Mapping[str, Any]) -> dict[str, Any]:
    return {"partners": [(p["id"], p["name"]) for p in found["partners"]["items"]] if found.get("partners") else []}


def _uuid(text: str | None) -> str | None:
    """Return an id from the address, or nothing where somebody typed something else there."""
    try:
        return str(UUID(text)) if text else None
    except ValueError:
        return None
