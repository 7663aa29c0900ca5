"""The small catalogue and book, loaded once."""

from collections.abc import Callable
from pathlib import Path

import pytest

from chunfeng.engines.rules.book import load_book
from chunfeng.engines.rules.catalogue import Catalogue, load_catalogue
from chunfeng.engines.rules.records import Book
from tests.engines.rules import small


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    path = tmp_path_factory.mktemp("facts") / "facts.yaml"
    path.write_text(small.FACTS, encoding="utf-8")
    return load_catalogue(path)


@pytest.fixture(scope="session")
def book(catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Book:
    path = tmp_path_factory.mktemp("book") / "recognition.yaml"
    path.write_text(small.BOOK, encoding="utf-8")
    return load_book([path], catalogue)


@pytest.fixture
def load(catalogue: Catalogue, tmp_path: Path) -> Callable[..., Book]:
    """Loads a book from texts, one file each."""

    def loaded(*texts: str) -> Book:
        for i, text in enumerate(texts):
            (tmp_path / f"book{i}.yaml").write_text(text, encoding="utf-8")
        return load_book([tmp_path], catalogue)

    return loaded
