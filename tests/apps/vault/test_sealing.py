"""What is sealed opens again, in its own column only, and not when anything was changed."""

from __future__ import annotations

import os

import pytest
from django.core.exceptions import FieldError
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from chunfeng.apps.places.numbers import place_number
from chunfeng.apps.places.scope import use
from chunfeng.apps.registry.models import Person, PersonFile
from chunfeng.apps.vault.fields import blind_index
from chunfeng.apps.vault.keys import Ring
from chunfeng.apps.vault.sealing import Unreadable, seal, unseal

OLD, NEW = os.urandom(16), os.urandom(16)
RING = Ring({1: OLD}, 1, os.urandom(32))
TURNED = Ring({1: OLD, 2: NEW}, 2, RING.index)


@given(st.text())
def test_there_and_back(text):
    assert unseal(seal(text, "t.c", RING), "t.c", RING) == text


@given(st.text(min_size=1), st.integers(min_value=0), st.integers(1, 255))
def test_any_changed_byte_is_noticed(text, place, flip):
    sealed = bytearray(seal(text, "t.c", RING))
    sealed[place % len(sealed)] ^= flip
    with pytest.raises(Unreadable):
        unseal(bytes(sealed), "t.c", RING)


def test_a_value_moved_to_another_column_does_not_open():
    with pytest.raises(Unreadable):
        unseal(seal("350825", "t.a", RING), "t.b", RING)


def test_a_turned_ring_still_opens_the_old():
    assert unseal(seal("x", "t.c", RING), "t.c", TURNED) == "x"
    assert seal("x", "t.c", TURNED)[1] == 2
    with pytest.raises(Unreadable, match="not on the ring"):
        unseal(seal("x", "t.c", TURNED), "t.c", RING)


def test_equal_texts_seal_differently():
    assert seal("x", "t.c", RING) != seal("x", "t.c", RING)


@pytest.mark.usefixtures("db")
def test_the_database_holds_no_plain_text(scope_of):
    number = "35082519900101001X"
    with use(scope_of("350825")):
        person = Person.objects.create(key=1, county="350825", place=place_number("350825"), id18=number)
        PersonFile.objects.create(person=person, place=person.place, content={"values": [{"value": number}]})
        with connection.cursor() as cursor:
            cursor.execute("SELECT p::text, f::text FROM registry_person p, registry_personfile f")
            stored = "".join(cursor.fetchone())
        assert number not in stored
        assert number.encode().hex() not in stored
        assert Person.objects.get(id18_index=blind_index("id18", number)).id18 == number
        assert PersonFile.objects.get().content == {"values": [{"value": number}]}
        with pytest.raises(FieldError, match="blind index"):
            Person.objects.filter(id18=number).exists()
