"""Turning the keys: everything is readable all the time, and in the end nothing needs the old key."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, models

from chunfeng.apps.audit.models import Change
from chunfeng.apps.places.numbers import place_number
from chunfeng.apps.places.scope import use, whole_province
from chunfeng.apps.registry.models import Person, PersonFile
from chunfeng.apps.vault import files, rotation
from chunfeng.apps.vault.fields import BlindIndexField, SealedTextField
from chunfeng.apps.vault.keys import look_again

PERSONS = 5
NUMBER = "35082519900101001X"


@pytest.fixture
def persons(platform, scope_of):
    """Real rows, since the command runs in a process of its own."""
    secrets = settings.LOAD_SECRETS()
    for path in files.lying("test"):
        path.unlink()  # what other tests have damaged on purpose
    with use(scope_of("350825")):
        for n in range(1, PERSONS + 1):
            person = Person.objects.create(
                key=350825800000000 + n, county="350825", place=place_number("350825"), id18=NUMBER
            )
            PersonFile.objects.create(person=person, place=person.place, content={"n": n})
    stored = files.put("test", [b"x" * 100, b"y"])
    yield stored
    with use(whole_province("test", "test")), connection.cursor() as cursor:
        cursor.execute("DELETE FROM registry_personfile WHERE person_id > 350825800000000")
        cursor.execute("DELETE FROM registry_person WHERE key > 350825800000000")
    files.delete(stored.name)
    assert secrets.index == settings.LOAD_SECRETS().index
    look_again()


def rotate(**options):
    """The command, and what it said."""
    said = StringIO()
    call_command("rotate_keys", stdout=said, stderr=said, **options)
    return said.getvalue()


def test_keys_turn_and_the_old_one_can_go(persons):
    old = look_again().current
    with use(whole_province("test", "test")):
        changes = Change.objects.count()
    said = rotate(add=True)
    new = look_again().current
    assert new != old and f"key {old}: 0" in said
    with use(whole_province("test", "test")):
        assert [p.id18 for p in Person.objects.filter(key__gt=350825800000000)] == [NUMBER] * PERSONS
        kept = PersonFile.objects.filter(pk__gt=350825800000000)
        assert sorted(file.content["n"] for file in kept) == [1, 2, 3, 4, 5]
        assert all(set(rotation.counts(column)) <= {new} for column in rotation.columns())
        assert Change.objects.count() == changes  # no value changed
    assert files.read(persons.name) == b"x" * 100 + b"y" and rotation.file_counts().keys() <= {new}
    rotate(remove=old)
    assert old not in look_again().keys
    with pytest.raises(CommandError, match="正在使用"):
        rotate(remove=new)
    with use(whole_province("test", "test")):
        assert Person.objects.filter(key__gt=350825800000000).first().id18 == NUMBER


def test_a_key_stays_while_an_older_transaction_is_open(persons):
    """Somebody has sealed with the old key and not yet written: no count shows it, so the key must wait."""
    old = look_again().current
    wanted = connection.get_connection_params()
    wanted.pop("cursor_factory", None), wanted.pop("context", None)
    with psycopg.connect(**wanted) as other:
        other.execute("SELECT 1")  # a transaction begins, and has no number yet
        rotate(add=True)
        with pytest.raises(CommandError, match=f"{other.info.backend_pid}"):
            rotate(remove=old, wait=0.5)
        assert old in look_again().keys
        other.rollback()
        other.execute("SELECT 1")
        other.rollback()
        rotate(remove=old, wait=60.0)
    assert old not in look_again().keys


def test_a_stopped_turn_goes_on(persons, monkeypatch):
    column = next(c for c in rotation.columns() if c.name == "registry_person.id18")
    secrets = settings.LOAD_SECRETS()
    number = max(map(int, secrets.fields)) + 1
    settings.SAVE_SECRETS(
        replace(secrets, fields=secrets.fields | {str(number): "ab" * 16}, field_key=str(number))
    )
    monkeypatch.setattr(rotation, "BATCH", 2)
    with use(whole_province("test", "test")):
        all_sealed = sum(rotation.counts(column).values())  # other tests' persons may lie beneath ours
        assert all_sealed >= PERSONS and next(rotation.reseal(column)) == (2, [])
        assert rotation.counts(column)[number] == 2
    with use(whole_province("test", "test")):
        assert sum(count for count, _bad in rotation.reseal(column)) == all_sealed - 2
        assert set(rotation.counts(column)) == {number}
    rotate()
    assert rotation.file_counts().keys() <= {number}


def test_what_cannot_be_opened_is_named_and_left(persons):
    column = next(c for c in rotation.columns() if c.name == "registry_person.id18")
    key = 350825800000001
    with use(whole_province("test", "test")):
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE registry_person SET id18 = set_byte(set_byte(id18, 1, 200), 20, 1) WHERE key = %s",
                [key],
            )
        assert [bad for _count, bad in rotation.reseal(column)] == [[key]]


def test_no_binary_column_escapes_the_turn():
    """A column of bytes is sealed and turned, an index, a digest, or one of these, which are such, too."""
    others = {"audit.SealedBatch.leaves", "accounts.SignInCode.phone_index"}
    turned = {(column.model, column.field.name) for column in rotation.columns()}
    loose = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.BinaryField) and not isinstance(field, SealedTextField | BlindIndexField)
        if (model, field.name) not in turned and field.name != "digest"
    }
    assert loose <= others
