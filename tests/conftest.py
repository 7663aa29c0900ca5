"""Which tests run side by side when all run: those of the platform share one database server, others stay by file."""

from __future__ import annotations

import pytest
from xdist.scheduler import LoadScopeScheduling


class _ByServer(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return "platform" if nodeid.startswith("tests/apps/") else nodeid.split("::", 1)[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> _ByServer:
    return _ByServer(config, log)
