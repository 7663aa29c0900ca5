"""Columns sealed at once are what the fields make of each value."""

from __future__ import annotations

import json

import polars as pl

from chunfeng.apps.registry.models import Person, PersonFile
from chunfeng.apps.vault.columns import blind_indexes, sealed
from chunfeng.apps.vault.fields import blind_index

TEXTS = ["350825199001011234", "", None, "春风", "x" * 300]


def test_indexes_are_those_of_the_field():
    found = blind_indexes("id18", pl.Series("x", TEXTS))
    assert found.name == "x"
    assert found.to_list() == [blind_index("id18", t).hex() if t else None for t in TEXTS]
    many = pl.Series([str(n) for n in range(30_000)])
    assert blind_indexes("phone", many)[29_999] == blind_index("phone", "29999").hex()


def test_sealed_values_open_as_the_fields_do():
    field = Person._meta.get_field("id18")
    found = sealed(pl.Series(TEXTS), field.bound_to)
    opened = [None if h is None else field.from_db_value(bytes.fromhex(h), None, None) for h in found]
    assert opened == [t or None for t in TEXTS]
    field = PersonFile._meta.get_field("content")
    content = {"values": [{"field": "name", "value": "春风"}]}
    (one,) = sealed(pl.Series([json.dumps(content)]), field.bound_to, compressed=True)
    assert field.from_db_value(bytes.fromhex(one), None, None) == content
