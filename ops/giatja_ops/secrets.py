"""Makes the passwords and keys of one deployment, once, as files that only their reader may open."""

import json
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from giatja_ops.names import SERVICES

ISSUERS = (*SERVICES, "ops")
TRUSTED_KEYS = "trusted_keys.json"


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """Every secret of a deployment, and the public halves of its keys.

    ``signing_keys`` has a private JWK per issuer, ``trusted_keys`` the document of public ones.
    """

    superuser_password: str = field(repr=False)
    redis_password: str = field(repr=False)
    session_secret: str = field(repr=False)
    owner_passwords: Mapping[str, str] = field(repr=False)
    app_passwords: Mapping[str, str] = field(repr=False)
    signing_keys: Mapping[str, str] = field(repr=False)
    trusted_keys: Mapping[str, list[dict[str, Any]]]


def new_password() -> str:
    """Return a password of 256 random bits."""
    return secrets.token_urlsafe(32)


def new_credentials() -> Credentials:
    """Make every password and key of a deployment."""
    # Only the first start of all makes keys, and cryptography takes its time to load.
    from giatja_kit.auth import new_key
    from giatja_kit.clock import now

    pairs = {issuer: new_key(issuer, now()) for issuer in ISSUERS}
    return Credentials(
        superuser_password=new_password(),
        redis_password=new_password(),
        session_secret=new_password(),
        owner_passwords={service: new_password() for service in SERVICES},
        app_passwords={service: new_password() for service in SERVICES},
        signing_keys={issuer: private for issuer, (private, _) in pairs.items()},
        trusted_keys={issuer: [public] for issuer, (_, public) in pairs.items()},
    )


def files_for(credentials: Credentials) -> dict[str, dict[str, str]]:
    """Return what each reader gets: reader -> file name -> content.

    The readers are the services, ``migrate``, ``ops`` and ``stores`` (PostgreSQL and Valkey themselves).
    """
    readers: dict[str, dict[str, str]] = {
        service: {
            "giatja_database_password": credentials.app_passwords[service],
            "giatja_redis_password": credentials.redis_password,
            "giatja_signing_key": credentials.signing_keys[service],
        }
        for service in SERVICES
    }
    readers["gateway"]["giatja_session_secret"] = credentials.session_secret
    apps = {f"giatja_app_password_{service}": credentials.app_passwords[service] for service in SERVICES}
    owners = {f"giatja_owner_password_{service}": credentials.owner_passwords[service] for service in SERVICES}
    readers["migrate"] = {"giatja_database_superuser_password": credentials.superuser_password, **owners, **apps}
    readers["ops"] = {
        **apps,
        "giatja_redis_password": credentials.redis_password,
        "giatja_signing_key": credentials.signing_keys["ops"],
    }
    readers["stores"] = {
        "giatja_database_superuser_password": credentials.superuser_password,
        "giatja_redis_password": credentials.redis_password,
    }
    return readers


def write_local(folder: Path) -> None:
    """Write a folder per reader, unless an earlier start did; what exists is never changed.

    The document of public keys comes last, so that its presence means that everything is there.
    """
    if (folder / TRUSTED_KEYS).exists():
        return
    credentials = new_credentials()
    make_private_folder(folder)
    for reader, files in files_for(credentials).items():
        make_private_folder(folder / reader)
        for name, content in files.items():
            write_private(folder / reader / name, content)
    write_private(folder / TRUSTED_KEYS, json.dumps(credentials.trusted_keys, indent=1))


def make_private_folder(folder: Path) -> None:
    """Make a folder that only its owner may enter."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def write_private(path: Path, content: str) -> None:
    """Write a file that nobody else could read at any moment, whole or not at all."""
    draft = path.with_name(f".{path.name}.draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(content)
    draft.replace(path)


def read_secret(folder: Path, name: str) -> str:
    """Return the content of one secret file."""
    return (folder / name).read_text().strip()


def readable_by_others(folder: Path) -> Iterable[Path]:
    """Yield the files below a folder of secrets that anybody but their owner may read."""
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and path.stat().st_mode & 0o077)
