"""The scan of the repository finds what must not be published, and lets the harmless pass."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools import scan_repo

ROOT = Path(__file__).parents[2]


def kinds(text: str) -> list[str]:
    return [finding.kind for finding in scan_repo.scan_text("a.md", text)]


# The samples are put together from pieces, or this very file would be found.
@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("secret", "-----BEGIN RSA PRIVATE" + " KEY-----"),
        ("secret", "AKI" + "A" + "ABCDEFGH12345678"),
        ("secret", "gh" + "p_" + "a1" * 20),
        ("secret", "pass" + 'word = "Xk29!mmQ4z"'),
        ("secret", "DB_PASS" + "WORD: 'Xk29!mmQ4z'"),
        ("secret", "postgres:/" + "/me:hunter22@db.internal/x"),
        ("path", "open('/ho" + "me/wang/data.csv')"),
        ("path", "see /ro" + "ot/notes"),
        ("path", "file at /wo" + "rk/here"),
        ("path", "C:" + "\\Users\\wang\\data.xlsx"),
        ("registry", "https:/" + "/files.python" + "hosted.org/packages/x"),
        ("registry", "index-url = https:/" + "/pyp" + "i.org/simple"),
        ("email", "wang@" + "rst.fujian.gov.cn"),
        ("phone", "电话 1381" + "2345678。"),
        ("phone", "+86 138-1" + "234-5678"),
    ],
)
def test_a_thing_that_must_not_be_published_is_found(kind: str, text: str) -> None:
    assert kinds(text) == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "password = os.environ['CHUNFENG_DB']",
        'password = "<from the environment>"',
        "someone@example.com and bot@x.example",
        "https://www.gov.cn/home/page.html",
        "reference/workplaces and ./work/lists and //root/child in an XPath",
        "phone 16412345678 is in a range nobody was given",
        "id 35082519900101123X, row 13812345678901",
        "@pytest.mark.slow",
    ],
)
def test_a_harmless_thing_passes(text: str) -> None:
    assert kinds(text) == []


def test_a_finding_names_its_line() -> None:
    text = "one\ntwo\n" + "/ho" + "me/wang/x\nfour\n" + "/ho" + "me/wang/y"
    assert [(f.line, f.kind) for f in scan_repo.scan_text("a", text)] == [(3, "path"), (5, "path")]


def test_a_large_file_needs_a_reason(tmp_path: Path) -> None:
    (tmp_path / "big.csv").write_bytes(b"x" * (scan_repo.LARGEST + 1))
    strict, lenient = scan_repo.Settings(), scan_repo.Settings(large=("big.csv",))
    assert [f.kind for f in scan_repo.scan(tmp_path, ["big.csv"], strict)] == ["large"]
    assert scan_repo.scan(tmp_path, ["big.csv"], lenient) == []


def test_an_exception_covers_only_what_it_names(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("wang@" + "sina.com and\nli@" + "sina.com", encoding="utf-8")
    settings = scan_repo.Settings(allowed=(("email", "*.md", "wang"),))
    assert [f.text for f in scan_repo.scan(tmp_path, ["a.md"], settings)] == ["li@" + "sina.com"]


def test_an_exception_without_a_reason_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text('[[allow]]\nkind = "email"\npath = "*"\n', encoding="utf-8")
    with pytest.raises(SystemExit, match="no reason"):
        scan_repo.Settings.read(tmp_path / "s.toml")


def test_a_key_file_is_found_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "server.pem").write_bytes(b"")
    assert [f.kind for f in scan_repo.scan(tmp_path, ["server.pem"], scan_repo.Settings())] == ["secret"]


def test_a_secret_is_not_repeated_in_the_log(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("pass" + 'word = "Xk29!mmQ4z"', encoding="utf-8")
    run = subprocess.run(
        [sys.executable, ROOT / "tools/scan_repo.py", tmp_path],
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert run.returncode == 1
    assert "a.py:1: secret" in run.stdout
    assert "mmQ4z" not in run.stdout


def test_every_exception_in_use_names_a_file_that_exists() -> None:
    settings = scan_repo.Settings.read(ROOT / scan_repo.SETTINGS)
    assert [path for path in settings.large if not (ROOT / path).exists()] == []
