import json
import os
import resource

import numpy as np
import pytest
from fsspec.implementations.local import LocalFileSystem
from fsspec.implementations.memory import MemoryFileSystem

from cache import Key, Store, StoreFullError
from cache.encoding import encoded
from cache.shared_files import SharedFiles

KEY = Key("number", 1, {"n": 1})
ARRAY = np.arange(50_000, dtype=np.float32)


@pytest.fixture
def folder(tmp_path):
    """The folder that hosts share."""
    made = tmp_path / "shared"
    made.mkdir()
    return made


@pytest.fixture
def shared(folder):
    return SharedFiles(LocalFileSystem(), str(folder))


@pytest.fixture
def other(tmp_path):
    """The store of another host."""
    with Store(tmp_path / "other") as opened:
        yield opened


@pytest.fixture
def published(store, shared, folder):
    """The marker and the object of a record that a store has published."""
    store.put(KEY, {"x": ARRAY}, {"a": 1}, {"model": "m"})
    assert shared.publish(store, KEY.digest)
    (marker,), (content,) = folder.glob("records/*/*"), folder.glob("objects/*/*")
    return marker, content


def files(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(params=["folder", "object store"])
def either(request, folder):
    """Shared files on a file system with folders, and on one that knows only names."""
    if request.param == "folder":
        return SharedFiles(LocalFileSystem(), str(folder))
    return SharedFiles(MemoryFileSystem(global_store=False, skip_instance_cache=True), "/bucket")


def test_what_one_host_publishes_another_fetches(either, store, other):
    store.put(KEY, {"x": ARRAY, "y": np.ones((2, 3))}, {"a": 1}, {"model": "m"})
    assert not either.fetch(other, KEY)
    assert either.present([KEY.digest]) == set()
    assert either.publish(store, KEY.digest)
    assert either.present([KEY.digest, "absent"]) == {KEY.digest}
    assert either.fetch(other, KEY)
    record = other.get(KEY, verify=True)
    np.testing.assert_array_equal(record.arrays["x"], ARRAY)
    assert record.metadata == {"a": 1}
    here, there = store.entry(KEY.digest), other.entry(KEY.digest)
    assert (here.kind, here.labels, here.sha256) == (there.kind, there.labels, there.sha256)


def test_objects_are_named_by_what_is_in_them(store, published):
    marker, content = published
    entry = store.entry(KEY.digest)
    assert content.stem == entry.sha256
    assert content.read_bytes() == store.file_of(entry).read_bytes()
    assert marker.stem == KEY.digest
    assert json.loads(marker.read_bytes())["sha256"] == entry.sha256


@pytest.mark.usefixtures("published")
def test_what_is_there_is_left_alone(shared, other, folder):
    before = files(folder)
    other.put(KEY, {"x": ARRAY + 1})
    assert shared.publish(other, KEY.digest)
    assert files(folder) == before


def test_what_a_store_lacks_or_has_damaged_is_not_published(store, shared, folder):
    assert not shared.publish(store, KEY.digest)
    store.put(KEY, {"x": ARRAY})
    with store.file_of(store.entry(KEY.digest)).open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"\xff")
    assert not shared.publish(store, KEY.digest)
    assert files(folder) == {}
    assert store.missing([KEY]) == [KEY]


def test_an_upload_that_breaks_off_shows_nothing(store, folder, other):
    class BreaksOff(LocalFileSystem):
        def put_file(self, path1, path2, **_options):
            with open(path1, "rb") as source, open(path2, "wb") as target:  # noqa: PTH123 - text
                target.write(source.read(1000))
            raise OSError("the network is gone")

    store.put(KEY, {"x": ARRAY})
    with pytest.raises(OSError, match="the network is gone"):
        SharedFiles(BreaksOff(skip_instance_cache=True), str(folder)).publish(store, KEY.digest)
    assert files(folder) == {}
    again = SharedFiles(LocalFileSystem(), str(folder))
    assert not again.fetch(other, KEY)
    assert again.publish(store, KEY.digest)
    assert again.fetch(other, KEY)


def test_part_of_an_object_without_a_marker_is_written_anew(store, folder, shared, other):
    store.put(KEY, {"x": ARRAY})
    sha256 = store.entry(KEY.digest).sha256
    part = folder / "objects" / sha256[:2] / f"{sha256}.safetensors"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"part")
    assert shared.publish(store, KEY.digest)
    assert shared.fetch(other, KEY)


def test_a_whole_object_without_a_marker_is_not_written_again(store, published, shared, other):
    marker, content = published
    marker.unlink()
    before = content.stat()
    assert shared.publish(store, KEY.digest)
    assert (content.stat().st_ino, content.stat().st_mtime_ns) == (
        before.st_ino,
        before.st_mtime_ns,
    )
    assert shared.fetch(other, KEY)


def flipped(content):
    return content[:-1] + bytes([content[-1] ^ 1])


@pytest.mark.parametrize(
    "damage",
    [
        flipped,
        lambda content: content[:-1],
        lambda content: content + b"\0",
        lambda _: b"",
    ],
    ids=["flipped", "cut", "longer", "empty"],
)
def test_a_changed_object_is_refused_and_replaced_by_who_computed_it_anew(
    published, shared, store, other, damage
):
    _, path = published
    right = path.read_bytes()
    path.write_bytes(damage(right))
    assert not shared.fetch(other, KEY)
    assert other.missing([KEY]) == [KEY]
    assert list(other.path.glob("*/*/*")) == []
    assert shared.publish(store, KEY.digest)
    assert path.read_bytes() == right
    assert shared.fetch(other, KEY)


@pytest.mark.parametrize(
    "content",
    [
        b"cos\nmkdir\n(Vexecuted\ntR.",
        (2**60).to_bytes(8, "little") + b"{}",
        b"".join(encoded({"x": ARRAY}, {})).replace(b'"shape":[50000]', b'"shape":[90000]'),
        b"".join(encoded({"x": ARRAY}, {})).replace(b'"F32"', b'"F64"'),
    ],
    ids=["pickle", "endless header", "wrong shape", "wrong type"],
)
def test_an_object_whose_checksum_is_right_but_that_is_no_record_is_refused(
    folder, other, caplog, monkeypatch, tmp_path, content
):
    """Whoever can write the folder can write a marker too."""
    monkeypatch.chdir(tmp_path)
    with Store(tmp_path / "evil") as evil:
        with evil.new_record(KEY.digest, KEY.kind, {}, len(content)) as file:
            file.write(content)
        shared = SharedFiles(LocalFileSystem(), str(folder))
        monkeypatch.setattr(evil, "read", lambda *_arguments, **_options: "good")
        assert shared.publish(evil, KEY.digest)
    assert not shared.fetch(other, KEY)
    assert "not a whole record" in caplog.text
    assert other.missing([KEY]) == [KEY]
    assert list(other.path.glob("*/*/*")) == []
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize(
    "change",
    [
        {"sha256": "../../../victim"},
        {"size_bytes": 2**60},
        {"size_bytes": 1},
        {"kind": "other"},
        {"labels": 3},
    ],
    ids=str,
)
@pytest.mark.usefixtures("unchecked_types")
def test_a_changed_marker_is_refused(published, shared, other, caplog, change):
    marker, _ = published
    marker.write_text(json.dumps(json.loads(marker.read_bytes()) | change))
    assert not shared.fetch(other, KEY)
    assert "a record is refused" in caplog.text
    assert other.missing([KEY]) == [KEY]


def test_an_endless_marker_is_not_read_whole(published, shared, other, caplog):
    marker, _ = published
    with marker.open("r+b") as file:
        file.truncate(2**40)
    assert not shared.fetch(other, KEY)
    assert "its marker is none" in caplog.text


def test_a_marker_without_its_object_is_refused(published, shared, other, caplog):
    published[1].unlink()
    assert not shared.fetch(other, KEY)
    assert "a record is refused: its object is not of" in caplog.text


@pytest.mark.usefixtures("published")
def test_a_store_without_room_says_so(shared, tmp_path):
    with (
        Store(tmp_path / "small", size_limit_bytes=100_000) as small,
        pytest.raises(StoreFullError, match="more are needed"),
    ):
        shared.fetch(small, KEY)


def test_a_folder_that_is_not_there_is_not_made(store, tmp_path):
    shared = SharedFiles(LocalFileSystem(), str(tmp_path / "unmounted"))
    store.put(KEY, {"x": ARRAY})
    with pytest.raises(FileNotFoundError, match="mount or make it"):
        shared.check()
    SharedFiles(MemoryFileSystem(), "/no/folders/there").check()


def test_memory_does_not_grow_with_a_record(store, shared, other):
    def travel(key, rows):
        block = np.zeros((250, 1000), np.float32)
        with store.row_writer(key, "x", block.dtype, (rows, 1000)) as writer:
            for _ in range(rows // 250):
                writer.append(block)
        assert shared.publish(store, key.digest)
        assert shared.fetch(other, key)
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    small_kib, large_kib = travel(KEY, 250), travel(Key("number", 1, {"n": 2}), 25_000)
    assert large_kib - small_kib < 20_000
