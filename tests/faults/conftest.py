"""One system that gets broken, by a seed that is printed and can be given again."""

import os
from collections.abc import Iterator

import pytest

from giatja_ops.local import LocalSystem
from tests.e2e.conftest import person_adder
from tests.story import Story

SEED = int(os.environ.get("GIATJA_FAULT_SEED", "20230617"))


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSystem]:
    """Start every process; what a test kills it starts again itself, so that nothing is random but the seed."""
    with LocalSystem(tmp_path_factory.mktemp("faults"), durable=False, restart=False) as running:
        yield running


@pytest.fixture(scope="module")
def workplace(broken: LocalSystem) -> dict[str, object]:
    """Open the Lapas: a partner, a product with a short route, four inmates who may work."""
    story = Story(broken.public_url, person_adder(broken), suffix=" faults")
    story.open_lapas()
    inmates = story.admit_workers(4)
    partner, product = story.partner("DMA Collection"), story.product("Tanaman hias", 0, kind="tanaman_hias")
    story.known_to_production(story.work_orders(_first(story, partner, product), 1)[0], inmates)
    return {"story": story, "inmates": inmates, "partner": partner, "product": product}


def _first(story: Story, partner: str, product: str) -> str:
    receipt = story.draft(partner, [(product, 0, 1)])
    story.accept(receipt)
    return str(receipt["id"])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the ledger said."""
    for report in terminalreporter.stats.get("passed", []) + terminalreporter.stats.get("failed", []):
        for name, value in report.user_properties:
            if name == "ledger":
                terminalreporter.write_line(f"ledger: {value}")
