"""Many users from a spreadsheet: each row's problems first, then the good ones, and the passwords once."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from chunfeng.apps.accounts import imports, services
from chunfeng.apps.accounts.granting import Refused
from chunfeng.apps.accounts.import_reading import HEADINGS, read
from chunfeng.apps.accounts.models import Membership, User, UserImport
from chunfeng.apps.places.models import Organisation, Region
from chunfeng.apps.places.numbers import reach
from chunfeng.apps.places.scope import Scope, use

pytestmark = pytest.mark.usefixtures("db")
HEAD = ["姓名*", "用户名*", "角色*", "地区*", "单位", "手机号", "自", "至", "人员编号"]


def sheet(*rows, head=HEAD):
    book = openpyxl.Workbook()
    book.active.append(["说明：带 * 必填"])
    book.active.append(head)
    for row in rows:
        book.active.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def upload(client, content, name="名单.xlsx"):
    return client.post("/users/import/", {"file": SimpleUploadedFile(name, content)})


@pytest.fixture
def manager(client_as):
    return client_as("county_approver")


@pytest.fixture
def village():
    return Region.objects.filter(code__startswith="350825", level="village").first()


def test_a_list_outlives_the_hat_it_was_brought_with(manager, client_as):
    with use(Scope(reach("35"), "test", "test", actor=manager.user.pk)):
        Membership.objects.filter(user=manager.user).delete()
        hat = Membership.objects.create(
            user=manager.user, role_id="county_approver", region_id="350825", valid_from=timezone.localdate()
        )
    page = upload(manager, sheet(["甲", "jia", "县级经办", "350825"]))
    found = UserImport.objects.get()
    assert manager.post(f"{page.url}accept/").status_code == 302
    with use(Scope(reach("35"), "test", "test", actor=client_as("province_officer", "35").user.pk)):
        services.end(hat)  # it began today, and leaves no trace
    imports.make(found.pk)
    found.refresh_from_db()
    assert found.hat is None and found.state == UserImport.State.DONE and found.good == 0
    assert (
        "身份已经失效" in found.result[0]["problems"][0] and not User.objects.filter(username="jia").exists()
    )


def test_from_template_to_passwords(manager, village):
    Organisation.objects.create(name="民政局", kind="partner", region_id="350825")
    template = manager.get("/users/import/template/")
    book = openpyxl.load_workbook(io.BytesIO(template.content))
    assert [cell.value for cell in book.active[2]] == HEAD and "县级经办" in book.active["A1"].value
    rows = [
        ["甲", "jia", "县级经办", "350825"],
        ["乙", "yi", "village_worker", village.full_name, "", "13800138000", "2023-01-05", "2033-12-31"],
        ["丙", "bing", "成员单位联络员", "连城县", "民政局"],
        ["丁", "ding", "县级经办", "长汀县"],
        ["戊", "jia", "县级经办", "350825"],
        ["", "ji", "县级经办", "350825"],
        ["庚", "geng", "市级经办", "350825"],
        ["辛", "xin", "成员单位联络员", "350825"],
        ["壬", "ren", "县级经办", "350825", "", "12", "昨天"],
        ["癸", "gui", "劳动者", "350825", "", "", "", "", "350821000000001"],
        ["@SUM(A1)", "formula", "县级经办", "350825"],
    ]
    page = upload(manager, sheet(*rows))
    made = UserImport.objects.get()
    assert (made.good, made.bad) == (4, 7), [row["problems"] for row in made.rows]
    shown = manager.get(page.url).content.decode()
    for words in (
        "第 3 行相同",
        "您的地区范围内没有“长汀县”",
        "缺姓名",
        "不能用在",
        "须写明单位",
        "11 位",
        "不属于",
    ):
        assert words in shown, words
    assert not User.objects.filter(username="jia").exists()
    manager.post(f"{page.url}accept/")
    imports.make(made.pk)
    assert User.objects.filter(username__in=["jia", "yi", "bing", "formula"]).count() == 4
    assert Membership.objects.get(user__username="yi").region == village
    result = manager.post(f"{page.url}result/")
    table = openpyxl.load_workbook(io.BytesIO(result.content)).active
    found = {row[2]: row for row in table.iter_rows(min_row=3, values_only=True)}
    assert Client().post("/signin/", {"username": "yi", "password": found["yi"][-2]}).status_code == 302
    assert "长汀县" in found["ding"][-1] and found["ding"][-2] is None
    assert found["formula"][1] == "@SUM(A1)"
    assert manager.post(f"{page.url}result/").status_code == 409
    made.refresh_from_db()
    assert made.result is None and made.rows is None


def test_a_row_taken_in_the_meantime_is_told(manager, user):
    page = upload(manager, sheet(["甲", "jia", "县级经办", "350825"], ["乙", "yi", "县级经办", "350825"]))
    user("jia")
    manager.post(f"{page.url}accept/")
    made = UserImport.objects.get()
    imports.make(made.pk)
    imports.make(made.pk)  # a job may come twice
    made.refresh_from_db()
    assert made.good == 1 and "已有人用" in made.result[0]["problems"][0]


def packed(sheet_xml: str, shared: bytes = b"<sst/>") -> bytes:
    """A workbook whose one sheet says what is given."""
    base = sheet(["甲", "jia", "县级经办", "350825"])
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(base)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            if part.filename.endswith("sheet1.xml"):
                new.writestr(part.filename, sheet_xml)
            elif not part.filename.endswith("sharedStrings.xml"):
                new.writestr(part.filename, old.read(part))
        new.writestr("xl/sharedStrings.xml", shared)
    return out.getvalue()


SPREADSHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
CELL = '<row r="{1}"><c r="{0}{1}" t="inlineStr"><is><t>x</t></is></c></row>'


@pytest.mark.parametrize("last", [("XFD", 1_048_576), ("ZZZ", 9_999_999), ("CV", 1_048_576)])
def test_a_stray_cell_far_out_takes_no_memory(last):
    """The reader makes room from the first cell to the last: the web server would end with it."""
    rows = CELL.format("A", 1) + "<row r='2'/>" * 50_000 + CELL.format(*last)
    with pytest.raises(Refused, match="最后一格"):
        read("a.xlsx", packed(SPREADSHEET.format(rows)))


def test_a_whole_column_of_borders_is_no_harm():
    book = openpyxl.Workbook()
    for each in (HEAD, ["甲", "jia", "县级经办", "350825"]):
        book.active.append(each)
    book.active.cell(row=1_000_000, column=1).number_format = "@"
    out = io.BytesIO()
    book.save(out)
    assert [row["username"] for row in read("a.xlsx", out.getvalue())] == ["jia"]


def test_a_part_longer_than_its_archive_says_is_damaged():
    content = bytearray(
        packed(SPREADSHEET.format(""), b"<sst><si><t>" + b"a" * 5_000_000 + b"</t></si></sst>")
    )
    entry = content.rindex(b"xl/sharedStrings.xml") - 46
    assert content[entry : entry + 4] == b"PK\x01\x02"
    content[entry + 24 : entry + 28] = (100).to_bytes(4, "little")
    with pytest.raises(Refused, match="打不开"):
        read("a.xlsx", bytes(content))


def test_an_archive_that_is_no_workbook_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("content.xml", "<x/>")
    with pytest.raises(Refused, match="打不开"):
        read("a.ods", out.getvalue())


def test_the_same_file_as_text(village):
    rows = "姓名,用户名,角色,地区\n甲,jia,县级经办,350825\n\n"
    for encoding in ("utf-8-sig", "gb18030"):
        (row,) = read("a.csv", rows.encode(encoding))
        assert row == {"row": "2", "name": "甲", "username": "jia", "role": "县级经办", "region": "350825"}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "表头"),
        (b"PK\x03\x04broken", "打不开"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "打不开"),
        (bytes(100), "打不开"),
        ("姓名,用户名\n甲,jia".encode(), "表头"),
        ("姓名,用户名,角色,地区\n".encode(), "没有数据"),
        (("姓名,用户名,角色,地区\n" + "甲,a,b,c\n" * 1_001).encode(), "1000"),
        (bytes(2 * 1024 * 1024 + 1), "2 MB"),
    ],
)
def test_files_that_do_not_go(content, why):
    with pytest.raises(Refused, match=why):
        read("x", content)


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("林" * 60, True),
        ("林" * 61, False),
        ("林\u202e九", False),
        ("林\u200b九", False),
        ("迪丽热巴·迪力木拉提", True),
        ("O'Neil 林", True),
    ],
)
def test_a_name_is_taken_whole_or_not_at_all(manager, name, good):
    page = upload(manager, sheet([name, "jia", "县级经办", "350825"]))
    found = UserImport.objects.get()
    assert (found.good, found.bad) == (int(good), int(not good))
    form = {
        "name": name,
        "username": "yi",
        "role": "county_clerk",
        "region": "350825",
        "valid_from": "2023-01-01",
    }
    assert manager.post("/users/new/", form).status_code == (200 if good else 422)
    if good:
        manager.post(f"{page.url}accept/")
        imports.make(found.pk)
        assert set(User.objects.filter(username__in=("jia", "yi")).values_list("name", flat=True)) == {name}


def test_a_workers_number_is_taken_as_it_stands_on_the_persons_page(manager):
    rows = (
        ["林小春", "lin", "劳动者", "连城县", "", "", "", "", "P000000042"],
        ["林大春", "lin2", "劳动者", "姑田镇", "", "", "", "", "350825P000000043"],
        ["林三春", "lin3", "劳动者", "连城县", "", "", "", "", "42"],
        ["林四春", "lin4", "劳动者", "连城县", "", "", "", "", "350821P000000044"],
    )
    page = upload(manager, sheet(*rows))
    found = UserImport.objects.get()
    assert (found.good, found.bad) == (2, 2)
    manager.post(f"{page.url}accept/")
    imports.make(found.pk)
    made = User.objects.filter(username__startswith="lin").order_by("pk").values_list("person", flat=True)
    assert list(made) == ["350825000000042", "350825000000043"]


def test_another_manager_does_not_see_it(manager, client_as, user):
    page = upload(manager, sheet(["甲", "jia", "县级经办", "350825"]))
    assert client_as("county_approver", "350821").get(page.url).status_code == 404
    assert client_as("county_clerk").get(page.url).status_code == 403


def test_headings_are_those_of_the_template():
    assert [word.rstrip("*") for word in HEAD] == list(HEADINGS.values())


def test_the_passwords_are_given_out_once_however_many_ask_at_once(manager):
    """The others waited for the first; what they hold of the file is from before."""
    page = upload(manager, sheet(["甲", "jia", "县级经办", "350825"]))
    manager.post(f"{page.url}accept/")
    imports.make(UserImport.objects.get().pk)
    first, second = UserImport.objects.get(), UserImport.objects.get()
    with use(Scope(reach("350825"), "county_approver", "test", actor=manager.user.pk)):
        assert "password" in imports.fetch(first)[0]
        with pytest.raises(Refused, match="取一次"):
            imports.fetch(second)
