"""A file that was handed in becomes tables, problems and counts, or a refusal in words; it is kept sealed either way."""

from __future__ import annotations

import pytest

from chunfeng.apps.intake.models import Extract, SentFile
from chunfeng.apps.vault import files
from tests.apps.intake.conftest import everywhere, hand_in, register

pytestmark = pytest.mark.usefixtures("db")


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
