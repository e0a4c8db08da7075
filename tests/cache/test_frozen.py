import json
import shutil

import numpy as np
import pytest
from safetensors.numpy import load

from cache import CacheError, FrozenStore, Key, NewRecord, freeze
from cache.frozen import LISTED, RECORDS

KEYS = [Key("number", 1, {"number": number}) for number in range(3)]
ARRAYS = [
    {"x": np.arange(5.0), "small": np.array([[1, 2]], dtype=np.int8)},
    {"x": np.array([np.nan, -0.0, np.inf])},
    {},
]


def record(number):
    key = KEYS[number]
    metadata = {"number": number, "word": "naïve"}
    return NewRecord(key.digest, key.kind, {"corpus": "demo"}, 12.5, ARRAYS[number], metadata)


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "frozen"
    place.mkdir()
    freeze(place, map(record, range(3)))
    return place


def test_records_come_back_bit_for_bit_from_wherever_the_folder_lies(folder, tmp_path):
    moved = folder.rename(tmp_path / "moved")
    with FrozenStore(moved) as store:
        for number, key in enumerate(KEYS):
            found = store.get(key)
            assert found.metadata == {"number": number, "word": "naïve"}
            assert found.arrays.keys() == ARRAYS[number].keys()
            for name, array in ARRAYS[number].items():
                assert found.arrays[name].tobytes() == array.tobytes()
                assert found.arrays[name].shape == array.shape
        assert store.missing([*KEYS, Key("number", 1, {"number": 9})]) == [
            Key("number", 1, {"number": 9})
        ]
        (entry, *others) = store.find("number")
    assert (entry.stored_at_s, dict(entry.labels)) == (12.5, {"corpus": "demo"})
    assert len(others) == 2


def test_each_record_is_a_safetensors_file_of_its_own(folder):
    content = (folder / RECORDS).read_bytes()
    rows = json.loads((folder / LISTED).read_text())["records"]
    for row, arrays in zip(rows, ARRAYS, strict=True):
        found = load(content[row["first"] : row["first"] + row["size_bytes"]])
        assert {name: array.tobytes() for name, array in found.items()} == {
            name: array.tobytes() for name, array in arrays.items()
        }


def test_a_changed_record_is_not_given_and_the_others_are(folder, caplog):
    (row, *_) = json.loads((folder / LISTED).read_text())["records"]
    content = bytearray((folder / RECORDS).read_bytes())
    content[row["first"] + row["size_bytes"] - 1] ^= 1
    (folder / RECORDS).write_bytes(content)
    with FrozenStore(folder) as store:
        assert store.get(KEYS[0]) is None
        assert store.get(KEYS[1]) is not None
        assert store.missing(KEYS) == [KEYS[0]]
    assert "its bytes are not those that were written" in caplog.text


def test_nothing_is_written(folder):
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with FrozenStore(folder) as store:
        for write in (
            lambda: store.put(KEYS[0], ARRAYS[0]),
            lambda: store.put(KEYS[0], {}),
            lambda: store.require_room(1),
            lambda: store.file_of(store.entry(KEYS[0].digest)),
        ):
            with pytest.raises(CacheError, match="only read"):
                write()
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def changed(folder, **fields):
    said = json.loads((folder / LISTED).read_text())
    said["records"][0] |= fields
    return json.dumps(said)


@pytest.mark.parametrize(
    "text",
    [
        lambda _: "no JSON",
        lambda _: "[" * 100_000,
        lambda _: '{"format": 2, "records": []}',
        lambda _: '{"format": 1, "records": [7]}',
        lambda folder: changed(folder, first=-1),
        lambda folder: changed(folder, first=10**9),
        lambda folder: changed(folder, size_bytes=10**9),
        lambda folder: changed(folder, size_bytes=True),
        lambda folder: changed(folder, first="0"),
        lambda folder: changed(folder, labels="x"),
    ],
)
def test_a_list_that_leads_out_of_the_file_or_is_none_is_refused(folder, text):
    (folder / LISTED).write_text(text(folder))
    with pytest.raises(CacheError, match="no list of records"):
        FrozenStore(folder)


@pytest.mark.parametrize("name", [LISTED, RECORDS])
def test_a_folder_without_its_files_is_refused(folder, name):
    (folder / name).unlink()
    with pytest.raises(CacheError, match="cannot be opened"):
        FrozenStore(folder)


def test_records_are_not_added_to_those_that_are_there(folder):
    with pytest.raises(FileExistsError):
        freeze(folder, [record(0)])
    shutil.rmtree(folder)
