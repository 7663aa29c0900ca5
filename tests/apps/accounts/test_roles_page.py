"""The table of docs/accounts.md says what the roles may do."""

from __future__ import annotations

from itertools import takewhile
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[3]
COLUMNS = {
    "概览": "overview",
    "看人员": "registry.read",
    "看全号": "registry.reveal",
    "判同一人": "registry.review",
    "跨县复核": "registry.approve",
    "更正": "registry.correct",
    "看报送": "intake.read",
    "报送": "intake.send",
    "接收": "intake.accept",
    "活动": "campaign.manage",
    "导出": "export",
    "批导出": "export.approve",
    "用户": "accounts.manage",
    "审计": "audit.read",
}


def test_the_table_is_that_of_the_roles():
    lines = (ROOT / "docs/accounts.md").read_text(encoding="utf-8").splitlines()
    start = lines.index(next(line for line in lines if line.startswith("|")))
    table = takewhile(lambda line: line.startswith("|"), lines[start:])
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table]
    assert rows[0][1:15] == list(COLUMNS)
    told = {}
    for name, *cells in rows[2:]:
        for each in name.removesuffix("*").removesuffix("\\*").strip().split("、"):
            told[each] = {code for code, cell in zip(COLUMNS.values(), cells, strict=False) if cell == "✓"}
    roles = yaml.safe_load((ROOT / "src/chunfeng/apps/accounts/roles.yaml").read_text(encoding="utf-8"))
    wanted = {role["name"]: set(role["capabilities"]) & set(COLUMNS.values()) for role in roles}
    assert told == wanted
