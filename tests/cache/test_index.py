import sqlite3
from contextlib import closing

import numpy as np
import pytest

from cache import CacheError, Key
from cache.disk import WrittenRecord
from cache.index import Index

KEY = Key("number", 1, {"n": 1})


@pytest.fixture
def index(store):
    """The index of a store with one record."""
    store.put(KEY, {"x": np.zeros(3)}, labels={"model": "m"})
    opened = Index(store.path)
    yield opened
    opened.close()


def test_an_entry_is_found_by_its_digest(index):
    entry = index.entry(KEY.digest)
    assert (entry.digest, entry.kind, entry.labels) == (KEY.digest, "number", {"model": "m"})
    assert index.entry("absent") is None


def test_used_bytes_grow_by_a_record(store, index):
    before = index.used_bytes()
    store.put(Key("number", 1, {"n": 2}), {"x": np.zeros(100_000)})
    assert index.used_bytes() - before >= 800_000


@pytest.mark.parametrize(
    "change",
    [
        lambda index: index.delete(KEY.digest),
        lambda index: index.insert("digest", "kind", WrittenRecord("a", 1, "b", {})),
    ],
    ids=["delete", "insert"],
)
def test_an_index_that_another_process_keeps_is_an_error_in_the_end(store, index, change):
    index._cache._timeout = 0.01  # noqa: SLF001 - a minute else
    index.close()
    with closing(sqlite3.connect(store.path / "cache.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(CacheError, match=r"another process has kept it for 0.01 s, or the fol"):
            change(index)
    change(index)


def test_a_row_that_expires_is_none_of_ours(store, index):
    with closing(sqlite3.connect(store.path / "cache.db")) as database, database:
        database.execute("UPDATE Cache SET expire_time = 1")
    assert store.get(KEY) is None
    assert store.missing([KEY]) == [KEY]
    assert list(index.entries()) == []
