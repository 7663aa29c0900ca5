"""Which tests run side by side when all run: those of the platform share one database server, others stay by file."""

from __future__ import annotations

from pathlib import Path

import pytest

_HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)  # before the groups are read
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.pluginmanager.hasplugin("xdist"):
        return
    for item in items:
        path = item.path.relative_to(_HERE)
        item.add_marker(pytest.mark.xdist_group("platform" if path.parts[0] == "apps" else str(path)))
