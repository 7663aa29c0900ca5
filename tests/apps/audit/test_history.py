"""The trigger: what changed, by whom; nothing changed without a name."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from chunfeng.apps.accounts.models import Membership
from chunfeng.apps.audit import history, selectors
from chunfeng.apps.audit.models import Change
from chunfeng.apps.places.models import Organisation
from chunfeng.apps.places.numbers import place_number
from chunfeng.apps.places.scope import use
from chunfeng.apps.registry.models import Person

pytestmark = pytest.mark.usefixtures("db")
LIANCHENG, CHANGTING = "350825", "350821"


@pytest.fixture
def person(scope_of):
    with use(scope_of(LIANCHENG)):
        return Person.objects.create(
            key=350825900000001,
            county=LIANCHENG,
            place=place_number(LIANCHENG),
            name="林小春",
            id18="35082519900101001X",
        )


def test_what_changed_is_kept_old_and_new(person, scope_of):
    with use(scope_of(LIANCHENG, actor=7)):
        Person.objects.filter(pk=person.pk).update(name="林春", sex="2")
        (change,) = selectors.history("registry_person", person.pk)
    assert change.changes == {"name": ["林小春", "林春"], "sex": ["", "2"]}
    assert (change.actor, change.action, change.place) == ("7", "update", person.place)


def test_of_a_sealed_value_only_that_it_changed(person, scope_of):
    with use(scope_of(LIANCHENG, actor=7)):
        person.id18 = "350825199001010028"
        person.save()
        (change,) = selectors.history("registry_person", person.pk)
        assert change.changes == {"id18": "changed"}
        person.save()  # sealed anew, the same value
        assert len(selectors.history("registry_person", person.pk)) == 1


def test_many_rows_in_one_statement(person, scope_of):
    with use(scope_of(LIANCHENG)):
        for n in range(2, 6):
            Person.objects.create(key=person.pk + n, county=LIANCHENG, place=person.place, name=str(n))
        Person.objects.filter(key__gt=person.pk).update(name="同")
        keys = [str(person.pk + n) for n in range(2, 6)]
        assert Change.objects.filter(table="registry_person", key__in=keys).count() == 4
        Person.objects.filter(pk=person.pk + 2).delete()
        gone = Change.objects.get(action="delete", key__in=keys)
    assert gone.key == str(person.pk + 2) and gone.changes["name"] == "同" and gone.actor == "test"


def test_what_was_unknown_and_what_looks_like_code_is_kept_as_it_was(person, scope_of):
    odd = "a\"b\\c{}, %s\n%1$I 'x'"
    with use(scope_of(LIANCHENG, actor=7)):
        Person.objects.filter(pk=person.pk).update(name=odd, birth=date(1990, 1, 1), departments=["甲", odd])
        (change,) = selectors.history("registry_person", person.pk)
        Person.objects.filter(pk=person.pk).update(birth=None)
        birth = Change.objects.latest("pk").changes
    told = {"name": ["林小春", odd], "birth": [None, "1990-01-01"], "departments": [[], ["甲", odd]]}
    assert change.changes == told
    assert birth == {"birth": ["1990-01-01", None]}


def test_a_row_that_gets_another_key_is_told_and_one_that_stays_as_it_is_not(person, scope_of):
    with use(scope_of(LIANCHENG, actor=7)):
        Person.objects.filter(pk=person.pk).update(updated="2023-01-01T00:00:00Z", sex=person.sex)
        assert not Change.objects.filter(table="registry_person").exists()
        Person.objects.filter(pk=person.pk).update(key=person.pk + 5)
        change = Change.objects.get(table="registry_person")
    assert (change.key, change.action, change.changes) == (str(person.pk), "rekey", {})
    assert change.place == person.place


def test_nothing_changes_without_a_name(person, user):
    hat = Membership.objects.get(user=user("anyone"))
    with pytest.raises(DatabaseError, match="names no actor"), transaction.atomic():
        Membership.objects.filter(pk=hat.pk).update(valid_to=date(2030, 1, 1))
    with pytest.raises(DatabaseError, match="names no actor"), transaction.atomic():
        hat.delete()
    Membership.objects.filter(pk=-1).update(valid_to=None)  # nothing changed, nothing to refuse


def test_an_organisation_has_its_history(scope_of):
    with use(scope_of(LIANCHENG, actor=3)):
        bureau = Organisation.objects.create(name="人社局", kind="bureau", region_id=LIANCHENG)
        bureau.active = False
        bureau.save()
        (change,) = selectors.history("places_organisation", bureau.pk)
    assert change.changes == {"active": [True, False]}


def test_history_stays_within_reach(person, scope_of):
    with use(scope_of(LIANCHENG, actor=7)):
        Person.objects.filter(pk=person.pk).update(name="林春")
    with use(scope_of(CHANGTING)):
        assert selectors.history("registry_person", person.pk) == []
    with use(scope_of("3508")):
        assert len(selectors.history("registry_person", person.pk)) == 1


def test_every_watched_table_has_its_triggers():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, array_agg(tgname::text ORDER BY tgname) FROM pg_trigger"
            " WHERE tgname LIKE 'history\\_%' GROUP BY 1"
        )
        there = dict(cursor.fetchall())
    wanted = {model._meta.db_table for model in history.watched()}
    assert {"accounts_membership", "accounts_role", "places_organisation", "registry_person"} <= wanted
    assert set(there) == wanted
    assert all(names == ["history_delete", "history_update"] for names in there.values())
