"""What linkage keeps in the state folder beside the persons' numbers: the claims of every extract, and the yardstick.

Claims spare work and nothing else. The yardstick is an input of a run: with the same one, a run gives the same result however
much of the rest was kept. Without it, or from another version of the program, it is learned anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from chunfeng.engines.linkage import claims
from chunfeng.engines.linkage.weights import COUNTED, Counts, Model
from chunfeng.engines.linkage.yardstick import Yardstick
from chunfeng.pipeline.outputs import whole
from chunfeng.pipeline.store import code_version, reader_version

CLAIMS, YARDSTICK = "claims.parquet", "yardstick.parquet"


@cache
def linker_version() -> str:
    """Of all that claims and weights depend on; polars, too, since codes are its hashes."""
    return f"{reader_version()} {code_version('engines/linkage')} {pl.__version__}"


def claims_of(extracts: Sequence[pl.DataFrame], out: Path, state: Path | None, as_of: date) -> pl.DataFrame:
    """The numbered claims of the `extracts`, which are those of `out` in the order of their names.

    Those of an extract that the last run had, too, are taken from `state`; those that no extract needs any more go.
    """
    if state is None:
        return claims.all_claims(extracts, as_of)
    keys = [_key(path) for path in sorted((out / "extracts").glob("*.parquet"))]
    known, table = _kept(state / CLAIMS)
    fresh = [place for place, key in enumerate(keys) if key not in known]
    if fresh or set(keys) != known:
        made = claims.claims_of([extracts[place] for place in fresh])
        of = made["extract"].replace_strict(dict(enumerate(keys[p] for p in fresh)), return_dtype=pl.String)
        still = table.filter(pl.col("of").is_in(keys))
        # polars leaves the type as it was where nothing is replaced: extracts went, none came
        table = pl.concat([still, made.select(of.cast(pl.String).alias("of"), *claims.SCHEMA)])
        with whole(state / CLAIMS) as part:
            table.write_parquet(part, metadata={"of": " ".join(keys)})
    return claims.numbered(table, as_of)


def _key(extract: Path) -> str:
    return hashlib.sha256(linker_version().encode() + extract.read_bytes()).hexdigest()[:24]


def _kept(path: Path) -> tuple[set[str], pl.DataFrame]:
    """Keys of the extracts whose claims are kept (some have none), and the claims, `of` which extract."""
    if not path.is_file():
        return set(), pl.DataFrame(schema={"of": pl.String, **claims.SCHEMA})
    return set(pl.read_parquet_metadata(path).get("of", "").split()), pl.read_parquet(path)


def load_yardstick(state: Path | None) -> Yardstick | None:
    """The yardstick of an earlier run by this very program, if there is one."""
    path = state / YARDSTICK if state is not None else None
    if path is None or not path.is_file():
        return None
    told = json.loads(pl.read_parquet_metadata(path).get("yardstick", "{}"))
    if told.get("version") != linker_version():
        return None
    table = pl.read_parquet(path)
    shared = [
        table.filter(pl.col("of") == c).select(pl.col("code").alias(c), pl.col("n").alias(f"n_{c}"))
        for c in COUNTED
    ]
    return Yardstick(
        Model(_with_levels(told["m"])),
        Counts(told["persons"], tuple(shared)),
        told["thresholds"],
        told["verified"],
    )


def _with_levels(m: dict[str, dict[str, dict[str, float]]]) -> dict[str, dict[str, dict[int, float]]]:
    """JSON knows no numbers as keys."""
    return {
        kind: {part: {int(level): share for level, share in shares.items()} for part, shares in parts.items()}
        for kind, parts in m.items()
    }


def save_yardstick(state: Path, yardstick: Yardstick) -> None:
    """Keep it for the runs to come."""
    told: dict[str, Any] = {
        "version": linker_version(), "m": yardstick.model.m, "persons": yardstick.counts.persons,
        "thresholds": yardstick.thresholds, "verified": yardstick.verified,
    }  # fmt: skip
    shared = [
        table.select(pl.lit(code).alias("of"), pl.col(code).alias("code"), pl.col(f"n_{code}").alias("n"))
        for code, table in zip(COUNTED, yardstick.counts.shared, strict=True)
    ]
    with whole(state / YARDSTICK) as part:
        pl.concat(shared).write_parquet(part, metadata={"yardstick": json.dumps(told)})
