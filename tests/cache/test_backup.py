import sqlite3
import stat
from contextlib import closing
from dataclasses import asdict

import numpy as np
import pytest

from cache import CacheError, Key, Store
from cache.backup import copy_database, copy_store


def key(number):
    return Key("number", 1, {"number": number})


@pytest.fixture
def filled(store):
    for number in range(5):
        store.put(key(number), {"x": np.full(10, number)}, labels={"n": str(number)})
    return store


def test_a_copy_holds_every_record_with_its_labels(filled, tmp_path):
    report = copy_store(filled.path, tmp_path / "copy")
    with Store(tmp_path / "copy") as copy:
        for number in range(5):
            found = copy.get(key(number), verify=True)
            assert (found.arrays["x"] == number).all()
        assert [*map(asdict, copy.usage())] == [*map(asdict, filled.usage())]
    assert (report.records, report.damaged) == (5, ())
    assert report.size_bytes == sum(entry.size_bytes for entry in filled.find())


def test_nobody_else_can_read_a_copy(filled, tmp_path):
    copy_store(filled.path, tmp_path / "copy")
    assert stat.S_IMODE((tmp_path / "copy").stat().st_mode) == 0o700


def test_the_original_is_used_meanwhile(filled, tmp_path):
    def writing(entries):
        for each in entries:
            filled.put(key(each.digest), {"x": np.zeros(3)})
            yield each

    report = copy_store(filled.path, tmp_path / "copy", writing)
    assert (report.records, report.damaged) == (5, ())
    assert len(list(filled.find())) == 10


def test_what_is_deleted_meanwhile_is_not_in_the_copy_and_not_called_damaged(filled, tmp_path):
    def deleting(entries):
        filled.delete(key(3))
        return iter(entries)

    report = copy_store(filled.path, tmp_path / "copy", deleting)
    assert (report.records, report.damaged) == (4, ())
    with Store(tmp_path / "copy") as copy:
        assert copy.get(key(3)) is None


def test_what_is_damaged_is_left_out_and_named(filled, tmp_path):
    entry = filled.entry(key(2).digest)
    path = filled.file_of(entry)
    content = bytearray(path.read_bytes())
    content[-1] ^= 255
    path.write_bytes(content)
    report = copy_store(filled.path, tmp_path / "copy")
    assert (report.records, report.damaged) == (4, (key(2).digest,))
    assert path.exists()


def test_a_row_that_names_a_file_elsewhere_brings_nothing(filled, tmp_path):
    secret = tmp_path / "secret.safetensors"
    secret.write_bytes(b"not yours")
    with closing(sqlite3.connect(filled.path / "cache.db")) as database, database:
        database.execute(
            "UPDATE Cache SET filename = ? WHERE key = ?", (str(secret), key(1).digest)
        )
    report = copy_store(filled.path, tmp_path / "copy")
    assert report.records == 4
    assert b"not yours" not in [p.read_bytes() for p in (tmp_path / "copy").rglob("*.safetensors")]


def test_no_store_is_made_up_or_overwritten(filled, tmp_path):
    with pytest.raises(CacheError, match=r"expected a store, found no cache\.db"):
        copy_store(tmp_path / "nowhere", tmp_path / "copy")
    copy_store(filled.path, tmp_path / "copy")
    with pytest.raises(CacheError, match="there is a store already"):
        copy_store(filled.path, tmp_path / "copy")


def test_a_disk_that_is_too_small_is_told_before_anything_is_copied(filled, tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 10})())
    with pytest.raises(CacheError, match="and 10 are free there"):
        copy_store(filled.path, tmp_path / "copy")
    assert not (tmp_path / "copy" / "cache.db").exists()


def test_a_database_is_copied_with_what_is_not_yet_in_its_main_file(tmp_path):
    with closing(sqlite3.connect(tmp_path / "a.db")) as database:
        database.execute("PRAGMA journal_mode = WAL")
        with database:
            database.execute("CREATE TABLE words (word TEXT)")
            database.execute("INSERT INTO words VALUES ('cat')")
        copy_database(tmp_path / "a.db", tmp_path / "b.db")
    with closing(sqlite3.connect(tmp_path / "b.db")) as copy:
        assert copy.execute("SELECT word FROM words").fetchall() == [("cat",)]


def test_what_is_no_database_is_said(tmp_path):
    (tmp_path / "a.db").write_text("no database, though as long as one might be" * 100)
    with pytest.raises(CacheError, match=r"a\.db: the database cannot be copied"):
        copy_database(tmp_path / "a.db", tmp_path / "b.db")
