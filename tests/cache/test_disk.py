import hashlib
import os
import sqlite3

import diskcache
import numpy as np
import pytest
from diskcache.core import MODE_BINARY, MODE_PICKLE

from cache import DamagedRecordError, Key, Store
from cache.disk import SafetensorsDisk, WrittenRecord, noted, sha256_of
from cache.encoding import encoded

KEY = Key("sum", 1, {"of": [1, 2]})


@pytest.fixture
def disk(tmp_path):
    (tmp_path / "disk").mkdir()
    return SafetensorsDisk(str(tmp_path / "disk"))


@pytest.fixture
def payload(tmp_path):
    """A pickle that makes the folder `executed` when it is loaded, written by hand."""
    return f"cos\nmkdir\n(V{tmp_path / 'executed'}\ntR.".encode()


def tamper(store, assignments, *values):
    """Change the one row of a store behind its back."""
    with sqlite3.connect(store.path / "cache.db") as database:
        database.execute(f"UPDATE Cache SET {assignments}", values)  # noqa: S608 - the tests' own text
    database.close()


def test_the_payload_is_executed_by_diskcache_itself(tmp_path, payload):
    diskcache.Disk(str(tmp_path)).fetch(MODE_PICKLE, None, payload, read=False)
    assert (tmp_path / "executed").is_dir()


def test_a_pickle_in_a_row_is_never_executed(tmp_path, store, payload):
    store.put(KEY, {"x": np.zeros(2)})
    tamper(store, "mode = ?, filename = NULL, value = ?", MODE_PICKLE, payload)
    assert [entry.labels for entry in store.find()] == [{}]
    assert store.get(KEY) is None
    assert store.missing([KEY]) == [KEY]
    assert not (tmp_path / "executed").exists()


def test_verify_finds_a_pickle_in_a_row_and_does_not_execute_it(tmp_path, store, payload):
    store.put(KEY, {"x": np.zeros(2)})
    tamper(store, "mode = ?, filename = NULL, value = ?", MODE_PICKLE, payload)
    assert store.verify().damaged == (KEY.digest,)
    assert not (tmp_path / "executed").exists()


def test_a_pickle_in_a_file_is_never_executed(tmp_path, store, payload):
    store.put(KEY, {"x": np.zeros(2)})
    (store.path / next(store.find()).file).write_bytes(payload)
    tamper(store, "mode = ?, value = NULL", MODE_PICKLE)
    assert store.get(KEY) is None
    assert not (tmp_path / "executed").exists()


def test_a_pickle_as_a_key_is_never_executed(tmp_path, store, payload):
    store.put(KEY, {"x": np.zeros(2)})
    tamper(store, "key = ?, raw = 0", payload)
    with (
        diskcache.Cache(str(store.path), disk=SafetensorsDisk) as cache,
        pytest.raises(DamagedRecordError, match="a row's key is not text; it is refused"),
    ):
        list(cache)
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize("name", ["../victim.safetensors", "/{}/victim.safetensors", "cache.db"])
@pytest.mark.parametrize("visit", [Store.get, Store.delete, lambda store, _: store.verify()])
def test_a_row_reaches_no_file_that_is_not_a_record(tmp_path, store, caplog, name, visit):
    victim = tmp_path / "victim.safetensors"
    store.put(KEY, {"x": np.zeros(2)})
    victim.write_bytes((store.path / next(store.find()).file).read_bytes())
    tamper(store, "filename = ?", name.format(tmp_path))
    visit(store, KEY)
    assert "it is refused" in caplog.text
    assert victim.exists()
    assert (store.path / "cache.db").exists()
    assert store.missing([KEY]) == [KEY]


def test_a_link_out_of_the_folder_is_refused(tmp_path, disk):
    (tmp_path / "elsewhere.safetensors").write_bytes(b"secret")
    link = tmp_path / "disk" / "link.safetensors"
    link.symlink_to(tmp_path / "elsewhere.safetensors")
    with pytest.raises(
        DamagedRecordError, match=r"names the file 'link.safetensors'; it is refused"
    ):
        disk.inside(link.name)


@pytest.mark.parametrize("key", [1, 1.5, b"bytes", ("a", 1), None])
def test_keys_that_are_no_text_are_refused(disk, key):
    with pytest.raises(TypeError, match=f"keys are digests, as text; found {type(key).__name__}"):
        disk.put(key)


@pytest.mark.parametrize(("key", "raw"), [("text", False), (b"bytes", True), (1, True)])
def test_rows_whose_key_is_no_text_are_refused(disk, key, raw):
    with pytest.raises(DamagedRecordError, match="a row's key is not text"):
        disk.get(key, raw)


def test_text_keys_are_kept_as_they_are(disk):
    assert disk.get(*disk.put("digest")) == "digest"


@pytest.mark.parametrize("value", ["text", 1, b"bytes", {"x": 1}])
def test_only_records_are_stored(disk, value):
    with pytest.raises(TypeError, match=f"only records are stored; found {type(value).__name__}"):
        disk.store(value, read=False)
    assert os.listdir(disk._directory) == []  # noqa: PTH208, SLF001 - diskcache says it nowhere else


def test_each_new_file_has_a_name_of_its_own_and_its_row_says_what_was_written(disk):
    names = set()
    for _ in range(2):
        with disk.new_file() as (name, file):
            for piece in encoded({"x": np.arange(3)}, {"a": 1}):
                file.write(piece)
        names.add(name)
        written = WrittenRecord(name, file.size_bytes, file.sha256, {"model": "m"})
        size_bytes, mode, row_name, value = disk.store(written, read=False, key="digest")
        content = disk.inside(name).read_bytes()
        assert (size_bytes, mode, row_name) == (len(content), MODE_BINARY, name)
        assert noted(value) == (hashlib.sha256(content).hexdigest(), {"model": "m"})
        record = disk.fetch(mode, name, value, read=True)
        np.testing.assert_array_equal(record.arrays["x"], [0, 1, 2])
    assert len(names) == 2


@pytest.mark.parametrize(
    "value", [None, 3, b"\x80", "{", "[]", '{"sha256": "a"}', '{"labels": {}}']
)
def test_a_row_without_notes_notes_nothing(value):
    assert noted(value) == ("", {})


def test_labels_are_text_whatever_a_row_says():
    assert noted('{"sha256": 1, "labels": {"model": ["m"]}}') == ("1", {"model": "['m']"})


def test_sha256_of_a_file(tmp_path):
    content = bytes(range(256)) * 5000
    (tmp_path / "file").write_bytes(content)
    assert sha256_of(tmp_path / "file") == hashlib.sha256(content).hexdigest()
