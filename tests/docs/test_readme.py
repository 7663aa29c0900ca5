"""What the README promises exists, in both languages."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.zh-CN.md")
PAGES = (*READMES, "CONTRIBUTING.md", "docs/architecture.md", "docs/glossary.md", "docs/dependencies.md")


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def offered() -> set[str]:
    """Every first word after ./chunfeng in its own help."""
    help_text = subprocess.run(
        [ROOT / "chunfeng", "--help"], capture_output=True, check=True, encoding="utf-8"
    ).stdout
    return set(re.findall(r"^ +\./chunfeng ([\w-]+)", help_text, re.M))


def commands(page: str) -> set[str]:
    return set(re.findall(r"\./chunfeng ([a-z][\w-]*)", text(page)))


@pytest.mark.parametrize("page", PAGES)
def test_a_command_that_is_named_is_offered(page: str) -> None:
    assert commands(page) - offered() == set()


def test_both_readmes_show_the_same_commands_in_the_same_order() -> None:
    first, second = (re.findall(r"\./chunfeng [^\n`…]+", text(page)) for page in READMES)
    assert first == second


def test_both_readmes_have_the_same_skeleton() -> None:
    marks = [[re.match(r"#+|```\w*|- \[|\| `", line) for line in text(page).splitlines()] for page in READMES]
    first, second = ([mark.group() for mark in page if mark] for page in marks)
    assert first == second


@pytest.mark.parametrize("page", PAGES)
def test_a_link_leads_to_a_file(page: str) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text(page))
    assert [link for link in links if not ((ROOT / page).parent / link).exists()] == []


def test_the_build_server_runs_the_commands_that_contributors_run() -> None:
    called = re.findall(r"^\./chunfeng .+$", text(".ci/run"), re.M)
    assert called == ["./chunfeng check", "./chunfeng test"]
