"""A real browser: one that is found here, else Playwright's own, else the distribution's.

Only where none of the three can be had the browser tests are left out, and the run ends by saying
so; under ``CI=true`` that is a failure.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from giatja_gateway import tables
from giatja_gateway.identity import handlers
from giatja_kit import clock
from giatja_kit.ids import new_id
from giatja_ops.databases import open_database
from giatja_ops.local import LocalSystem
from tests.browser.world import World, build
from tests.story import PASSWORD, Story

CANDIDATES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
WIDTHS = {"telepon": (360, 740), "tablet": (820, 1180), "meja": (1440, 900)}
ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MISSING = "No Chromium could be found or installed: the browser tests are left out."


@cache
def find_chromium() -> str | None:
    """Return the path of a Chromium, ``""`` for Playwright's own, or nothing."""
    for candidate in CANDIDATES:
        path = shutil.which(candidate)
        if path:
            return path
    if _run([sys.executable, "-m", "playwright", "install", "chromium"]):
        return ""
    if shutil.which("apt-get") and os.geteuid() == 0:
        _run(["apt-get", "update", "-qq"])
        if _run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]):
            return shutil.which("chromium")
    return None


def _run(command: list[str]) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=300, env=environment)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def pytest_configure(config: pytest.Config) -> None:
    """Have a browser installed before there are workers, of which two would install it at once."""
    if not hasattr(config, "workerinput"):
        find_chromium()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the browser tests out where there is no browser; never silently, and never in CI."""
    ours = [item for item in items if Path(__file__).parent in item.path.parents]
    if not ours or find_chromium() is not None:
        return
    if os.environ.get("CI") != "true":
        for item in ours:
            item.add_marker(pytest.mark.skip(reason=MISSING))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """End by saying what was left out; counted by its reason, which also comes from a worker of its own process."""
    left_out = [one for one in terminalreporter.stats.get("skipped", []) if MISSING in str(one.longrepr)]
    if left_out:
        terminalreporter.write_line(f"{MISSING} ({len(left_out)} tests)", red=True)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Start Playwright."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Start the browser."""
    path = find_chromium()
    assert path is not None, MISSING
    sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with playwright.chromium.launch(executable_path=path or None, args=[*ARGUMENTS, *sandbox]) as running:
        yield running


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSystem]:
    """Start every process once for the browser."""
    with LocalSystem(tmp_path_factory.mktemp("browser"), durable=False) as running:
        yield running


class AddPeople:
    """Makes people as `giatja person add` does, but within this process: here there are ten of them."""

    def __init__(self, system: LocalSystem) -> None:
        self._settings = system.settings_env("ops")
        tables.map_all()

    def __call__(self, username: str, role: str, lapas: str) -> None:
        """Add a person who may sign in."""
        at, person = clock.now(), new_id()
        begun = at.date()
        with open_database("gateway", self._settings) as database, database.transaction(at=at) as store:
            handlers.add_person(handlers.AddPerson(id=person, username=username, name=f"Uji {username}"), store)
            handlers.assign_role(
                handlers.AssignRole(id=new_id(), person_id=person, role=role, lapas_id=lapas, starts_on=begun), store
            )
            handlers.set_password(handlers.SetPassword(person_id=person, password=PASSWORD), store)


@pytest.fixture(scope="session")
def story(system: LocalSystem) -> Story:
    """Open a Lapas with its people."""
    story = Story(system.public_url, AddPeople(system), suffix="")
    story.open_lapas()
    return story


@pytest.fixture(scope="session")
def world(story: Story) -> World:
    """Have something of everything in the Lapas."""
    return build(story)


SignIn = Callable[..., Page]


@pytest.fixture
def sign_in(browser: Browser, system: LocalSystem, story: Story) -> Iterator[SignIn]:
    """Return a function: user name, width -> a page that is signed in; complaints of the console fail the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(username: str | None, width: str = "meja", *, language: str = "id") -> Page:
        size = WIDTHS[width]
        context = browser.new_context(
            base_url=system.public_url,
            viewport={"width": size[0], "height": size[1]},
            locale="id-ID" if language == "id" else "en-GB",
            has_touch=width == "tablet",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda m: complaints.append(m.text) if m.type == "error" and "Failed to load" not in m.text else None,
        )
        if username is not None:
            page.goto(f"/masuk?lang={language}")
            page.fill("input[name=username]", username)
            page.fill("input[name=password]", PASSWORD)
            page.click("form button[type=submit]")
            page.wait_for_url(lambda url: "/masuk" not in url)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
