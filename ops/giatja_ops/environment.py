"""Makes what Docker Compose needs beside the repository: `.env` and one file per secret, never overwriting."""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from giatja_ops.names import SERVICES
from giatja_ops.secrets import ISSUERS, TRUSTED_KEYS, Credentials, new_credentials, read_secret

REDIS_RULES = "~* &* +@all -@admin -@dangerous +info"
# Compose mounts these files as they are, and containers read them as users this machine does not know.
# So every user may read a file, and only its owner may enter the folder that all of them lie in.
_FOLDER_MODE = 0o700
_FILE_MODE = 0o444


class EnvironmentBroken(click.ClickException):
    """What lies in the folder of secrets does not fit together; says what a person must decide."""


@click.command("env")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), default=Path(), help="Where to write it.")
def env(folder: Path) -> None:
    """Write .env and ./secrets for Docker Compose; what exists is kept."""
    made = [*_settings(folder), *_secrets(folder / "secrets")]
    for path in made:
        click.echo(f"made {path}")
    if not made:
        click.echo("Everything was there already; nothing was changed.")


def _settings(folder: Path) -> list[Path]:
    target = folder / ".env"
    if target.exists():
        return []
    example = next((p for p in (folder / ".env.example", Path(".env.example")) if p.exists()), None)
    if example is None:
        raise EnvironmentBroken("There is no .env.example here: run this in the folder of the repository.")
    shutil.copyfile(example, target)
    return [target]


def _secrets(folder: Path) -> list[Path]:
    folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
    folder.chmod(_FOLDER_MODE)
    made = [folder / name for name, value in _values(new_credentials()).items() if _keep_or_write(folder / name, value)]
    password = f"#{hashlib.sha256(read_secret(folder, 'redis_password').encode()).hexdigest()}"
    if _keep_or_write(folder / "redis_acl", f"user default on sanitize-payload {password} {REDIS_RULES}\n"):
        made.append(folder / "redis_acl")
    if _keep_or_write(folder / TRUSTED_KEYS, json.dumps(_public_halves(folder), indent=1)):
        made.append(folder / TRUSTED_KEYS)
    _require_agreement(folder, password)
    return made


def _values(credentials: Credentials) -> Mapping[str, str]:
    return {
        "database_superuser_password": credentials.superuser_password,
        "redis_password": credentials.redis_password,
        "session_secret": credentials.session_secret,
        **{f"owner_password_{service}": credentials.owner_passwords[service] for service in SERVICES},
        **{f"app_password_{service}": credentials.app_passwords[service] for service in SERVICES},
        **{f"signing_key_{issuer}": credentials.signing_keys[issuer] for issuer in ISSUERS},
    }


def _keep_or_write(path: Path, content: str) -> bool:
    """Write a file unless it exists; return whether it was written."""
    if path.exists():
        return False
    draft = path.with_name(f".{path.name}.draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE), "w") as file:
        file.write(content)
        # Whatever the umask took away.
        os.fchmod(file.fileno(), _FILE_MODE)
    draft.replace(path)
    return True


def _public_halves(folder: Path) -> dict[str, list[dict[str, Any]]]:
    from joserfc.jwk import OKPKey  # cryptography takes its time to load, and only the first run of all needs it

    keys = {issuer: json.loads(read_secret(folder, f"signing_key_{issuer}")) for issuer in ISSUERS}
    return {issuer: [dict(OKPKey.import_key(key).as_dict(private=False))] for issuer, key in keys.items()}


def _require_agreement(folder: Path, password: str) -> None:
    """Refuse a password that Redis would not take and a signing key that nobody would believe."""
    if password not in read_secret(folder, "redis_acl"):
        raise EnvironmentBroken(
            f"{folder / 'redis_acl'} has another password than {folder / 'redis_password'}. "
            f"Remove {folder / 'redis_acl'} to have it made again."
        )
    trusted = json.loads(read_secret(folder, TRUSTED_KEYS))
    for issuer in ISSUERS:
        key = json.loads(read_secret(folder, f"signing_key_{issuer}"))
        if (key["kid"], key["x"]) not in {(public["kid"], public["x"]) for public in trusted.get(issuer, [])}:
            raise EnvironmentBroken(
                f"{folder / TRUSTED_KEYS} does not name the key in {folder / f'signing_key_{issuer}'}. "
                f"Add its public half, or remove {folder / TRUSTED_KEYS} to have it made again."
            )
