"""The secrets of a deployment: whole, private, made once."""

import json
import stat
from pathlib import Path

import pytest

from giatja_ops import secrets
from giatja_ops.names import SERVICES


@pytest.fixture(scope="module")
def credentials() -> secrets.Credentials:
    return secrets.new_credentials()


class TestNewCredentials:
    def test_gives_everybody_a_password_of_their_own(self, credentials: secrets.Credentials) -> None:
        passwords = [
            credentials.superuser_password,
            credentials.redis_password,
            credentials.session_secret,
            *credentials.owner_passwords.values(),
            *credentials.app_passwords.values(),
        ]
        assert len(set(passwords)) == len(passwords) == 3 + 2 * len(SERVICES)
        assert all(len(password) >= 43 for password in passwords)

    def test_publishes_no_private_half(self, credentials: secrets.Credentials) -> None:
        assert set(credentials.trusted_keys) == {*SERVICES, "ops"}
        for issuer, keys in credentials.trusted_keys.items():
            private = json.loads(credentials.signing_keys[issuer])
            assert [key["kid"] for key in keys] == [private["kid"]]
            assert "d" in private
            assert all("d" not in key for key in keys)

    def test_does_not_show_a_secret_when_printed(self, credentials: secrets.Credentials) -> None:
        shown = repr(credentials)
        assert credentials.superuser_password not in shown
        assert not any(key in shown for key in credentials.signing_keys.values())


class TestWriteLocal:
    def test_lets_nobody_else_read(self, tmp_path: Path) -> None:
        secrets.write_local(tmp_path / "secrets")
        files = [path for path in (tmp_path / "secrets").rglob("*") if path.is_file()]
        assert len(files) == 1 + 4 * 3 + 1 + 9 + 6 + 2
        assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
        assert not list(secrets.readable_by_others(tmp_path / "secrets"))

    def test_names_a_file_that_others_may_read(self, tmp_path: Path) -> None:
        secrets.write_local(tmp_path)
        (tmp_path / "ops" / "giatja_signing_key").chmod(0o644)
        assert list(secrets.readable_by_others(tmp_path)) == [tmp_path / "ops" / "giatja_signing_key"]

    def test_changes_nothing_the_second_time(self, tmp_path: Path) -> None:
        secrets.write_local(tmp_path)
        before = {path: path.read_text() for path in tmp_path.rglob("*") if path.is_file()}
        secrets.write_local(tmp_path)
        assert {path: path.read_text() for path in tmp_path.rglob("*") if path.is_file()} == before
