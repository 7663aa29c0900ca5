"""A file that was handed in becomes tables, problems and counts, or a refusal in words; it is kept sealed either way."""

from __future__ import annotations

import pytest

from chunfeng.apps.intake import readings
from chunfeng.apps.intake.asking import AREA, ask_for_reading
from chunfeng.apps.intake.models import Delivery, Extract, SentFile
from chunfeng.apps.intake.reading_tasks import remove_orphans
from chunfeng.apps.vault import files
from tests.apps.intake.conftest import everywhere, hand_in, register, work

pytestmark = pytest.mark.usefixtures("lasting", "db")


def test_a_file_damaged_on_disk_is_refused_and_nobody_waits():
    delivery = hand_in(("失业登记.csv", register(range(1, 5))), read=False)
    with everywhere():
        files.path_of(delivery.files.get().stored).write_bytes(b"CFV1 something else")
    assert work() == 1
    with everywhere():
        file = delivery.files.get()
        assert (file.state, file.refusal) == (SentFile.State.REFUSED, "FILE_CRASHED")
        assert Delivery.objects.get(pk=delivery.pk).state == Delivery.State.CLOSED


def test_an_overtaken_reading_keeps_nothing():
    delivery = hand_in(("失业登记.csv", register(range(1, 5))), read=False)
    with everywhere():
        file = delivery.files.get()
        ask_for_reading(file)
    readings.read(file.pk, file.county, file.reading - 1)
    with everywhere():
        assert delivery.files.get().state == SentFile.State.WAITING and not delivery.extracts.exists()
    assert work() == 1
    with everywhere():
        assert delivery.extracts.count() == 1
    readings.read(file.pk, file.county, file.reading)  # done already: a job that is done again does no harm
    with everywhere():
        assert delivery.extracts.count() == 1


def test_what_nothing_names_is_removed():
    delivery = hand_in(("失业登记.csv", register(range(1, 5))), read=False)
    left = files.put(AREA, [b"of a transaction that broke"]).name
    assert remove_orphans(older_than=-60) >= 1
    assert not files.path_of(left).exists()
    with everywhere():
        assert files.path_of(delivery.files.get().stored).exists()


def test_a_list_is_read_and_kept():
    content = register(range(1, 40))
    delivery = hand_in(("失业登记花名册.csv", content))
    with everywhere():
        file = delivery.files.get()
        assert file.state == SentFile.State.READ
        assert files.read(file.stored) == content
        extract = file.extracts.get()
        assert (extract.kind, extract.records, extract.state) == (
            "unemployment_register",
            39,
            Extract.State.READ,
        )
        delivery.refresh_from_db()
        assert delivery.state == delivery.State.OPEN
