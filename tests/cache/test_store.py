import errno
import hashlib
import logging
import os
import resource
import signal
import sqlite3
import stat
import subprocess
import sys
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

import cache.disk
from cache import CacheError, Key, Store, StoreFullError, VerifyReport

ROOT = Path(__file__).parents[2]

# Writes 1 MB records for ever, saying the number of each that is whole.
ENDLESS_WRITER = """
import itertools, sys
import numpy as np
from cache import Key, Store
store = Store(sys.argv[1])
for n in itertools.count():
    store.put(Key("endless", 1, {"n": n}), {"x": np.full(250_000, n, np.float32)})
    print(n, flush=True)
"""

# Writes keys of its own and, three times over, keys that others write too.
WRITER = """
import sys
import numpy as np
from cache import Key, Store
me = int(sys.argv[2])
with Store(sys.argv[1]) as store:
    for n in list(range(20)) * 3:
        store.put(Key("common", 1, {"n": n}), {"x": np.full(5000, me)})
        store.put(Key("own", 1, {"n": n, "me": me}), {"x": np.full(100, n)})
"""


def start(code, *arguments):
    """Run code in another process."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own code


@contextmanager
def largest_file(size_bytes):
    """Let no file grow beyond a size, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def key(n, kind="number"):
    return Key(kind, 1, {"n": n})


def file_of(store, wanted):
    (found,) = (entry for entry in store.find() if entry.digest == wanted.digest)
    return store.path / found.file


def files(store):
    """Return every file below the store's folder but the index, relative to it."""
    below = (path for path in store.path.rglob("*") if path.is_file())
    return {
        str(path.relative_to(store.path)) for path in below if not path.name.startswith("cache.db")
    }


def test_what_is_put_is_got_back(store):
    array = np.arange(6.0).reshape(2, 3)
    store.put(key(1), {"x": array}, {"why": ["a", 1, None]})
    record = store.get(Key("number", 1, {"n": 1}))
    np.testing.assert_array_equal(record.arrays["x"], array)
    assert record.metadata == {"why": ["a", 1, None]}
    assert store.read(key(1).digest).metadata == record.metadata


def test_a_key_without_a_record_gives_none(store):
    assert store.get(key(1)) is None
    assert store.read("no digest") is None


def test_records_outlive_the_store_object(store):
    store.put(key(1), {"x": np.arange(3)})
    store.close()
    with Store(str(store.path)) as again:
        np.testing.assert_array_equal(again.get(key(1)).arrays["x"], [0, 1, 2])


def test_a_closed_store_opens_again_when_used(store):
    store.put(key(1), {"x": np.arange(3)})
    store.close()
    assert store.missing([key(1), key(2)]) == [key(2)]


def test_the_folder_is_made_for_this_user_only(tmp_path):
    with Store(tmp_path / "deep" / "store") as store:
        assert stat.S_IMODE(store.path.stat().st_mode) == 0o700


def test_missing_keeps_the_order_and_asks_about_any_number_of_keys(store):
    asked = [key(n) for n in range(2000, 0, -1)]
    present = {1, 2, 899, 900, 901, 1100, 1101, 2000}
    for n in present:
        store.put(key(n), {"x": np.zeros(1)})
    expected = [n for n in range(2000, 0, -1) if n not in present]
    assert [missing.inputs["n"] for missing in store.missing(iter(asked))] == expected
    assert store.missing([]) == []


def test_delete_says_whether_there_was_a_record_and_removes_its_file(store):
    store.put(key(1), {"x": np.zeros(1)})
    assert store.delete(key(1))
    assert not store.delete(key(1))
    assert store.get(key(1)) is None
    assert files(store) == set()


def test_find_says_what_is_on_the_disk(store):
    store.put(key(1, "a"), {"x": np.zeros(10)}, labels={"model": "m"})
    store.put(key(2, "b"), {"x": np.zeros(20)})
    found = {entry.digest: entry for entry in store.find()}
    assert found.keys() == {key(1, "a").digest, key(2, "b").digest}
    for entry in found.values():
        content = (store.path / entry.file).read_bytes()
        assert (entry.size_bytes, entry.sha256) == (
            len(content),
            hashlib.sha256(content).hexdigest(),
        )
    (of_kind,) = store.find("a")
    assert (of_kind.digest, of_kind.kind) == (key(1, "a").digest, "a")
    assert of_kind.labels == {"model": "m"}
    assert list(store.find("absent")) == []


def test_a_reader_keeps_the_old_arrays_while_they_are_replaced(store):
    store.put(key(1), {"x": np.full(100_000, 1.0)})
    old = store.get(key(1)).arrays["x"]
    with Store(store.path) as other:
        other.put(key(1), {"x": np.full(100_000, 2.0)})
    assert np.all(old == 1.0)
    assert np.all(store.get(key(1)).arrays["x"] == 2.0)
    assert len(files(store)) == 1


def test_nothing_is_ever_evicted(store):
    with Store(store.path):
        pass
    with closing(sqlite3.connect(store.path / "cache.db")) as database:
        settings = dict(database.execute("SELECT key, value FROM Settings"))
    assert settings["cull_limit"] == 0
    assert settings["eviction_policy"] == "none"
    assert settings["size_limit"] > 10**18


def test_a_full_store_keeps_everything_and_says_what_to_do(tmp_path):
    with Store(tmp_path / "store", size_limit_bytes=1_000_000) as store:
        store.put(key(1), {"x": np.ones(500_000, np.uint8)})
        message = r"of 1,000,000 bytes are used, and 600,000 more .*; prune the store or raise its"
        with pytest.raises(StoreFullError, match=message):
            store.put(key(2), {"x": np.ones(600_000, np.uint8)})
        assert np.all(store.get(key(1)).arrays["x"] == 1)
        assert store.missing([key(1), key(2)]) == [key(2)]
        store.prune(kind="number")
        store.put(key(2), {"x": np.ones(600_000, np.uint8)})
        assert store.missing([key(1), key(2)]) == [key(1)]


def test_a_full_disk_keeps_everything_and_leaves_no_part_of_a_record(store):
    store.put(key(1), {"x": np.ones(10)})
    with (
        largest_file(1_000_000),
        pytest.raises(StoreFullError, match=r"cannot be written .*; prune the store or free space"),
    ):
        store.put(key(2), {"x": np.ones(1_000_000)})
    assert store.missing([key(1), key(2)]) == [key(2)]
    assert files(store) == {next(store.find()).file}
    assert store.verify().damaged == ()


def test_a_disk_that_fills_while_a_matrix_is_written_keeps_no_part_of_it(store):
    with (  # noqa: PT012 - the disk fills after some rows
        largest_file(1_000_000),
        pytest.raises(StoreFullError, match=r"cannot be written .*; prune the store or free space"),
        store.row_writer(key(1), "x", np.dtype(np.uint8), (2_000_000,)) as writer,
    ):
        for _ in range(20):
            writer.append(np.zeros(100_000, np.uint8))
    assert writer.rows_written < 2_000_000
    assert store.missing([key(1)]) == [key(1)]
    assert files(store) == set()


def test_a_disk_too_full_for_the_index_keeps_everything(store):
    store.put(key(1), {"x": np.ones(10)})
    with (
        largest_file((store.path / "cache.db-wal").stat().st_size),
        pytest.raises(StoreFullError, match=r"cannot be written .*; prune the store or free space"),
    ):
        store.put(key(2), {"x": np.ones(10)})
    assert store.missing([key(1), key(2)]) == [key(2)]
    assert files(store) == {next(store.find()).file}
    store.put(key(2), {"x": np.ones(10)})
    assert store.verify(orphan_age_s=0.0) == VerifyReport(2, ())


def test_notes_without_arrays_may_use_the_reserve(tmp_path):
    with Store(tmp_path / "store", size_limit_bytes=1, reserve_bytes=2**62) as store:
        with pytest.raises(StoreFullError, match="more are needed"):
            store.put(key(1), {"x": np.zeros(1)})
        with (
            pytest.raises(StoreFullError, match="more are needed"),
            store.row_writer(key(2), "x", np.dtype(np.int8), (1,)),
        ):
            pytest.fail("the matrix was begun")
        store.put(key(3), {}, {"why": "the disk is full"})
        assert store.get(key(3)).metadata == {"why": "the disk is full"}
        assert len(files(store)) == 1


def test_a_job_asks_for_room_before_it_starts(tmp_path):
    with Store(tmp_path / "store", size_limit_bytes=10_000_000) as store:
        store.require_room(9_000_000)
        store.put(key(1), {"x": np.zeros(2_000_000, np.uint8)})
        with pytest.raises(StoreFullError, match=r"of 10,000,000 bytes are used, and 9,000,000"):
            store.require_room(9_000_000)
        store.require_room(7_000_000)


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(path.read_bytes()[:-1]),
        lambda path: path.write_bytes(b"garbage"),
        lambda path: path.write_bytes(b""),
        Path.unlink,
    ],
    ids=["cut", "garbage", "empty", "gone"],
)
def test_a_damaged_record_is_dropped_with_a_warning(store, caplog, damage):
    for n in (1, 2):
        store.put(key(n), {"x": np.full(5, n)})
    damage(file_of(store, key(1)))
    assert store.get(key(1)) is None
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "dropping a damaged record" in caplog.text
    assert store.missing([key(1), key(2)]) == [key(1)]
    store.put(key(1), {"x": np.full(5, 3)})
    np.testing.assert_array_equal(store.get(key(1)).arrays["x"], np.full(5, 3))


def test_a_record_replaced_while_it_is_being_read_is_not_dropped(store, caplog, monkeypatch):
    store.put(key(1), {"x": np.full(5, 1)})
    read_record, reads = cache.disk.read_record, []

    def replace_then_read(path):
        if not reads:
            with Store(store.path) as other:
                other.put(key(1), {"x": np.full(5, 2)})
        reads.append(path)
        return read_record(path)

    monkeypatch.setattr(cache.disk, "read_record", replace_then_read)
    np.testing.assert_array_equal(store.get(key(1)).arrays["x"], np.full(5, 2))
    assert len(reads) == 2
    assert caplog.records == []


@pytest.mark.parametrize("written", [1, 6, 15])
def test_a_killed_writer_leaves_only_whole_records(store, written):
    with start(ENDLESS_WRITER, store.path) as writer:
        try:
            said = [int(writer.stdout.readline()) for _ in range(written)]
        finally:
            writer.kill()
    assert writer.returncode == -signal.SIGKILL
    visible = list(store.find())
    assert store.missing(key(n, "endless") for n in said) == []
    report = store.verify(orphan_age_s=0.0)
    assert (report.checked, report.damaged) == (len(visible), ())
    assert files(store) == {entry.file for entry in visible}
    for n in range(len(visible)):
        assert np.all(store.get(key(n, "endless")).arrays["x"] == n)


def test_two_processes_write_the_same_and_different_keys(store):
    with start(WRITER, store.path, 1) as one, start(WRITER, store.path, 2) as two:
        seen = []
        while one.poll() is None or two.poll() is None:
            found = store.get(Key("common", 1, {"n": len(seen) % 20}))
            seen.append(None if found is None else set(found.arrays["x"].tolist()))
    assert (one.returncode, two.returncode) == (0, 0)
    assert all(values in (None, {1}, {2}) for values in seen)
    for n in range(20):
        assert set(store.get(Key("common", 1, {"n": n})).arrays["x"].tolist()) in ({1}, {2})
        for me in (1, 2):
            assert np.all(store.get(Key("own", 1, {"n": n, "me": me})).arrays["x"] == n)
    report = store.verify(orphan_age_s=0.0)
    assert (report.checked, report.damaged) == (60, ())
    assert len(files(store)) == 60


def test_a_good_record_outlives_a_moment_in_which_it_cannot_be_opened(store, monkeypatch):
    store.put(key(1), {"x": np.arange(3)})

    def refuse(*_arguments, **_options):
        raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as moment:
        moment.setattr(np, "memmap", refuse)
        with pytest.raises(CacheError, match=r"is kept, but cannot be opened now .*Too many open"):
            store.get(key(1))
    np.testing.assert_array_equal(store.get(key(1)).arrays["x"], [0, 1, 2])


def test_a_row_whose_key_claims_to_be_a_pickle_is_no_record(store):
    store.put(key(1), {"x": np.arange(3)})
    with closing(sqlite3.connect(store.path / "cache.db")) as database, database:
        database.execute("UPDATE Cache SET raw = 0")
    assert store.get(key(1)) is None
    assert store.missing([key(1)]) == [key(1)]
    assert list(store.find()) == []


def test_opening_makes_nothing_for_which_diskcache_does_not_wait(store):
    with closing(sqlite3.connect(store.path / "cache.db")) as database:
        names = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
    assert "Cache_key_raw" in names
    assert "Cache_tag_rowid" not in names


def test_a_store_is_never_pickled(store):
    with pytest.raises(TypeError, match=r"a store is not pickled; open .* in the other process"):
        store.__reduce_ex__(2)


def test_a_matrix_written_by_rows_is_a_record_like_any_other(store):
    rows = np.random.default_rng(0).normal(size=(100, 7)).astype(np.float16)
    with store.row_writer(key(1), "x", rows.dtype, rows.shape, {"a": 1}, {"model": "m"}) as writer:
        for first in range(0, 100, 30):
            writer.append(rows[first : first + 30])
        assert store.missing([key(1)]) == [key(1)]
    record, entry = store.get(key(1), verify=True), store.entry(key(1).digest)
    np.testing.assert_array_equal(record.arrays["x"], rows)
    np.testing.assert_array_equal(load_file(file_of(store, key(1)))["x"], rows)
    assert record.metadata == {"a": 1}
    assert (entry.kind, entry.labels) == ("number", {"model": "m"})
    assert store.verify() == VerifyReport(1, ())


def test_several_matrices_are_written_at_once(store):
    with ExitStack() as stack:
        writers = [
            stack.enter_context(store.row_writer(key(n), "x", np.dtype(np.int32), (4, 2)))
            for n in range(30)
        ]
        for row in range(4):
            for n, writer in enumerate(writers):
                writer.append(np.full((1, 2), 10 * n + row, np.int32))
    for n in range(30):
        expected = [[10 * n + row] * 2 for row in range(4)]
        np.testing.assert_array_equal(store.get(key(n)).arrays["x"], expected)


@pytest.mark.parametrize("rows", [1, 3])
def test_a_matrix_with_too_few_or_too_many_rows_leaves_the_old_one(store, rows):
    store.put(key(1), {"x": np.zeros(3)})
    with (
        pytest.raises(ValueError, match="expected 2 rows, found"),
        store.row_writer(key(1), "x", np.dtype(np.int32), (2, 2)) as writer,
    ):
        writer.append(np.zeros((rows, 2), np.int32))
    np.testing.assert_array_equal(store.get(key(1)).arrays["x"], np.zeros(3))
    assert files(store) == {next(store.find()).file}


def test_an_error_while_a_matrix_is_written_leaves_nothing_and_is_not_hidden(store):
    with (  # noqa: PT012 - the block's own error
        pytest.raises(OSError, match="a recording cannot be read"),
        store.row_writer(key(1), "x", np.dtype(np.int32), (2, 2)) as writer,
    ):
        writer.append(np.zeros((1, 2), np.int32))
        raise OSError("a recording cannot be read")
    assert store.missing([key(1)]) == [key(1)]
    assert files(store) == set()


def test_memory_does_not_grow_with_a_matrix(store):
    """200 MB in blocks of 1 MB; the process' peak is asked of the kernel."""
    code = """
import resource, sys
import numpy as np
from cache import Key, Store
block = np.zeros((250, 1000), np.float32)
with Store(sys.argv[1]) as store:
    for n, blocks in enumerate((1, 200)):
        with store.row_writer(Key("m", n, {}), "x", block.dtype, (blocks * 250, 1000)) as writer:
            for _ in range(blocks):
                writer.append(block)
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
    with start(code, store.path) as writer:
        small_kib, large_kib = map(int, writer.stdout.read().split())
    assert large_kib - small_kib < 10_000
    assert len(list(store.find("m"))) == 2


def test_changed_values_are_found_by_who_asks_and_dropped(store, caplog):
    for n in (1, 2):
        store.put(key(n), {"x": np.full(5, n)})
        assert store.get(key(n), verify=True).arrays["x"][0] == n
    with file_of(store, key(1)).open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"\xff")
    assert store.get(key(1)) is not None
    assert store.get(key(1), verify=True) is None
    assert "its bytes are not those that were written" in caplog.text
    assert store.missing([key(1), key(2)]) == [key(1)]
    assert store.get(key(2), verify=True) is not None


def test_a_good_record_outlives_a_moment_in_which_it_cannot_be_compared(store, monkeypatch):
    store.put(key(1), {"x": np.arange(3)})

    def refuse(_path):
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as moment:
        moment.setattr(cache.disk, "sha256_of", refuse)
        with pytest.raises(CacheError, match=r"is kept, but cannot be read now .*Input/output"):
            store.get(key(1), verify=True)
    assert store.get(key(1), verify=True) is not None


def test_a_record_whose_file_is_gone_is_dropped_by_who_compares(store, caplog):
    store.put(key(1), {"x": np.arange(3)})
    file_of(store, key(1)).unlink()
    assert store.get(key(1), verify=True) is None
    assert "the record's file is gone" in caplog.text
    assert store.missing([key(1)]) == [key(1)]


def test_lookups_count_what_was_there_and_what_was_not(store):
    there, absent = Key("number", 1, {"n": 1}), Key("number", 1, {"n": 2})
    store.put(there, {"x": np.zeros(3)})
    store.get(there)
    store.get(absent)
    store.missing([there, absent])
    assert (store.lookups().hits, store.lookups().misses) == (2, 2)
