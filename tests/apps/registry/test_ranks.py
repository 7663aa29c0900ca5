"""Values that may never be taken stand behind those that were weighed, and none of them is shown as the one taken."""

from __future__ import annotations

from chunfeng.apps.registry.selectors import _field, ranked


def value(text, rank):
    return {"field": "phone", "value": text, "rank": rank, "kind": "survey", "department": "村居"}


def test_values_without_a_rank_come_last():
    told = [value("a", None), value("b", 2), value("c", None), value("d", 1)]
    assert [v["value"] for v in ranked(told)] == ["d", "b", "a", "c"]


def test_what_may_never_be_taken_is_not_shown_as_taken():
    only = _field("phone", ranked([value("16000000001", None)]), None)
    assert only.taken is None and len(only.losing) == 1 and only.revealed_by == ""
    both = _field("phone", ranked([value("16000000001", None), value("16000000002", 1)]), None)
    assert both.taken is not None and both.taken.text.endswith("0002") and len(both.losing) == 1
