import hashlib
import os

import pytest

from pipeline.models.known import s3prl_files
from pipeline.models.known.s3prl_files import download_folder, downloaded, remembered_sha256


def test_files_lie_where_s3prl_puts_them(printed_by):
    address = "https://www.dropbox.com/s/x/states-200000.ckpt?dl=1"
    code = (
        "from s3prl.util import download\n"
        f"print(download._urls_to_filepaths({address!r}, download=False))\n"
    )
    assert printed_by(code) == str(downloaded(address))
    assert downloaded(address).parent == download_folder()


@pytest.fixture
def weights(tmp_path):
    path = tmp_path / "weights.pt"
    path.write_bytes(b"first")
    return path


def sha256(text):
    return hashlib.sha256(text).hexdigest()


def test_the_hash_is_noted_and_not_taken_again(weights, monkeypatch):
    assert remembered_sha256(weights) == sha256(b"first")
    monkeypatch.setattr(s3prl_files, "file_sha256", lambda _: pytest.fail("hashed again"))
    assert remembered_sha256(weights) == sha256(b"first")


@pytest.mark.parametrize("note", ["", "x", "é", "0 1 2 3"])
def test_a_note_of_another_file_is_not_taken(weights, note):
    (weights.parent / "weights.pt.sha256").write_text(note, encoding="utf-8")
    assert remembered_sha256(weights) == sha256(b"first")


def test_a_changed_file_is_hashed_again(weights):
    remembered_sha256(weights)
    before = weights.stat().st_mtime_ns
    weights.write_bytes(b"other")
    os.utime(weights, ns=(before + 1, before + 1))
    assert remembered_sha256(weights) == sha256(b"other")


def test_a_folder_that_cannot_be_written_is_no_obstacle(weights):
    (weights.parent / "weights.pt.sha256").mkdir()  # what cannot be read or written as a note
    assert remembered_sha256(weights) == sha256(b"first")
