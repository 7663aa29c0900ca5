"""Regions: complete, without orphans, and old codes lead to today's."""

import re
from collections import Counter

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunfeng.reference import regions
from chunfeng.reference.data_files import HERE

FUJIAN = regions.fujian()


def test_every_level_is_complete() -> None:
    assert Counter(region.level for region in FUJIAN) == {
        "province": 1,
        "city": 9,
        "county": 84,
        "town": 1170,
        "village": 17498,
    }


def test_all_china_down_to_the_county() -> None:
    assert Counter(region.level for region in regions.china()) == {
        "province": 34,
        "city": 342,
        "county": 2978,
    }


def test_codes_are_digits_of_the_length_of_their_level_and_stand_once() -> None:
    for table in (FUJIAN, regions.china()):
        assert len({region.code for region in table}) == len(table)
        assert all(region.code.isdigit() and region.name for region in table)
        assert all(regions.LEVELS[len(region.code)] == region.level for region in table)


def test_no_orphans() -> None:
    for table in (FUJIAN, regions.china()):
        codes = {region.code for region in table}
        assert [r for r in table if r.level != "province" and r.parent not in codes] == []
        assert all(r.code.startswith(r.parent) for r in table if r.parent)


def test_both_tables_agree_on_fujian() -> None:
    nationwide = {r.code: r.name for r in regions.china() if r.code.startswith("35")}
    assert nationwide == {r.code: r.name for r in FUJIAN if len(r.code) <= 6}


def test_the_counties_are_31_districts_11_cities_and_42_counties() -> None:
    assert Counter(r.name[-1] for r in FUJIAN if r.level == "county") == {"区": 31, "市": 11, "县": 42}


def test_jinmen_and_mazu_take_no_data() -> None:
    closed = [r.code for r in FUJIAN if r.no_data_entry and r.level in ("county", "town")]
    assert closed == ["350527", "350122400", "350527000"]


def test_functional_zones_are_no_townships() -> None:
    zones = [r for r in FUJIAN if r.is_functional and r.level == "town"]
    assert len(zones) == 62
    assert not any(re.search("[镇乡]$|街道$", r.name) for r in zones)
    assert regions.get("350206405") in zones


def test_nothing_is_invented_for_the_urban_rural_class() -> None:
    assert {r.urban_rural for r in FUJIAN} == {None}


def test_children_go_down_one_level() -> None:
    assert len(regions.children("35")) == 9
    assert [r.name for r in regions.children("350825")][:2] == ["莲峰镇", "北团镇"]
    assert regions.children("350825100")[0].level == "village"
    assert regions.children("330782") == ()
    assert sum(len(regions.children(r.code)) for r in FUJIAN) == len(FUJIAN) - 1


def test_names_find_their_regions() -> None:
    assert [r.code for r in regions.by_name("连城县")] == ["350825"]
    assert [r.code for r in regions.by_name("连城")] == ["350825", "350628109209"]
    assert {r.code for r in regions.by_name("鼓楼区")} >= {"350102", "320106", "320302"}
    assert [r.code for r in regions.by_name("鼓楼区", within="35")] == ["350102"]
    assert [r.code for r in regions.by_name("莲峰镇", within="350825")] == ["350825100"]
    assert regions.by_name("市辖区") == ()
    assert regions.by_name("不存在") == ()


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("连城县", "连城"),
        ("厦门市", "厦门"),
        ("沙县区", "沙县"),
        ("延边朝鲜族自治州", "延边"),
        ("积石山保安族东乡族撒拉族自治县", "积石山"),
        ("广西壮族自治区", "广西"),
        ("西康社区居民委员会", "西康"),
        ("北村村委会", "北村"),
        ("东街街道", "东街"),
    ],
)
def test_short_names(name: str, short: str) -> None:
    assert short in {regions.short_name(r) for r in (*regions.china(), *FUJIAN) if r.name == name}


def test_where_a_code_lies() -> None:
    assert regions.county_of("350825100201") == "350825"
    assert regions.county_of("330782") == "330782"
    assert regions.county_of("3508") is None
    assert regions.county_of("359999") is None
    assert regions.ancestors("350825100") == ("35", "3508", "350825", "350825100")


def test_pingtan_reports_to_the_province() -> None:
    assert regions.reporting_path("350128") == ("35", "350128")
    assert regions.reporting_path("350128107") == ("35", "350128", "350128107")
    assert regions.reporting_path("350825100") == ("35", "3508", "350825", "350825100")
    assert regions.reporting_path("350527") is None
    assert regions.reporting_path("999999") is None
    paths = [regions.reporting_path(r.code) for r in FUJIAN if r.level == "county"]
    assert sum(path is not None for path in paths) == 83


@pytest.mark.parametrize(
    ("old", "today"),
    [
        ("350402", "350404"),
        ("350403", "350404"),
        ("350427", "350405"),
        ("350681", "350604"),
        ("350625", "350605"),
        ("350182", "350112"),
        ("350784", "350703"),
        ("350822", "350803"),
        ("352627", "350825"),
        ("350321", "3503"),
        ("350825", "350825"),
        ("350825100", "350825100"),
    ],
)
def test_old_codes_lead_to_todays(old: str, today: str) -> None:
    assert regions.current_code(old) == today


def test_every_former_county_leads_to_a_region_and_is_none_itself() -> None:
    for former in regions.former_counties():
        assert regions.get(former.code) is None
        assert regions.get(former.to) is not None
        assert all(regions.get(code) is not None for code in former.split_off)
        assert 1985 <= former.year <= 2023


def test_every_other_name_leads_to_a_region() -> None:
    assert all(regions.get(code) is not None for _, code, _ in regions.other_names())
    assert sum(kind == "abbreviation" for _, _, kind in regions.other_names()) == 34


def test_the_frame_holds_all_of_fujian() -> None:
    frame = regions.frame()
    assert frame.height == len(FUJIAN)
    assert frame.schema["is_functional"] == pl.Boolean and frame.schema["urban_rural"] == pl.String
    assert frame.filter(pl.col("parent").is_null())["code"].to_list() == ["35"]


def test_the_files_stay_small() -> None:
    assert (HERE / "regions/fujian.csv.gz").stat().st_size < 200_000


@given(st.sampled_from(FUJIAN))
def test_every_region_is_found_below_its_parent_by_either_name(region: regions.Region) -> None:
    assert regions.get(region.code) == region
    assert region in regions.by_name(region.name, within=region.parent)
    assert region in regions.by_name(regions.short_name(region), within=region.parent)
