"""The hard case of the measurement of linkage is what it says: reproducible, invented, and wrong to the degree stated."""

import polars as pl
import pytest

from bench import _registry_case as registry_case
from bench._registry_case import LIST, REGISTER, Case, Errors, make
from chunfeng.engines.identity import citizen_ids, id_numbers
from chunfeng.reference import regions

ROWS, PERSONS = 1500, 6000


@pytest.fixture(scope="module")
def case() -> Case:
    return make(ROWS, PERSONS, seed=7)


@pytest.fixture(scope="module")
def beside(case: Case) -> pl.DataFrame:
    """Rows to be linked with what the register says of their person (columns r_…)."""
    register = case.claims.filter(pl.col("file") == REGISTER).select(
        pl.col("id17").alias("person"), *(pl.col(c).alias(f"r_{c}") for c in ("name", "phone", "region", "sex", "household"))
    )  # fmt: skip
    return case.truth.join(case.claims, on="claim").join(register, on="person", how="left")


def share(rows: pl.DataFrame, condition: pl.Expr) -> float:
    return float(rows.select(condition.fill_null(False).mean()).item())


def test_the_same_seed_gives_the_same_case_and_another_seed_another(case: Case) -> None:
    again = make(ROWS, PERSONS, seed=7)
    assert again.claims.equals(case.claims)
    assert again.truth.equals(case.truth)
    assert not make(ROWS, PERSONS, seed=8).claims.equals(case.claims)


def test_the_register_holds_every_person_once_under_a_number_that_fits(case: Case) -> None:
    register = case.claims.filter(pl.col("file") == REGISTER)
    assert register.height == PERSONS == register["id17"].n_unique()
    texts = pl.Series([id_numbers.id18_of(n) for n in register["id17"].to_list()])
    assert citizen_ids.read_column(texts)["kind"].cast(pl.String).unique().to_list() == ["ok18"]
    assert register.filter(pl.col("id17") % 2 != pl.col("sex").cast(pl.Int64) % 2).height == 0
    assert share(register, pl.col("name_kind") == "ok") > 0.995


def test_numbers_were_issued_elsewhere_or_under_abolished_codes_too(case: Case) -> None:
    register = case.claims.filter(pl.col("file") == REGISTER)
    issued = (register["id17"] // 10**11).cast(pl.String)
    former = {county.code for county in regions.former_counties()}
    assert 0.2 < issued.is_in(list(former)).mean() < 0.75
    assert 0.02 < (issued.str.slice(0, 2) != "35").mean() < 0.08
    assert 0.1 < (issued == register["region"].str.slice(0, 6)).mean() < 0.5


def test_telephones_have_prefixes_that_are_not_given_out(case: Case) -> None:
    phones = case.claims["phone"].drop_nulls()
    assert phones.str.len_chars().unique().to_list() == [11]
    assert set(phones.str.slice(0, 3)) == {"154", "160", "161", "163", "164", "168", "169", "194"}


def test_men_of_a_village_lineage_share_a_character_more_often_than_others(case: Case) -> None:
    men = case.claims.filter(
        (pl.col("file") == REGISTER) & (pl.col("sex") == "1") & (pl.col("given").str.len_chars() == 2)
    )
    first = men.select("surname", "region", pl.col("given").str.slice(0, 1).alias("first"))

    def alike(*keys: str) -> float:
        sizes = first.group_by(keys).len()["len"]
        same = first.group_by(*keys, "first").len()["len"]
        return float((same * (same - 1)).sum() / (sizes * (sizes - 1)).sum())

    assert alike("surname", "region") > 1.5 * alike("surname")


def test_rows_to_be_linked_give_no_number_away(beside: pl.DataFrame) -> None:
    assert beside.height == ROWS
    assert (
        beside.select(pl.col("id17", "known15", "id_text", "id_kind", "household").is_null().all()).row(0)
        == (True,) * 5
    )


def test_the_rows_err_as_often_as_stated(beside: pl.DataFrame) -> None:
    errors = Errors()
    assert beside["person"].null_count() == round(ROWS * errors.nobody)
    known = beside.filter(pl.col("person").is_not_null())
    of_id = (pl.col("person") // 1000 % 100_000_000).cast(pl.Int32)
    assert share(known, pl.col("birth").is_null()) == pytest.approx(errors.birth_missing, abs=0.03)
    typed = known.filter(pl.col("birth").is_not_null())
    assert share(typed, pl.col("birth") != of_id) == pytest.approx(errors.lunar + errors.birth_slip, abs=0.04)
    assert share(known, pl.col("phone").is_null()) == pytest.approx(errors.phone_missing, abs=0.04)
    fresh = (1 - errors.phone_missing) * (1 - errors.phone_stale) * 0.95
    assert share(known, pl.col("phone") == pl.col("r_phone")) == pytest.approx(fresh, abs=0.05)
    assert share(known, pl.col("region") != pl.col("r_region")) == pytest.approx(errors.moved, abs=0.05)
    # a few names hold no character that another sounds or looks like
    assert share(known, pl.col("name") != pl.col("r_name")) == pytest.approx(0.095, abs=0.025)
    assert (known["name"].str.slice(0, 1) == known["r_name"].str.slice(0, 1)).all()


def test_a_stale_telephone_is_often_a_relatives(case: Case, beside: pl.DataFrame) -> None:
    homes = (
        case.claims.filter(pl.col("file") == REGISTER)
        .select(pl.col("household").alias("r_household"), "phone")
        .drop_nulls()
    )
    stale = beside.filter(pl.col("phone") != pl.col("r_phone"))
    of_home = stale.join(homes.unique(), on=["r_household", "phone"], how="semi")
    assert 0.2 < of_home.height / stale.height < 0.6


def test_every_typed_birth_date_exists(case: Case) -> None:
    typed = case.claims["birth"].drop_nulls().to_list()
    assert typed
    assert all(id_numbers.is_birth(date) for date in typed)


def test_verified_rows_are_of_other_persons_than_the_rows_to_be_linked(case: Case) -> None:
    verified = case.claims.filter((pl.col("file") == LIST) & pl.col("id17").is_not_null())
    assert verified.height == ROWS
    assert not set(verified["id17"]) & set(case.truth["person"].drop_nulls())


def test_damaged_numbers_are_their_own_persons_but_for_what_was_lost() -> None:
    damaged = make(400, 2000, 3, Errors(damaged=1.0))
    rows = damaged.truth.join(damaged.claims, on="claim").drop_nulls("person")
    cut, slipped = (rows.filter(pl.col("id_kind") == kind) for kind in ("cut15", "bad_check"))
    assert cut.height > 100 < slipped.height
    assert (cut["known15"] == cut["person"] // 100).all()
    for text, person in slipped.select("id_text", "person").iter_rows():
        whole = id_numbers.id18_of(person)
        assert sum(a != b for a, b in zip(text, whole, strict=True)) == 1


def test_a_list_longer_than_the_register_is_refused() -> None:
    with pytest.raises(ValueError, match="more persons"):
        make(2000, 3000, 1)


def test_every_look_alike_differs_and_is_one_character() -> None:
    pairs = registry_case._LOOK_ALIKE.split()
    assert {len(p) for p in pairs} == {2}
    assert all(a != b for a, b in pairs)
