"""Every piece of the design on pages of its own, with no service behind them: to look at, and for the browser tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

from flask import Blueprint, Flask, Response, abort, g, request

from giatja_gateway.pages import base, register_pages
from giatja_gateway.pages.forms import Form
from giatja_gateway.pages.language import lazy

HERE = Path(__file__).parent


@dataclass
class Person:
    name: str = "Rahmat Hidayat"
    role: str = "kasi_giatja"
    title: str = "Kasi Giatja"
    plt: bool = True
    lapas_id: str | None = "pkl"
    lapas_name: str = "Lapas Pekalongan"
    zone: str = "Asia/Jakarta"
    permissions: frozenset[str] = field(default_factory=lambda: frozenset({"see"}))


def stages(*rows: tuple[str, int, int]) -> list[dict[str, object]]:
    return [{"name": name, "done": done, "total": 200, "wip": wip, "full": wip > 60} for name, done, wip in rows]


GARMENT = stages(
    ("potong", 200, 0),
    ("bundel", 200, 0),
    ("jahit", 142, 34),
    ("obras", 131, 11),
    ("lubang kancing", 96, 35),
    ("buang benang", 88, 8),
    ("QC", 83, 5),
    ("setrika", 60, 23),
    ("lipat", 41, 19),
)
BATIK = stages(
    ("persiapan", 200, 0), ("cap", 170, 30), ("warna", 120, 50), ("fiksasi", 90, 30), ("lorod", 60, 70), ("QC", 44, 16)
)


def navigation() -> tuple[base.NavItem, ...]:
    people, section = lazy("Warga binaan"), lazy("Seksi")
    rows = [
        ("home.home", lazy("Beranda"), "house-door", None, True),
        ("home.orders", lazy("Pesanan"), "clipboard-check", None, True),
        ("home.board", lazy("Produksi"), "kanban", None, True),
        ("home.floor", lazy("Lantai"), "tablet-landscape", None, True),
        ("home.form", lazy("Daftar pekerja"), "people", people, False),
        ("home.order", lazy("Pelatihan"), "award", people, False),
        ("home.region", lazy("Wilayah"), "bar-chart-line", section, False),
        ("home.gallery", lazy("Fakta"), "activity", section, False),
    ]
    return tuple(
        base.NavItem(endpoint=endpoint, label=label, icon=icon, permission="see", section=heading, bottom=bottom)
        for endpoint, label, icon, heading, bottom in rows
    )


def gallery_app() -> Flask:
    app = Flask("giatja_gateway.gallery", root_path=str(HERE), static_folder=None)
    app.secret_key = "gallery"

    @app.before_request
    def somebody() -> None:
        g.person = None if "out" in request.args else Person()
        g.at = datetime(2023, 6, 17, 2, 42, tzinfo=UTC)

    register_pages(app, ())
    blueprint = Blueprint("home", __name__, root_path=str(HERE), template_folder="templates")
    context = {"garment": GARMENT, "batik": BATIK, "ns": SimpleNamespace}

    def add(name: str, path: str) -> None:
        def view() -> Response:
            form = Form()
            if name == "form":
                form = Form(
                    values={"partner": "dma", "due": "2023-06-01", "cells.Putih.M": "40", "cells.Hitam.XL": "25"},
                    errors={"due": "Tanggal janji sudah lewat.", "rate": "Isi tarif jasa."},
                )
            if request.method == "POST":
                base.toast("Tersimpan.")
            return base.render(f"gallery/{name}.html", context | {"form": form})

        blueprint.add_url_rule(
            path,
            name,
            base.needs("see")(view) if name not in ("gate", "track") else base.anyone("a gate")(view),
            methods=["GET", "POST"],
        )

    for name, path in {
        "home": "/",
        "orders": "/pesanan",
        "order": "/pesanan/satu",
        "board": "/produksi",
        "floor": "/lantai",
        "form": "/pesanan/baru",
        "gallery": "/galeri",
        "region": "/wilayah",
        "gate": "/masuk",
        "track": "/lacak/x",
    }.items():
        add(name, path)

    @blueprint.get("/gagal/<int:status>")
    @base.anyone("shows an error page")
    def fail(status: int) -> str:
        abort(status)

    app.register_blueprint(blueprint)
    app.extensions["giatja_navigation"] = list(navigation())
    return app


if __name__ == "__main__":
    gallery_app().run(port=18999, threaded=True)
