"""Both walls: what the code refuses, and what PostgreSQL hides even from code that forgets."""

from __future__ import annotations

import psycopg
import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Count

from chunfeng.apps.accounts.hats import scope_of_hat
from chunfeng.apps.accounts.models import Membership, Role
from chunfeng.apps.audit.record import record
from chunfeng.apps.intake.models import StateFile
from chunfeng.apps.matching.models import FairSignup, Loan, Vacancy
from chunfeng.apps.places import scoped
from chunfeng.apps.places.models import Organisation, Region
from chunfeng.apps.places.numbers import EVERYWHERE, Reach, place_number, reach
from chunfeng.apps.places.scope import NO_EMPLOYER, PERSONS, STAFF, NoScope, OutOfReach, Scope, use
from chunfeng.apps.policies.models import Entitlement
from chunfeng.apps.recognition.models import Target
from chunfeng.apps.registry.models import Claim, Person
from chunfeng.site import environment, postgres

pytestmark = pytest.mark.usefixtures("db")
LIANCHENG, CHANGTING, LONGYAN = "350825", "350821", "3508"


@pytest.fixture
def two(scope_of):
    """A person each in two counties of one city."""
    with use(scope_of(LONGYAN)):
        return [
            Person.objects.create(
                key=int(county) * 10**9 + 1, county=county, place=place_number(county), name=name
            )
            for county, name in ((LIANCHENG, "林小春"), (CHANGTING, "陈小风"))
        ]


def claim(person, place):
    return Claim(
        county=person.county, person=person, place=place, file="甲.csv", row=2, kind="survey", lane="id"
    )


WITHOUT_A_SCOPE = {
    "list": lambda two: list(Person.objects.all()),
    "count": lambda two: Person.objects.count(),
    "get": lambda two: Person.objects.get(pk=two[0].pk),
    "exists": lambda two: Person.objects.filter(name="林小春").exists(),
    "create": lambda two: Person.objects.create(key=1, county=LIANCHENG, place=place_number(LIANCHENG)),
    "save": lambda two: two[0].save(),
    "update": lambda two: Person.objects.update(name="x"),
    "delete": lambda two: Person.objects.all().delete(),
    "delete one": lambda two: two[0].delete(),
    "bulk_create": lambda two: Person.objects.bulk_create([two[0]]),
    "bulk_update": lambda two: Person.objects.bulk_update(two, ["name"]),
    "values": lambda two: list(Person.objects.values("name")),
    "aggregate": lambda two: Person.objects.aggregate(n=Count("pk")),
    "reverse relation": lambda two: list(two[0].claims.all()),
    "refresh": lambda two: two[0].refresh_from_db(),
    "base manager": lambda two: list(Person._base_manager.all()),
    "raw": lambda two: list(Person.objects.raw("SELECT * FROM registry_person")),
    "join from elsewhere": lambda two: list(Region.objects.extra(tables=["registry_person"])),
    "cursor": lambda two: connection.cursor().execute('SELECT 1 FROM "registry_person"'),
}


@pytest.mark.parametrize("way", WITHOUT_A_SCOPE)
def test_nothing_goes_without_a_scope(two, way):
    with pytest.raises(NoScope):
        WITHOUT_A_SCOPE[way](two)


def test_a_queryset_made_in_a_scope_is_of_no_use_outside(two, scope_of):
    with use(scope_of(LIANCHENG)):
        lazy = Person.objects.all()
    with pytest.raises(NoScope):
        list(lazy)


def test_an_office_sees_its_own(two, scope_of):
    with use(scope_of(LIANCHENG)):
        assert [p.name for p in Person.objects.all()] == ["林小春"]
        assert not Person.objects.filter(pk=two[1].pk).exists()
        assert Person.objects.filter(pk=two[1].pk).update(name="x") == 0
        assert Person.objects.filter(pk=two[1].pk).delete()[0] == 0
    with use(scope_of(LONGYAN)):
        assert Person.objects.count() == 2


NEXT_DOOR = {
    "save": lambda other: other.save(),
    "create": lambda other: Person.objects.create(key=9, county=CHANGTING, place=place_number(CHANGTING)),
    "bulk_create": lambda other: Person.objects.bulk_create([other]),
    "bulk_update": lambda other: Person.objects.bulk_update([other], ["name"]),
    "move": lambda other: Person.objects.update(place=place_number(CHANGTING)),
    "delete": lambda other: other.delete(),
}


@pytest.mark.parametrize("way", NEXT_DOOR)
def test_nobody_writes_next_door(two, scope_of, way):
    with use(scope_of(LIANCHENG)), pytest.raises(OutOfReach):
        NEXT_DOOR[way](two[1])


def test_the_office_of_the_hukou_reads_and_does_not_write(two, scope_of):
    with use(scope_of(LONGYAN)):
        Person.objects.filter(pk=two[0].pk).update(hukou_place=place_number(CHANGTING))
    with use(scope_of(CHANGTING)):
        seen = Person.objects.get(pk=two[0].pk)
        assert Person.objects.filter(pk=seen.pk).update(name="x") == 0
        with pytest.raises(OutOfReach):
            seen.save()
        assert [p.pk for p in Person.objects.mine()] == [two[1].pk]


def as_postgres_sees_it(statement: str, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else cursor.rowcount


def test_row_level_security_hides_what_raw_sql_asks_for(two, scope_of):
    with use(scope_of(CHANGTING)):
        assert as_postgres_sees_it("SELECT name FROM registry_person") == [("陈小风",)]
        assert as_postgres_sees_it("UPDATE registry_person SET name = 'x' WHERE name = '林小春'") == 0
        assert as_postgres_sees_it("DELETE FROM registry_person WHERE name = '林小春'") == 0
        with pytest.raises(DatabaseError), transaction.atomic():
            as_postgres_sees_it("UPDATE registry_person SET place = %s", place_number(LIANCHENG))


def test_row_level_security_hides_all_where_nothing_was_told(two, monkeypatch):
    monkeypatch.setattr(scoped, "active", lambda: True)  # as if the first wall had fallen
    assert as_postgres_sees_it("SELECT count(*) FROM registry_person") == [(0,)]
    with pytest.raises(DatabaseError), transaction.atomic():
        as_postgres_sees_it(
            "INSERT INTO registry_claim (county, place, file, sheet, row, kind, department, lane)"
            " VALUES ('350825', 350825000000, 'f', '', 1, 'k', '', 'id')"
        )


# --- whose eyes a table is for ---------------------------------------------------------------------------------------

SEES = frozenset({"registry.read"})
HATS = {
    "an employer": {"actor": 7, "organisation": 3, "capabilities": frozenset({"employer.self"})},
    "an agency": {"actor": 7, "organisation": 3, "capabilities": frozenset({"intake.read", "intake.send"})},
    "an agency, given too much": {"actor": 7, "organisation": 3, "capabilities": SEES},
    "a worker": {"actor": 7, "organisation": 0, "capabilities": frozenset({"self"})},
    "a publicity officer": {"actor": 7, "capabilities": frozenset({"overview"})},
    "an auditor": {"actor": 7, "capabilities": frozenset({"audit.read"})},
    "no capability at all": {"actor": 7, "capabilities": frozenset()},
}


@pytest.mark.parametrize("hat", HATS)
def test_who_may_not_see_persons_is_told_so_by_the_first_wall(two, scope_of, hat):
    with use(scope_of(LONGYAN, **HATS[hat])):
        for ask in (
            lambda: Person.objects.count(),
            lambda: Person.objects.mine(),
            lambda: list(two[0].claims.all()),
            lambda: Person.objects.create(key=9, county=CHANGTING, place=place_number(CHANGTING)),
            lambda: two[0].save(),
            lambda: two[0].delete(),
            lambda: Person.objects.bulk_create([two[0]]),
        ):
            with pytest.raises(OutOfReach):
                ask()


@pytest.mark.parametrize("hat", HATS)
def test_who_may_not_see_persons_sees_none_in_any_table_whatever_the_code_forgets(two, scope_of, hat):
    with use(scope_of(LONGYAN)):
        Claim.objects.bulk_create([claim(two[0], place_number(LIANCHENG))])
        Person.objects.filter(pk=two[0].pk).update(name="林小夏")  # leaves a line in the history
        assert as_postgres_sees_it("SELECT count(*) FROM audit_change WHERE changes ? 'name'") != [(0,)]
    with use(scope_of(LONGYAN, **HATS[hat])):
        for model in scoped.scoped_models():
            if model.realm == PERSONS:
                assert as_postgres_sees_it(f"SELECT count(*) FROM {model._meta.db_table}") == [(0,)], model
        assert as_postgres_sees_it("UPDATE registry_person SET name = 'x'") == 0
        assert as_postgres_sees_it("DELETE FROM registry_claim") == 0
        with pytest.raises(DatabaseError), transaction.atomic():
            as_postgres_sees_it(
                "INSERT INTO registry_claim (county, place, file, sheet, row, kind, department, lane)"
                " VALUES ('350825', 350825000000, 'f', '', 1, 'k', '', 'id')"
            )
    with use(scope_of(LONGYAN, actor=7, capabilities=SEES)):
        seen = {name for (name,) in as_postgres_sees_it("SELECT name FROM registry_person")}
        assert {"陈小风", "林小夏"} <= seen


def test_what_staff_keeps_is_not_for_organisations(scope_of):
    inner = [m for m in scoped.scoped_models() if m.realm == STAFF]
    assert {m._meta.label for m in inner} == {"audit.ExportRequest", "intake.Run", "intake.StateFile"}
    with use(scope_of(LIANCHENG)):
        StateFile.objects.create(
            place=place_number(LIANCHENG), name="numbers.parquet", content=b"x", digest=""
        )
    with use(scope_of(LIANCHENG, actor=7)):
        assert as_postgres_sees_it("SELECT name FROM intake_statefile") == [("numbers.parquet",)]
    with use(scope_of(LIANCHENG, actor=7, organisation=3)):
        assert as_postgres_sees_it("SELECT name FROM intake_statefile") == []
        with pytest.raises(OutOfReach):
            StateFile.objects.exists()


def test_every_table_about_persons_is_for_those_who_may_see_them():
    """Whatever is the registry's, names a person, or derives from PersonalModel says so."""
    about = {
        model._meta.label
        for model in scoped.scoped_models()
        if model._meta.app_label == "registry"
        or issubclass(model, scoped.PersonalModel)
        or any(
            field.name == "person" or field.related_model is Person for field in model._meta.concrete_fields
        )
    }
    open_to_others = {m._meta.label for m in scoped.scoped_models() if m.realm != PERSONS}
    assert len(about) > 20 and about & open_to_others == set()


def test_the_realms_cost_a_query_nothing(scope_of):
    """The same plan: one more capability is not one more condition on every row."""
    plans = []
    for scope in (scope_of(LIANCHENG), scope_of(LIANCHENG, actor=7, capabilities=SEES)):
        with use(scope):
            told = as_postgres_sees_it(
                "EXPLAIN (COSTS OFF) SELECT key FROM registry_person WHERE place >= 350825000000"
                " AND place < 350826000000 ORDER BY place, key LIMIT 50"
            )
            plans.append("\n".join(line for (line,) in told))
    assert plans[0] == plans[1] and "SubPlan" not in plans[0]


def test_the_audit_is_walled_by_place_and_by_name(two, scope_of):
    def record_as(scope) -> None:
        with use(scope):
            record("view", kind="person", key="1", person="1")

    record_as(scope_of(LIANCHENG, actor=7))
    record_as(scope_of(CHANGTING, actor=8))
    record_as(scope_of(LONGYAN, actor=9))

    def seen(scope):
        with use(scope):
            return {
                a for (a,) in as_postgres_sees_it("SELECT actor FROM audit_event WHERE actor IN (7, 8, 9)")
            }

    assert seen(scope_of(LIANCHENG, actor=1)) == {7}
    assert seen(scope_of(CHANGTING, actor=1)) == {8}
    assert seen(scope_of(LONGYAN, actor=1)) == {7, 8, 9}
    assert seen(scope_of("3507", actor=1)) == set()
    with pytest.raises(NoScope):
        as_postgres_sees_it("SELECT 1 FROM audit_event")
    forged = (
        "INSERT INTO audit_event (at, actor, role, low, high, action, purpose, kind, key, person, reason, details, address,"
        " request) VALUES (now(), %s, 'test', %s, %s, 'view', '', '', '', '', '', '{}', '', '')"
    )
    own = scope_of(LIANCHENG, actor=7)
    for actor, place in ((8, LIANCHENG), (7, CHANGTING), (None, LIANCHENG)):
        with use(own), pytest.raises(DatabaseError), transaction.atomic():
            as_postgres_sees_it(forged, actor, *reach(place))
    with use(own):
        assert as_postgres_sees_it(forged, 7, *reach(LIANCHENG)) == 1
    numbered = forged.replace("(at,", "(id, at,").replace(
        "VALUES (", "OVERRIDING SYSTEM VALUE VALUES (9000000000000000000, "
    )
    with use(own), pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        as_postgres_sees_it(
            numbered, 7, *reach(LIANCHENG)
        )  # it would stand beyond every number still to be sealed
    for statement in (
        "UPDATE audit_event SET action = 'x'",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
    ):
        with use(own), pytest.raises(DatabaseError), transaction.atomic():
            as_postgres_sees_it(statement)


def test_joins_are_walled_too(two, scope_of):
    with use(scope_of(LONGYAN)):
        Claim.objects.bulk_create(
            [claim(two[0], place_number(LIANCHENG)), claim(two[1], place_number(LIANCHENG))]
        )
    with use(scope_of(LIANCHENG)):
        names = set(Claim.objects.values_list("person__name", flat=True))
    assert names == {"林小春", None}  # the row is ours, the person next door stays unseen


def test_the_scope_before_holds_again_after_an_inner_one(two, scope_of):
    with use(scope_of(LIANCHENG)):
        with use(scope_of(CHANGTING)):
            assert as_postgres_sees_it("SELECT name FROM registry_person") == [("陈小风",)]
        assert as_postgres_sees_it("SELECT name FROM registry_person") == [("林小春",)]


def test_the_web_role_owns_nothing_and_cannot_bypass():
    rows = as_postgres_sees_it("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
    assert rows == [(False, False)]
    assert as_postgres_sees_it("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole") == [
        (0,)
    ]


def test_every_scoped_table_has_its_wall():
    walled = {
        name
        for (name,) in as_postgres_sees_it(
            "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"
        )
    }
    assert {m._meta.db_table for m in scoped.scoped_models()} <= walled


UNSCOPED = {
    "places": "where things are is no secret",
    "gate": "counters of keyed digests",
    "accounts": "needed to find out the scope; names of officials; what is private in them is sealed",
    "audit": "seals hold digests; events have rules of their own (audit.wall)",
    "auth": "Django's, unused",
    "contenttypes": "Django's",
    "sessions": "read before there is a scope, by a key that only the cookie holds",
    "axes": "attempts before there is a scope",
    "procrastinate": "jobs carry keys, no personal data",
    "campaigns": "the campaign's configuration is public to all staff",
}


def test_every_model_is_scoped_or_on_the_list():
    from django.apps import apps

    loose = {
        model._meta.label
        for model in apps.get_models(include_auto_created=True)
        if not issubclass(model, scoped.ScopedModel) and model._meta.app_label not in UNSCOPED
    }
    assert loose == set()


def test_a_partner_sees_only_what_it_sent():
    """Where a model names an owner, others' rows are hidden by both walls (see intake's deliveries)."""
    owned = [m for m in scoped.scoped_models() if m.owner_field]
    for model in owned:
        table = connection.ops.quote_name(model._meta.db_table)
        rules = as_postgres_sees_it(
            "SELECT qual FROM pg_policies WHERE tablename = %s AND cmd = 'SELECT'", table.strip('"')
        )
        assert "app.organisation" in rules[0][0]
    lists = {m._meta.label for m in scoped.scoped_models() if m._meta.app_label == "intake"}
    assert lists - {m._meta.label for m in owned} == {"intake.Run", "intake.StateFile"}


ONE, OTHER = "91350825MA00000001", "91350825MA00000002"
AT_COUNTY = place_number(LIANCHENG)
ABOUT_EMPLOYERS = {
    Vacancy: lambda key: {"county": LIANCHENG, "vacancy": f"甲:{key}:2", "lawful": "yes", "employer_key": key},
    FairSignup: lambda key: {"county": LIANCHENG, "file": "乙", "row": 2, "accepted": True, "employer_key": key},
    Loan: lambda key: {"county": LIANCHENG, "lender": key, "borrower": "N:丙@", "occupation": "缝纫", "workers": 3},
    Target: lambda key: {"county": LIANCHENG, "employer": key, "group": "T20", "answer": "yes", "reason": "-"},
    Entitlement: lambda key: {"county": LIANCHENG, "subject": "employer", "employer": key, "policy": "P01",
                              "answer": "yes", "reason": "-"},
}  # fmt: skip


@pytest.fixture
def employers(scope_of):
    """What was found for two employers of one county, and for a person there who lives nobody knows in which town."""
    with use(scope_of(LIANCHENG)):
        for model, told in ABOUT_EMPLOYERS.items():
            for key in (ONE, OTHER):
                model.objects.create(place=AT_COUNTY, **told(key))
        for model in (Target, Entitlement):
            told = ABOUT_EMPLOYERS[model]("")
            model.objects.create(place=AT_COUNTY, person_id=350825000000001, **told)


def test_every_table_that_names_an_employer_says_so():
    """The engines name employers by key in columns of these names."""
    naming = {"employer", "employer_key", "lender", "borrower"}
    found = {
        model
        for model in scoped.scoped_models()
        if any(field.column in naming for field in model._meta.concrete_fields)
    }
    assert found == {m for m in scoped.scoped_models() if m.employer_fields} == set(ABOUT_EMPLOYERS)


@pytest.mark.parametrize("model", ABOUT_EMPLOYERS, ids=lambda model: model._meta.label)
def test_an_employer_reads_what_names_it_whatever_the_code_forgets(employers, scope_of, model):
    table, column = model._meta.db_table, model.employer_fields[0]
    ask = f"SELECT {column} FROM {table} WHERE {column} IN ('{ONE}', '{OTHER}', '') AND place = {AT_COUNTY}"

    def hat(**more):
        return {"actor": 7, "organisation": 3, "capabilities": frozenset({"employer.self"})} | more

    def raw(**told):
        with use(scope_of(LIANCHENG, **told)):
            return {key for (key,) in as_postgres_sees_it(ask)}

    def asked(**told):
        with use(scope_of(LIANCHENG, **told)):
            return set(model.objects.values_list(column, flat=True))

    assert raw(**hat(employer=ONE)) == asked(**hat(employer=ONE)) == {ONE}
    assert raw(**hat(employer=NO_EMPLOYER)) == asked(**hat(employer=NO_EMPLOYER)) == set()
    assert {ONE, OTHER} <= raw(actor=7, capabilities=SEES)
    with use(scope_of(CHANGTING, **hat(employer=ONE))):
        assert as_postgres_sees_it(ask) == [] and not model.objects.exists()
    with use(scope_of(LIANCHENG, **hat(employer=ONE))):
        assert as_postgres_sees_it(f"DELETE FROM {table}") == 0
        assert as_postgres_sees_it(f"UPDATE {table} SET county = 'x'") == 0
        with pytest.raises(OutOfReach):
            model.objects.create(place=AT_COUNTY, **ABOUT_EMPLOYERS[model](ONE))


@pytest.mark.parametrize("model", [Target, Entitlement], ids=lambda model: model._meta.label)
def test_a_worker_reads_nothing_of_employers(employers, scope_of, model):
    """Whose town nobody knows lies where employers lie."""
    itself = Reach(AT_COUNTY, AT_COUNTY + 1)
    own = {"actor": 7, "organisation": 0, "capabilities": frozenset({"self"}), "persons": itself}
    with use(scope_of(LIANCHENG, **own)):
        assert as_postgres_sees_it(f"SELECT employer FROM {model._meta.db_table}") == [("",)]
        assert set(model.objects.values_list("employer", flat=True)) == {""}


def test_a_hat_knows_its_employer(scope_of):
    with_code = Organisation(pk=3, credit_code=ONE)
    without = Organisation(pk=4)
    outside, office = Role(code="employer", own_organisation_only=True), Role(code="county_clerk")
    region = Region.objects.get(pk=LIANCHENG)

    def employer(role, organisation):
        hat = Membership(user_id=7, role=role, region=region, organisation=organisation)
        return scope_of_hat(hat, "test").employer

    assert employer(outside, with_code) == ONE
    assert employer(outside, without) == NO_EMPLOYER
    assert employer(outside, None) is None and employer(office, with_code) is None


def test_everywhere_is_a_scope_like_any_other(two):
    with use(Scope(EVERYWHERE, "job", "test")):
        assert Person.objects.count() == 2


def test_the_planner_does_not_take_what_one_may_see_for_a_handful(scope_of):
    """Else it reads and sorts a whole county for a page of fifty: of rows it knows nothing about, a tenth at least."""
    county, place = LIANCHENG, place_number(LIANCHENG)
    with use(scope_of(LONGYAN)), connection.cursor() as cursor:
        # more than a few, lest it be right about a table that stands empty
        Person.objects.bulk_create(
            Person(key=int(county) * 10**9 + 7 * 10**8 + n, county=county, place=place) for n in range(500)
        )

        def expected(cursor):
            cursor.execute("EXPLAIN (FORMAT JSON) SELECT key FROM registry_person")
            return cursor.fetchone()[0][0]["Plan"]["Plan Rows"]

        address = postgres.superuser(environment.load_secrets())
        with psycopg.connect(address, dbname=settings.DATABASES["default"]["NAME"]) as unwalled:
            assert expected(cursor) >= expected(unwalled.cursor()) / 10
