"""Nobody gives what they do not hold, outside their reach, or to themselves; managing accounts and lending hats."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client, RequestFactory
from django.utils import timezone

from chunfeng.apps.accounts import delegation, granting, hats, offices, services
from chunfeng.apps.accounts.granting import Refused
from chunfeng.apps.accounts.middleware import ScopeMiddleware
from chunfeng.apps.accounts.models import Membership, Role, User
from chunfeng.apps.audit.models import Change
from chunfeng.apps.places.models import Organisation, Region
from chunfeng.apps.places.numbers import reach
from chunfeng.apps.places.scope import Scope, use
from tests.apps.audited import events

pytestmark = pytest.mark.usefixtures("db")
DAY = timedelta(days=1)


@pytest.fixture
def wearing(user):
    """wearing("county_approver", "350825") → the scope of a user with that hat."""

    def wear(role, region, name=None):
        someone = user(name or f"{role}-{region}", role, region)
        return hats.scope_of_hat(Membership.objects.get(user=someone, role=role), "test")

    return wear


def give(role, region, organisation=None, username="new"):
    return services.create_user(
        username, "新人", Role.objects.get(code=role), Region.objects.get(code=region), organisation
    )


GOOD = [
    ("province_officer", "35", "city_officer", "3508"),
    ("city_officer", "3508", "county_approver", "350825"),
    ("city_officer", "3508", "county_clerk", "350821"),
    ("county_approver", "350825", "county_clerk", "350825"),
    ("county_approver", "350825", "auditor", "350825"),
    ("county_approver", "350825", "county_approver", "350825"),
    ("county_approver", "350825", "counsellor", "350825102"),
]
BAD = [
    ("county_approver", "350825", "county_clerk", "350821", "范围"),
    ("county_approver", "350825", "county_clerk", "3508", "范围"),
    ("county_approver", "350825", "city_officer", "350825", "级角色"),
    ("city_officer", "3508", "province_officer", "3508", "级角色"),
    ("county_approver", "350825", "town_officer", "350825", "级角色"),
    ("county_approver", "350825", "partner", "350825", "单位"),
    ("county_clerk", "350825", "village_worker", "350825", "不能管理"),
    ("auditor", "350825", "auditor", "350825", "不能管理"),
]


@pytest.mark.parametrize(("role", "region", "given", "place"), GOOD)
def test_what_may_be_given(wearing, role, region, given, place):
    scope = wearing(role, region)
    if not Region.objects.filter(code=place).exists():
        place = Region.objects.filter(code__startswith=region, level="town").first().code
    with use(scope):
        new, password = give(given, place)
    assert new.check_password(password) and new.must_change_password
    assert Membership.objects.get(user=new).granted_by_id == scope.actor


@pytest.mark.parametrize(("role", "region", "given", "place", "why"), BAD)
def test_what_may_not_be_given(wearing, role, region, given, place, why):
    with use(wearing(role, region)), pytest.raises(Refused, match=why):
        give(given, place)


def test_every_role_is_given_by_somebody_and_none_gives_above_itself():
    """Over all roles: what a role can give never holds a capability that the giver neither has nor may hand on."""
    given = set()
    for giver in Role.objects.filter(capabilities__contains=["accounts.manage"]):
        may = set(giver.capabilities) | set(giver.grantable)
        given |= {r.pk for r in Role.objects.all() if set(r.capabilities) | set(r.grantable) <= may}
    assert given == set(Role.objects.values_list("pk", flat=True))


def test_nobody_gives_to_themselves_nor_through_a_deputy(wearing, user):
    scope = wearing("county_approver", "350825")
    auditor, county = Role.objects.get(code="auditor"), Region.objects.get(code="350825")
    me = User.objects.get(pk=scope.actor)
    today = timezone.localdate()
    with use(scope), pytest.raises(Refused):
        services.grant(me, auditor, county, None, today, None)
    absent = user("absent")
    with use(dataclasses.replace(scope, on_behalf_of=absent.pk)), pytest.raises(Refused):
        services.grant(absent, auditor, county, None, today, None)


def test_an_account_that_can_more_is_not_mine_to_manage(wearing, user):
    both = user("both", "county_clerk")
    user("both", "city_officer", "3508")
    with use(wearing("county_approver", "350825")):
        assert both in granting.visible() and not granting.manageable(both)
        for act in (services.reset_password, services.reset_second_factor, services.unlock):
            with pytest.raises(Refused):
                act(both)
        with pytest.raises(Refused):
            services.set_active(both, False)
    with use(wearing("city_officer", "3508")):
        assert not granting.manageable(User.objects.get(username="city_officer-3508"))  # oneself
        assert granting.manageable(both)


def test_hats_end_and_are_extended(wearing, user):
    clerk = user("clerk")
    hat, today = Membership.objects.get(user=clerk), timezone.localdate()
    with use(wearing("county_approver", "350825")):
        services.change_end(hat, today + 30 * DAY)
        assert Membership.objects.get(pk=hat.pk).valid_to == today + 30 * DAY
        services.end(hat)
        assert Membership.objects.get(pk=hat.pk).valid_to == today - DAY
        told = list(
            Change.objects.filter(table="accounts_membership")
            .order_by("pk")
            .values_list("changes", flat=True)
        )
    assert hats.worn(clerk, None).hat is None
    assert told[0] == {"valid_to": [None, (today + 30 * DAY).isoformat()]}
    assert {"hat.until", "hat.end"} <= {event.action for event in events()}


def test_a_hat_that_began_today_ends_today(wearing):
    with use(wearing("county_approver", "350825")):
        new, _ = give("county_clerk", "350825")
        services.end(Membership.objects.get(user=new))
    assert hats.worn(new, None).hat is None


def test_what_has_ended_is_not_ended_again(wearing, user, pair):
    clerk = user("clerk")
    hat, last_year = Membership.objects.get(user=clerk), timezone.localdate() - 365 * DAY
    with use(wearing("county_approver", "350825")):
        services.end(hat)
        Membership.objects.filter(pk=hat.pk).update(valid_to=last_year)
        with pytest.raises(Refused, match="已经结束"):
            services.end(hat)
        with pytest.raises(Refused, match="已经结束"):
            services.change_end(Membership.objects.get(pk=hat.pk), timezone.localdate())
        assert Membership.objects.get(pk=hat.pk).valid_to == last_year
    absent, deputy = pair
    lent = lend(wearing("county_approver", "350825", "absent"), absent, deputy)
    with use(wearing("county_approver", "350825", "absent")):
        delegation.take_back(lent)
        with pytest.raises(Refused, match="已经结束"):
            delegation.take_back(lent)


def test_a_closed_account_is_out_at_once(client_as):
    clerk, manager = client_as("county_clerk"), client_as("county_approver")
    assert clerk.get("/hats/").status_code == 200
    assert manager.post(f"/users/{clerk.user.pk}/active/", {"active": "0"}).status_code == 302
    assert clerk.get("/hats/").url.startswith("/signin/")


def test_pages_of_managers(client_as, user):
    manager = client_as("county_approver")
    page = manager.post(
        "/users/new/",
        {
            "name": "<b>新</b>",
            "username": "xin",
            "role": "county_clerk",
            "region": "连城县",
            "valid_from": "2023-01-01",
            "phone": "139 0013 9000",
        },
    )
    assert (
        page.status_code == 200
        and "一次性密码" in page.content.decode()
        and "<b>新</b>" not in page.content.decode()
    )
    new = User.objects.get(username="xin")
    assert new.phone == "13900139000"
    listed = manager.get("/users/", {"q": "xin"}).content.decode()
    assert "&lt;b&gt;新&lt;/b&gt;" in listed
    again = manager.post(
        "/users/new/",
        {
            "name": "新",
            "username": "XIN",
            "role": "county_clerk",
            "region": "350825",
            "valid_from": "2023-01-01",
        },
    )
    assert again.status_code == 422 and "已有人用" in again.content.decode()
    far = manager.post(
        "/users/new/",
        {
            "name": "新",
            "username": "yuan",
            "role": "county_clerk",
            "region": "350821",
            "valid_from": "2023-01-01",
        },
    )
    assert far.status_code == 422 and not User.objects.filter(username="yuan").exists()
    other = user("other", "county_clerk", "350821")
    assert manager.get(f"/users/{other.pk}/").status_code == 404
    assert manager.post(f"/users/{other.pk}/password/").status_code == 404


def test_organisations_stay_within_reach(client_as):
    manager = client_as("county_approver")
    form = {"name": "民政局", "kind": "partner", "region": "350825", "department": "民政", "active": "on"}
    assert manager.post("/organisations/new/", form).status_code == 302
    mine = Organisation.objects.get(name="民政局")
    assert manager.post(f"/organisations/{mine.pk}/", form | {"region": "350821"}).status_code == 422
    assert manager.post("/organisations/new/", form).status_code == 422  # the same name again
    assert manager.post("/organisations/new/", form | {"name": "x", "credit_code": "123"}).status_code == 422
    theirs = Organisation.objects.create(name="长汀民政局", kind="partner", region_id="350821")
    assert manager.get(f"/organisations/{theirs.pk}/").status_code == 404
    assert "长汀民政局" not in manager.get("/organisations/").content.decode()


@pytest.mark.parametrize(
    ("typed", "region", "key"),
    [
        ("P000000042", "350825", "350825000000042"),
        ("p000000042", "350825102", "350825000000042"),
        ("350825P000000042", "3508", "350825000000042"),
        ("350825000000042", "350825", "350825000000042"),
    ],
)
def test_a_workers_account_takes_the_number_on_the_persons_page(client_as, typed, region, key):
    form = {
        "name": "林小春", "username": "linxc", "role": "worker", "region": region, "valid_from": "2023-01-01",
        "person": typed,
    }  # fmt: skip
    assert client_as("city_officer", "3508").post("/users/new/", form).status_code == 200
    assert User.objects.get(username="linxc").person == key


@pytest.mark.parametrize(
    ("typed", "said"),
    [("", "须写"), ("42", "P000000042"), ("P000000042", "区划代码"), ("110101P000000042", "不属于")],
)
def test_a_number_that_names_nobody_within_reach_is_refused(client_as, typed, said):
    form = {
        "name": "林小春", "username": "linxc", "role": "worker", "region": "3508", "valid_from": "2023-01-01",
        "person": typed,
    }  # fmt: skip
    answer = client_as("city_officer", "3508").post("/users/new/", form)
    assert answer.status_code == 422 and said in answer.content.decode()


def test_the_form_begins_with_what_the_persons_page_knows(client_as):
    page = client_as("county_approver").get("/users/new/?role=worker&region=350825&person=350825000000042")
    shown = page.content.decode()
    assert 'value="350825000000042"' in shown and '<option value="worker" selected>' in shown


def test_only_the_province_changes_roles_and_not_its_own(client_as, wearing):
    city, province = client_as("city_officer", "3508"), client_as("province_officer", "35")
    assert (
        "能做" in city.get("/roles/").content.decode() and city.get("/roles/county_clerk/").status_code == 404
    )
    told = {"capabilities": ["overview", "registry.read"], "second_factor": "on"}
    assert province.post("/roles/county_clerk/", told).status_code == 302
    role = Role.objects.get(code="county_clerk")
    assert role.capabilities == ["overview", "registry.read"] and role.second_factor
    assert province.post("/roles/province_officer/", told).status_code == 422
    with use(wearing("city_officer", "3508")), pytest.raises(Refused):
        offices.edit_role(role, ["overview"], False)


ROLE = {"code": "training_officer", "name": "培训专员", "name_en": "Training officer", "level": "county"}


def test_the_province_makes_a_role_and_it_can_be_given(client_as, wearing):
    province = client_as("province_officer", "35")
    told = ROLE | {"capabilities": ["overview", "registry.read"]}
    assert province.get("/roles/new/").status_code == 200
    assert province.post("/roles/new/", told).status_code == 302
    role = Role.objects.get(code="training_officer")
    assert (role.capabilities, role.own_organisation_only) == (["overview", "registry.read"], False)
    assert events()[-1].action == "role.create"
    assert "培训专员" in province.get("/roles/").content.decode()
    with use(wearing("county_approver", "350825")):
        account, _password = give("training_officer", "350825")
    assert account.memberships.get().role == role
    assert province.post("/roles/new/", told).status_code == 422  # the code is taken
    assert province.post("/roles/new/", told | {"code": "new"}).status_code == 422
    assert client_as("city_officer", "3508").get("/roles/new/").status_code == 404


def test_roles_outside_the_offices_see_their_own_organisation_only(client_as):
    told = ROLE | {"level": "outside", "capabilities": ["intake.read", "intake.send"]}
    assert client_as("province_officer", "35").post("/roles/new/", told).status_code == 302
    assert Role.objects.get(code="training_officer").own_organisation_only


# --- lending a hat ----------------------------------------------------------------------------------------------------


@pytest.fixture
def pair(user):
    return user("absent", "county_approver", name="休某"), user("deputy", "county_clerk", name="代某")


def lend(scope, absent, deputy, start=None, until=None):
    today = timezone.localdate()
    with use(scope):
        hat = Membership.objects.get(user=absent, role="county_approver")
        return delegation.lend(hat, deputy, start or today, until or today + 5 * DAY, "年休假")


def test_a_lent_hat_is_worn_on_behalf(pair, scope_of, wearing):
    absent, deputy = pair
    scope = wearing("county_approver", "350825", "absent")
    lent = lend(scope, absent, deputy)
    client = Client()
    client.force_login(deputy, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/users/").status_code == 403
    assert client.post("/hat/", {"hat": lent.pk}).status_code == 302
    assert client.get("/users/").status_code == 200
    page = client.get("/hats/").content.decode()
    assert "休某" in page and "交还" in page
    assert client.get(f"/users/{absent.pk}/").status_code == 200
    seen = events(action="view", kind="user")[-1]
    assert (seen.actor, seen.on_behalf_of) == (deputy.pk, absent.pk)
    worn = hats.scope_of_hat(lent, "test")
    with use(worn), pytest.raises(Refused):  # not lent on
        delegation.lend(lent, absent, timezone.localdate(), timezone.localdate() + DAY, "再转")


def test_either_side_takes_it_back_and_a_third_does_not(pair, wearing, client_as):
    absent, deputy = pair
    scope = wearing("county_approver", "350825", "absent")
    lent = lend(scope, absent, deputy)
    third = client_as("county_clerk")
    assert third.post(f"/hats/{lent.pk}/take-back/").status_code == 404
    client = Client()
    client.force_login(deputy, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(f"/hats/{lent.pk}/take-back/").status_code == 302
    assert not Membership.objects.filter(pk=lent.pk).exists()  # it began today


def test_it_ends_with_the_hat_it_was_lent_from(pair, wearing, scope_of):
    absent, deputy = pair
    lent = lend(wearing("county_approver", "350825", "absent"), absent, deputy)
    assert lent in hats.worn(deputy, None).hats
    with use(scope_of("350825")):
        Membership.objects.filter(pk=lent.lent_from_id).update(valid_to=timezone.localdate() - DAY)
    assert lent not in hats.worn(deputy, None).hats


@pytest.mark.parametrize(
    ("start", "until", "why"),
    [(-1, 3, "今天"), (3, 1, "今天"), (0, 90, "60")],
)
def test_times_that_do_not_go(pair, wearing, start, until, why):
    today = timezone.localdate()
    scope = wearing("county_approver", "350825", "absent")
    with pytest.raises(Refused, match=why):
        lend(scope, *pair, today + start * DAY, today + until * DAY)


def test_not_to_strangers_not_twice_and_not_beyond_ones_own_time(pair, user, wearing, scope_of):
    absent, deputy = pair
    scope = wearing("county_approver", "350825", "absent")
    with pytest.raises(Refused, match="本单位"):
        lend(scope, absent, user("far", "county_clerk", "350821"))
    lend(scope, absent, deputy)
    with pytest.raises(Refused, match="已经委托"):
        lend(scope, absent, deputy)
    with use(scope_of("350825")):
        Membership.objects.filter(user=absent).update(valid_to=timezone.localdate() + 3 * DAY)
    with pytest.raises(Refused, match="任职"):
        lend(scope, absent, user("deputy2"))


def test_outsiders_wear_no_hat_but_their_organisations(pair, user, wearing):
    absent, _deputy = pair
    region = Region.objects.get(code="350825")
    one, two = (
        Organisation.objects.create(name=f"民政局{n}", kind="partner", region=region, department="民政")
        for n in (1, 2)
    )
    contact, mate = (user(name, "partner", organisation=one) for name in ("contact", "mate"))
    stranger = user("stranger", "agency", organisation=two)
    far = user("far-mate", "partner", "350821", organisation=one)
    with pytest.raises(Refused, match="本单位"):
        lend(wearing("county_approver", "350825", "absent"), absent, contact)
    hat = Membership.objects.get(user=contact)
    assert list(delegation.colleagues(hat)) == [mate]
    assert not {contact, mate, stranger, far} & set(
        delegation.colleagues(Membership.objects.get(user=absent))
    )
    with use(wearing("county_approver", "350825", "absent")):
        Membership.objects.filter(user=absent).update(
            organisation=one
        )  # an office's own hat, of that organisation
    assert {contact, mate} <= set(delegation.colleagues(Membership.objects.get(user=absent)))


def test_to_the_same_region_and_below_never_above(user):
    county = user("county", "county_clerk")
    town = Region.objects.filter(code__startswith="350825", level="town").first()
    below = user("below", "town_officer", town.code)
    above = user("above", "city_officer", "3508")
    assert below in delegation.colleagues(Membership.objects.get(user=county))
    assert above not in delegation.colleagues(Membership.objects.get(user=county))
    assert county not in delegation.colleagues(Membership.objects.get(user=below))


def test_the_form_for_lending(pair):
    absent, _deputy = pair
    client, today = Client(), timezone.localdate()
    client.force_login(absent, backend="django.contrib.auth.backends.ModelBackend")
    hat = Membership.objects.get(user=absent)
    form = {"hat": hat.pk, "colleague": "Deputy", "start": today, "until": today + DAY, "reason": "休假"}
    assert client.post("/hats/lend/", form | {"colleague": "nobody"}).status_code == 422
    assert client.post("/hats/lend/", form).status_code == 302
    assert "代某" in client.get("/hats/").content.decode()


def test_memberships_of_another_day(user):
    clerk = user("clerk")
    assert hats.worn(clerk, None, date(2021, 1, 1)).hat is None


def test_a_form_made_under_one_hat_is_not_taken_under_another(client_as):
    """Two windows, two hats: a list handed in, a user made, would land with the wrong office."""
    client = client_as("county_clerk")
    own = client.user.memberships.get()
    other = Membership.objects.create(
        user=client.user, role_id="county_clerk", region_id="350821", valid_from=timezone.localdate()
    )
    page = client.get("/hats/lend/").content.decode()
    assert f'name="worn" value="{own.pk}"' in page
    assert client.post("/hat/", {"hat": other.pk, "worn": own.pk}).status_code == 302
    given = {"hat": own.pk, "colleague": "x", "worn": own.pk}
    refused = client.post("/hats/lend/", given, headers={"referer": "http://testserver/hats/lend/?x=1"})
    shown = refused.content.decode()
    assert refused.status_code == 409 and "没有保存" in shown and f'value="{own.pk}"' in shown
    assert 'name="next" value="/hats/lend/?x=1"' in shown
    assert client.post("/hats/lend/", given | {"worn": other.pk}).status_code == 422
    back = client.post("/hat/", {"hat": own.pk, "worn": other.pk, "stay": "1", "next": "/hats/lend/"})
    assert back.url == "/hats/lend/" and client.post("/hats/lend/", given).status_code == 422
    with use(Scope(reach("35"), "test", "test", actor=client.user.pk)):
        Membership.objects.filter(pk=own.pk).update(valid_to=timezone.localdate() - timedelta(days=1))
    ended = client.post("/hats/lend/", given)
    assert ended.status_code == 409 and "到期或被收回" in ended.content.decode()
    evil = client.post("/hats/lend/", given, headers={"referer": "https://evil.example/x"})
    assert "evil" not in evil.content.decode()
    assert client.post("/signout/", {"worn": own.pk}).status_code == 302


def test_looking_through_the_users_is_kept(client_as):
    client_as("county_approver").get("/users/", {"q": "某人"})
    (look,) = [event for event in events(action="list") if event.kind == "user"]
    assert look.details["filters"] == ["q"] and "某人" not in str(vars(look))


def test_a_name_taken_at_the_same_moment_is_told(wearing, user, monkeypatch):
    """As if the other had not committed yet when it was looked up."""
    user("taken")
    monkeypatch.setattr("django.db.models.query.QuerySet.exists", lambda found: False)
    with use(wearing("county_approver", "350825")), pytest.raises(Refused, match="已有人用"):
        services.create_user(
            "taken", "甲", Role.objects.get(pk="county_clerk"), Region.objects.get(pk="350825")
        )
    assert User.objects.filter(username="taken").count() == 1


def test_what_is_saved_twice_at_once_is_no_fault_of_ours(user):
    user("taken")
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        User.objects.create(username="taken")
    request = RequestFactory().post("/")
    answer = ScopeMiddleware(lambda asked: None).process_exception(request, caught.value)
    assert answer is not None and answer.status_code == 409 and request.failed
    assert "同样的内容" in answer.content.decode()
    other = ScopeMiddleware(lambda asked: None).process_exception(
        RequestFactory().post("/"), IntegrityError("null")
    )
    assert other is None


def test_a_phone_is_shown_masked_and_stays_where_the_mask_does(client_as, user):
    someone, manager = user("luo", phone="13800138000"), client_as("county_approver")
    address = f"/users/{someone.pk}/"
    shown = manager.get(address).content.decode()
    assert "138****8000" in shown and "13800138000" not in shown

    def phone_after(phone):
        assert manager.post(address, {"name": "罗某", "phone": phone}).status_code == 302
        return User.objects.get(pk=someone.pk).phone

    assert phone_after("138****8000") == "13800138000"
    assert phone_after("139 0013 9000") == "13900139000"
    assert phone_after("") is None
    assert manager.post(address, {"name": "罗某", "phone": "138****8000"}).status_code == 422


@pytest.mark.parametrize("level", [Role.Level.PROVINCE, Role.Level.CITY])
def test_staff_of_province_and_city_always_need_a_second_factor(wearing, level):
    plain = Role(code="plain", name="某", name_en="x", level=level, capabilities=["overview"])
    with use(wearing("province_officer", "35")):
        with pytest.raises(Refused, match="动态口令"):
            offices.make_role(plain)
        with pytest.raises(Refused, match="动态口令"):
            offices.edit_role(Role.objects.get(pk="city_officer"), ["overview"], False)
        plain.second_factor = True
        offices.make_role(plain)
        offices.edit_role(Role.objects.get(pk="county_clerk"), ["overview"], False)
