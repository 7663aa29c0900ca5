"""What is set up as a server never makes a database of its own by mistake."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

ENV = """\
CHUNFENG_DATA={folder}
CHUNFENG_HOSTS=cf.example.gov.cn
DATABASE_URL=postgresql://web:x@db.example.cn/chunfeng?sslmode=verify-full&sslrootcert=/etc/ca.crt
"""


@pytest.mark.parametrize(
    "command", [("setup",), ("serve",), ("work",), ("officer", "zhang", "--name", "张三")]
)
def test_a_url_cut_off_by_the_shell_is_noticed(tmp_path, command):
    (tmp_path / "env").write_text(ENV.format(folder=tmp_path / "data"), encoding="utf-8")
    bare = {
        name: value for name, value in os.environ.items() if not name.startswith(("CHUNFENG_", "DATABASE_"))
    }
    line = f'set -a; . {tmp_path}/env; exec "$@"'
    done = subprocess.run(
        ("sh", "-c", line, "sh", sys.executable, "-m", "chunfeng", *command),
        env=bare,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert "DATABASE_URL" in done.stderr and "引号" in done.stderr
    assert not (tmp_path / "data").exists()
