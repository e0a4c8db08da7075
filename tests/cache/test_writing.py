import hashlib
import shutil

import numpy as np
import pytest
from safetensors.numpy import load_file

from cache import StoreFullError
from cache.encoding import encoded
from cache.writing import RowWriter, new_file

FLOAT32 = np.dtype(np.float32)
ROWS = np.random.default_rng(0).normal(size=(10, 3)).astype(np.float32)


def written(path, blocks, shape=(10, 3), dtype=FLOAT32):
    with new_file(path) as file:
        writer = RowWriter(file, "x", dtype, shape, {"a": 1})
        for block in blocks:
            writer.append(block)
        writer.require_all_rows()
    return file


@pytest.mark.parametrize("blocks", [[10], [1] * 10, [0, 3, 0, 7, 0]], ids=str)
def test_blocks_of_rows_are_the_bytes_of_the_whole_array(tmp_path, blocks):
    ends = np.cumsum(blocks)
    parts = [ROWS[end - size : end] for size, end in zip(blocks, ends, strict=True)]
    file = written(tmp_path / "record", parts)
    whole = b"".join(encoded({"x": ROWS}, {"a": 1}))
    assert (tmp_path / "record").read_bytes() == whole
    assert (file.size_bytes, file.sha256) == (len(whole), hashlib.sha256(whole).hexdigest())
    np.testing.assert_array_equal(load_file(tmp_path / "record")["x"], ROWS)


@pytest.mark.parametrize("shape", [(0, 3), (4, 0), (5,), (2, 3, 4)], ids=str)
@pytest.mark.parametrize("dtype", ["<f4", "<f2", ">f8", "i1", "?"])
def test_every_shape_and_type_can_be_written_by_rows(tmp_path, shape, dtype):
    array = np.random.default_rng(0).integers(0, 2, shape).astype(dtype)
    written(tmp_path / "record", [array[:1], array[1:]], shape, array.dtype)
    found = load_file(tmp_path / "record")["x"]
    np.testing.assert_array_equal(found, array)
    assert found.shape == shape


def test_rows_need_not_lie_together(tmp_path):
    written(tmp_path / "record", [np.asfortranarray(ROWS[:4]), ROWS[::-1][:6][::-1]])
    np.testing.assert_array_equal(load_file(tmp_path / "record")["x"], ROWS)


@pytest.mark.parametrize(
    ("block", "message"),
    [
        (np.zeros((1, 4), np.float32), r"expected rows of shape \(3,\) .* of shape \(1, 4\)"),
        (np.zeros(3, np.float32), r"expected rows of shape \(3,\) .* of shape \(3,\)"),
        (np.float32(0)[...], r"found an array of shape \(\)"),
        (np.zeros((1, 3)), "and float32, found .* and float64"),
        (np.zeros((1, 3), ">f4"), "and float32, found .* and >f4"),
        (np.zeros((11, 3), np.float32), "expected 10 rows, found at least 11"),
        (np.zeros((9, 3), np.float32), "expected 10 rows, found 9"),
    ],
)
def test_what_is_not_the_array_is_refused_and_leaves_nothing(tmp_path, block, message):
    with pytest.raises(ValueError, match=message):
        written(tmp_path / "record", [block])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_an_error_leaves_no_file(tmp_path, error):
    with pytest.raises(error), new_file(tmp_path / "record") as file:  # noqa: PT012 - one block
        file.write(b"part")
        assert (tmp_path / "record").exists()
        raise error
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_never_written_over(tmp_path):
    (tmp_path / "record").write_bytes(b"old")
    with (
        pytest.raises(StoreFullError, match=r"cannot be written .*File exists"),
        new_file(tmp_path / "record"),
    ):
        pytest.fail("the file was opened")
    assert (tmp_path / "record").read_bytes() == b"old"


def test_a_folder_that_vanishes_while_the_file_is_made_is_made_again(tmp_path, monkeypatch):
    path = tmp_path / "aa" / "bb" / "record"
    really_open, vanished = type(path).open, []

    def open_after_another_process_deleted_the_folder(path, mode):
        if len(vanished) < 3:
            vanished.append(path.parent)
            shutil.rmtree(path.parent.parent)
        return really_open(path, mode)

    with monkeypatch.context() as moment:
        moment.setattr(type(path), "open", open_after_another_process_deleted_the_folder)
        with new_file(path) as file:
            file.write(b"whole")
    assert path.read_bytes() == b"whole"
    assert vanished == [path.parent] * 3


def test_a_folder_that_cannot_be_kept_is_told(tmp_path, monkeypatch):
    path = tmp_path / "aa" / "record"
    monkeypatch.setattr(type(path), "mkdir", lambda *_arguments, **_options: None)
    with pytest.raises(StoreFullError, match="its folder is deleted as often"), new_file(path):
        pytest.fail("the file was opened")
