"""What docker-compose.yml says, read as Compose reads it."""

import importlib
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from giatja_kit.settings import Settings
from tests.compose.composed import PROCESSES, ROOT, SERVICES, WORKERS, Composed

ONE_SHOT = {"migrate", "ops", "demo"}
DATA = {"postgres", "redis"}


@pytest.fixture(scope="module")
def services(engine: None, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    system = Composed("shape", tmp_path_factory.mktemp("shape"))
    document = json.loads(system.compose("--profile", "*", "config", "--format", "json"))
    return dict(document["services"])


def settings_in(path: Path) -> set[str]:
    return set(re.findall(r"^#?([A-Z][A-Z_]+)=", path.read_text(), re.MULTILINE))


class TestServices:
    def test_are_the_processes_of_the_system(self, services: dict[str, Any]) -> None:
        assert set(services) == {*PROCESSES, *ONE_SHOT}

    def test_publish_nothing_but_the_edge(self, services: dict[str, Any]) -> None:
        assert {name for name, service in services.items() if service.get("ports")} == {"edge"}

    def test_answer_without_tls_on_this_machine_only(self, services: dict[str, Any]) -> None:
        published = {port["target"]: port.get("host_ip") for port in services["edge"]["ports"]}
        assert published == {8080: "127.0.0.1", 8443: None}

    def test_are_each_checked_for_health(self, services: dict[str, Any]) -> None:
        assert {name for name, service in services.items() if "healthcheck" in service} == set(PROCESSES)

    def test_prove_that_workers_consume(self, services: dict[str, Any]) -> None:
        checks = {services[name]["healthcheck"]["test"][-1] for name in WORKERS}
        assert checks == {"giatja_kit.health"}

    @pytest.mark.parametrize("name", [*PROCESSES, *sorted(ONE_SHOT)])
    def test_have_no_privilege_and_no_end_of_what_they_take(self, services: dict[str, Any], name: str) -> None:
        service = services[name]
        assert service["cap_drop"] == ["ALL"]
        assert service.get("cap_add", []) == (["NET_BIND_SERVICE"] if name == "edge" else [])
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["read_only"] is True
        assert int(service["mem_limit"]) <= 1024**3
        assert service["pids_limit"] > 0
        assert set(service["logging"]["options"]) >= {"max-size", "max-file"}
        assert "container_name" not in service
        assert "privileged" not in service
        assert all(volume["type"] == "volume" for volume in service.get("volumes", []))

    def test_come_back_by_themselves(self, services: dict[str, Any]) -> None:
        assert {name for name, service in services.items() if service.get("restart") == "unless-stopped"} == set(
            PROCESSES
        )

    @pytest.mark.parametrize("name", [*SERVICES, *WORKERS])
    def test_need_the_stores_and_the_schema_and_no_other_domain(self, services: dict[str, Any], name: str) -> None:
        conditions = {needed: how["condition"] for needed, how in services[name]["depends_on"].items()}
        assert conditions == {
            "migrate": "service_completed_successfully",
            "postgres": "service_healthy",
            "redis": "service_healthy",
        }

    def test_reach_the_stores_only_where_they_must(self, services: dict[str, Any]) -> None:
        assert set(services["edge"]["networks"]) == {"front"}
        assert all(set(services[name]["networks"]) == {"stores"} for name in (*DATA, "migrate"))

    def test_are_told_no_secret_in_their_environment(self, services: dict[str, Any]) -> None:
        told = {key for service in services.values() for key in service.get("environment", {})}
        assert {key for key in told if re.search(r"PASSWORD|SECRET|SIGNING", key)} == {
            "GIATJA_SECRETS_DIR",
            "POSTGRES_PASSWORD_FILE",
        }

    def test_know_only_the_secrets_of_their_own(self, services: dict[str, Any]) -> None:
        for name in SERVICES:
            sources = {secret["source"] for part in (name, f"{name}-worker") for secret in services[part]["secrets"]}
            own = {f"app_password_{name}", f"signing_key_{name}", "redis_password", "trusted_keys"}
            assert sources == (own | {"session_secret"} if name == "gateway" else own)
        holders = {
            n for n, s in services.items() if any(x["source"].startswith("owner_") for x in s.get("secrets", []))
        }
        assert holders == {"migrate"}


class TestEnvExample:
    def test_names_every_setting(self) -> None:
        for service in SERVICES:
            importlib.import_module(f"giatja_{service}.settings")
        kinds = Settings.__subclasses__()
        assert {kind.service for kind in kinds} >= set(SERVICES)
        names = {f"GIATJA_{name.upper()}" for kind in kinds for name in kind.model_fields}
        assert names - settings_in(ROOT / ".env.example") == set()

    def test_names_everything_compose_asks_for(self) -> None:
        asked = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
        told = set(re.findall(r"^\s+(GIATJA_[A-Z_]+):", (ROOT / "docker-compose.yml").read_text(), re.MULTILINE))
        assert (asked | told) - settings_in(ROOT / ".env.example") == set()

    def test_names_everything_the_edge_asks_for(self) -> None:
        caddyfile = (ROOT / "services/gateway/giatja_gateway/edge/Caddyfile").read_text()
        assert set(re.findall(r"\{\$([A-Z_]+)", caddyfile)) - settings_in(ROOT / ".env.example") == set()

    def test_holds_no_secret(self) -> None:
        lines = (ROOT / ".env.example").read_text().splitlines()
        assert [
            line for line in lines if re.match(r"#?GIATJA_\w*(PASSWORD|SESSION_SECRET|SIGNING_KEY)\w*=.", line)
        ] == []

    def test_is_not_followed_by_files_of_a_real_deployment(self) -> None:
        listed = subprocess.run(
            ["git", "ls-files", ".env", "secrets"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert listed.stdout == ""
