import io
import os
import shutil
import stat
import subprocess
import tarfile
from types import SimpleNamespace

import pytest

from pipeline.corpus.fetching.limits import Budget
from pipeline.corpus.fetching.tar_archive import unpack_tar
from pipeline.errors import CorpusError


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "here").mkdir()
    return tmp_path / "here"


def write_tar(path, *members):
    """Write an archive of (name, content) and of ready TarInfos."""
    with tarfile.open(path, "w:gz") as archive:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                archive.addfile(member)
            else:
                name, content = member
                info = tarfile.TarInfo(name)
                info.size, info.mode = len(content), 0o6777
                archive.addfile(info, io.BytesIO(content))
    return path


def special(name, kind, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def test_files_are_those_that_tar_itself_unpacks(tmp_path, folder):
    source = tmp_path / "LibriSpeech" / "dev-clean" / "84"
    source.mkdir(parents=True)
    (source / "a.flac").write_bytes(bytes(range(256)) * 1000)
    (source / "ä.txt").write_text("words")
    (source / "empty").touch()
    subprocess.run(["/bin/tar", "-czf", "a.tar.gz", "LibriSpeech"], cwd=tmp_path, check=True)
    unpack_tar(tmp_path / "a.tar.gz", folder)
    subprocess.run(["/usr/bin/diff", "-r", "LibriSpeech", "here/LibriSpeech"], cwd=tmp_path,
                   check=True)  # fmt: skip


def test_nobody_else_may_write_and_nothing_is_privileged(tmp_path, folder):
    unpack_tar(write_tar(tmp_path / "a.tar.gz", ("a", b"x")), folder)
    mode = stat.S_IMODE((folder / "a").stat().st_mode)
    assert mode & (stat.S_ISUID | stat.S_ISGID | stat.S_IWGRP | stat.S_IWOTH) == 0
    assert (folder / "a").stat().st_uid == os.getuid()


@pytest.mark.parametrize("name", ["../evil", "/evil", "a/../../evil", "a\\..\\evil"])
def test_a_member_outside_of_the_folder_is_refused(tmp_path, folder, name):
    archive = write_tar(tmp_path / "a.tar.gz", ("good", b""), (name, b"x"))
    with pytest.raises(CorpusError, match=r"a.tar.gz: the member .*evil' could lead out"):
        unpack_tar(archive, folder)
    assert not list(tmp_path.rglob("evil"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tar.gz", "here"]


@pytest.mark.parametrize(
    "member",
    [
        special("odd", tarfile.SYMTYPE, "/etc/passwd"),
        special("odd", tarfile.SYMTYPE, "../.."),
        special("odd", tarfile.SYMTYPE, "good"),
        special("odd", tarfile.LNKTYPE, "../../evil"),
        special("odd", tarfile.LNKTYPE, "good"),
        special("odd", tarfile.CHRTYPE),
        special("odd", tarfile.BLKTYPE),
        special("odd", tarfile.FIFOTYPE),
    ],
    ids=["absolute", "outside", "inside", "hard outside", "hard inside", "character", "block",
         "pipe"],
)  # fmt: skip
def test_links_and_devices_are_refused(tmp_path, folder, member):
    archive = write_tar(tmp_path / "a.tar.gz", ("good", b""), member, ("odd/x", b"x"))
    with pytest.raises(CorpusError, match="the member 'odd' is a link or a device"):
        unpack_tar(archive, folder)
    assert [path.name for path in folder.iterdir()] == ["good"]


def test_an_archive_that_unpacks_to_too_much_is_refused_before_it_is_written(tmp_path, folder):
    archive = write_tar(tmp_path / "a.tar.gz", *((str(n), bytes(30_000_000)) for n in range(3)))
    assert archive.stat().st_size < 200_000
    with pytest.raises(CorpusError, match="unpacks to more bytes, than is plausible"):
        unpack_tar(archive, folder)
    assert sum(path.stat().st_size for path in folder.iterdir()) == 60_000_000


def test_an_archive_of_too_many_files_is_refused(tmp_path, folder):
    archive = write_tar(tmp_path / "a.tar.gz", *((str(n), b"") for n in range(4)))
    with pytest.raises(CorpusError, match="holds more files"):
        unpack_tar(archive, folder, budget=Budget(archive, 3, 1000))
    assert len(list(folder.iterdir())) == 3


@pytest.mark.parametrize("damage", ["cut", "flipped", "no archive"])
def test_a_damaged_archive_is_named(tmp_path, folder, damage):
    archive = write_tar(tmp_path / "a.tar.gz", ("a", os.urandom(100_000)))
    content = bytearray(archive.read_bytes())
    if damage == "cut":
        content = content[:50_000]
    elif damage == "flipped":
        content[0] ^= 255
    else:
        content = b"hello"
    archive.write_bytes(content)
    with pytest.raises(CorpusError, match=r"a.tar.gz: cannot be unpacked .*fetch it again"):
        unpack_tar(archive, folder)


def test_a_disk_without_room_is_noticed_before(tmp_path, folder, monkeypatch):
    archive = write_tar(tmp_path / "a.tar.gz", ("a", os.urandom(100_000)))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=100_000))
    with pytest.raises(CorpusError, match=r"unpacking a.tar.gz needs 0.000 GB"):
        unpack_tar(archive, folder)
    assert list(folder.iterdir()) == []


def test_a_python_without_the_filter_unpacks_nothing(tmp_path, folder, monkeypatch):
    archive = write_tar(tmp_path / "a.tar.gz", ("a", b""))
    monkeypatch.delattr(tarfile, "data_filter")
    with pytest.raises(CorpusError, match=r"use Python 3.11.4 or newer"):
        unpack_tar(archive, folder)


def test_progress_ends_with_the_archive(tmp_path, folder):
    seen = []
    archive = write_tar(tmp_path / "a.tar.gz", *((str(n), os.urandom(50_000)) for n in range(9)))
    unpack_tar(archive, folder, progress=lambda *now: seen.append(now))
    assert len(seen) == 9
    assert seen[0][0] == "unpacking a.tar.gz"
    assert [now[1] for now in seen] == sorted(now[1] for now in seen)
    assert all(0 < now[1] <= now[2] == archive.stat().st_size for now in seen)
