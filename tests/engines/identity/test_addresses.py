"""Addresses: as deep as certain, never deeper, nothing lost."""

from collections import Counter

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chunfeng.engines.identity import addresses
from chunfeng.reference import regions
from chunfeng.reference.regions import Region

LIANCHENG = "350825"
#: 金门 stands in the list as a town and a village of itself; those two have no name of their own
NAMED = [r for r in regions.fujian() if not r.code.startswith("350527000")]
VILLAGES = [r for r in NAMED if r.level == "village"]


def full_path(region: Region) -> str:
    """福建省龙岩市连城县莲峰镇大坪村委会."""
    above = [one for code in regions.ancestors(region.code) if (one := regions.get(code))]
    return "".join(one.name for one in above if not regions.is_placeholder(one))


def short_path(region: Region) -> str:
    """福建龙岩连城莲峰大坪."""
    return "".join(
        regions.short_name(one) for code in regions.ancestors(region.code) if (one := regions.get(code))
    )


@pytest.mark.parametrize(
    ("text", "code", "remainder"),
    [
        ("福建省龙岩市连城县莲峰镇大坪村5号", "350825100202", "5号"),
        ("福建省龙岩市连城县莲峰镇东街社区58号7幢604室", "350825100001", "58号7幢604室"),
        ("连城莲峰大坪村", "350825100202", ""),
        ("连城莲峰西门村", "350825100", "西门村"),
        ("连城县莲峰镇莲峰路12号", "350825100", "莲峰路12号"),
        ("龙岩市莲峰镇大坪村", "350825100202", ""),
        ("龙岩连城", "350825", ""),
        ("闽", "35", ""),
        ("闽龙岩连城", "350825", ""),
        ("厦门", "3502", ""),
        ("厦门思明区", "350203", ""),
        ("厦门湖里", "350206", ""),
        ("厦门湖滨南路12号", "3502", "湖滨南路12号"),
        ("连城县城关", "350825", "城关"),
        ("平潭", "350128", ""),
        ("福建省平潭综合实验区金井镇", "350128107", ""),
        ("泉州市台商投资区张坂镇", "350521106", ""),
        ("福鼎市佳阳畲族乡罗唇村", "350982202206", ""),
        ("福安市康厝乡", "350981204", ""),
        ("晋江市陈埭镇江头村3号", "350582103206", "3号"),
        ("晋江市陈埭镇江头回族村", "350582103206", ""),
        ("晋江金井丙洲村", "350582106216", ""),
    ],
)
def test_inside_the_province(text: str, code: str, remainder: str) -> None:
    address = addresses.read(text)
    assert (address.code, address.remainder) == (code, remainder)


@pytest.mark.parametrize(
    ("text", "code", "remainder"),
    [
        ("莲峰镇", "350825100", ""),
        ("西康村3组", "350825100012", "3组"),
        ("西康社区", "350825100012", ""),
        ("莲东居委会", "350825100005", ""),
        ("北村村1组", "350825105214", "1组"),
        ("北村1组", "350825105214", "1组"),
        ("隔川乡联益村", "350825110201", ""),
        ("莲峰镇大坪5组", "350825100202", "5组"),
        ("莲峰镇大坪路5号", "350825100", "大坪路5号"),
        ("永定区湖坑镇", "350803106", ""),
        ("新罗区", "350802", ""),
        ("新罗村", "350825105216", ""),
        ("本县", "350825", ""),
        ("福建省厦门市", "3502", ""),
        ("湖南省永顺县下河镇龙塘村71号", "433127", "下河镇龙塘村71号"),
    ],
)
def test_seen_from_a_county(text: str, code: str, remainder: str) -> None:
    address = addresses.read(text, within=LIANCHENG)
    assert (address.code, address.remainder) == (code, remainder)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("广东", "44"),
        ("粤", "44"),
        ("广东省东莞市长安镇", "441900"),
        ("东莞", "441900"),
        ("浙江义乌", "330782"),
        ("义乌", "330782"),
        ("广东省佛山市南海区大沥镇", "440605"),
        ("上海市浦东新区", "310115"),
        ("上海市市辖区浦东新区", "310115"),
        ("北京朝阳", "110105"),
        ("重庆市万州区", "500101"),
        ("新疆乌鲁木齐", "6501"),
        ("吉林", "22"),
        ("吉林市", "2202"),
        ("海南", "46"),
        ("西安", "6101"),
        ("南昌", "3601"),
        ("长沙县", "430121"),
        ("香港", "81"),
        ("台湾省台北市", "71"),
        ("四川省达县大坪乡", "51"),
    ],
)
def test_outside_the_province(text: str, code: str) -> None:
    assert addresses.read(text).code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("长乐市金峰镇", "350112111"),
        ("龙海市石码镇", "350604001"),
        ("沙县夏茂镇", "350405101"),
        ("福建省三明市沙县", "350405"),
        ("永定县湖坑镇", "350803106"),
        ("梅列区列东街道", "350404001"),
        ("龙岩地区连城县", "350825"),
        ("莆田县江口镇", "350303104"),
        ("同安县新店镇", "350213003"),
        ("同安县", "3502"),
        ("南平市", "3507"),
    ],
)
def test_names_of_former_times(text: str, code: str) -> None:
    assert addresses.read(text).code == code


@pytest.mark.parametrize(
    "text",
    [
        "福建省 龙岩市-连城县/莲峰镇，东街社区",
        "福建省龙岩市连城县连城县莲峰镇莲峰镇东街社区",
        "福建福建省龙岩市福建省龙岩市连城县莲峰镇东街居委会",
        "福建省（龙岩市）连城县莲峰镇东街社区",
        "户籍地：福建省连城县莲峰镇东街社区",
        "（户籍）中国福建省连城县莲峰镇东街社区",
        "福建省龍巖市連城縣蓮峰鎮東街社區",
        "\u200b福建　连城\u3000莲峰 东街",
    ],
)
def test_noise_makes_no_difference(text: str) -> None:
    assert addresses.read(text).code == "350825100001"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "无",
        "日本东京",
        "县内",
        "莲峰镇",
        "城关镇",
        "海口镇",
        "鼓楼区",
        "永定",
        "朝阳",
        "大坪村",
        "厦门大学",
        "古县镇西街3号",
        "矿区街道机厂居委会",
        "南安乐村3号",
        "海南朝鲜族乡河南村",
        "南京东路12号",
        "连城路12号",
        "沙县小吃",
        "东方市场",
        "1-3-5",
    ],
)
def test_what_is_not_certain_stays_unknown_and_whole(text: str) -> None:
    address = addresses.read(text)
    assert address.code is None and address.level is None
    assert address.remainder == text


@pytest.mark.parametrize("text", ["和平镇瓦乍村", "鼓楼区幕府山街道", "海滨街道3号"])
def test_a_town_elsewhere_in_the_city_needs_its_county(text: str) -> None:
    assert addresses.read(text, within=LIANCHENG).code is None


def test_a_text_from_a_city_may_leave_the_city_out() -> None:
    assert addresses.read("和平镇", within="3508").code == "350881104"
    assert addresses.read("鼓楼区", within="3501").code == "350102"


def test_two_places_that_exclude_each_other_give_what_they_share() -> None:
    assert addresses.read("龙岩市思明区").code == "35"
    assert addresses.read("连城县东莞市").code is None


def test_a_misspelt_village_stays_at_the_town() -> None:
    address = addresses.read("福建省龙岩市连城县莲峰镇大平村5号")
    assert (address.code, address.level, address.remainder) == ("350825100", "town", "大平村5号")


def test_a_village_and_a_community_of_one_name_need_the_word_for_their_kind() -> None:
    town = regions.get("350104100")
    assert town is not None
    twins = {r.name: r.code for r in VILLAGES if r.parent == town.code and regions.short_name(r) == "联建"}
    assert set(twins) == {"联建社区居委会", "联建村委会"}
    assert addresses.read(f"{full_path(town)}联建村").code == twins["联建村委会"]
    assert addresses.read(f"{full_path(town)}联建社区").code == twins["联建社区居委会"]
    assert addresses.read(f"{full_path(town)}联建").code == town.code


@pytest.mark.parametrize(
    ("text", "code"),
    [("350825100202", "350825100202"), ("350825000000", "350825"), ("352627", "350825"), ("359999", None)],
)
def test_a_code_in_place_of_a_name(text: str, code: str | None) -> None:
    assert addresses.read(text).code == code


def test_the_parts_are_named() -> None:
    address = addresses.read("连城莲峰大坪12号")
    assert (address.province, address.city, address.county, address.town, address.village) == (
        "福建省",
        "龙岩市",
        "连城县",
        "莲峰镇",
        "大坪村委会",
    )
    assert addresses.read("上海浦东").city is None


def test_every_full_path_leads_to_its_region() -> None:
    wrong = [(full_path(r), r.code) for r in NAMED if addresses.read(full_path(r)).code != r.code]
    assert wrong == []


def test_every_path_outside_leads_to_its_county() -> None:
    wrong = [
        full_path(r)
        for r in regions.china()
        if r.level == "county" and addresses.read(full_path(r)).code != r.code
    ]
    assert wrong == []


def test_short_paths_lead_to_their_region_or_stay_above_it() -> None:
    bearers = Counter(short_path(r) for r in NAMED)
    single = [r for r in NAMED if bearers[short_path(r)] == 1]
    found = [(r.code, addresses.read(short_path(r)).code or "") for r in single]
    exact = sum(code == got for code, got in found)
    assert exact / len(single) > 0.998
    # 西芹社区 is the short name of one village and the full name of its neighbour
    assert [pair for pair in found if not pair[0].startswith(pair[1])] == [("350702103201", "350702103001")]


def test_a_village_named_alone_is_never_another_one() -> None:
    found = [(r.code, addresses.read(r.name, within=r.code[:6]).code) for r in VILLAGES]
    assert all(got in (code, code[:6]) for code, got in found)
    assert sum(got == code for code, got in found) > 0.99 * len(found)


@given(
    st.sampled_from(VILLAGES), st.integers(1, 999), st.sampled_from(["", "2组", "第三村民小组", "大埕自然村"])
)
def test_a_house_number_changes_nothing(village: Region, house: int, group: str) -> None:
    address = addresses.read(f"{full_path(village)}{group}{house}号")
    assert address.code == village.code
    assert address.remainder == f"{group}{house}号"


@given(
    st.sampled_from([r for r in NAMED if r.level in ("town", "county")]),
    st.sampled_from(["犇", "犇犇村", "犇犇社区3组"]),
)
def test_an_unknown_rest_keeps_what_was_known(region: Region, rest: str) -> None:
    address = addresses.read(full_path(region) + rest)
    assert (address.code, address.remainder) == (region.code, rest)


@given(
    st.text(max_size=40),
    st.sampled_from([None, "35", "3508", "350825", "350825100", "350825100202", "9", "x"]),
)
def test_any_text_is_read_and_none_is_lost(text: str, within: str | None) -> None:
    address = addresses.read(text, within)
    assert (address.code is None) == (address.level is None)
    assert address.code is None or regions.get(address.code) is not None


@given(
    st.lists(
        st.sampled_from("福建省龙岩市连城县莲峰镇大坪村东街社区厦门思明永定路1号组 ,（）"), max_size=14
    ).map("".join)
)
@settings(max_examples=300)
def test_the_code_is_made_of_the_text(text: str) -> None:
    address = addresses.read(text, within=LIANCHENG)
    assert address.code is None or regions.get(address.code) is not None
    assert addresses.read(text, within=LIANCHENG) == address


def test_a_column_says_the_same_as_its_values() -> None:
    values = pl.Series(["连城莲峰大坪村3组", None, "厦门", "", "无", "连城莲峰大坪村3组", "莲峰镇"])
    frame = addresses.read_column(values, within=LIANCHENG)
    assert dict(frame.schema) == addresses.SCHEMA
    assert frame.height == len(values)
    for text, row in zip(values, frame.iter_rows(), strict=True):
        if text is None:
            assert row == (None, None, None)
        else:
            address = addresses.read(text, within=LIANCHENG)
            assert row == (address.code, address.level, address.remainder)


def test_an_empty_column_has_the_same_columns() -> None:
    assert dict(addresses.read_column(pl.Series([], dtype=pl.String)).schema) == addresses.SCHEMA
