"""Column mappings as files a clerk can read and correct: proposed by a run, confirmed by a person, used from then on."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from chunfeng.engines.sheets.answers import Answer
from chunfeng.engines.sheets.kinds import Kind
from chunfeng.pipeline.outputs import whole

Answers = dict[str, list[Answer]]
_HEAD = """\
# 列对应：这张表的每一列当作什么字段、把握多大。field 留空表示不采用（原文仍保留）。
# 改正后把 confirmed 改为 true，下次运行（同一 OUT 或 --state）即照用；文件改名不影响。
# 表头相同的表都适用，标题写明是另一种名单的除外（titled：确认时标题所指的表类，不要改）。
# How each column was understood. Correct it, set confirmed to true, and it is used from then on.
# 可用字段 / fields: ./chunfeng kinds show {kind}
"""


class MappingError(ValueError):
    """A mapping file that cannot be used; the message names the file and what to change."""


@dataclass(frozen=True, slots=True)
class SavedMapping:
    """One mapping file: for which header, which kind, which column is which field."""

    signature: str
    kind: str
    confirmed: bool
    columns: tuple[tuple[str, str | None], ...]
    titled: tuple[str, ...] = ()


def file_name(signature: str, kind: str) -> str:
    """Name of the mapping file of a header."""
    return f"{kind or 'unknown'}-{hashlib.sha256(signature.encode()).hexdigest()[:10]}.yaml"


def load(folder: Path, kinds: Mapping[str, Kind]) -> Answers:
    """The confirmed mappings of a folder by header signature. Raises MappingError for one that cannot be used."""
    answers: Answers = {}
    for path in sorted(folder.glob("*.yaml")) if folder.is_dir() else []:
        found = read(path, kinds)
        if found.confirmed:
            answer = Answer(found.kind, _chosen(found.columns), found.titled)
            answers.setdefault(found.signature, []).append(answer)
    return answers


def read(path: Path, kinds: Mapping[str, Kind]) -> SavedMapping:
    """One mapping file. Raises MappingError naming what to change."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise MappingError(f"{path.name}: 不是可读的 YAML / not readable: {error}") from error
    if not isinstance(raw, dict) or not {"signature", "kind", "columns"} <= set(raw):
        raise MappingError(
            f"{path.name}: 缺 signature、kind 或 columns / signature, kind or columns is missing"
        )
    confirmed = raw.get("confirmed") is True
    kind = str(raw["kind"] or "")
    if confirmed and kind not in kinds:
        known = "、".join(sorted(kinds))
        raise MappingError(f"{path.name}: 没有表类 {kind or '（空）'} / unknown kind; 可用 known: {known}")
    columns: list[tuple[str, str | None]] = []
    for entry in raw["columns"] or []:
        name, target = str(entry.get("header") or ""), entry.get("field") or None
        if confirmed and target is not None and target not in kinds[kind].by_name:
            raise MappingError(f"{path.name}: {kind} 没有字段 {target} / has no such field（列 {name}）")
        columns.append((name, target))
    targets = [t for _, t in columns if t]
    if confirmed and len(targets) != len(set(targets)):
        raise MappingError(f"{path.name}: 一个字段对应了两列 / one field stands for two columns")
    titled = tuple(sorted(str(code) for code in raw.get("titled") or ()))
    return SavedMapping(str(raw["signature"]), kind, confirmed, tuple(columns), titled)


def _chosen(columns: Sequence[tuple[str, str | None]]) -> dict[str, str | None]:
    seen: dict[str, int] = {}
    chosen: dict[str, str | None] = {}
    for name, target in columns:
        seen[name] = seen.get(name, 0) + 1
        chosen[f"{name}#{seen[name]}"] = target
    return chosen


def propose(sheets: Iterable[Mapping[str, Any]], kinds: Mapping[str, Kind], folder: Path) -> None:
    """Write one proposal per header; a confirmed file is left as it is, proposals of vanished headers are removed."""
    tables: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for sheet in sheets:
        if sheet["role"] != "note" and sheet["signature"]:
            tables.setdefault((sheet["signature"], sheet["kind"]), []).append(sheet)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept = {p.name: p for p in folder.glob("*.yaml")}
    written: set[str] = set()
    for (signature, _), group in tables.items():
        if any(s["saved"] for s in group):
            continue
        best = max(group, key=lambda s: (s["confidence"], s["records"]))
        name = file_name(signature, best["kind"])
        if name in kept and _is_confirmed(kept[name]):  # of another list with that header
            continue
        with whole(folder / name) as part:
            part.write_text(_text(signature, best, group), encoding="utf-8")
        written.add(name)
    for name, path in kept.items():
        if name not in written and not _is_confirmed(path):
            path.unlink()


def _is_confirmed(path: Path) -> bool:
    return re.search(r"^confirmed:\s*true\b", path.read_text(encoding="utf-8"), re.M) is not None


def _text(signature: str, best: Mapping[str, Any], group: Sequence[Mapping[str, Any]]) -> str:
    body = {
        "confirmed": False,
        "kind": best["kind"] if best["kind"] != "unknown" else None,
        "confidence": best["confidence"],
        "titled": sorted({code for s in group for code in s["titled"]}),
        "tables": [f"{s['file']} {s['sheet']}".strip() for s in group],
    }
    columns = [
        {"header": c["header"], "field": c["field"], "confidence": c["confidence"], "why": c["why"]}
        for c in best["columns"]
    ] or [{"header": h, "field": None} for h in signature.split("|")]
    lines = [yaml.safe_dump(body, allow_unicode=True, sort_keys=False, width=1000), "columns:\n"]
    lines += [
        "- " + yaml.safe_dump(c, allow_unicode=True, sort_keys=False, default_flow_style=True, width=10**6)
        for c in columns
    ]
    lines.append(yaml.safe_dump({"signature": signature}, allow_unicode=True, width=10**6))
    return _HEAD.format(kind=best["kind"]) + "".join(lines)
