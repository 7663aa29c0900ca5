"""Who hands in what in the demonstration: a table beside the county's folder."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from chunfeng.pipeline import inputs
from chunfeng.reference import regions
from chunfeng.site import demo_senders
from chunfeng.site.demo_senders import CLERK, Sender
from chunfeng.site.environment import SetupError

SAMPLE = Path(__file__).parents[3] / "examples/liancheng"


def test_every_office_of_the_sample_hands_in_something():
    story = demo_senders.load(SAMPLE)
    shares = demo_senders.shares(story.senders, inputs.find(SAMPLE))
    assert sum(map(len, shares.values())) == 39
    assert set(shares) == {sender for sender in story.senders if sender.user != CLERK or sender.received}
    towns = [sender for sender in shares if sender.town]
    assert len(towns) == 17 and all(len(shares[town]) == 1 for town in towns)
    assert all("村居" in item.name and town.town in item.name for town in towns for item in shares[town])
    known = {r.name for r in regions.children("350825")}
    assert {town.town for town in towns} == known


def test_its_days_can_be():
    story = demo_senders.load(SAMPLE)
    assert story.today == date(2023, 1, 20) and story.day == "2023-01-20"
    for sender in story.senders[:-1]:
        assert sender.received is not None and sender.received <= story.today
        assert (sender.as_of or date(2023, 1, 15)) <= sender.received
    assert len({sender.user for sender in story.senders}) == len(story.senders) - 1  # the clerk stands twice
    assert all(re.fullmatch(r"[a-z_]+", sender.user) for sender in story.senders)


def test_the_first_that_fits_gets_a_file(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a/甲镇.csv").write_text("x")
    (tmp_path / "乙.csv").write_text("y")
    senders = (Sender("one", ("*甲*",), town="甲镇"), Sender("two", ("a/*",)), *demo_senders.Story.senders)
    shares = demo_senders.shares(senders, inputs.find(tmp_path))
    assert {s.user: [i.name for i in items] for s, items in shares.items()} == {
        "one": ["a/甲镇.csv"], CLERK: ["乙.csv"],
    }  # fmt: skip
    names = {i.name: demo_senders.sent_name(s, i) for s, items in shares.items() for i in items}
    assert names == {"a/甲镇.csv": "甲镇.csv", "乙.csv": "乙.csv"}


def test_without_a_table_the_bureau_hands_in_everything_today(tmp_path):
    story = demo_senders.load(tmp_path / "某县")
    assert (story.day, [s.user for s in story.senders]) == ("", [CLERK])


@pytest.mark.parametrize(
    "text",
    [
        "[",
        "1",
        "senders: [{user: a}]",
        "senders: [{user: a, files: ['*'], x: 1}]",
        "today: 春节\nsenders: []",
    ],
)
def test_a_table_that_is_none_is_said_to_be_so(tmp_path, text):
    (tmp_path / "某县.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SetupError, match=r"某县\.yaml"):
        demo_senders.load(tmp_path / "某县")
