"""Who is asking: signed, short-lived tokens that every service checks by itself.

One algorithm, EdDSA, hard-wired. The gateway issues tokens for people; each service signs 60 s
tokens for itself. The public keys, two at a time for rotation, are configuration, so that no
service needs another one running to believe it.
"""

import json
from base64 import urlsafe_b64decode
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

AUDIENCE = "giatja"
EVERYWHERE = "*"
SERVICE = "service"
PEOPLE_ISSUER = "gateway"
_ALGORITHM = "Ed25519"
_LEEWAY = timedelta(seconds=30)
_REMEMBERED = 4096


class TokenRefused(Exception):
    """The token is missing, malformed, expired, or signed by nobody we trust."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Principal:
    """Who asks: one subject, acting in one role, for one Lapas or everywhere."""

    subject: str
    role: str
    lapas: str
    issuer: str
    permissions: frozenset[str] = field(repr=False)
    acting: bool = False

    @property
    def is_service(self) -> bool:
        """Whether this is another service and not a person."""
        return self.role == SERVICE

    def may(self, permission: str) -> bool:
        """Return whether the role carries a permission."""
        return permission in self.permissions


class Signer:
    """Signs tokens with the private key of one service."""

    def __init__(self, issuer: str, key: str) -> None:
        self.issuer = issuer
        self._key = OKPKey.import_key(json.loads(key))

    def token(self, claims: Mapping[str, object], *, at: datetime, seconds: int) -> str:
        """Sign a token that is valid from ``at`` for some seconds."""
        issued = int(at.timestamp())
        body = {**claims, "iss": self.issuer, "aud": AUDIENCE, "iat": issued, "exp": issued + seconds}
        return jwt.encode({"alg": _ALGORITHM, "kid": self._key.kid}, body, self._key, algorithms=[_ALGORITHM])

    def service_token(self, *, at: datetime, seconds: int = 60) -> str:
        """Sign a token that says: this is the service itself."""
        return self.token({"sub": self.issuer, "role": SERVICE, "lapas": EVERYWHERE}, at=at, seconds=seconds)


class Verifier:
    """Checks tokens against the public keys of those who may issue them."""

    def __init__(self, trusted_keys: Path, grants: Mapping[str, frozenset[str]]) -> None:
        """Read the public keys.

        :param trusted_keys: JSON file, issuer -> list of public JWKs with ``kid``.
        :param grants: role -> the permissions it carries.
        """
        document: dict[str, list[dict[str, Any]]] = json.loads(trusted_keys.read_text())
        self._keys = {
            (issuer, str(key["kid"])): OKPKey.import_key(key) for issuer, keys in document.items() for key in keys
        }
        self._grants = grants
        self._believed: OrderedDict[str, tuple[float, Principal]] = OrderedDict()
        self._lock = Lock()

    def principal(self, token: str, *, at: datetime) -> Principal:
        """Return who a token speaks for.

        :raises TokenRefused: with the reason, for the log; the caller only learns that it was refused.
        """
        moment = at.timestamp()
        with self._lock:
            known = self._believed.get(token)
        if known and moment < known[0]:
            return known[1]
        principal, expires = self._verify(token, moment)
        with self._lock:
            self._believed[token] = (expires, principal)
            if len(self._believed) > _REMEMBERED:
                self._believed.popitem(last=False)
        return principal

    def _verify(self, token: str, moment: float) -> tuple[Principal, float]:
        try:
            header, claims = _peek(token)
            key = self._keys[str(claims["iss"]), str(header["kid"])]
            claims = jwt.decode(token, key, algorithms=[_ALGORITHM]).claims
            _check_claims(claims, moment)
            role = str(claims["role"])
            principal = Principal(
                subject=str(claims["sub"]),
                role=role,
                lapas=str(claims["lapas"]),
                issuer=str(claims["iss"]),
                permissions=self._grants.get(role, frozenset()),
                acting=bool(claims.get("plt")),
            )
            return principal, float(claims["exp"])
        except (JoseError, KeyError, ValueError, TypeError) as error:
            raise TokenRefused(type(error).__name__) from None


def _check_claims(claims: Mapping[str, Any], moment: float) -> None:
    """Refuse a token that is well signed but not for us, not now, or not its issuer's to give."""
    if claims["aud"] != AUDIENCE or moment >= float(claims["exp"]):
        raise TokenRefused("expired or not for us")
    if float(claims["iat"]) > moment + _LEEWAY.total_seconds():
        raise TokenRefused("issued in the future")
    as_service = claims["role"] == SERVICE
    if as_service != (claims["sub"] == claims["iss"]) or (not as_service and claims["iss"] != PEOPLE_ISSUER):
        raise TokenRefused("this issuer may not speak for that role")


def _peek(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read which issuer and key a token names, before its signature is checked."""

    def part(text: str) -> dict[str, Any]:
        value = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if not isinstance(value, dict):
            raise TokenRefused("not an object")
        return value

    pieces = token.split(".")
    if len(pieces) != 3:
        raise TokenRefused("not three parts")
    return part(pieces[0]), part(pieces[1])


def new_key(issuer: str, made: datetime) -> tuple[str, dict[str, Any]]:
    """Make a key pair: the private key as JSON text, the public one as a JWK."""
    key = OKPKey.generate_key("Ed25519", {"kid": f"{issuer}-{made:%Y%m%d%H%M%S}", "use": "sig"}, private=True)
    return json.dumps(key.as_dict(private=True)), dict(key.as_dict(private=False))
