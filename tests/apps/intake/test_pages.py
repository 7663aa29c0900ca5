"""The pages, through Django's client: every one of them with real content, as each who may see it."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from chunfeng.apps.intake.models import Delivery, Extract, SentFile
from chunfeng.apps.places.models import Organisation
from tests.apps.intake.conftest import COUNTY, citizen_id, everywhere, hand_in, register, row, work

pytestmark = pytest.mark.usefixtures("lasting", "db")
SHORT = "3508251990010101"

BAD = [
    row(
        3,
        name="<script>alert(1)</script>",
        id=SHORT,
        phone="=cmd|'/c calc'!A1",
        why="<img src=x onerror=alert(2)>",
    )
]
CONTENT = register(range(10, 30)) + "\n".join(",".join(r) for r in BAD).encode() + b"\n"


@pytest.fixture(scope="module")
def read(lasting):
    """One list with what no list should hold, read once."""
    return hand_in(("失业登记<b>花名册</b>.csv", CONTENT)).pk


@pytest.fixture
def extract(read):
    with everywhere():
        return Extract.objects.get(delivery=read)


def test_sending_through_the_form(client_as):
    client = client_as("county_clerk")
    with zipfile.ZipFile(bundle := io.BytesIO(), "w") as archive:
        archive.writestr("失业登记.csv", register(range(1, 30)))
    page = client.post(
        reverse("intake-send"),
        {
            "as_of": "2023-01-10",
            "note": "一月",
            "files": [
                SimpleUploadedFile("一月.zip", bundle.getvalue()),
                SimpleUploadedFile("a.csv", CONTENT),
            ],
        },
    )
    assert page.status_code == 302, page.content.decode()[-3000:]
    assert work() == 2
    page = client.get(page.url)
    text = page.content.decode()
    assert "登记失业人员" in text and "2 份名单可以接收" in text
    with everywhere():
        delivery = Delivery.objects.latest("pk")
        assert (delivery.as_of, delivery.sender, delivery.note) == (date(2023, 1, 10), client.user.pk, "一月")


def test_a_form_without_files_says_so(client_as):
    page = client_as().post(reverse("intake-send"), {"as_of": "2023-01-10"})
    assert page.status_code == 422 and "请至少选择一个文件" in page.content.decode()
    page = client_as().post(reverse("intake-send"), {"as_of": "2999-01-10"})
    assert page.status_code == 422 and "还没有到" in page.content.decode()


PAGES = ("columns", "rows", "issues", "history")


@pytest.mark.parametrize("page", PAGES)
def test_tabs_show_nothing_that_runs(extract, client_as, page):
    text = client_as().get(reverse(f"intake-{page}", args=[extract.pk])).content.decode()
    assert "登记失业人员" in text
    for live in ("<script>alert", "<img src=x", "<b>花名册"):
        assert live not in text


def test_a_list_that_could_not_be_read_again_says_so(extract, client_as):
    """Else it would wait for ever to be checked, and nobody could accept it or know why."""
    with everywhere():
        Extract.objects.filter(pk=extract.pk).update(stale=True)
        SentFile.objects.filter(pk=extract.file_id).update(state="refused", refusal="FILE_CRASHED")
    client = client_as()
    text = client.get(reverse("intake-columns", args=[extract.pk])).content.decode()
    assert "按改动重新读取没有成功" in text and "确认表类和列" in text
    assert reverse("intake-reject", args=[extract.pk]) in text
    with everywhere():
        SentFile.objects.filter(pk=extract.file_id).update(state="waiting", refusal="")
    assert "没有成功" not in client.get(reverse("intake-columns", args=[extract.pk])).content.decode()


def test_sound_numbers_are_masked_and_wrong_ones_shown(extract, client_as):
    client = client_as()
    text = client.get(reverse("intake-rows", args=[extract.pk])).content.decode()
    assert row(10)[2] not in text and row(10)[2][:4] + "*" * 10 in text
    assert f">{SHORT}<" in text
    text = client.get(reverse("intake-rows", args=[extract.pk]), {"only": "wrong"}).content.decode()
    assert f">{SHORT}<" in text and row(10)[1] not in text


def test_problems_are_filtered_and_paged(extract, client_as):
    client = client_as()
    with everywhere():
        codes = set(extract.issues.values_list("code", flat=True))
    assert "ID_SHORT" in codes
    text = client.get(
        reverse("intake-issues", args=[extract.pk]), {"rank": "0", "code": "ID_SHORT"}
    ).content.decode()
    assert "位数不足" in text
    assert (
        "没有问题"
        in client.get(reverse("intake-issues", args=[extract.pk]), {"code": "CSV_QUOTES"}).content.decode()
    )


def test_a_cell_of_several_lines_is_no_change_where_nobody_changed_it(client_as):
    """A browser ends lines in its own way, and takes line ends out of a field of one line."""
    several = row(31, id=SHORT, address='"莲峰镇\n西街村\r\n12号"')
    content = register(range(10, 30)) + ",".join(several).encode() + b"\n"
    delivery = hand_in(("失业登记多行.csv", content))
    with everywhere():
        extract = Extract.objects.get(delivery=delivery)
    url, client = reverse("intake-row", args=[extract.pk, 22]), client_as()
    page = client.get(url).content.decode()
    assert '<textarea class="form-control" rows="3" id="c6" name="c6"' in page
    typed = "莲峰镇\r\n西街村\r\n12号"
    assert "没有改动" in client.post(url, {"c6": typed, "old6": typed}).content.decode()
    cells = {"c2": citizen_id(78), "old2": SHORT, "c6": typed, "old6": typed}
    assert client.post(url, cells).status_code == 302
    cells = {"c6": typed + "甲", "old6": typed}
    assert client.post(url, cells).status_code == 302
    with everywhere():
        assert list(extract.edits.values_list("column", flat=True)) == [2, 6]
        assert extract.edits.last().new == "莲峰镇\n西街村\n12号甲"


def test_a_cell_is_put_right_and_the_row_checked_at_once(extract, client_as):
    client = client_as()
    url = reverse("intake-row", args=[extract.pk, 22])
    text = client.get(url).content.decode()
    assert "位数不足" in text
    cells = {"c2": citizen_id(77), "old2": SHORT, "c1": "林小春", "old1": BAD[0][1]}
    page = client.post(url, cells, follow=True)
    text = page.content.decode()
    assert "重新核对" in text and "位数不足" not in text and citizen_id(77) in text
    stale = client.post(url, {"c2": "9", "old2": SHORT})
    assert stale.status_code == 422 and "已被别人改过" in stale.content.decode()
    assert work() == 1
    with everywhere():
        extract.refresh_from_db()
        assert extract.error_rows == 0 and not extract.stale
        assert {e.old for e in extract.edits.all()} == {SHORT, BAD[0][1]}
    page = client.get(reverse("intake-history", args=[extract.pk])).content.decode()
    assert "身份证号" in page


def test_columns_are_confirmed_and_remembered(client_as):
    header = "姓名,身份证号,登记时间\n"
    body = "".join(f"{row(n)[1]},{row(n)[2]},{row(n)[4]}\n" for n in range(1, 30))
    delivery = hand_in(("名单.csv", (header + body).encode()))
    with everywhere():
        first = delivery.extracts.get()
    client = client_as()
    url = reverse("intake-confirm", args=[first.pk])
    page = client.post(url, {"kind": "unemployment_register", "width": "3", "c0": "name", "c1": "name"})
    assert page.status_code == 422 and "对应了两列" in page.content.decode()
    page = client.get(reverse("intake-columns", args=[first.pk]), {"kind": "unemployment_register"})
    assert "确认后才生效" in page.content.decode() or first.kind == "unemployment_register"
    fields = {"c0": "name", "c1": "id_number", "c2": ""}
    assert client.post(url, {"kind": "unemployment_register", "width": "3"} | fields).status_code == 302
    work()
    with everywhere():
        first.refresh_from_db()
        assert (first.kind, first.mapping, first.state) == ("unemployment_register", "person", "read")
    again = hand_in(("二月名单.csv", (header + body.replace("2022-", "2021-")).encode()))
    with everywhere():
        assert (again.extracts.get().kind, again.extracts.get().mapping) == ("unemployment_register", "saved")
    other = hand_in(("低保对象花名册.csv", (header + body.replace("2022-", "2020-")).encode()))
    with everywhere():  # a list that says of itself what it is: the same headings are not the same list
        assert (other.extracts.get().kind, other.extracts.get().mapping) == (
            "minimum_living_allowance",
            "detected",
        )
    fields = {"c0": "name", "c1": "id_number", "c2": "allowance_from"}
    with everywhere():
        url = reverse("intake-confirm", args=[other.extracts.get().pk])
    assert client.post(url, {"kind": "minimum_living_allowance", "width": "3"} | fields).status_code == 302
    work()
    third = hand_in(("三月名单.csv", (header + body.replace("2022-", "2019-")).encode()))
    fourth = hand_in(("四月低保对象.csv", (header + body.replace("2022-", "2018-")).encode()))
    with everywhere():  # each keeps its own answer
        assert third.extracts.get().kind == "unemployment_register"
        assert [c["field"] for c in fourth.extracts.get().plan["columns"]] == [
            "name",
            "id_number",
            "allowance_from",
        ]


def test_the_workbook_goes_back(extract, client_as, tmp_path):
    page = client_as().get(reverse("intake-workbook", args=[extract.pk]))
    (tmp_path / "issues.xlsx").write_bytes(page.content)
    lines = list(openpyxl.load_workbook(tmp_path / "issues.xlsx").active.iter_rows(values_only=True))
    assert {"文件", "行", "问题与处理办法", "单元格内容"} <= set(lines[0])
    assert len(lines) - 1 == extract.errors + extract.warnings + extract.infos
    assert b"<f>" not in zipfile.ZipFile(tmp_path / "issues.xlsx").read("xl/worksheets/sheet1.xml")


def test_deciding_on_the_page(extract, client_as):
    client = client_as()
    page = client.post(reverse("intake-reject", args=[extract.pk]), {"reason": "x"}, follow=True)
    assert "至少 4 个字" in page.content.decode()
    page = client.post(reverse("intake-accept", args=[extract.pk]), {"partly": "1"}, follow=True)
    assert "部分接收" in page.content.decode() and "1 行没有接收" in page.content.decode()
    assert "登记失业人员" in client.get(reverse("intake-versions")).content.decode()
    assert "排队中" in client.get(reverse("intake-runs")).content.decode()
    page = client.post(reverse("intake-undo", args=[extract.pk]), {"reason": "报错了县"}, follow=True)
    assert "已撤回" in page.content.decode()
    assert client.post(reverse("intake-reopen", args=[extract.pk])).status_code == 302
    with everywhere():
        extract.refresh_from_db()
        assert extract.state == Extract.State.READ


def test_the_neighbour_and_the_other_partner_see_nothing(extract, client_as):
    civil = Organisation.objects.create(
        name="连城县民政局", kind="partner", region_id=COUNTY, department="民政"
    )
    other = Organisation.objects.create(
        name="连城县残联", kind="partner", region_id=COUNTY, department="残联"
    )
    own = hand_in(("低保.csv", register(range(50, 80))), organisation=civil)
    pages = [reverse(f"intake-{p}", args=[extract.pk]) for p in (*PAGES, "workbook")]
    pages += [
        reverse("intake-row", args=[extract.pk, 22]),
        reverse("intake-delivery", args=[extract.delivery_id]),
    ]
    pages += [reverse("intake-file", args=[extract.file_id])]
    neighbour = client_as("county_clerk", "350821")
    partner = client_as("partner", COUNTY, organisation=civil)
    assert {neighbour.get(p).status_code for p in pages} == {404}
    assert {partner.get(p).status_code for p in pages} == {404}
    assert neighbour.post(reverse("intake-accept", args=[extract.pk])).status_code == 404
    assert partner.post(reverse("intake-accept", args=[extract.pk])).status_code == 403
    assert partner.get(reverse("intake-delivery", args=[own.pk])).status_code == 200
    text = partner.get(reverse("intake-board")).content.decode()
    assert f"#{own.pk}" in text and f"#{extract.delivery_id}<" not in text
    assert client_as("county_approver").get(pages[0]).status_code == 200
    stranger = client_as("agency", COUNTY, organisation=other)
    assert stranger.get(reverse("intake-delivery", args=[own.pk])).status_code == 404


@pytest.mark.parametrize(
    ("role", "region"), [("province_officer", "35"), ("city_officer", "3508"), ("county_clerk", COUNTY)]
)
def test_the_board_of_every_level(role, region, client_as, extract):
    page = client_as(role, region).get(reverse("intake-board"))
    assert page.status_code == 200 and f"#{extract.delivery_id}" in page.content.decode()


def test_the_file_as_sent_comes_back(extract, client_as):
    page = client_as().get(reverse("intake-file", args=[extract.file_id]))
    assert b"".join(page.streaming_content) == CONTENT
    assert page["Content-Disposition"].startswith("attachment")
    assert page["Content-Type"] == "application/octet-stream"


def test_lists_cost_the_same_however_long(client_as, django_queries):
    client = client_as()
    client.get(reverse("intake-board"))
    hand_in(*[(f"{n}.csv", b"a,b\n1,2\n") for n in range(2)], read=False)
    few = django_queries(lambda: client.get(reverse("intake-board")))
    for n in range(8):
        hand_in((f"x{n}.csv", f"a,b\n{n},2\n".encode()), read=False)
    assert django_queries(lambda: client.get(reverse("intake-board"))) == few
