"""`giatja doctor`: what is in order, and what is not in words that help."""

import os
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner

from giatja_ops.doctor import doctor
from giatja_ops.local import LocalSystem


class TestDoctor:
    def test_finds_a_running_system_in_order(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        with LocalSystem(tmp_path, processes=("valkey", "edge"), durable=False) as system:
            answer = CliRunner().invoke(doctor)
            assert f"Giatja runs at {system.public_url}" in answer.output
            assert f"The edge answers (port {system.port})" in answer.output
            assert answer.exit_code == 0, answer.output

            system.stop_process("edge")
            answer = CliRunner().invoke(doctor)
            assert "wrong  The edge answers" in answer.output
            assert "var/logs/edge.log" in answer.output
            assert answer.exit_code == 1

    def test_names_a_busy_port_and_an_open_secret(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        plan = LocalSystem(tmp_path)
        monkeypatch.setenv("GIATJA_PORT", str(plan.port))
        monkeypatch.setenv("GIATJA_PORT_BASE", str(plan.port_base))
        secret = tmp_path / "var" / "secrets" / "ops" / "giatja_signing_key"
        secret.parent.mkdir(parents=True)
        secret.touch(mode=0o644)
        with socket.create_server(("127.0.0.1", plan.port_of("postgres"))):
            answer = CliRunner().invoke(doctor)
        assert f"Port {plan.port_of('postgres')}, wanted for PostgreSQL, is taken" in answer.output
        assert f"(process {os.getpid()})" in answer.output
        assert f"Others may read: {secret}" in answer.output
        assert "Giatja does not run here." in answer.output
        assert answer.exit_code == 1
