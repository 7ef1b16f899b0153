"""What `giatja env` leaves behind."""

import hashlib
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from giatja_kit.auth import Signer, Verifier
from giatja_kit.clock import now
from giatja_ops.environment import env


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".env.example").write_text("GIATJA_PORT=8080\n")
    return tmp_path


def make(folder: Path) -> tuple[int, str]:
    result = CliRunner().invoke(env, ["--folder", str(folder)])
    return result.exit_code, result.output


def content(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in (folder / "secrets").iterdir()}


class TestEnv:
    def test_keeps_everything_that_exists(self, folder: Path) -> None:
        assert make(folder)[0] == 0
        (folder / ".env").write_text("GIATJA_PORT=9090\n")
        before = content(folder)
        assert make(folder) == (0, "Everything was there already; nothing was changed.\n")
        assert content(folder) == before
        assert (folder / ".env").read_text() == "GIATJA_PORT=9090\n"

    def test_makes_again_only_what_is_missing(self, folder: Path) -> None:
        make(folder)
        before = content(folder)
        (folder / "secrets" / "session_secret").unlink()
        code, output = make(folder)
        after = content(folder)
        assert (code, output.count("made ")) == (0, 1)
        assert {name for name in before if before[name] != after[name]} == {"session_secret"}

    def test_never_shows_a_secret(self, folder: Path) -> None:
        output = make(folder)[1]
        assert not [name for name, value in content(folder).items() if value.strip() in output]

    def test_gives_every_secret_a_value_of_its_own(self, folder: Path) -> None:
        make(folder)
        values = list(content(folder).values())
        assert len(set(values)) == len(values)
        assert min(map(len, values)) >= 40

    def test_lets_only_the_owner_into_the_folder_and_every_container_read_its_files(self, folder: Path) -> None:
        make(folder)
        secrets = folder / "secrets"
        assert secrets.stat().st_mode & 0o777 == 0o700
        assert {path.stat().st_mode & 0o777 for path in secrets.iterdir()} == {0o444}

    def test_makes_keys_that_services_believe(self, folder: Path) -> None:
        make(folder)
        signer = Signer("orders", (folder / "secrets" / "signing_key_orders").read_text())
        verifier = Verifier(folder / "secrets" / "trusted_keys.json", {})
        assert verifier.principal(signer.service_token(at=now()), at=now()).issuer == "orders"

    def test_publishes_no_private_half(self, folder: Path) -> None:
        make(folder)
        keys = json.loads((folder / "secrets" / "trusted_keys.json").read_text())
        assert set(keys) == {"gateway", "orders", "production", "training", "ops"}
        assert not [key for issuer in keys.values() for key in issuer if "d" in key]

    def test_tells_redis_the_digest_of_the_password_only(self, folder: Path) -> None:
        make(folder)
        password = (folder / "secrets" / "redis_password").read_text()
        rules = (folder / "secrets" / "redis_acl").read_text()
        assert f"#{hashlib.sha256(password.encode()).hexdigest()}" in rules
        assert password not in rules
        assert "nopass" not in rules

    def test_refuses_a_redis_password_that_redis_would_not_take(self, folder: Path) -> None:
        make(folder)
        (folder / "secrets" / "redis_password").unlink()
        code, output = make(folder)
        assert code == 1
        assert "redis_acl" in output

    def test_refuses_a_signing_key_that_nobody_believes(self, folder: Path) -> None:
        make(folder)
        (folder / "secrets" / "signing_key_training").unlink()
        code, output = make(folder)
        assert code == 1
        assert "signing_key_training" in output
