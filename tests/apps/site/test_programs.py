"""Programs of PostgreSQL are chosen by what the server speaks, and newer SQL is fitted to older servers."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunfeng.site import environment, postgres, programs
from chunfeng.site.environment import OWNER_ROLE, SetupError

HEAD = b"""--
-- PostgreSQL database dump
--

\\restrict aB3xyz

SET statement_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';

CREATE TABLE public.t (a text);
"""
END = b"""
--
-- PostgreSQL database dump complete
--

\\unrestrict aB3xyz

"""


def _installed(folder: Path, name: str, version: str) -> str:
    """An installed program as far as the choice goes: it tells its version."""
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def _ours(name: str) -> str:
    return str(Path(postgres.binaries()) / name)


def test_the_embedded_server_has_its_own_programs(platform, tmp_path, monkeypatch):
    _installed(tmp_path, "pg_dump", "99.1")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    own = environment.conninfo(OWNER_ROLE, environment.load_secrets())
    assert programs.for_server("pg_dump", own) == _ours("pg_dump")


def test_a_server_by_url_is_reached_with_the_machines_program(platform, tmp_path, monkeypatch):
    own = environment.conninfo(OWNER_ROLE, environment.load_secrets())
    machines = _installed(tmp_path, "pg_dump", f"{programs.version_of(own)}.1 (Debian 12)")
    monkeypatch.setenv("DATABASE_URL", "postgresql://somewhere/else")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert programs.for_server("pg_dump", own) == machines


def test_a_program_older_than_the_server_is_not_taken(tmp_path, monkeypatch):
    _installed(tmp_path, "pg_dump", "15.18")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert programs.program("pg_dump", 16, encrypted=False) == _ours("pg_dump")
    assert programs.program("pg_dump", 15, encrypted=False) == str(tmp_path / "pg_dump")


def test_where_no_program_will_do_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SetupError, match="postgresql-client"):
        programs.program("pg_dump", 15, encrypted=True)
    with pytest.raises(SetupError, match="99"):
        programs.program("pg_dump", 99, encrypted=False)


def _fitted(sql: bytes, server: int) -> bytes:
    return b"".join(programs.fitted(io.BytesIO(sql), server))


@given(st.binary(max_size=3_000))
def test_only_what_an_older_server_does_not_know_is_left_out(data):
    body = b"COPY public.t (a) FROM stdin;\n" + data + b"\n\\.\n"
    old, new = _fitted(HEAD + body + END, 15), _fitted(HEAD + body + END, 17)
    assert body in old and body in new
    assert b"transaction_timeout" not in old.replace(data, b"")
    assert b"SET transaction_timeout = 0;" in new
    for sql in (old, new):
        assert sql.count(b"restrict aB3xyz") == data.count(b"restrict aB3xyz")


def test_sql_without_marks_stays_as_it_is():
    plain = HEAD.replace(b"\\restrict aB3xyz\n", b"") + b"x" * 5_000
    assert _fitted(plain, 18) == plain
