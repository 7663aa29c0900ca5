"""The glossary is complete, unambiguous, and kept by the code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src/chunfeng"
HEADING = ["中文", "in code", "meaning", "not"]


def glossary_rows() -> list[list[str]]:
    """The cells of every term, table headings left out."""
    lines = (ROOT / "docs/glossary.md").read_text(encoding="utf-8").splitlines()
    cells = [
        [cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines if line[:1] == "|"
    ]
    return [row for row in cells if row != HEADING and set(row[0]) != {"-"}]


def _names(cell: str) -> list[str]:
    return re.findall(r"[a-z0-9_]+", re.sub(r"\([^)]*\)", "", cell))


def _forbidden() -> dict[tuple[str, ...], str]:
    """Words of a forbidden name, in order → the name to use."""
    return {
        words_of(name): row[1]
        for row in glossary_rows()
        for name in (part.strip() for part in row[3].split(","))
        if name
    }


def words_of(name: str) -> tuple[str, ...]:
    """`HukouType`, `hukou_types` → ('hukou', 'type'): plural and case make no difference."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)
    return tuple(
        word.lower()[:-1] if len(word) > 3 and word.endswith("s") else word.lower() for word in words
    )


def forbidden_in(name: str) -> str | None:
    """The name to use instead, if this one contains words the glossary forbids."""
    words = words_of(name)
    for forbidden, instead in _forbidden().items():
        length = len(forbidden)
        if any(words[i : i + length] == forbidden for i in range(len(words) - length + 1)):
            return instead
    return None


def public_names() -> Iterator[tuple[str, str]]:
    """(place, name) of every module, data file, public class and public function of the product."""
    for path in sorted(SOURCE.rglob("*")):
        place = path.relative_to(ROOT).as_posix()
        if "__pycache__" in place or path.name.startswith("_"):
            continue
        if path.is_dir() or path.suffix in {".py", ".yaml", ".csv", ".json", ".geojson", ".parquet"}:
            yield place, path.name.split(".")[0]
        if path.suffix == ".py":
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                named = isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
                if named and not node.name.startswith("_"):
                    yield f"{place}:{node.lineno}", node.name


def test_every_row_has_four_cells_and_a_meaning() -> None:
    assert [row for row in glossary_rows() if len(row) != 4 or not (row[0] and row[1] and row[2])] == []


def test_it_holds_the_words_of_the_field() -> None:
    rows = glossary_rows()
    assert len(rows) >= 80
    must = {
        "春风行动",
        "四清",
        "就业困难人员",
        "登记失业",
        "脱贫人口",
        "公益性岗位",
        "返岗",
        "户籍",
        "零就业家庭",
        "低保",
    }
    assert must - {term.strip() for row in rows for term in row[0].split("·")} == set()


def test_a_chinese_term_stands_once() -> None:
    terms = [term.strip() for row in glossary_rows() for term in row[0].split("·")]
    assert {term for term in terms if terms.count(term) > 1} == set()


def test_an_english_name_stands_for_one_term() -> None:
    names = [name for row in glossary_rows() for name in _names(row[1])]
    assert {name for name in names if names.count(name) > 1} == set()


def test_no_name_is_both_used_and_forbidden() -> None:
    assert {
        name: forbidden_in(name) for row in glossary_rows() for name in _names(row[1]) if forbidden_in(name)
    } == {}


@pytest.mark.parametrize(
    "name", ["dibao_members", "HukouType", "list_hukou_types", "labor_lending", "is_zero_job_household"]
)
def test_a_forbidden_name_is_noticed_in_any_dress(name: str) -> None:
    assert forbidden_in(name)


@pytest.mark.parametrize("name", ["hukou_kind", "minimum_living_allowance", "collaborate", "labour_lending"])
def test_a_proper_name_passes(name: str) -> None:
    assert forbidden_in(name) is None


def test_no_public_name_uses_a_forbidden_word() -> None:
    offences = [
        f"{place}: {name} → use {instead}"
        for place, name in public_names()
        if (instead := forbidden_in(name)) is not None
    ]
    assert offences == [], "see docs/glossary.md"
