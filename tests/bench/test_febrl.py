"""The English path of the linkage bench, on records of its own: what is damaged is found, a stranger stays alone."""

import random

import pytest

from bench import _febrl

pandas = pytest.importorskip("pandas")
GIVEN = (
    "anna brian carol david ellen frank grace henry irene jacob karen louis maria norman olive peter".split()
)
SURNAMES = (
    "archer baker cooper draper fisher gardner hunter joiner mason porter sawyer tanner turner weaver".split()
)


def people(count: int, first: int = 0) -> dict[str, dict[str, str | None]]:
    """Invented records with the fields FEBRL has."""
    draw = random.Random(first)
    return {
        f"rec-{n}": {
            "given_name": draw.choice(GIVEN), "surname": draw.choice(SURNAMES), "street_number": str(draw.randint(1, 200)),
            "address_1": f"{draw.choice(SURNAMES)} street", "address_2": f"{draw.choice(GIVEN)} house",
            "suburb": f"{draw.choice(SURNAMES)}ton", "postcode": f"{draw.randint(2000, 2300)}", "state": "nsw",
            "date_of_birth": f"19{draw.randint(20, 99)}{draw.randint(1, 12):02d}{draw.randint(1, 28):02d}",
            "soc_sec_id": f"{draw.randint(1_000_000, 9_999_999)}",
        }
        for n in range(first, first + count)
    }  # fmt: skip


def damaged(record: dict[str, str | None], seed: int) -> dict[str, str | None]:
    """Two fields gone wrong: one missing, one with two characters exchanged."""
    draw = random.Random(seed)
    gone, wrong = draw.sample(sorted(set(record) - {"state"}), 2)
    text = str(record[wrong])
    at = draw.randrange(len(text) - 1)
    return record | {gone: None, wrong: text[:at] + text[at + 1] + text[at] + text[at + 2 :]}


def frame(records: dict[str, dict[str, str | None]]):  # type: ignore[no-untyped-def]
    return pandas.DataFrame.from_dict(records, orient="index").rename_axis("rec_id")


def test_damaged_copies_are_found_and_strangers_stay_alone() -> None:
    known = people(400)
    copies = {
        f"{name}-dup": damaged(record, n) for n, (name, record) in enumerate(known.items()) if n % 2 == 0
    }
    strangers = {f"{name}-new": record for name, record in people(150, first=9_000).items()}
    found = {(a, b) for a, b, p in _febrl.link(frame(known), frame(copies | strangers)) if p > 0.5}
    assert found == {(name.removesuffix("-dup"), name) for name in copies}


def test_copies_in_one_list_stand_together_all_with_all() -> None:
    known = people(300)
    names = list(known)
    copies = {
        f"{name}-{k}": damaged(known[name], 1000 * k + n)
        for k in (1, 2)
        for n, name in enumerate(names[:100])
    }
    found = {(a, b) for a, b, p in _febrl.link(frame(known | copies), None) if p > 0.5}
    true = {
        pair
        for name in names[:100]
        for pair in ((name, f"{name}-1"), (name, f"{name}-2"), (f"{name}-1", f"{name}-2"))
    }
    assert len(found - true) == 0 and len(true - found) <= 2
