"""The stage writes what the engines read, whole and harmless."""

import csv
from pathlib import Path

import polars as pl

from chunfeng.pipeline.wishes import INTENTIONS, TICKETS, publish


def _visits(**cells: list[str | None]) -> pl.DataFrame:
    size = len(next(iter(cells.values())))
    rows = pl.DataFrame({"row": range(3, 3 + size)}, schema={"row": pl.UInt32})
    fixed = {"kind": "village_survey", "file": "甲镇.xlsx", "sheet": "一村", "place": "350322104201"}
    return rows.with_columns(pl.lit(v).alias(k) for k, v in fixed.items()).with_columns(
        pl.Series(name, values, dtype=pl.String) for name, values in cells.items()
    )


def _calls(*requests: str) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "kind": "help_requests",
            "file": "热线.csv",
            "sheet": None,
            "row": range(2, 2 + len(requests)),
            "request": requests,
        }
    )


def _csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_both_files_hold_every_row(tmp_path: Path) -> None:
    visits = _visits(intention=["想去厦门进厂,5000以上,要带孩子", None, "=1+1", "木木喵", "本镇找个看店的"])
    found = publish(tmp_path, [visits, _calls("厂里两个月没发工资", "我不想活了", "某某事")], "350322")
    intentions, tickets = _csv(tmp_path / "intentions.csv"), _csv(tmp_path / "tickets.csv")
    assert tuple(intentions[0]) == INTENTIONS and tuple(tickets[0]) == TICKETS
    assert [r["row"] for r in intentions] == ["3", "5", "6", "7"]
    assert intentions[0] == {
        "file": "甲镇.xlsx", "sheet": "一村", "row": "3", "kind": "out", "destination": "厦门", "job": "进厂", "wage_min": "5000",
        "wage_unit": "月", "barrier": "child", "when": "", "training": "",
    }  # fmt: skip
    assert [(r["topic"], r["urgent"]) for r in tickets] == [("欠薪", "0"), ("危机", "1"), ("", "0")]
    whole = pl.read_parquet(tmp_path / "intentions.parquet")
    assert whole["region"].to_list() == ["3502", None, None, "350322104"]
    assert whole.filter(pl.col("row") == 6)["unread"].item() == "木木喵"
    assert found.counts == {
        "intentions": 4, "intentions_unclear": 2, "intentions_with_rest": whole["unread"].drop_nulls().len(),
        "tickets": 3, "tickets_urgent": 1, "tickets_unsorted": 1,
    }  # fmt: skip


def test_no_visits_and_no_calls_are_empty_tables(tmp_path: Path) -> None:
    assert publish(tmp_path, [], None).counts["intentions"] == 0
    assert _csv(tmp_path / "intentions.csv") == [] and _csv(tmp_path / "tickets.csv") == []
    head = (tmp_path / "tickets.csv").read_text(encoding="utf-8-sig").strip()
    assert head == ",".join(TICKETS)
