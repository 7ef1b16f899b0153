"""RFC 9457 problem documents, in the caller's language: one clear answer for each way to be refused."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, request
from pydantic import BaseModel, ValidationError

from giatja_kit.errors import Conflict, Invalid, NotAllowed, Refusal, Stale, Unknown
from giatja_kit.logs import trace_id

MEDIA_TYPE = "application/problem+json"
_STATUS: tuple[tuple[type[Refusal], int], ...] = (
    (Stale, 412),
    (Unknown, 404),
    (NotAllowed, 403),
    (Invalid, 422),
    (Conflict, 409),
    (Refusal, 409),
)


class FieldProblem(BaseModel):
    """What is wrong with one field."""

    pointer: str
    detail: str


class Problem(BaseModel):
    """A problem document."""

    type: str
    title: str
    status: int
    detail: str | None = None
    trace: str
    errors: list[FieldProblem] = []


@dataclass(frozen=True, kw_only=True, slots=True)
class _Protocol:
    status: int
    id: str
    en: str


_PROTOCOL = {
    "token-missing": _Protocol(
        status=401,
        id="Masuk dahulu: permintaan ini tidak membawa tanda pengenal.",
        en="Sign in first: the request carries no token.",
    ),
    "token-refused": _Protocol(
        status=401,
        id="Tanda pengenal tidak berlaku atau sudah habis masanya. Masuk lagi.",
        en="The token is not valid or has expired. Sign in again.",
    ),
    "not-found": _Protocol(status=404, id="Alamat ini tidak ada.", en="There is nothing at this address."),
    "method-not-allowed": _Protocol(
        status=405, id="Cara ini tidak tersedia di alamat ini.", en="This method is not available here."
    ),
    "length-required": _Protocol(
        status=411, id="Kirim Content-Length bersama isinya.", en="Send Content-Length with the body."
    ),
    "body-too-large": _Protocol(
        status=413, id="Isian terlalu besar; paling besar 2 MB.", en="The body is too large; 2 MB at the most."
    ),
    "not-json": _Protocol(
        status=415, id="Kirim isian sebagai application/json.", en="Send the body as application/json."
    ),
    "broken-json": _Protocol(status=400, id="Isian bukan JSON yang utuh.", en="The body is not well-formed JSON."),
    "input-invalid": _Protocol(
        status=422, id="Ada isian yang perlu diperbaiki.", en="Some of the input needs to be corrected."
    ),
    "idempotency-key-missing": _Protocol(
        status=400,
        id="Sertakan Idempotency-Key, agar kiriman ulang tidak tercatat dua kali.",
        en="Send an Idempotency-Key, so that a repeated request is not done twice.",
    ),
    "idempotency-key-malformed": _Protocol(
        status=400,
        id="Idempotency-Key paling panjang 200 huruf.",
        en="An Idempotency-Key has 200 characters at the most.",
    ),
    "if-match-missing": _Protocol(
        status=428, id="Sertakan If-Match dengan ETag yang Anda lihat.", en="Send If-Match with the ETag you have seen."
    ),
    "if-match-malformed": _Protocol(
        status=400, id='If-Match harus seperti "v7".', en='If-Match has to look like "v7".'
    ),
    "bad-request": _Protocol(status=400, id="Permintaan tidak dapat dibaca.", en="The request cannot be read."),
    "outcome-unknown": _Protocol(
        status=503,
        id="Sambungan ke basis data terputus saat menyimpan. Kirim ulang dengan kunci yang sama.",
        en="The connection to the database broke while saving. Repeat with the same key.",
    ),
    "unavailable": _Protocol(
        status=503,
        id="Layanan sedang tidak tersedia. Coba lagi sebentar.",
        en="The service is not available now. Try again shortly.",
    ),
    "internal": _Protocol(
        status=500,
        id="Ada kesalahan di sistem. Catat nomor jejaknya dan beri tahu petugas TI.",
        en="Something failed in the system. Note the trace and tell the operators.",
    ),
}


class ProtocolRefusal(Exception):
    """The request breaks a rule of HTTP as we speak it."""

    def __init__(self, slug: str) -> None:
        self.slug = slug
        super().__init__(slug)


def language() -> str:
    """Return ``en`` where the caller prefers English, else ``id``."""
    return "en" if request.accept_languages.best_match(["id", "en"], "id") == "en" else "id"


def of_refusal(refusal: Refusal) -> Response:
    """Answer for a rule that said no."""
    status = next(status for kind, status in _STATUS if isinstance(refusal, kind))
    sentence = refusal.sentence(language())
    errors = [{"pointer": refusal.field, "detail": sentence}] if refusal.field else []
    facts = {k: v for k, v in refusal.facts.items() if isinstance(v, str | int | float | bool)}
    return answer(refusal.slug(), status, sentence, errors=errors, extra={"facts": facts} if facts else {})


def of_protocol(slug: str) -> Response:
    """Answer for a request that breaks the protocol."""
    known = _PROTOCOL[slug]
    return answer(slug, known.status, known.en if language() == "en" else known.id)


def of_status(status: int) -> Response:
    """Answer for a status that the framework gave."""
    slug = next((s for s, p in _PROTOCOL.items() if p.status == status), "bad-request" if status < 500 else "internal")
    known = _PROTOCOL[slug]
    return answer(slug, status, known.en if language() == "en" else known.id)


def of_validation(error: ValidationError) -> Response:
    """Answer for input that does not have the right shape, naming each field."""
    details = error.errors(include_url=False, include_input=False)
    if any(d["type"] == "json_invalid" for d in details):
        return of_protocol("broken-json")
    errors = [{"pointer": _pointer(d["loc"]), "detail": _words(d["type"], d.get("ctx", {}), d["msg"])} for d in details]
    known = _PROTOCOL["input-invalid"]
    return answer("input-invalid", known.status, known.en if language() == "en" else known.id, errors=errors)


def answer(
    slug: str,
    status: int,
    title: str,
    *,
    errors: list[dict[str, str]] | None = None,
    extra: Mapping[str, Any] | None = None,
) -> Response:
    """Make the problem document."""
    body: dict[str, Any] = {"type": f"urn:giatja:problem:{slug}", "title": title, "status": status, "trace": trace_id()}
    if errors:
        body["errors"] = errors
    response = Response(json.dumps({**body, **(extra or {})}), status=status, content_type=MEDIA_TYPE)
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if status == 503:
        response.headers["Retry-After"] = "2"
    response.headers["Cache-Control"] = "no-store"
    return response


def _pointer(location: tuple[int | str, ...]) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location) or "/"


_WORDS = {
    "missing": "wajib diisi",
    "extra_forbidden": "isian ini tidak dikenal",
    "int_parsing": "harus bilangan bulat",
    "int_type": "harus bilangan bulat",
    "int_from_float": "harus bilangan bulat",
    "int_parsing_size": "angkanya terlalu besar",
    "greater_than": "harus lebih dari {gt}",
    "greater_than_equal": "paling kecil {ge}",
    "less_than": "harus kurang dari {lt}",
    "less_than_equal": "paling besar {le}",
    "string_too_short": "paling pendek {min_length} huruf",
    "string_too_long": "paling panjang {max_length} huruf",
    "string_type": "harus berupa teks",
    "string_pattern_mismatch": "bentuknya tidak sesuai",
    "too_short": "paling sedikit {min_length}",
    "too_long": "paling banyak {max_length}",
    "uuid_parsing": "bukan nomor pengenal yang sah",
    "uuid_type": "bukan nomor pengenal yang sah",
    "date_parsing": "harus tanggal seperti 2025-02-28",
    "date_from_datetime_parsing": "harus tanggal seperti 2025-02-28",
    "date_type": "harus tanggal seperti 2025-02-28",
    "datetime_parsing": "harus waktu seperti 2025-02-28T08:00:00+07:00",
    "timezone_aware": "harus menyebut zona waktu",
    "bool_parsing": "harus ya atau tidak",
    "enum": "harus salah satu dari {expected}",
    "literal_error": "harus salah satu dari {expected}",
    "model_attributes_type": "harus berupa objek",
    "model_type": "harus berupa objek",
    "list_type": "harus berupa daftar",
    "dict_type": "harus berupa objek",
}


def _words(kind: str, context: Mapping[str, Any], english: str) -> str:
    if language() == "en":
        return english
    template = _WORDS.get(kind, "isian tidak sah")
    return template.format_map({"expected": "", **context})
