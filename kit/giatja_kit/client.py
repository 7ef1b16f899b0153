"""Asking another service over HTTP: pooled, with time limits, signed as this service."""

import threading
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from giatja_kit import clock
from giatja_kit.auth import Signer
from giatja_kit.logs import traceparent

_RENEW_BEFORE = timedelta(seconds=15)
_TOKEN_SECONDS = 60


class ServiceUnavailable(Exception):
    """The other service did not answer, or answered that it cannot now."""

    def __init__(self, service: str, reason: str) -> None:
        self.service = service
        super().__init__(f"{service}: {reason}")


class ServiceClient:
    """Asks other services through the edge's inner listener.

    A connection is kept per thread and service; nothing is repeated here, except a GET once.
    """

    def __init__(self, internal_url: str, signer: Signer, *, timeout: tuple[float, float] = (1.0, 5.0)) -> None:
        self._base = internal_url.rstrip("/")
        self._signer = signer
        self._timeout = timeout
        self._local = threading.local()
        self._token: tuple[float, str] = (0.0, "")

    def request(
        self,
        method: str,
        service: str,
        path: str,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        params: Mapping[str, Any] | None = None,
        timeout: tuple[float, float] | None = None,
    ) -> requests.Response:
        """Ask, as this service or with a person's ``token``; whatever the service answers is returned.

        :param path: below ``/api/<service>/v1``.
        :raises ServiceUnavailable: no connection, no answer in time, or 502, 503 or 504.
        """
        sent = {
            "Authorization": f"Bearer {token or self._own_token()}",
            "traceparent": traceparent(),
            **(headers or {}),
        }
        tries = 2 if method == "GET" else 1
        for attempt in range(1, tries + 1):
            try:
                answer = self._session().request(
                    method,
                    f"{self._base}/api/{service}/v1{path}",
                    headers=sent,
                    json=json,
                    params=params,
                    timeout=timeout or self._timeout,
                    allow_redirects=False,
                )
            except requests.RequestException as error:
                if attempt == tries or isinstance(error, requests.ReadTimeout):
                    raise ServiceUnavailable(service, type(error).__name__) from error
                continue
            if answer.status_code not in (502, 503, 504):
                return answer
            if attempt == tries:
                raise ServiceUnavailable(service, str(answer.status_code))
        raise AssertionError("unreachable")

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            session.trust_env = False
            session.mount("http://", HTTPAdapter(pool_connections=4, pool_maxsize=8))
            self._local.session = session
        return session

    def _own_token(self) -> str:
        at = clock.now()
        expires, token = self._token
        if at.timestamp() > expires - _RENEW_BEFORE.total_seconds():
            token = self._signer.service_token(at=at, seconds=_TOKEN_SECONDS)
            self._token = (at.timestamp() + _TOKEN_SECONDS, token)
        return token
