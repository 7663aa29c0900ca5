"""Credit codes of a whole column: those in due form are checked together, only the others are read one by one.

Lists of employers hold as many codes as rows, so reading each distinct text in Python is not enough.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from chunfeng.engines.identity import credit_codes
from chunfeng.engines.identity.credit_codes import CHARACTERS, ORG_CHARACTERS, ORG_WEIGHTS, SCHEMA, WEIGHTS
from chunfeng.engines.identity.text import patch

_DUE_FORM = rf"^[{CHARACTERS}]{{2}}[0-9]{{6}}[{CHARACTERS}]{{10}}$"
_NO_CITIZEN = r"^.{0,16}[A-Z]"
"""With a letter before the last place it cannot be the owner's citizen number."""
_ORG_CHECKS = np.frombuffer(b"0123456789X0", dtype=np.uint8)


def _values(characters: str) -> npt.NDArray[np.int32]:
    table = np.zeros(128, dtype=np.int32)
    table[np.frombuffer(characters.encode(), dtype=np.uint8)] = np.arange(len(characters))
    return table


_VALUES, _ORG_VALUES = _values(CHARACTERS), _values(ORG_CHARACTERS)
_CHECKS = np.frombuffer(CHARACTERS.encode(), dtype=np.uint8)


def read_column(values: pl.Series) -> pl.DataFrame:
    """`credit_codes.read_column`, the same columns (kind, code, org_code) and values, at a fraction of the time."""
    text = pl.col("text")
    due = text.str.contains(_DUE_FORM) & text.str.contains(_NO_CITIZEN)
    marked = values.to_frame("text").select("text", due=due.fill_null(False))
    checked = _checked(marked.filter("due")["text"])
    place = marked.select(pl.when("due").then(pl.col("due").cum_sum() - 1)).to_series()
    frame = checked.select(column.gather(place) for column in checked)
    odd = ~marked["due"] & values.is_not_null()
    return patch(frame, values, odd, credit_codes.read_column)


def _checked(codes: pl.Series) -> pl.DataFrame:
    """Codes in due form with what their two check characters say (GB 32100-2015, GB 11714-1997)."""
    signs = np.frombuffer((codes.str.join("").item() or "").encode(), dtype=np.uint8).reshape(-1, 18)
    total = _VALUES[signs[:, :17]] @ np.array(WEIGHTS, dtype=np.int32)
    good = pl.Series("good", _CHECKS[-total % 31] == signs[:, 17])
    org_total = _ORG_VALUES[signs[:, 8:16]] @ np.array(ORG_WEIGHTS, dtype=np.int32)
    org_good = pl.Series("org_good", _ORG_CHECKS[11 - org_total % 11] == signs[:, 16])
    return (
        pl.DataFrame({"text": codes, "good": good, "org_good": org_good})
        .select(
            pl.when("good").then(pl.lit("ok")).otherwise(pl.lit("bad_check")).alias("kind"),
            pl.when("good").then("text").alias("code"),
            pl.when(pl.col("good") & pl.col("org_good"))
            .then(pl.col("text").str.slice(8, 9))
            .alias("org_code"),
        )
        .cast({"kind": SCHEMA["kind"]})
    )
