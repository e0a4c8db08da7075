import json

import pytest

from cache import DamagedRecordError
from cache.marker import Marker, read_marker

SHA256 = "0123456789abcdef" * 4
RIGHT = {"kind": "number", "labels": {"model": "m"}, "size_bytes": 10, "sha256": SHA256}


def test_a_marker_comes_back_from_its_json():
    marker = read_marker(Marker(**RIGHT).encoded(), "number")
    assert (marker.kind, marker.labels, marker.size_bytes, marker.sha256) == tuple(RIGHT.values())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x80\x04.",
        b"[]",
        b"null",
        b"3",
        b"[" * 100_000,
        b"{}",
        json.dumps(RIGHT).encode()[:-5],
        json.dumps({name: RIGHT[name] for name in ("kind", "labels")}).encode(),
    ],
)
@pytest.mark.usefixtures("unchecked_types")
def test_what_is_no_marker_is_refused(content):
    with pytest.raises(DamagedRecordError, match="its marker is none"):
        read_marker(content, "number")


@pytest.mark.parametrize(
    "change",
    [
        {"sha256": "../" * 22},
        {"sha256": "../../../../etc/passwd"},
        {"sha256": SHA256 + "\n"},
        {"sha256": SHA256.upper()},
        {"sha256": SHA256[:-1]},
        {"sha256": 3},
        {"size_bytes": -1},
        {"size_bytes": "10"},
        {"size_bytes": True},
        {"size_bytes": 1.5},
        {"labels": ["model"]},
        {"labels": {"model": 3}},
        {"labels": None},
    ],
    ids=str,
)
@pytest.mark.usefixtures("unchecked_types")
def test_a_marker_is_believed_only_as_far_as_it_goes(change):
    with pytest.raises(DamagedRecordError, match="its marker says"):
        read_marker(json.dumps(RIGHT | change).encode(), "number")


@pytest.mark.usefixtures("unchecked_types")
def test_a_record_of_another_kind_is_refused():
    with pytest.raises(DamagedRecordError, match="expected a record of kind 'sum', found 'number'"):
        read_marker(Marker(**RIGHT).encoded(), "sum")
