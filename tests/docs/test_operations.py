"""The page on running the platform: its files and commands do what they are said to, read by the shell that reads them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from chunfeng.site import environment, health

PAGE = (Path(__file__).parents[2] / "docs/operations.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.S)
SHELL = [text for language, text in BLOCKS if language == "sh"]
FILES = [text for text in SHELL if re.match(r"[A-Z_]+=", text)]


def test_there_are_both_files_of_the_environment():
    assert len(FILES) == 2


@pytest.mark.parametrize("content", FILES)
def test_the_shell_takes_every_setting_whole(content, tmp_path):
    """As `as` reads them; systemd takes single quotes off as well."""
    file = tmp_path / "env"
    file.write_text(content, encoding="utf-8")
    names = re.findall(r"^([A-Z_]+)=", content, re.M)
    script = f'set -ae; . {file}; for name in {" ".join(names)}; do eval echo \\"\\$$name\\"; done'
    done = subprocess.run(("sh", "-c", script), capture_output=True, text=True, check=True)
    told = dict(zip(names, done.stdout.splitlines(), strict=True))
    for name, value in re.findall(r"^([A-Z_]+)=(.*)$", content, re.M):
        assert told[name] == value.strip("'")
    for url in (value for name, value in told.items() if name.endswith("_URL")):
        settings = environment.from_url(url)
        assert (
            settings and "sslmode=verify-full" in settings and "sslrootcert=/etc/chunfeng/ca.crt" in settings
        )


@pytest.mark.parametrize("script", [text for text in SHELL if text not in FILES])
def test_commands_are_shell(script):
    subprocess.run(("bash", "-n"), input=script, text=True, check=True, capture_output=True)


def test_every_alarm_of_the_health_page_is_explained():
    source = Path(health.__file__).read_text(encoding="utf-8")
    alarms = set(re.findall(r'"((?:no|jobs|audit|disk)(?: [a-z]+)*)"', source)) & set(
        re.findall(r"`([a-z ]+)`", PAGE)
    )
    assert {"no worker", "jobs late", "jobs stalled", "audit not sealed", "disk"} <= alarms


def test_every_variable_that_the_platform_asks_for_is_in_the_table():
    asked = set()
    for path in (Path(environment.__file__).parents[1]).rglob("*.py"):
        asked |= set(
            re.findall(r'environ(?:\.get\(|\[)"((?:CHUNFENG|DATABASE)_\w+)"', path.read_text("utf-8"))
        )
    told = set(re.findall(r"\| `((?:CHUNFENG|DATABASE)_\w+)(?:=1)?` \|", PAGE))
    assert asked - told <= {"CHUNFENG_AS_OWNER", "CHUNFENG_DATABASE"}, asked - told  # for our own use
