"""Whatever the rooms write into the audit has a name there: an auditor reads no codes."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from chunfeng.apps.audit import actions

APPS = Path(__file__).parents[3] / "src/chunfeng/apps"


def _recorded() -> list[tuple[str, str, str]]:
    """(file, action, kind) of every call of `record` with words of its own."""
    found = []
    for path in sorted(APPS.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "record" and node.args:
                kind = next((each.value for each in node.keywords if each.arg == "kind"), None)
                for action in _texts(node.args[0]):
                    found.append((path.relative_to(APPS).as_posix(), action, "".join(_texts(kind)[:1])))
    return found


def _texts(node: ast.expr | None) -> list[str]:
    """The texts an expression may be: a constant, or either side of a choice between two."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return _texts(node.body) + _texts(node.orelse)
    return []


RECORDED = _recorded()


def test_there_is_something_to_look_at():
    assert len(RECORDED) > 60


@pytest.mark.parametrize(("file", "action", "kind"), sorted(set(RECORDED)))
def test_every_deed_has_a_name(platform, file, action, kind):
    assert actions.action_name(action) != action, f"{file}: {action}"
    assert not kind or actions.kind_name(kind) != kind, f"{file}: kind {kind}"
