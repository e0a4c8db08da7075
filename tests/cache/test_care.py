import errno
import os
import sqlite3
from contextlib import closing

import numpy as np
import pytest

import cache.care
from cache import CacheError, Key, PruneReport, Store


def key(n, kind="number"):
    return Key(kind, 1, {"n": n})


def file_of(store, wanted):
    return store.path / store.entry(wanted.digest).file


def free_bytes(folder):
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def files(store):
    """Return every file below the store's folder but the index, relative to it."""
    below = (path for path in store.path.rglob("*") if path.is_file())
    return {
        str(path.relative_to(store.path)) for path in below if not path.name.startswith("cache.db")
    }


def test_usage_counts_by_kind_and_labels(store):
    labels = [{"model": "m", "corpus": "c"}, {"corpus": "c", "model": "m"}, {"model": "other"}]
    for n, label in enumerate(labels):
        store.put(key(n, "a"), {"x": np.zeros(10 * n)}, labels=label)
    store.put(key(9, "b"), {"x": np.zeros(1)})
    groups = [(group.kind, dict(group.labels), group.records) for group in store.usage()]
    assert groups == [
        ("a", {"corpus": "c", "model": "m"}, 2),
        ("a", {"model": "other"}, 1),
        ("b", {}, 1),
    ]
    sizes = {path: (store.path / path).stat().st_size for path in files(store)}
    assert sum(group.size_bytes for group in store.usage()) == sum(sizes.values())
    assert store.usage()[2].size_bytes == sizes[next(store.find("b")).file]


def test_usage_can_be_counted_by_some_labels(store):
    for n in range(6):
        labels = {"model": "mo"[n % 2], "corpus": "c", "utterance": str(n)}
        store.put(
            key(n), {"x": np.zeros(10)}, labels=labels | ({"settings": "s"} if n == 5 else {})
        )
    groups = [
        (dict(group.labels), group.records) for group in store.usage(by=("model", "settings"))
    ]
    assert groups == [
        ({"model": "m"}, 3),
        ({"model": "o"}, 2),
        ({"model": "o", "settings": "s"}, 1),
    ]
    assert [group.records for group in store.usage(by=())] == [6]


def test_verify_finds_and_drops_what_is_not_what_was_written(store):
    for n in range(4):
        store.put(key(n), {"x": np.full(5, n)})
    with file_of(store, key(1)).open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"\xff")
    file_of(store, key(2)).unlink()
    report = store.verify()
    assert report.checked == 4
    assert set(report.damaged) == {key(1).digest, key(2).digest}
    assert store.missing(map(key, range(4))) == [key(1), key(2)]
    assert store.verify().damaged == ()


@pytest.mark.parametrize("change", ["replace", "delete"])
def test_verify_leaves_alone_what_others_change_meanwhile(store, monkeypatch, change):
    store.put(key(1), {"x": np.full(5, 1)})
    sha256_of = cache.care.sha256_of

    def change_then_hash(path):
        with Store(store.path) as other:
            if change == "replace":
                other.put(key(1), {"x": np.full(5, 2)})
            else:
                other.delete(key(1))
        return sha256_of(path)

    monkeypatch.setattr(cache.care, "sha256_of", change_then_hash)
    assert store.verify().damaged == ()
    assert (store.get(key(1)) is None) == (change == "delete")


def test_verify_keeps_what_took_a_damaged_record_s_place_meanwhile(store, monkeypatch):
    store.put(key(1), {"x": np.full(5, 1)})
    file_of(store, key(1)).write_bytes(b"damaged")
    is_whole = Store._is_whole  # noqa: SLF001 - the moment between finding and deleting

    def judge_then_replace(judging, entry):
        whole = is_whole(judging, entry)
        with Store(store.path) as other:
            other.put(key(1), {"x": np.full(5, 2)})
        return whole

    monkeypatch.setattr(Store, "_is_whole", judge_then_replace)
    assert store.verify().damaged == (key(1).digest,)
    np.testing.assert_array_equal(store.get(key(1)).arrays["x"], np.full(5, 2))


def test_verify_removes_old_files_without_a_row_only(store):
    store.put(key(1), {"x": np.zeros(3)})
    young, old = (store.path / "aa" / "bb" / name for name in ("young.safetensors", ".tmpOld"))
    young.parent.mkdir(parents=True)
    young.write_bytes(b"about to get its row")
    old.write_bytes(b"left by a process that was killed")
    os.utime(old, (0, 0))
    store.verify()
    assert young.exists()
    assert not old.exists()
    store.verify(orphan_age_s=0.0)
    assert files(store) == {next(store.find()).file}


@pytest.fixture
def labelled(store):
    """A store with five records, the first written a day ago."""
    for n, kind in enumerate("aaabb"):
        labels = {"model": "m" if n % 2 else "o", "n": str(n)}
        store.put(key(n, kind), {"x": np.zeros(n)}, labels=labels)
    with closing(sqlite3.connect(store.path / "cache.db")) as database, database:
        database.execute(
            "UPDATE Cache SET store_time = store_time - 86400 WHERE key = ?", (key(0, "a").digest,)
        )
    return store


@pytest.mark.parametrize(
    ("criteria", "pruned"),
    [
        ({"kind": "a"}, {0, 1, 2}),
        ({"labels": {"model": "m"}}, {1, 3}),
        ({"labels": {"model": "m", "n": "3"}}, {3}),
        ({"kind": "b", "labels": {"model": "o"}}, {4}),
        ({"older_than_s": 3600.0}, {0}),
        ({"older_than_s": 90_000.0}, set()),
        ({"older_than_s": 0.0}, {0, 1, 2, 3, 4}),
        ({"kind": "b", "older_than_s": 3600.0}, set()),
        ({"labels": {"absent": "m"}}, set()),
    ],
    ids=str,
)
def test_prune_deletes_what_meets_every_criterion(labelled, criteria, pruned):
    sizes = {int(entry.labels["n"]): entry.size_bytes for entry in labelled.find()}
    expected = PruneReport(len(pruned), sum(sizes[n] for n in pruned))
    assert labelled.prune(**criteria, dry_run=True) == expected
    assert len(files(labelled)) == 5
    assert labelled.prune(**criteria) == expected
    assert {int(entry.labels["n"]) for entry in labelled.find()} == set(range(5)) - pruned
    assert len(files(labelled)) == 5 - len(pruned)


@pytest.mark.parametrize("criteria", [{}, {"labels": {}}], ids=str)
def test_prune_without_a_criterion_deletes_nothing(labelled, criteria):
    with pytest.raises(CacheError, match="prune needs a kind, labels, an age or a size"):
        labelled.prune(**criteria)
    assert len(files(labelled)) == 5


def test_verify_drops_no_record_that_it_cannot_open(store, monkeypatch):
    store.put(key(1), {"x": np.arange(3)})

    def refuse(_path):
        raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as moment:
        moment.setattr(cache.care, "sha256_of", refuse)
        with pytest.raises(OSError, match="Too many open files"):
            store.verify()
    assert store.missing([key(1)]) == []


def test_prune_to_a_size_deletes_the_oldest_until_the_rest_fits(labelled):
    oldest_first = sorted(labelled.find(), key=lambda entry: entry.stored_at_s)
    total = sum(entry.size_bytes for entry in oldest_first)
    for gone in range(6):
        limit = total - sum(entry.size_bytes for entry in oldest_first[:gone])
        would = labelled.prune(to_size_bytes=limit, dry_run=True)
        assert would == PruneReport(gone, total - limit)
        if gone < 5:
            # One byte less, and one record more has to go.
            assert labelled.prune(to_size_bytes=limit - 1, dry_run=True).records == gone + 1
    labelled.prune(to_size_bytes=total - 1)
    assert {entry.digest for entry in labelled.find()} == {
        entry.digest for entry in oldest_first[1:]
    }


def test_prune_to_a_size_chooses_only_what_meets_the_other_criteria(labelled):
    assert labelled.prune(kind="b", to_size_bytes=0).records == 2
    assert {entry.kind for entry in labelled.find()} == {"a"}
    assert labelled.prune(kind="a", to_size_bytes=10**9).records == 0


def test_verify_leaves_a_file_that_is_being_written(store):
    with store.row_writer(key(1), "x", np.dtype(np.float32), (2, 3)) as writer:
        writer.append(np.zeros((1, 3), np.float32))
        assert store.verify().damaged == ()
        writer.append(np.ones((1, 3), np.float32))
    np.testing.assert_array_equal(store.get(key(1)).arrays["x"], [[0] * 3, [1] * 3])


def test_who_watches_a_check_sees_every_record_and_may_end_it(store):
    for n in range(4):
        store.put(key(n), {"x": np.zeros(10)})
    file_of(store, key(0)).write_bytes(b"damaged")
    seen = []

    def stopping(entries):
        assert len(entries) == 4
        yield from entries[:2]
        raise InterruptedError

    with pytest.raises(InterruptedError):
        store.verify(progress=stopping)
    assert len(list(store.find())) == 4
    report = store.verify(progress=lambda entries: (seen.append(e.digest) or e for e in entries))
    assert sorted(seen) == sorted(key(n).digest for n in range(4))
    assert report.damaged == (key(0).digest,)


def test_who_watches_a_deletion_may_end_it_between_two_records(store):
    for n in range(4):
        store.put(key(n), {"x": np.zeros(10)})

    def stopping(entries):
        yield from entries[:2]
        raise InterruptedError

    with pytest.raises(InterruptedError):
        store.prune(kind="number", progress=stopping)
    assert len(list(store.find())) == 2


def test_the_capacity_is_what_is_used_the_limit_and_what_the_disk_has(tmp_path):
    with Store(tmp_path / "limited", size_limit_bytes=10**9) as store:
        empty = store.capacity()
        store.put(key(1), {"x": np.zeros(125_000)})
        full = store.capacity()
    assert (empty.limit_bytes, full.limit_bytes) == (10**9, 10**9)
    assert full.used_bytes - empty.used_bytes >= 10**6
    assert full.free_bytes == pytest.approx(free_bytes(tmp_path), rel=0.05)
    with Store(tmp_path / "unlimited") as store:
        assert store.capacity().limit_bytes is None
