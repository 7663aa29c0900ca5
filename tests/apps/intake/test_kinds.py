"""Kinds of list that a county added itself are known to all who send lists there."""

from __future__ import annotations

import pytest

from chunfeng.apps.intake import state
from chunfeng.apps.intake.kinds import kinds_of
from chunfeng.apps.intake.models import StateFile
from chunfeng.apps.places.scope import OutOfReach, use

COUNTY = "350825"
OWN = """
kind: training_roster
name: 培训花名册
english: Participants of training courses
department: 人社
subject: person
key: [name, id_number]
titles: [培训班]
fields:
  - {field: name, required: true}
  - {field: id_number, required: true}
  - {field: course, label: 培训工种, type: text, signature: true, words: [培训工种]}
"""
SENDS = {"actor": 5, "capabilities": frozenset({"intake.read", "intake.send"})}


@pytest.mark.usefixtures("db")
def test_a_town_and_an_organisation_know_the_countys_own_kinds(scope_of):
    with use(scope_of(COUNTY)):
        state.put(COUNTY, "kinds/training_roster.yaml", OWN.encode())
    for scope in (
        scope_of(COUNTY),
        scope_of("350825100", **SENDS),
        scope_of(COUNTY, organisation=3, **SENDS),
    ):
        with use(scope):
            assert kinds_of(COUNTY)["training_roster"].name == "培训花名册"
            assert "training_roster" not in kinds_of("350821")
    with use(scope_of(COUNTY, organisation=3, **SENDS)), pytest.raises(OutOfReach):
        StateFile.objects.exists()
