"""A table brought in as a difference: nothing more and nothing less than what changed, within both walls."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from django.db import DatabaseError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chunfeng.apps.places import bulk, outgoing
from chunfeng.apps.places.copying import text_rows
from chunfeng.apps.places.numbers import place_number
from chunfeng.apps.places.scope import NoScope, use
from chunfeng.apps.registry.models import Finding, Person
from chunfeng.apps.vault.fields import blind_index

pytestmark = pytest.mark.usefixtures("db")
COUNTY, NEIGHBOUR = "350825", "350821"
HERE = place_number(COUNTY)
IDENTITY = ["kind", "person_id", "rows"]
SCHEMA = {
    "place": pl.Int64,
    "kind": pl.String,
    "person_id": pl.Int64,
    "rows": pl.String,
    "message": pl.String,
}


@pytest.fixture
def county(scope_of):
    with use(scope_of(COUNTY)):
        yield


def findings(*rows: tuple) -> pl.DataFrame:
    return pl.DataFrame([(HERE, *row) for row in rows], schema=SCHEMA, orient="row")


def bring(*rows: tuple) -> dict[str, int]:
    return bulk.replace(Finding, findings(*rows), {"county": COUNTY}, IDENTITY)


def kept() -> list[tuple]:
    return sorted(
        Finding.objects.filter(county=COUNTY).values_list("kind", "person_id", "rows", "message"),
        key=repr,
    )


def test_what_is_gone_goes_what_changed_changes_what_is_new_comes(county):
    assert bring(("a", 1, "r", "m"), ("b", None, "r", "m"), ("c", 1, "r", "m"))["inserted"] == 3
    ids = dict(Finding.objects.values_list("kind", "pk"))
    counts = bring(("b", None, "r", "m"), ("c", 1, "r", "other"), ("d", 2, "r", "m"))
    assert counts == {"inserted": 1, "updated": 1, "deleted": 1, "unchanged": 1}
    after = dict(Finding.objects.values_list("kind", "pk"))
    assert {k: after[k] for k in "bc"} == {k: ids[k] for k in "bc"}, "rows that stay are the same rows"
    assert bring() == {"inserted": 0, "updated": 0, "deleted": 3, "unchanged": 0}


texts = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=6
) | st.sampled_from(["", "\\N", "\\.", "\n\\.\n", "\t", "\\", "\r\n", "'", '"', "=1+1", "<script>", "\x01"])
rows = st.lists(
    st.tuples(
        st.sampled_from(["a", "b"]), st.sampled_from([None, 1, 2]), texts, st.sampled_from(["m", "n\t"])
    ),
    max_size=8,
)


@given(first=rows, second=rows)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_comes_is_what_is_there_also_twice(county, first, second):
    for wanted in (first, second):
        counts = bring(*wanted)
        assert kept() == sorted(wanted, key=repr)
        assert counts["inserted"] + counts["updated"] + counts["unchanged"] == len(wanted)
        again = bring(*wanted)
        assert again == {"inserted": 0, "updated": 0, "deleted": 0, "unchanged": len(wanted)}


def person(number: int, **fields) -> dict:
    return {
        "key": int(COUNTY) * 10**9 + number, "place": HERE, "hukou_place": None, "stay_place": None, "name": f"人{number}",
        "pinyin": "ren", "initials": "r", "sex": "1", "birth": date(1990, 1, 1), "id18": f"35082519900101{number:04d}",
        "id18_mask": "", "phone": None, "phone_mask": "", "education": "", "hukou_kind": "", "hukou_region": "",
        "stay_region": "", "departments": ["公安", 'a"b\\c,{}', ""], "rows": 1, "categories": [], "open_categories": [],
        "targets": ["T01"], "findings": 0, "doubts": 0, "gone": None,
    } | fields  # fmt: skip


def people(*numbers: int, **fields) -> dict[str, int]:
    lists = ("departments", "categories", "open_categories", "targets")
    schema = dict.fromkeys(lists, pl.List(pl.String)) | {
        "phone": pl.String,
        "gone": pl.Date,
        "stay_place": pl.Int64,
    }
    frame = pl.DataFrame(
        [person(n, **fields) for n in numbers], schema_overrides=schema | {"hukou_place": pl.Int64}
    )
    return bulk.replace(Person, frame, {"county": COUNTY}, ["key"], gone={"gone": date(2023, 2, 1)})


def raw(key: int) -> bytes:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT id18 FROM registry_person WHERE key = %s", [key])
        return bytes(cursor.fetchone()[0])


def test_sealed_columns_are_sealed_indexed_and_left_alone_while_equal(county):
    people(1, 2)
    key = person(1)["key"]
    found = Person.objects.get(id18_index=blind_index("id18", person(1)["id18"]))
    assert (found.key, found.id18, found.departments) == (key, person(1)["id18"], person(1)["departments"])
    sealed = raw(key)
    assert person(1)["id18"].encode() not in sealed
    counts = people(1, 2, name="改名", phone="16012345678")
    assert counts["updated"] == 2 and raw(key) == sealed
    found.refresh_from_db()
    assert (found.name, found.phone, found.id18) == ("改名", "16012345678", person(1)["id18"])
    people(1, 2, id18="350825199001019999")
    assert raw(key) != sealed
    found.refresh_from_db()
    assert (found.id18, found.phone, found.phone_index) == ("350825199001019999", None, None)


def test_persons_who_are_gone_stay_and_may_come_back(county):
    people(1, 2)
    assert people(1) == {"inserted": 0, "updated": 0, "deleted": 1, "unchanged": 1}
    assert people(1)["deleted"] == 0, "gone once"
    assert Person.objects.get(gone=date(2023, 2, 1)).key == person(2)["key"]
    assert people(1, 2) == {"inserted": 0, "updated": 1, "deleted": 0, "unchanged": 1}
    assert not Person.objects.exclude(gone=None).exists()


def test_a_text_longer_than_its_column_is_cut_and_counted(county):
    counts = bulk.replace(Finding, findings(("k" * 50, 1, "r", "m" * 5000)), {"county": COUNTY}, IDENTITY)
    assert counts["shortened"] == 1
    assert kept() == [("k" * 39 + "…", 1, "r", "m" * 5000)]


def test_no_wall_is_passed(scope_of):
    with pytest.raises(NoScope):
        bring(("a", 1, "r", "m"))
    with use(scope_of(NEIGHBOUR)):
        with pytest.raises(DatabaseError), transaction.atomic():
            bring(("a", 1, "r", "m"))
        mine = findings(("a", 1, "r", "m")).with_columns(place=pl.lit(place_number(NEIGHBOUR)))
        bulk.replace(Finding, mine, {"county": NEIGHBOUR}, IDENTITY)
    with use(scope_of(COUNTY)):
        assert bring() == {"inserted": 0, "updated": 0, "deleted": 0, "unchanged": 0}
    with use(scope_of(NEIGHBOUR)):
        assert Finding.objects.count() == 1


def test_batches_and_one_frame_come_to_the_same(county, monkeypatch):
    monkeypatch.setattr(bulk, "BATCH", 2)
    wanted = [(kind, number, "r", "m") for kind in "abc" for number in (1, 2, 3)]
    frames = (findings(*wanted[i : i + 4]) for i in range(0, 9, 4))
    assert bulk.replace(Finding, frames, {"county": COUNTY}, IDENTITY)["inserted"] == 9
    assert kept() == sorted(wanted, key=repr)
    with pytest.raises(ValueError, match="no frame"):
        bulk.replace(Finding, iter(()), {"county": COUNTY}, IDENTITY)


def test_text_form():
    frame = pl.DataFrame({"a": ["x\ty", None, ""], "b": [['q"', "\\"], [], None], "c": [True, None, False]})
    assert text_rows(frame).decode() == ('x\\ty\t{"q\\\\"","\\\\\\\\"}\ttrue\n\\N\t{}\t\\N\n\t\\N\tfalse\n')


def test_rows_of_one_place_lie_together_whatever_order_they_came_in(county):
    places = [HERE + n for n in (3, 1, 2, 1, 3, 2)]
    rows = [(place, "a", None, f"r{n}", "m") for n, place in enumerate(places)]
    bulk.replace(Finding, pl.DataFrame(rows, SCHEMA, orient="row"), {"county": COUNTY}, IDENTITY)
    there = list(Finding.objects.order_by("pk").values_list("place", "rows"))
    assert there == sorted((place, said) for place, _kind, _person, said, _message in rows)


def test_only_what_changed_is_sealed_anew():
    fields = {f.column: f for f in Person._meta.concrete_fields if f.column in ("key", "id18", "id18_index")}
    frame = pl.DataFrame({"key": [1, 2, 3], "id18": ["a", "b", None]})
    indexes = outgoing.Outgoing(Person, fields, {}, ()).text(frame, None).decode().splitlines()
    known = [line.rsplit("\\\\x", 1)[1] for line in indexes[:2]]
    kept = pl.DataFrame({"key": [1, 2], "id18_index_kept": [known[0], "other"]})
    first, second, third = outgoing.Outgoing(Person, fields, {}, ()).text(frame, kept).decode().splitlines()
    assert first.split("\t") == ["0", "1", "\\N", f"\\\\x{known[0]}"]
    assert second.split("\t")[2].startswith("\\\\x") and third.split("\t")[2:] == ["\\N", "\\N"]
