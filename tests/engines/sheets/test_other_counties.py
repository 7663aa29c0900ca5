"""Counties the product was not made on: kinds, rows, columns and values as a competent clerk reads them.

The shares are floors below what is reached today; a column taken for something else than it is counts hardest.
"""

from datetime import date

import pytest

from tests.engines.sheets.understood import Verdict, evaluate, report
from tests.fixtures.other_counties import build

AS_OF = date(2023, 1, 15)
COUNTIES = ("福鼎市", "晋江市", "仙游县")


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> list[Verdict]:
    folder = tmp_path_factory.mktemp("counties")
    return evaluate(folder, build(folder), AS_OF)


def of(verdicts: list[Verdict], county: str) -> list[Verdict]:
    return [v for v in verdicts if v.said.path.startswith(county)]


@pytest.mark.parametrize(("county", "share"), [("福鼎市", 0.97), ("晋江市", 0.84), ("仙游县", 0.97)])
def test_columns_are_understood(verdicts: list[Verdict], county: str, share: float) -> None:
    agreed, total = report(of(verdicts, county))["columns"]
    assert total > 250 and agreed >= share * total, (agreed, total)


@pytest.mark.parametrize(("county", "share"), [("福鼎市", 0.0), ("晋江市", 0.03), ("仙游县", 0.01)])
def test_hardly_a_column_is_taken_for_another(verdicts: list[Verdict], county: str, share: float) -> None:
    wrong = [line for v in of(verdicts, county) for line in v.wrong if " taken for " in line]
    assert len(wrong) <= share * report(of(verdicts, county))["columns"][1], wrong


@pytest.mark.parametrize(("county", "allowed"), [("福鼎市", 0), ("晋江市", 5), ("仙游县", 1)])
def test_a_list_is_not_taken_for_another_kind(verdicts: list[Verdict], county: str, allowed: int) -> None:
    wrong = [
        line for v in of(verdicts, county) for line in v.wrong if ": kind " in line or "unknown list" in line
    ]
    assert len(wrong) <= allowed, wrong


def test_notes_code_lists_and_pivots_are_no_records(verdicts: list[Verdict]) -> None:
    assert [line for v in verdicts if v.said.role in ("说明", "汇总", "代码表") for line in v.wrong] == []


@pytest.mark.parametrize("county", COUNTIES)
def test_every_record_is_read_and_no_other_row(verdicts: list[Verdict], county: str) -> None:
    lines = [line for v in of(verdicts, county) for line in v.wrong]
    assert [line for line in lines if "rows lost" in line or "rows taken for data" in line] == []


@pytest.mark.parametrize("county", COUNTIES)
def test_a_value_that_was_read_means_what_the_clerk_meant(verdicts: list[Verdict], county: str) -> None:
    wrong = [line for v in of(verdicts, county) for line in v.wrong if " read as [" in line]
    assert len(wrong) <= 0.01 * report(of(verdicts, county))["values"][1], wrong
