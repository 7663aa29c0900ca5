"""An employer's own page on the sample county: its vacancies and what became of them, and nobody else's."""

from __future__ import annotations

import polars as pl
import pytest
from django.test import Client
from django.urls import reverse

from chunfeng.apps.places.models import Organisation
from tests.apps.audited import events
from tests.apps.conftest import make_user

pytestmark = pytest.mark.usefixtures("sample", "db")
LIANCHENG = "350825"
ROW = ["file", "sheet", "row"]


@pytest.fixture
def posts(sample) -> pl.DataFrame:
    """Posts of the run with their employers: (vacancy, employer, lawful, phrase, law)."""

    def read(name: str) -> pl.DataFrame:
        return pl.read_csv(sample.out / f"{name}.csv", infer_schema=False)

    found = read("posts").join(read("employers").select(*ROW, "employer"), on=ROW)
    return found.filter(pl.col("employer").str.len_chars() == 18)


def page(employer: str | None, region: str = LIANCHENG) -> tuple[str, Client]:
    """The page of an organisation with this credit code, and the client that saw it."""
    name = f"测试单位{employer or '无码'}"
    from chunfeng.apps.places.models import Region

    organisation, _ = Organisation.objects.get_or_create(
        region=Region.objects.get(pk=region),
        name=name,
        defaults={"kind": "employer", "credit_code": employer or ""},
    )
    user = make_user(f"own-{employer or 'none'}", "employer", region, organisation)
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get("/", follow=True)
    assert answer.status_code == 200 and answer.redirect_chain == [("/employer/", 302)]
    return answer.content.decode(), client


def test_it_sees_its_vacancies_and_what_became_of_them(sample, posts):
    unlawful = posts.filter((pl.col("lawful") == "no") & pl.col("phrase").is_not_null())
    employer = unlawful["employer"].to_list()[0]
    mine = posts.filter(pl.col("employer") == employer)
    shown, _client = page(employer)
    offered = pl.read_csv(sample.out / "recommendations.csv", infer_schema=False)
    for file, sheet, row, lawful in mine.select(*ROW, "lawful").iter_rows():
        assert f"{file} {sheet} 第{row}行" in shown
        vacancy = f"{file}:{sheet}:{row}"
        seekers = offered.filter(pl.col("vacancy") == vacancy)["person"].n_unique()
        assert lawful != "no" or not seekers
        assert f"{seekers} 人" in shown
    assert unlawful.filter(pl.col("employer") == employer)["phrase"][0] in shown
    assert "改正后请重新报送" in shown and "未知" not in shown
    assert shown.count("不合法") == mine.filter(pl.col("lawful") == "no").height


def test_rules_are_named_in_the_readers_language(posts):
    sex = posts.filter(pl.col("rules") == "SEX")
    _page, client = page(sex["employer"][0])
    shown = client.get("/employer/", headers={"accept-language": "en"}).content.decode()
    assert "Sex limited or preferred" in shown and "Unlawful" in shown


def test_it_sees_no_other_employer(posts):
    first, second = posts["employer"].unique(maintain_order=True).to_list()[:2]
    shown, client = page(first)
    others = posts.filter(pl.col("employer") == second)
    for file, sheet, row in others.select(ROW).iter_rows():
        assert f"{file} {sheet} 第{row}行<" not in shown
    assert client.get(reverse("registry")).status_code == 403
    assert client.get("/overview/350825/").status_code == 403


def test_policies_with_amounts_and_what_is_missing(sample):
    said = pl.read_csv(sample.out / "entitlements.csv", infer_schema=False)
    said = said.filter(pl.col("subject_kind") == "employer")
    employer = said.filter(pl.col("answer") == "unknown")["subject"].str.slice(0).to_list()
    code = next(each for each in employer if len(each) == 18)
    shown, _client = page(code)
    for policy, missing in said.filter(pl.col("subject") == code).select("policy", "missing").iter_rows():
        assert f'id="policy-{policy}"' in shown
        assert not missing or all(part in shown for part in missing.split("；"))


def test_fairs_and_lending(sample):
    fairs = pl.read_csv(sample.out / "fairs.csv", infer_schema=False)
    refused = fairs.filter((pl.col("accept") == "no") & (pl.col("employer").str.len_chars() == 18))
    shown, _client = page(refused["employer"][0])
    assert "未通过" in shown and refused["reason"][0] in shown
    lending = pl.read_csv(sample.out / "lending.csv", infer_schema=False)
    lender = next(each for each in lending["lender"] if len(each) == 18)
    shown, _client = page(lender)
    assert "借出" in shown
    assert all(job in shown for job in lending.filter(pl.col("lender") == lender)["occupation"])


def test_a_look_is_in_the_audit():
    before = len(events())
    page("91350825MA00000000")
    views = [each for each in events()[before:] if each.action == "view"]
    assert [(each.kind, each.purpose) for each in views] == [("organisation", "看本单位的信息")]


def test_who_is_not_known_is_told_what_to_do():
    assert "统一社会信用代码" in page(None)[0]
    assert "名单里还没有本单位" in page("91350825MA00000000")[0]


def test_where_in_the_county_it_is_makes_no_difference(posts):
    employer = posts["employer"][0]
    shown, _client = page(employer, "350825102")
    file, sheet, row = posts.filter(pl.col("employer") == employer).select(ROW).row(0)
    assert f"{file} {sheet} 第{row}行" in shown


def test_another_county_sees_nothing_of_it(posts):
    shown, _client = page(posts["employer"][0], "350821")
    assert "名单里还没有本单位" in shown


def test_staff_have_no_such_page(sample):
    client = Client(raise_request_exception=False)
    client.force_login(sample.users["county_clerk"], backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/employer/").status_code == 403
