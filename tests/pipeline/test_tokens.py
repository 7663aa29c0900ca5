"""A list in, a file of tokens out: nothing in clear leaves, nothing is lost. All persons are invented."""

import csv
import io
import stat
import zipfile
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from chunfeng.engines.disclosure import tokens as engine
from chunfeng.engines.identity import id_numbers
from chunfeng.pipeline.tokens import Key, Made, TokensError, make_tokens, read_key
from chunfeng.site.cli import main

SECRET = b"0123456789abcdef-for-tests"
KEY = Key(SECRET, engine.fingerprint(SECRET))
HEADER = ["姓名", "身份证号码", "性别", "联系电话", "户籍地址", "登记状态", "备注"]
VILLAGES = ("水北村", "庙前村", "芷红村")
HOSTILE = Path(__file__).parents[1] / "data/liancheng/hostile"
NAMES = (
    "王建国 李秀英 欧阳小明 陈伟 张桂兰 罗水宗 吴清 黄志强 林美珠 谢文彬 江小燕 沈国华 童丽 周福生 邓玉梅 "
    "俞金水 马晓东 曹红 杨永福 赖春花"
).split()


def person(number: int) -> list[str]:
    """A row of the list; number 3 has a broken id, number 5 no telephone, number 7 nothing but a nickname."""
    id18 = id_numbers.id18_of(int(f"350825{1970 + number}0101{100 + number}"))
    if number == 7:
        return ["阿明", "", "男", "", "", "正常", ""]
    return [
        NAMES[number],
        id18[:-2] + "00" if number == 3 else id18,
        "女" if number % 2 else "男",
        "" if number == 5 else f"1540000{number:04d}",
        f"福建省龙岩市连城县庙前镇{VILLAGES[number % 3]}{number}号",
        "正常" if number % 5 else "注销",
        "=1+1" if number == 2 else f"门前有{number}棵树",
    ]


ROWS = [person(number) for number in range(len(NAMES))]


def write(path: Path, rows: list[list[str]], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    return path


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    return write(tmp_path / "登记失业人员名单.csv", ROWS)


def run(path: Path, out: Path, **options: object) -> tuple[Made, pl.DataFrame]:
    done = make_tokens(path, KEY, out, **options)  # type: ignore[arg-type]
    return done, pl.read_csv(out, infer_schema=False)


# --- what is written --------------------------------------------------------------------------------------------------


def test_every_record_is_there_with_its_row_and_its_tokens(listed: Path, tmp_path: Path) -> None:
    done, frame = run(listed, tmp_path / "out.csv")
    assert frame.columns == ["table", "row", *engine.TOKENS]
    assert frame["row"].to_list() == [str(n + 2) for n in range(len(ROWS))]
    assert done.records == len(ROWS) and done.bare == 1
    assert dict(done.tokens) == {name: len(frame) - frame[name].null_count() for name in engine.TOKENS}
    first = engine.token(pl.Series(["id17|" + ROWS[0][1][:17]]), SECRET)[0]
    assert frame["token_id17"][0] == first
    missing = {name: frame[name].is_null().arg_true().to_list() for name in engine.TOKENS}
    assert missing["token_id17"] == [3, 7] and missing["token_phone_surname"] == [5, 7]
    assert missing["token_village_given"] == [7]


def test_nothing_of_the_list_stands_in_the_output(listed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    run(listed, out)
    text = out.read_text(encoding="utf-8")
    assert [cell for row in [HEADER, *ROWS] for cell in row if len(cell) > 1 and cell in text] == []
    assert SECRET.decode() not in text


def test_the_file_is_a_plain_csv_for_its_owner_only(listed: Path, tmp_path: Path) -> None:
    out = tmp_path / "sub" / "out.csv"
    run(listed, out)
    raw = out.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbftable,row,token_id17,") and raw.count(b"\r\n") == len(ROWS) + 1
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert [p.name for p in out.parent.iterdir()] == ["out.csv"]


def test_the_same_list_in_another_dress_gives_the_same_tokens(listed: Path, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [["2023年登记失业人员名单"], ["序号", *HEADER], *([n, *row] for n, row in enumerate(ROWS, 1))]:
        sheet.append([None if cell == "" else str(cell) for cell in row])
    book.save(tmp_path / "名单.xlsx")
    write(tmp_path / "gbk.csv", ROWS, "gb18030")
    names = list(engine.TOKENS)
    _, expected = run(listed, tmp_path / "1.csv")
    for number, other in enumerate(("名单.xlsx", "gbk.csv")):
        _, frame = run(tmp_path / other, tmp_path / f"other{number}.csv")
        assert (
            frame.filter(frame["token_birth_name"].is_not_null())
            .select(names)
            .equals(expected.filter(expected["token_birth_name"].is_not_null()).select(names))
        )


def test_tables_of_one_file_are_numbered(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for number, part in enumerate((ROWS[:7], ROWS[8:])):
        sheet = book.create_sheet(f"第{number + 1}批")
        for row in [HEADER, *part]:
            sheet.append(row)
    del book["Sheet"]
    book.save(tmp_path / "名单.xlsx")
    done, frame = run(tmp_path / "名单.xlsx", tmp_path / "out.csv")
    assert [(t.number, t.sheet, t.records) for t in done.tables] == [(1, "第1批", 7), (2, "第2批", 12)]
    assert frame.group_by("table", maintain_order=True).len().rows() == [("1", 7), ("2", 12)]


def test_a_member_of_a_bundle_that_cannot_be_read_is_named(listed: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "两份.zip", "w") as bundle:
        bundle.write(listed, "名单.csv")
        bundle.writestr("照片.png", b"\x89PNG\r\n")
    done, frame = run(tmp_path / "两份.zip", tmp_path / "out.csv")
    assert len(frame) == len(ROWS)
    assert [name for name, _ in done.refused] == ["两份.zip/照片.png"]


# --- attributes kept --------------------------------------------------------------------------------------------------


def test_an_attribute_is_kept_by_any_of_its_names(listed: Path, tmp_path: Path) -> None:
    done, frame = run(listed, tmp_path / "out.csv", keep=["sex", "登记状态"])
    assert frame.columns[-2:] == ["性别", "登记状态"] and done.kept == ("性别", "登记状态")
    assert frame["性别"][:2].to_list() == ["1", "2"]
    assert frame["登记状态"][:2].to_list() == ["注销", "正常"]


def test_rare_combinations_are_counted(listed: Path, tmp_path: Path) -> None:
    done, frame = run(listed, tmp_path / "out.csv", keep=["性别", "登记状态"])
    counts = frame.group_by("性别", "登记状态").len()["len"]
    assert done.few_alike == counts.filter(counts < 5).sum() > 0
    assert make_tokens(listed, KEY, tmp_path / "out.csv").few_alike == 0


@pytest.mark.parametrize(
    "telling", ["姓名", "name", "身份证号码", "id_number", "联系电话", "户籍地址", "备注"]
)
def test_what_tells_who_a_person_is_is_kept_only_on_purpose(
    listed: Path, tmp_path: Path, telling: str
) -> None:
    out = tmp_path / "out.csv"
    with pytest.raises(TokensError, match="--i-know"):
        make_tokens(listed, KEY, out, keep=[telling])
    assert not out.exists()
    _, frame = run(listed, out, keep=[telling], i_know=True)
    assert frame.width == 8 and frame[frame.columns[-1]].null_count() < len(ROWS)


def test_a_state_that_holds_a_number_is_kept_only_on_purpose(tmp_path: Path) -> None:
    rows = [[*row[:5], "正常 15400000009" if n == 4 else row[5], row[6]] for n, row in enumerate(ROWS)]
    path = write(tmp_path / "登记失业人员名单.csv", rows)
    with pytest.raises(TokensError, match="有 1 个单元格"):
        make_tokens(path, KEY, tmp_path / "out.csv", keep=["登记状态"])


def test_an_attribute_that_is_not_there_is_an_error_that_names_those_that_are(
    listed: Path, tmp_path: Path
) -> None:
    with pytest.raises(TokensError, match="性别"):
        make_tokens(listed, KEY, tmp_path / "out.csv", keep=["血型"])


def test_a_kept_formula_stays_text(listed: Path, tmp_path: Path) -> None:
    _, frame = run(listed, tmp_path / "out.csv", keep=["备注"], i_know=True)
    assert frame["备注"][2] == "'=1+1"


# --- what is refused --------------------------------------------------------------------------------------------------


def test_no_file_of_another_kind_is_ever_overwritten(listed: Path, tmp_path: Path) -> None:
    before = listed.read_bytes()
    with pytest.raises(TokensError, match="不覆盖"):
        make_tokens(listed, KEY, listed)
    assert listed.read_bytes() == before
    run(listed, tmp_path / "out.csv")
    run(listed, tmp_path / "out.csv", keep=["性别"])


def test_a_failure_leaves_the_earlier_file_as_it_was(listed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    run(listed, out)
    before = out.read_bytes()
    with pytest.raises(TokensError):
        make_tokens(listed, KEY, out, keep=["姓名"])
    assert out.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out.csv", listed.name]


def test_a_list_without_persons_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "表.csv"
    path.write_text("产品,数量\n锄头,3\n镰刀,4\n", encoding="utf-8")
    with pytest.raises(TokensError, match="没有认出人员名单"):
        make_tokens(path, KEY, tmp_path / "out.csv")
    with pytest.raises(TokensError, match="找不到"):
        make_tokens(tmp_path / "none.csv", KEY, tmp_path / "out.csv")
    with pytest.raises(TokensError, match="区划代码"):
        make_tokens(path, KEY, tmp_path / "out.csv", region="999999")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("截断.xlsx", "重新报送"),
        ("残联（加密123456）.xlsx", "去掉密码"),
        ("零字节.xlsx", "空的"),
        ("高压缩比.xlsx", "炸弹"),
    ],
)
def test_a_file_that_cannot_be_read_is_an_error_that_says_what_to_do(
    tmp_path: Path, name: str, said: str
) -> None:
    with pytest.raises(TokensError, match=said):
        make_tokens(HOSTILE / name, KEY, tmp_path / "out.csv")
    assert list(tmp_path.iterdir()) == []


def test_rows_whose_cells_slipped_give_no_tokens_and_are_there(tmp_path: Path) -> None:
    done, frame = run(HOSTILE / "三十列串位.xlsx", tmp_path / "out.csv", region="350825")
    assert 0 < done.bare < done.records == len(frame)


# --- the key ----------------------------------------------------------------------------------------------------------


def key_file(folder: Path, content: bytes, mode: int = 0o600) -> Path:
    path = folder / "key.txt"
    path.write_bytes(content)
    path.chmod(mode)
    return path


@pytest.mark.parametrize("written", [b"%s", b"%s\n", b"%s\r\n", b"\xef\xbb\xbf%s\r\n"])
def test_an_editors_marks_are_no_part_of_the_key(tmp_path: Path, written: bytes) -> None:
    key = read_key(key_file(tmp_path, written % b"CFXD-2023-liudong"))
    assert key.value == b"CFXD-2023-liudong" and key.warnings == ()
    assert key.fingerprint == engine.fingerprint(b"CFXD-2023-liudong")


def test_a_key_does_not_show_itself(tmp_path: Path) -> None:
    key = read_key(key_file(tmp_path, SECRET))
    assert SECRET.decode() not in f"{key} {key!r}"


def test_a_short_key_is_refused_or_warned_of(tmp_path: Path) -> None:
    path = key_file(tmp_path, b"0123456789abcde\n")
    with pytest.raises(TokensError, match="15 字节"):
        read_key(path)
    assert any("15 字节" in w for w in read_key(path, allow_short=True).warnings)


@pytest.mark.parametrize(
    ("content", "said"), [(b"", "空"), (b"\n", "空"), (b"\xff\xfek\x00e\x00y\x00", "UTF-16")]
)
def test_a_file_that_holds_no_key_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(TokensError, match=said):
        read_key(key_file(tmp_path, content), allow_short=True)


def test_a_key_others_can_read_or_with_blanks_is_warned_of(tmp_path: Path) -> None:
    warnings = read_key(key_file(tmp_path, SECRET + b" \n", 0o644)).warnings
    assert any("chmod 600" in w for w in warnings) and any("空白" in w for w in warnings)


# --- the command ------------------------------------------------------------------------------------------------------


def test_the_command_prints_counts_and_fingerprint_and_no_value(
    listed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = key_file(tmp_path, SECRET)
    assert main(["tokens", str(listed), "--key", str(key), "--keep", "性别", "登记状态"]) == 0
    said = capsys.readouterr()
    assert KEY.fingerprint in said.out and "身份证号 ← 身份证号码" in said.out
    assert SECRET.decode() not in said.out + said.err
    assert [
        c for row in ROWS for c in row if len(c) > 3 and c not in ("正常", "注销") and c in said.out
    ] == []
    written = (tmp_path / "登记失业人员名单.csv.tokens.csv").read_text(encoding="utf-8-sig")
    assert len(list(csv.reader(io.StringIO(written)))) == len(ROWS) + 1


def test_the_command_ends_with_two_and_a_sentence(
    listed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    short = key_file(tmp_path, b"short")
    assert main(["tokens", str(listed), "--key", str(short)]) == 2
    assert "docs/tokens.md" in capsys.readouterr().err
    options = ["tokens", str(listed), "--key", str(short), "--i-know", "--out"]
    assert main([*options, str(listed / "o.csv")]) == 2
    assert "写不了" in capsys.readouterr().err
    assert main([*options, str(tmp_path / "o.csv")]) == 0
    assert "注意" in capsys.readouterr().err
