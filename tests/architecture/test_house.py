"""The rules of the house that no single test of a service would notice."""

import ast
import re
from importlib.resources import files
from pathlib import Path

import pytest

from giatja_contracts.permissions import ALL

ROOT = Path(__file__).parents[2]
SERVICES = ("orders", "production", "training", "gateway")
FIVE = {"__init__", "domain", "handlers", "queries", "tables", "api"}
TOP = {"__init__", "settings", "bootstrap", "wsgi", "worker", "tables", "facts", "subscriptions"}
PACKAGES = ["kit/giatja_kit", "contracts/giatja_contracts", "ops/giatja_ops"] + [
    f"services/{s}/giatja_{s}" for s in SERVICES
]


def sources(*folders: str) -> list[Path]:
    return sorted(p for folder in folders or PACKAGES for p in (ROOT / folder).rglob("*.py"))


class TestTransactions:
    def test_are_committed_in_one_place_only(self) -> None:
        sites = [
            f"{path.relative_to(ROOT)}:{node.lineno}"
            for path in sources()
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
        ]
        database = [s for s in sites if s.startswith("kit/giatja_kit/database.py")]
        # Migrations set a few session settings before the first step; that is no change of data.
        rest = [s for s in sites if s not in database and not s.startswith("kit/giatja_kit/migrations.py")]
        assert len(database) == 1
        assert rest == []


class TestClock:
    def test_is_read_in_one_place_only(self) -> None:
        readers = [
            str(path.relative_to(ROOT))
            for path in sources("kit/giatja_kit", *[f"services/{s}/giatja_{s}" for s in SERVICES])
            if re.search(r"datetime\.now\(|date\.today\(|utcnow\(", path.read_text())
        ]
        assert readers == ["kit/giatja_kit/clock.py"]


class TestCapabilities:
    @pytest.mark.parametrize("service", SERVICES)
    def test_have_the_same_files_everywhere(self, service: str) -> None:
        package = ROOT / f"services/{service}/giatja_{service}"
        odd = []
        for path in package.rglob("*.py"):
            parts = path.relative_to(package).parts
            if parts[0] in ("migrations", "pages", "reports"):
                continue
            allowed = FIVE if len(parts) > 1 else TOP | ({"services"} if service == "gateway" else set())
            if path.stem not in allowed or len(parts) > 2:
                odd.append("/".join(parts))
        assert odd == []


class TestKit:
    def test_holds_no_business_noun(self) -> None:
        nouns = re.compile(
            r"\b(orders?|partners?|inmates?|workshops?|work_orders?|premi|stages?|mitra|pesanan|garmen|batik)\b",
            re.IGNORECASE,
        )
        found = []
        for path in sources("kit/giatja_kit"):
            for node in ast.walk(ast.parse(path.read_text())):
                name = getattr(node, "id", None) or getattr(node, "arg", None) or getattr(node, "name", None)
                if isinstance(name, str) and nouns.fullmatch(name):
                    found.append(f"{path.name}:{getattr(node, 'lineno', '?')} {name}")
        # `order` as a verb and `stages` do not occur either; the lines above would show them.
        assert found == []


class TestRoutes:
    def routes(self) -> list[tuple[str, str, str]]:
        from importlib import import_module

        found = []
        for service in SERVICES:
            for path in (ROOT / f"services/{service}/giatja_{service}").glob("*/api.py"):
                module = import_module(f"giatja_{service}.{path.parent.name}.api")
                found += [(f"{service} {i.method} {i.rule}", i.permission, i.method) for i in module.routes.infos]
        return found

    def test_each_name_a_permission_that_some_role_has(self) -> None:
        unknown = [name for name, permission, _ in self.routes() if permission != "public" and permission not in ALL]
        assert unknown == []
        assert len(self.routes()) > 20

    def test_each_permission_is_used_by_a_route_or_a_page(self) -> None:
        text = "\n".join(p.read_text() for p in sources() if "permissions.py" not in p.name)
        text += "\n".join(p.read_text() for p in (ROOT / "services/gateway/giatja_gateway").rglob("*.html"))
        assert [p for p in sorted(ALL) if f'"{p}"' not in text and f"'{p}'" not in text] == []


class TestDependencies:
    def test_files_hold_no_address_of_a_registry(self) -> None:
        hosts = re.compile("|".join(["pypi" + r"\.org", "python" + "hosted", "npm" + r"js\.", "deb\\." + "debian"]))
        for name in ("requirements.lock", "requirements-dev.lock"):
            text = (ROOT / name).read_text()
            assert "--hash=sha256:" in text
            assert not hosts.search(text)
            assert "index-url" not in text


class TestScreens:
    def test_no_template_holds_an_inline_style_or_script(self) -> None:
        templates = (ROOT / "services/gateway/giatja_gateway").rglob("*.html")
        odd = re.compile(r'\sstyle="|<style|<script(?![^>]*\ssrc=)|\son[a-z]+="', re.IGNORECASE)
        assert [str(t.relative_to(ROOT)) for t in templates if odd.search(t.read_text())] == []


def test_each_package_says_what_it_is() -> None:
    for name in ("giatja_kit", "giatja_contracts", *[f"giatja_{s}" for s in SERVICES], "giatja_ops"):
        assert files(name).joinpath("__init__.py").read_text().startswith('"""')
