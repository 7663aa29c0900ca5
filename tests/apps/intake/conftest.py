"""Lists as departments send them, and the work of the worker done at once."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

COUNTY = "350825"
AS_OF = date(2023, 1, 15)
ROOT = Path(__file__).parents[3]
SENT, HOSTILE = ROOT / "examples/liancheng", ROOT / "tests/data/liancheng/hostile"
HEADER = "序号,姓名,身份证号,联系电话,失业登记日期,失业原因,家庭住址"


def citizen_id(number: int, county: str = COUNTY, birth: str = "19850203") -> str:
    """A well-formed number of an invented person."""
    body = f"{county}{birth}{number % 1000:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


def row(number: int, **cells: str) -> list[str]:
    """A row of an unemployment register; cells by name change it."""
    surnames, given = "林陈黄张吴李王郑刘杨", "小春晓明建国丽华秀英志强文斌"
    name = surnames[number % 10] + given[number % 13] + given[(number // 13) % 13]
    birth = f"19{60 + number // 1000 % 40:02d}{number % 12 + 1:02d}{number % 28 + 1:02d}"
    values = {
        "serial": str(number),
        "name": name,
        "id": citizen_id(number, birth=birth),
        "phone": f"138{number:08d}",
        "day": f"2022-{number % 12 + 1:02d}-01",
        "why": "终止劳动合同",
        "address": "福建省连城县莲峰镇西街村",
    }
    return list((values | cells).values())


def register(numbers: Any, **cells: str) -> bytes:
    """A csv of an unemployment register with these persons."""
    return ("\n".join([HEADER, *(",".join(row(n, **cells)) for n in numbers)]) + "\n").encode()


class Upload:
    """A file in memory, as it comes."""

    def __init__(self, name: str, content: bytes) -> None:
        self.name, self._content = name, content

    def chunks(self) -> Iterator[bytes]:
        stream = io.BytesIO(self._content)
        while piece := stream.read(1 << 16):
            yield piece


def work() -> int:
    """Do every reading that is asked for, as the worker would; how many there were."""
    from chunfeng.apps.intake import readings
    from chunfeng.apps.intake.models import SentFile
    from chunfeng.apps.places.scope import use, whole_province

    done = 0
    while True:
        with use(whole_province("test", "test")):
            file = SentFile.objects.filter(state=SentFile.State.WAITING).order_by("pk").first()
        if file is None:
            return done
        readings.read(file.pk, file.county, file.reading)
        done += 1


def hand_in(
    *sent: tuple[str, bytes], organisation: Any = None, read: bool = True, as_of: date = AS_OF
) -> Any:
    """Send files for the county and have them read: (name, content) pairs → the delivery."""
    from chunfeng.apps.intake.services.receive import receive
    from chunfeng.apps.places.numbers import reach
    from chunfeng.apps.places.scope import Scope, use

    with use(Scope(reach(COUNTY), "test", "test")):
        delivery = receive([Upload(*s) for s in sent], as_of=as_of, organisation=organisation)
    if read:
        work()
    return delivery


def everywhere() -> Any:
    """The scope that sees all, to look what came of something."""
    from chunfeng.apps.places.scope import use, whole_province

    return use(whole_province("test", "test"))


@pytest.fixture(scope="module")
def lasting(platform: Path) -> Iterator[None]:
    """A transaction around a file of tests: what is handed in once lies beneath the transactions of the tests."""
    from django.db import transaction

    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def django_queries() -> Callable[[Callable[[], Any]], int]:
    """How many queries something takes."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count(do: Callable[[], Any]) -> int:
        with CaptureQueriesContext(connection) as queries:
            do()
        return len(queries)

    return count
