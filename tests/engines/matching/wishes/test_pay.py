"""The least pay that would do, out of running text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunfeng.engines.matching.wishes.pay import find
from chunfeng.engines.matching.wishes.reading import read


@pytest.mark.parametrize(
    ("text", "least", "unit"),
    [
        ("四千起", "4000", "月"), ("5-6千", "5000", "月"), ("5、6千", "5000", "月"), ("一万左右", "10000", "月"),
        ("三五千", "3000", "月"),
        ("7k以上", "7000", "月"), ("1.2万", "12000", "月"), ("不低于4500", "4500", "月"),
        ("月薪４０００－５０００", "4000", "月"),
        ("4,500元/月", "4500", "月"), ("三千出头就行", "3000", "月"), ("万把块", "10000", "月"), ("两千八", "2800", "月"),
        ("5000 以上", "5000", "月"), ("3000 - 4000", "3000", "月"), ("日工资250", "250", "日"), ("一天300以上",
        "300", "日"), ("200/天", "200", "日"),
        ("200块一天", "200", "日"), ("25块一小时", "25", "时"), ("时薪20", "20", "时"), ("8万一年", "80000",
        "年"), ("年薪十万", "100000", "年"),
    ],
)  # fmt: skip
def test_pay_is_read(text: str, least: str, unit: str) -> None:
    for around in (text, f"去厦门，{text}，包住"):
        wish = read(around)
        assert (wish.wage_min, wish.wage_unit) == (least, unit)


@pytest.mark.parametrize(
    "text",
    [
        "13812345678", "2023年去", "正月十六走", "2月5日", "初八", "20个人", "贷款10万", "缺5万本钱", "种200亩",
        "养3000只鸡", "52岁", "千万不要",
        "百香果", "一块去", "十五号", "3个月后", "欠我8000", "1.28走", "4000以内", "350825199001011234", "高一",
        "两公婆", "五险一金",
    ],
)  # fmt: skip
def test_other_numbers_are_no_pay(text: str) -> None:
    assert read(text).wage_min is None


@given(
    st.integers(1000, 99_999),
    st.sampled_from(["{}以上", "工资{}", "{}元", "月薪{}左右", "不低于{}", "{}-99999", "{}+"]),
)
def test_every_sum_comes_back(amount: int, form: str) -> None:
    _, sums = find(form.format(amount))
    assert [s.pay.least for s in sums if s.pay] == [str(amount)]
