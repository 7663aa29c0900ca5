"""Data that another version made are left alone, and it is said what to do."""

from __future__ import annotations

import psycopg
import pytest

from chunfeng.site import environment, postgres, versions
from chunfeng.site.environment import SetupError


@pytest.fixture
def tables(platform):
    address = psycopg.conninfo.make_conninfo(
        postgres.superuser(environment.load_secrets()), dbname=environment.DATABASE
    )
    with psycopg.connect(address, autocommit=True) as connection:
        yield connection
        connection.execute("DELETE FROM django_migrations WHERE name LIKE '9999_%'")


@pytest.mark.usefixtures("db")
def test_a_database_of_this_version_may_be_upgraded():
    versions.check()


@pytest.mark.usefixtures("db")
def test_a_database_of_a_newer_version_is_left_alone(tables):
    tables.execute(
        "INSERT INTO django_migrations (app, name, applied) VALUES ('intake', '9999_later', now())"
    )
    with pytest.raises(SetupError, match=r"intake\.9999_later.*restore"):
        versions.check()


@pytest.mark.usefixtures("db")
def test_what_an_app_that_is_gone_left_does_not_matter(tables):
    tables.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('elsewhere', '9999_x', now())")
    versions.check()


def test_data_of_another_postgresql_are_not_opened(tmp_path, monkeypatch):
    monkeypatch.setenv("CHUNFENG_DATA", str(tmp_path))
    secrets = environment.make_secrets()
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres/PG_VERSION").write_text("15\n")
    with pytest.raises(SetupError, match=r"PostgreSQL 15.*restore"):
        postgres.start(secrets)
    assert [path.name for path in (tmp_path / "postgres").iterdir()] == ["PG_VERSION"]
