"""Events are sealed in a chain that shows every change, whatever order their transactions end in."""

from __future__ import annotations

from io import StringIO
from itertools import pairwise

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from chunfeng.apps.audit import seals
from chunfeng.apps.audit.models import SealedBatch
from chunfeng.apps.audit.verify import verify
from chunfeng.site import environment, postgres

INSERT = (
    "INSERT INTO audit_event (at, role, low, high, action, purpose, kind, key, person, reason, details, address, request)"
    " VALUES (now(), 'test', 1, 2, 'view', '', 'seal test', %s, '', '', '{\"a\": 1.50, \"名\": [null, true]}', '', '')"
    " RETURNING id"
)


_SCOPE = (
    "SELECT set_config('app.low', '1', false), set_config('app.high', '2', false),"
    " set_config('app.actor', 'test', false)"
)


def connect(autocommit=False):
    database = settings.DATABASES["default"]
    opened = psycopg.connect(
        host=database["HOST"],
        user=database["USER"],
        password=database["PASSWORD"],
        dbname=database["NAME"],
        autocommit=True,
    )
    opened.execute(_SCOPE)
    opened.autocommit = autocommit
    return opened


def as_superuser(statement, *parameters):
    """What an intruder with every right could do."""
    address = psycopg.conninfo.make_conninfo(
        postgres.superuser(environment.load_secrets()), dbname=settings.DATABASES["default"]["NAME"]
    )
    with psycopg.connect(address, autocommit=True) as intruder:
        intruder.execute("SET session_replication_role = replica")
        return intruder.execute(statement, parameters).rowcount


@pytest.fixture
def writer(platform):
    with connect(autocommit=True) as open_connection:
        yield open_connection
    connection.close()


@pytest.fixture
def sealed(writer):
    """Five events of this test, sealed and sound; whatever is done to them is undone afterwards."""
    seals.seal()
    ids = [writer.execute(INSERT, [str(n)]).fetchone()[0] for n in range(5)]
    batch = seals.seal()[-1]
    assert batch.count >= 5 and verify().sound
    yield ids
    report = verify()
    assert report.sound, report


def test_a_sealed_chain_is_sound_and_names_its_head(sealed):
    report = verify()
    head = SealedBatch.objects.order_by("-pk").first()
    assert report.head == head.digest and report.unsealed == 0
    assert verify(head.digest).sound
    assert not verify("ab" * 32).sound


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("action", "'x'"),
        ("at", "at - interval '1 second'"),
        ("actor", "7"),
        ("details", "'{}'"),
        ("person", "'9'"),
    ],
)
def test_a_changed_event_is_named(sealed, column, value):
    as_superuser(f"CREATE TABLE kept AS SELECT * FROM audit_event WHERE id = {sealed[2]}")
    as_superuser(f"UPDATE audit_event SET {column} = {value} WHERE id = %s", sealed[2])
    report = verify()
    as_superuser(f"UPDATE audit_event e SET {column} = kept.{column} FROM kept WHERE e.id = kept.id")
    as_superuser("DROP TABLE kept")
    assert report.changed == [sealed[2]] and not report.sound


def test_a_missing_event_is_named(sealed):
    as_superuser(f"CREATE TABLE kept AS SELECT * FROM audit_event WHERE id = {sealed[0]}")
    as_superuser("DELETE FROM audit_event WHERE id = %s", sealed[0])
    report = verify()
    as_superuser("INSERT INTO audit_event SELECT * FROM kept")
    as_superuser("DROP TABLE kept")
    assert report.missing == [sealed[0]] and not report.sound


def test_an_event_slipped_in_among_old_ones_is_named(sealed):
    as_superuser("DELETE FROM audit_event WHERE id = -5")
    as_superuser(
        'INSERT INTO audit_event SELECT (jsonb_populate_record(e, \'{"id": -5, "at": "2022-01-01T00:00:00Z"}\')).*'
        " FROM audit_event e WHERE id = %s",
        sealed[0],
    )
    report = verify()
    as_superuser("DELETE FROM audit_event WHERE id = -5")
    assert report.slipped == [-5] and not report.sound


def test_a_batch_cannot_be_taken_out_or_written_over(sealed, writer):
    first = SealedBatch.objects.order_by("pk").first()
    as_superuser(f"CREATE TABLE kept AS SELECT * FROM audit_sealedbatch WHERE id = {first.pk}")
    as_superuser("DELETE FROM audit_sealedbatch WHERE id = %s", first.pk)
    gone = verify()
    as_superuser("INSERT INTO audit_sealedbatch SELECT * FROM kept")
    as_superuser("DROP TABLE kept")
    assert gone.broken and not gone.sound
    for statement in (
        "UPDATE audit_sealedbatch SET count = 0",
        "DELETE FROM audit_event",
        "UPDATE audit_change SET actor = ''",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            writer.execute(statement)


def test_an_end_cut_off_is_told_by_the_head_noted_down(sealed):
    """Nothing within a chain can know how it went on: the head that a monitor keeps elsewhere does (site.health)."""
    last = SealedBatch.objects.order_by("-pk").first()
    head, ids = last.digest, ",".join(str(n) for r in last.ids for n in range(r.lower, r.upper))
    as_superuser(f"CREATE TABLE kept_batch AS SELECT * FROM audit_sealedbatch WHERE id = {last.pk}")
    as_superuser(f"CREATE TABLE kept AS SELECT * FROM audit_event WHERE id IN ({ids})")
    as_superuser("DELETE FROM audit_sealedbatch WHERE id = %s", last.pk)
    as_superuser(f"DELETE FROM audit_event WHERE id IN ({ids})")
    blind, told = verify(), verify(head)
    as_superuser("INSERT INTO audit_event SELECT * FROM kept")
    as_superuser("INSERT INTO audit_sealedbatch SELECT * FROM kept_batch")
    as_superuser("DROP TABLE kept, kept_batch")
    assert blind.sound and not told.head_found and not told.sound
    assert verify(head).sound


def test_what_is_still_open_is_not_sealed_and_what_comes_late_is_not_lost(writer):
    """A writes first and commits last: its smaller id becomes visible after a greater one."""
    seals.seal()
    with connect() as slow, connect() as quick:
        late = slow.execute(INSERT, ["slow"]).fetchone()[0]
        early = quick.execute(INSERT, ["quick"]).fetchone()[0]
        quick.commit()
        assert late < early
        assert not any(r.lower <= early < r.upper for batch in seals.seal() for r in batch.ids)
        report = verify()
        assert report.sound and report.unsealed == 1
        slow.commit()
    held = [key for batch in seals.seal() for r in batch.ids for key in range(r.lower, r.upper)]
    assert {late, early} <= set(held)
    assert verify().sound and verify().unsealed == 0


def test_an_event_that_appears_below_a_sealed_one_goes_into_a_later_batch(writer):
    """Between taking its id and its transaction number an insert is seen by no snapshot: leave such a hole on purpose."""
    seals.seal()
    hole = writer.execute("SELECT nextval(pg_get_serial_sequence('audit_event', 'id'))").fetchone()[0]
    above = writer.execute(INSERT, ["above"]).fetchone()[0]
    assert above > hole and seals.seal()[-1].last == above
    as_superuser(INSERT.replace("(at,", "(id, at,").replace("(now(),", f"({hole}, now(),"), "late")
    assert verify().sound and verify().unsealed == 1
    batch = seals.seal()[-1]
    assert batch.first == batch.last == hole
    assert verify().sound


def test_two_sealers_do_not_disturb_each_other(writer):
    writer.execute(INSERT, ["one"])
    with connect() as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [seals._LOCK])
        assert seals.seal() == []
    assert seals.seal() and verify().sound


def test_the_command_fails_on_damage(sealed):
    said = StringIO()
    call_command("audit_verify", stdout=said)
    assert "链头" in said.getvalue()
    as_superuser("UPDATE audit_event SET purpose = '改' WHERE id = %s", sealed[1])
    with pytest.raises(CommandError, match="损坏"):
        call_command("audit_verify", stdout=said)
    as_superuser("UPDATE audit_event SET purpose = '' WHERE id = %s", sealed[1])
    assert str(sealed[1]) in said.getvalue()


@given(st.sets(st.integers(0, 300)))
def test_ranges_say_the_same_as_the_numbers(numbers):
    ranges = seals.as_ranges(sorted(numbers))
    assert [n for low, high in ranges for n in range(low, high + 1)] == sorted(numbers)
    assert all(b[0] > a[1] + 1 for a, b in pairwise(ranges))
