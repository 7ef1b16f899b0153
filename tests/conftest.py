"""What runs beside what: tests that share a system they started run in one process, those of two systems in two."""

import pytest

_BROWSER = "browser"
_SYSTEM = "system"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the browser's tests one worker and those of stories and faults another, for `--dist loadgroup`."""
    for item in items:
        of_browser = item.path.parent.name == _BROWSER
        item.add_marker(pytest.mark.xdist_group(_BROWSER if of_browser else _SYSTEM))
