from collections.abc import Iterator

import pytest

from chunfeng.engines.sheets.ahead import ahead


def test_items_keep_their_order_and_their_error() -> None:
    def items() -> Iterator[int | None]:
        yield 1
        yield None
        raise ValueError("third")

    given = ahead(items())
    assert [next(given), next(given)] == [1, None]
    with pytest.raises(ValueError, match="third"):
        next(given)


def test_no_more_than_one_item_is_made_ahead() -> None:
    made: list[int] = []
    given = ahead(made.append(n) or n for n in range(1000))  # type: ignore[func-returns-value]
    assert next(given) == 0
    given.close()  # type: ignore[attr-defined]
    assert made in ([0], [0, 1])


def test_nothing_stays_nothing() -> None:
    assert list(ahead(iter(()))) == []
