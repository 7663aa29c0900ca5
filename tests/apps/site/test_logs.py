"""The log: one object a line, which requests there were, and nothing personal."""

from __future__ import annotations

import json
import logging

from django.db import IntegrityError, connection, transaction
from django.test import Client

from chunfeng.site.logs import JsonLine, harmless

NAME, ID, PHONE = "林小春", "35082519900101001X", "16012345678"


def lines(caplog) -> list[dict]:
    return [json.loads(JsonLine().format(record)) for record in caplog.records]


def test_a_request_is_one_line_without_what_was_asked_for(client_as, caplog):
    client = client_as("county_clerk")
    with caplog.at_level(logging.INFO, "chunfeng.request"):
        client.get("/registry/", {"q": NAME})
        client.post("/registry/", {"q": ID})
    told = [line for line in lines(caplog) if line["logger"] == "chunfeng.request"]
    assert [line["method"] for line in told] == ["GET", "POST"]
    assert all(line["path"] == "/registry/" and line["user"] == client.user.pk for line in told)
    assert all(
        line["role"] == "county_clerk" and line["milliseconds"] > 0 and line["request_id"] for line in told
    )
    assert not any(word in json.dumps(told, ensure_ascii=False) for word in (NAME, ID))


def test_a_monitor_leaves_no_lines(db, caplog):
    with caplog.at_level(logging.INFO, "chunfeng.request"):
        Client().get("/health")
    assert [line for line in lines(caplog) if line["logger"] == "chunfeng.request"] == []


def test_values_that_the_database_quotes_are_left_out(db, caplog):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE t (name text PRIMARY KEY) ON COMMIT DROP")
        try:
            with transaction.atomic():
                cursor.execute("INSERT INTO t VALUES (%s), (%s)", [NAME, NAME])
        except IntegrityError as error:
            said = str(error)
            logging.getLogger("x").exception("not saved for %s, %s", ID, PHONE)
    line = lines(caplog)[-1]
    assert NAME in said
    assert "duplicate key" in line["error"] and "Traceback" in line["error"]
    assert not any(word in json.dumps(line, ensure_ascii=False) for word in (NAME, ID, PHONE))


def test_short_numbers_stay():
    assert harmless("run 42 of 350825 on 2023-01-15") == "run 42 of 350825 on 2023-01-15"
