"""docs/dependencies.md speaks of every requirement and states the licence the package itself declares."""

import re
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
ROWS = {
    cells[0].lower(): cells
    for line in PAGE.splitlines()
    if line.startswith("| ") and len(cells := [cell.strip() for cell in line.strip("|\n").split("|")]) == 4
}
LEVELS = ("boot", "base", "dev", "bench")


def required(level: str) -> set[str]:
    """Names asked for in requirements/LEVEL.in, in lower case."""
    lines = (ROOT / f"requirements/{level}.in").read_text(encoding="utf-8").splitlines()
    return {re.split(r"[<>=~! ;\[]", line)[0].lower() for line in lines if line and line[0] not in "#-"}


def pinned(level: str) -> dict[str, str]:
    """Name and marker → version in requirements/LEVEL.txt."""
    text = (ROOT / f"requirements/{level}.txt").read_text(encoding="utf-8")
    return {
        name + marker: version
        for name, version, marker in re.findall(r"^([\w.-]+)==(\S+)( ;[^\\\n]*)?", text, re.M)
    }


def families(text: str) -> set[str]:
    return set(re.findall(r"\b(MIT|BSD|APACHE|MPL|LGPL|GPL|MOZILLA)", text.upper()))


@pytest.mark.parametrize("level", LEVELS)
def test_every_requirement_is_explained(level: str) -> None:
    assert required(level) - set(ROWS) == set()


def test_the_page_names_nothing_that_is_not_required() -> None:
    asked = set().union(*(required(level) for level in LEVELS))
    assert {name for name in ROWS if name != "package"} - asked == set()


@pytest.mark.parametrize("name", sorted(required("base") | required("dev")))
def test_the_licence_is_the_one_the_package_declares(name: str) -> None:
    declared = metadata.metadata(name)
    said = " ".join(
        [declared.get("License-Expression") or "", (declared.get("License") or "")[:60]]
        + [c for c in declared.get_all("Classifier") or [] if c.startswith("License")]
    )
    stated = families(ROWS[name][2])
    assert stated
    assert stated <= families(said) | ({"MPL"} if "MOZILLA" in families(said) else set())


@pytest.mark.parametrize(("lower", "upper"), [("base", "dev"), ("dev", "bench")])
def test_each_level_contains_the_one_before_with_equal_versions(lower: str, upper: str) -> None:
    assert pinned(lower).items() <= pinned(upper).items()


@pytest.mark.parametrize("level", LEVELS)
def test_every_lock_is_hashed_and_names_no_host(level: str) -> None:
    text = (ROOT / f"requirements/{level}.txt").read_text(encoding="utf-8")
    blocks = re.split(r"^(?=[\w.-]+==)", text, flags=re.M)[1:]
    assert blocks
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert re.findall(r"https?://|--index-url|--find-links|\bfile:", text) == []
