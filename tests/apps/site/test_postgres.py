"""The embedded server: its caches follow the machine."""

from __future__ import annotations

import os

import psycopg
import pytest
from django.db import connection

from chunfeng.site import environment, serving

pytestmark = pytest.mark.usefixtures("db")


def test_caches_are_a_share_of_the_memory_within_bounds():
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_size_bytes(current_setting('shared_buffers')), pg_size_bytes(current_setting('temp_buffers'))"
        )
        own, temporary = cursor.fetchone()
    assert 128 * 2**20 <= own <= 2 * 2**30
    assert own <= max(memory / 8, 128 * 2**20)
    assert temporary >= 64 * 2**20


def test_the_log_of_the_server_holds_no_values():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('log_min_error_statement'), current_setting('log_error_verbosity')"
        )
        assert cursor.fetchone() == ("panic", "terse")


def test_a_page_waits_for_nothing_longer_than_its_proxy_does(monkeypatch):
    monkeypatch.setenv("PGOPTIONS", serving.LIMITS)
    with psycopg.connect(environment.conninfo(environment.WEB_ROLE, environment.load_secrets())) as page:
        limits = page.execute(
            "SELECT current_setting('lock_timeout'), current_setting('statement_timeout')"
        ).fetchone()
    assert limits == ("30s", "100s")
