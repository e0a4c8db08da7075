import os
import shutil
import stat
import struct
import zipfile
from pathlib import PurePosixPath
from types import SimpleNamespace

import pytest

from pipeline.corpus.fetching.limits import Budget
from pipeline.corpus.fetching.zip_archive import unpack_zip
from pipeline.errors import CorpusError


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "here").mkdir()
    return tmp_path / "here"


def write_zip(path, *members, compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def everything(path):
    return path


def special(name, kind):
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, (kind | 0o777) << 16
    return info


def contents(folder):
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_what_is_wanted_is_written_where_it_is_wanted(tmp_path, folder, compression):
    archive = write_zip(tmp_path / "a.zip", ("x/", b""), ("x/1", b"one"), ("y/2", b"two"),
                        ("x/3", b"three"), compression=compression)  # fmt: skip

    def place(path):
        return PurePosixPath("z", path.name) if path.parts[0] == "x" else None

    assert unpack_zip(archive, folder, place) == 2
    assert contents(folder) == {"z/1": b"one", "z/3": b"three"}


@pytest.mark.parametrize("name", ["../evil", "/evil", "a/../../evil", "a\\..\\evil", "C:evil"])
def test_a_member_outside_of_the_folder_is_refused_wanted_or_not(tmp_path, folder, name):
    archive = write_zip(tmp_path / "a.zip", ("good", b""), (name, b"x"))
    for place in (everything, lambda _: None):
        with pytest.raises(CorpusError, match=r"a.zip: the member .*evil' could lead out"):
            unpack_zip(archive, folder, place)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.zip", "here"]


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO])
def test_links_and_devices_are_refused(tmp_path, folder, kind):
    archive = write_zip(tmp_path / "a.zip", ("a", b""), (special("odd", kind), b"/etc/passwd"))
    with pytest.raises(CorpusError, match="the member 'odd' is a link or a device"):
        unpack_zip(archive, folder, everything)
    assert contents(folder) == {}


@pytest.mark.parametrize("kind", [0, stat.S_IFREG])
def test_files_are_files_whether_or_not_the_archive_says_so(tmp_path, folder, kind):
    archive = write_zip(tmp_path / "a.zip", (special("a", kind), b"x"))
    unpack_zip(archive, folder, everything)
    assert contents(folder) == {"a": b"x"}
    assert stat.S_IMODE((folder / "a").stat().st_mode) & 0o111 == 0


def test_a_bomb_is_refused_before_anything_is_written(tmp_path, folder):
    archive = write_zip(tmp_path / "a.zip", *((str(n), bytes(30_000_000)) for n in range(3)))
    assert archive.stat().st_size < 200_000
    with pytest.raises(CorpusError, match="unpacks to more bytes, than is plausible"):
        unpack_zip(archive, folder, everything)
    assert contents(folder) == {}


def test_an_archive_of_too_many_files_is_refused(tmp_path, folder):
    archive = write_zip(tmp_path / "a.zip", *((str(n), b"") for n in range(4)))
    with pytest.raises(CorpusError, match="holds more files"):
        unpack_zip(archive, folder, everything, budget=Budget(archive, 3, 1000))


def test_a_member_that_lies_about_its_size_writes_no_more_than_it_says(tmp_path, folder):
    archive = write_zip(tmp_path / "a.zip", ("a", bytes(1_000_000)))
    content = archive.read_bytes()
    honest, lie = struct.pack("<L", 1_000_000), struct.pack("<L", 10)
    assert content.count(honest) == 2
    archive.write_bytes(content.replace(honest, lie))
    with pytest.raises(CorpusError, match=r"a.zip: cannot be unpacked .*CRC"):
        unpack_zip(archive, folder, everything)
    assert sum(map(len, contents(folder).values())) <= 10


def test_an_encrypted_member_is_refused(tmp_path, folder):
    archive = write_zip(tmp_path / "a.zip", ("a", b"x" * 50))
    content = bytearray(archive.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    archive.write_bytes(content)
    with pytest.raises(CorpusError, match="encrypted"):
        unpack_zip(archive, folder, everything)


@pytest.mark.parametrize("damage", ["cut", "flipped", "no archive"])
def test_a_damaged_archive_is_named(tmp_path, folder, damage):
    archive = write_zip(tmp_path / "a.zip", ("a", os.urandom(100_000)))
    content = bytearray(archive.read_bytes())
    if damage == "cut":
        content = content[:50_000]
    elif damage == "flipped":
        content[50_000] ^= 255
    else:
        content = b"hello"
    archive.write_bytes(content)
    with pytest.raises(CorpusError, match=r"a.zip: cannot be unpacked .*fetch it again"):
        unpack_zip(archive, folder, everything)


def test_the_room_that_is_needed_is_that_of_what_is_wanted(tmp_path, folder, monkeypatch):
    archive = write_zip(tmp_path / "a.zip", ("x", bytes(600)), ("y", bytes(500)), ("z", bytes(9)))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=600))

    def only(*names):
        return lambda path: path if path.name in names else None

    assert unpack_zip(archive, folder, only("x")) == 1
    with pytest.raises(CorpusError, match=r"unpacking a.zip needs"):
        unpack_zip(archive, folder, only("y", "z", "x"))


def test_progress_counts_what_is_written(tmp_path, folder):
    seen = []
    archive = write_zip(tmp_path / "a.zip", ("x", bytes(600)), ("y", bytes(400)))
    unpack_zip(archive, folder, everything, progress=lambda *now: seen.append(now))
    assert seen == [("unpacking a.zip", 600, 1000), ("unpacking a.zip", 1000, 1000)]
