"""Numbers whole for who works on a list, covered for who looks on and wherever nobody said what a column holds."""

from __future__ import annotations

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from chunfeng.apps.intake.models import Extract
from chunfeng.apps.intake.shown import cover_numbers
from chunfeng.apps.places.models import Organisation
from tests.apps.intake.conftest import COUNTY, everywhere, hand_in, register, row

pytestmark = pytest.mark.usefixtures("lasting", "db")
SHORT, LONG_PHONE = "3508251990010101", "138000012345"
LOOKING_ON = [("province_officer", "35"), ("city_officer", "3508")]
WORKING = [("county_clerk", COUNTY), ("county_approver", COUNTY)]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("35082519900101123X", "3508**********123X"),
        ("350825900101123", "3508*******1123"),
        ("13800138000", "138****8000"),
        ("联系人林 138-0013-8000。", "联系人林 138******8000。"),
        ("３５０８２５１９９００１０１１２３Ｘ", "３５０８**********１２３Ｘ"),
        ("2022-12-01", "2022-12-01"),
        ("20221201", "20221201"),
        ("0597-8922345", "059*****2345"),
        ("", ""),
    ],
)
def test_numbers_are_covered(text, shown):
    assert cover_numbers(text) == shown


@given(st.text(max_size=5), st.from_regex(r"\A([0-9]{11}|[0-9]{15}|[0-9]{17}[0-9Xx])\Z"), st.text(max_size=5))
def test_no_whole_number_stays(before, number, after):
    assert number not in cover_numbers(before + number + after)


@pytest.fixture(scope="module")
def read(lasting):
    """A list with wrong numbers and a column of its own, and one that nobody can tell the kind of."""
    body = register(range(10, 30)).decode().splitlines()
    lines = [body[0] + ",监护人号码", *(line + f",{row(400 + i)[2]}" for i, line in enumerate(body[1:]))]
    lines.append(",".join([*row(3, id=SHORT, phone=LONG_PHONE), ""]))
    odd = "甲,乙,丙\n" + "".join(f"{row(n)[1]},{row(n)[2]},{row(n)[3]}\n" for n in range(50, 60))
    delivery = hand_in(("失业登记.csv", "\n".join(lines).encode()), ("杂表.csv", odd.encode()))
    return delivery.pk


@pytest.fixture
def lists(read):
    with everywhere():
        found = {e.source.rsplit("/", 1)[-1]: e for e in Extract.objects.filter(delivery=read)}
    return found["失业登记.csv"], found["杂表.csv"]


def pages(client, extract: Extract) -> str:
    tabs = [
        client.get(reverse(f"intake-{page}", args=[extract.pk])) for page in ("columns", "rows", "issues")
    ]
    assert {page.status_code for page in tabs} == {200}
    return "".join(page.content.decode() for page in tabs)


@pytest.mark.parametrize(("role", "region"), LOOKING_ON)
def test_who_looks_on_sees_no_number_whole_and_gets_no_file(lists, client_as, role, region):
    client, (known, _) = client_as(role, region), lists
    text = pages(client, known)
    assert "终止劳动合同" in text  # the list itself is shown
    for number in (SHORT, LONG_PHONE, row(10)[2], row(10)[3], row(400)[2]):
        assert number not in text
    address = reverse("intake-workbook", args=[known.pk])
    assert address not in text and client.get(address).status_code == 403
    file, page = (
        reverse("intake-file", args=[known.file_id]),
        reverse("intake-delivery", args=[known.delivery_id]),
    )
    refused = client.get(file)
    assert refused.status_code == 403 and "只给报送单位" in refused.content.decode()
    assert file not in client.get(page).content.decode()
    assert client.get(reverse("intake-picture", args=[known.file_id])).status_code == 403


@pytest.mark.parametrize(("role", "region"), WORKING)
def test_who_works_on_it_sees_the_wrong_ones(lists, client_as, role, region):
    client, (known, _) = client_as(role, region), lists
    text = pages(client, known)
    assert SHORT in text and LONG_PHONE in text
    assert row(10)[2] not in text and row(400)[2] not in text
    for name, key in (("workbook", known.pk), ("file", known.file_id)):
        assert client.get(reverse(f"intake-{name}", args=[key])).status_code == 200


@pytest.mark.parametrize(("role", "region"), [*LOOKING_ON, *WORKING])
def test_what_nobody_settled_yet_is_covered_for_everybody(lists, client_as, role, region):
    _, odd = lists
    assert odd.state == Extract.State.NEEDS_MAPPING
    text = pages(client_as(role, region), odd)
    assert row(50)[1] in text
    for n in range(50, 60):
        assert row(n)[2] not in text and row(n)[3] not in text


def test_an_office_gets_back_what_it_sent(client_as):
    office = Organisation.objects.create(
        name="连城县民政局", kind="partner", region_id=COUNTY, department="民政"
    )
    own = hand_in(("失业登记二.csv", register(range(70, 80))), organisation=office)
    with everywhere():
        extract = own.extracts.get()
    client = client_as("partner", COUNTY, organisation=office)
    assert client.get(reverse("intake-file", args=[extract.file_id])).status_code == 200
    assert client.get(reverse("intake-workbook", args=[extract.pk])).status_code == 200
