"""Refusals and failures as pages: same design, what happened, and what to do next."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flask import Flask, Response, g, make_response, render_template, request

from giatja_gateway.pages import csrf
from giatja_gateway.pages.language import lazy
from giatja_kit import problems

MACHINES: Final = ("/api/", "/livez", "/readyz", "/version", "/metrics", "/static/", "/bootstrap/")
# Here the page's own words say more to a person than the sentence made for machines.
OWN_WORDS: Final = frozenset({400, 401, 403, 404, 405, 413, 500, 503})


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the page of one status says."""

    title: lazy
    text: lazy
    icon: str = "exclamation-triangle-fill"


TEXTS: Final[dict[int, Told]] = {
    400: Told(
        title=lazy("Permintaan tidak terbaca"),
        text=lazy("Muat ulang halaman sebelumnya, lalu coba sekali lagi."),
    ),
    401: Told(
        title=lazy("Silakan masuk dulu"),
        text=lazy("Sesi Anda sudah berakhir atau Anda belum masuk."),
        icon="person-lock",
    ),
    403: Told(
        title=lazy("Bukan wewenang Anda"),
        text=lazy("Peran Anda tidak mencakup halaman ini. Bila seharusnya boleh, hubungi Kasi Giatja."),
        icon="shield-lock",
    ),
    404: Told(
        title=lazy("Halaman tidak ditemukan"),
        text=lazy("Alamatnya salah, atau datanya bukan milik Lapas Anda."),
        icon="signpost-split",
    ),
    405: Told(title=lazy("Cara ini tidak tersedia"), text=lazy("Kembali, lalu pakai tombol yang ada di halaman.")),
    409: Told(
        title=lazy("Belum bisa dilakukan"),
        text=lazy("Keadaan datanya sudah berubah. Muat ulang untuk melihat yang terbaru."),
        icon="arrow-repeat",
    ),
    412: Told(
        title=lazy("Sudah diubah orang lain"),
        text=lazy("Data ini berubah sejak Anda membukanya. Muat ulang, periksa, lalu simpan lagi."),
        icon="people-fill",
    ),
    413: Told(title=lazy("Berkas terlalu besar"), text=lazy("Batasnya 2 MB. Perkecil berkas, lalu kirim lagi.")),
    422: Told(
        title=lazy("Isian belum benar"),
        text=lazy("Kembali ke formulir dan perbaiki isian yang ditandai."),
        icon="pencil-square",
    ),
    429: Told(
        title=lazy("Terlalu sering"),
        text=lazy("Tunggu sebentar, lalu coba lagi."),
        icon="hourglass-split",
    ),
    500: Told(
        title=lazy("Ada yang rusak di sini"),
        text=lazy(
            "Bukan salah Anda, dan tidak ada yang tersimpan setengah. Coba lagi; bila berulang, sebutkan nomor di bawah."
        ),
        icon="tools",
    ),
    503: Told(
        title=lazy("Bagian ini sedang tidak menjawab"),
        text=lazy("Bagian lain tetap berjalan. Coba lagi sebentar lagi."),
        icon="plug",
    ),
}
FORM_EXPIRED: Final = lazy("Formulir ini sudah kedaluwarsa. Muat ulang halaman, lalu kirim lagi.")
ALIASES: Final = {428: 412, 411: 400, 415: 400, 501: 500, 502: 503, 504: 503}


def told(status: int) -> Told:
    """Give what to say about a status."""
    known = ALIASES.get(status, status)
    return TEXTS.get(known) or TEXTS[500 if status >= 500 else 400]


def page(status: int, *, detail: str = "", trace: str = "") -> Response:
    """Render the page of a status; `detail` says it more exactly than the page would."""
    g.page_rendered = True
    known = told(status)
    body = render_template(
        "error.html", status=status, title=known.title, text=detail or known.text, icon_name=known.icon, trace=trace
    )
    answer = make_response(body, status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def for_people() -> bool:
    """Tell whether this request came from somebody who reads pages."""
    if request.path.startswith(MACHINES):
        return False
    best = request.accept_mimetypes.best_match(["text/html", "application/json", "application/problem+json"])
    return best in (None, "text/html")


def _problem(response: Response) -> Mapping[str, object]:
    if response.mimetype != "application/problem+json":
        return {}
    document = json.loads(response.get_data(as_text=True))
    return document if isinstance(document, dict) else {}


def present(response: Response) -> Response:
    """Turn a bare refusal, whoever made it, into a page; a page that is one already stays."""
    if response.status_code < 400 or g.get("page_rendered") or not for_people():
        return response
    problem = _problem(response)
    detail = "" if response.status_code in OWN_WORDS else str(problem.get("detail") or problem.get("title") or "")
    trace = str(problem.get("trace") or g.get("trace_id") or "")
    shown = page(response.status_code, detail=detail, trace=trace)
    for name in ("Retry-After", "Allow"):
        if name in response.headers:
            shown.headers[name] = response.headers[name]
    return shown


def refuse_foreign_forms() -> Response | None:
    """Stop a request that no page of ours sent, before any view sees it."""
    if not csrf.refused():
        return None
    if for_people():
        return page(400, detail=str(FORM_EXPIRED))
    return problems.answer("form-expired", 400, str(FORM_EXPIRED))


def install(app: Flask) -> None:
    """Present every refusal as a page; runs last, when status and problem are known."""
    app.before_request(refuse_foreign_forms)
    app.after_request(present)
