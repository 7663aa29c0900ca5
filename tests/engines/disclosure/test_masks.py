"""Masks hide what they must hide, whatever is put in."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chunfeng.engines.disclosure.masks import STAR, mask_ids, mask_names, mask_phones

TEXTS = st.lists(st.one_of(st.none(), st.text(max_size=40)), max_size=20)


def one(mask, text):
    return mask(pl.Series("x", [text], dtype=pl.String)).item()


@pytest.mark.parametrize(
    ("mask", "text", "shown"),
    [
        (mask_ids, "35082519900101123X", "3508**********123X"),
        (mask_ids, "350825900101123", "3508*******1123"),
        (mask_ids, "3508251990", "********90"),
        (mask_ids, "3508", "****"),
        (mask_ids, "", ""),
        (mask_ids, None, None),
        (mask_phones, "16012345678", "160****5678"),
        (mask_phones, "8921234", "*****34"),
        (mask_phones, "0597-8921234", "059*****1234"),
        (mask_phones, None, None),
        (mask_names, "张三", "张*"),
        (mask_names, "张三丰", "张**"),
        (mask_names, "欧阳春", "欧阳*"),
        (mask_names, "欧阳", "欧*"),
        (mask_names, "春", "*"),
        (mask_names, "买买提·阿不都", "买******"),
        (mask_names, None, None),
    ],
)
def test_what_is_left_to_see(mask, text, shown):
    assert one(mask, text) == shown


@given(TEXTS)
@settings(deadline=None)
def test_length_and_order_stay_and_enough_is_hidden(texts):
    column = pl.Series("x", texts, dtype=pl.String)
    for mask, most in ((mask_ids, 8), (mask_phones, 7), (mask_names, 2)):
        masked = mask(column)
        assert masked.name == "x" and len(masked) == len(column)
        for text, seen in zip(texts, masked.to_list(), strict=True):
            if text is None:
                assert seen is None
                continue
            assert len(seen) == len(text)
            assert all(a in (b, STAR) for a, b in zip(seen, text, strict=True))
            assert sum(a != STAR for a in seen) <= most
            assert not text or STAR in seen
