"""A file that was handed in becomes tables, problems and counts, or a refusal in words; it is kept sealed either way."""

from __future__ import annotations

import resource

import pytest
from django.db import connection

from chunfeng.apps.intake import readings
from chunfeng.apps.intake.asking import AREA, ask_for_reading
from chunfeng.apps.intake.models import Delivery, Extract, SentFile
from chunfeng.apps.intake.reading_tasks import remove_orphans
from chunfeng.apps.intake.tasks import queue_forgotten
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


def test_a_disk_without_room_is_no_fault_of_the_file():
    delivery = hand_in(("失业登记.csv", register(range(1, 5))), read=False)
    with everywhere():
        file = delivery.files.get()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        with pytest.raises(OSError, match="large"):
            readings.read(file.pk, file.county, file.reading)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    with everywhere():
        assert delivery.files.get().state == SentFile.State.WAITING
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE args->>'number' = %s", [str(file.pk)])
    assert queue_forgotten() == 0  # just handed in
    with everywhere():
        Delivery.objects.filter(pk=delivery.pk).update(at="2023-01-01T00:00:00Z")
    assert queue_forgotten() == 1 and work() == 1
    with everywhere():
        assert delivery.files.get().state == SentFile.State.READ


def test_a_file_that_kills_its_worker_again_and_again_is_given_up():
    delivery = hand_in(("失业登记.csv", register(range(1, 5))), read=False)
    with everywhere():
        file = delivery.files.get()
        SentFile.objects.filter(pk=file.pk).update(state=SentFile.State.READING)
    readings.read(file.pk, file.county, file.reading, readings.MOST_ATTEMPTS)
    with everywhere():
        assert delivery.files.get().refusal == "FILE_CRASHED"


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
