import dataclasses
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from types import SimpleNamespace

import pytest

from pipeline.corpus.fetching import Archive
from pipeline.corpus.fetching.fetch import fetch
from pipeline.corpus.fetching.locking import only_process
from pipeline.corpus.opening import open_corpus
from pipeline.corpus.registry import RegisteredCorpus, add_corpus, registered
from pipeline.errors import CorpusError
from tests.pipeline.corpus.fetching.library import Library

NAME = "librispeech-dev-clean"


@pytest.fixture
def library(server, tmp_path):
    return Library(server, tmp_path / "library")


@pytest.fixture
def registry(tmp_path):
    (tmp_path / "registry").mkdir()
    return tmp_path / "registry"


@pytest.fixture
def root(tmp_path):
    """Where LibriSpeech comes to lie."""
    return tmp_path / "corpora" / "LibriSpeech"


@pytest.fixture
def fetch_here(root, registry, patience):
    """Return a function that fetches a source."""

    def fetch_source(source, **options):
        return fetch(source, root.parent, registry, patience=patience, **options)

    return fetch_source


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_corpus_is_fetched_unpacked_and_registered(library, fetch_here, root, registry):
    fetched = fetch_here(library.dev)
    corpus = RegisteredCorpus(NAME, root / "dev-clean", root / "alignments" / "dev-clean")
    assert (fetched.corpus, fetched.new) == (corpus, True)
    assert registered(registry)[1:] == (corpus,)
    assert files(root) == [
        ".fetch.lock",
        "LICENSE.TXT",
        "SPEAKERS.TXT",
        "alignments/dev-clean/84/121123/84-121123-0000.TextGrid",
        "alignments/dev-clean/84/121123/84-121123-0001.TextGrid",
        "archives/librispeech_alignments.zip",
        "dev-clean/84/121123/84-121123-0000.flac",
        "dev-clean/84/121123/84-121123-0001.flac",
        "dev-clean/84/121123/84-121123.trans.txt",
    ]
    assert fetched.kept == root / "archives" / "librispeech_alignments.zip"


def test_the_corpus_opens_without_problems_and_knows_its_speakers(library, fetch_here, registry):
    fetch_here(library.dev)
    corpus = open_corpus(NAME, registry_folder=registry)
    assert corpus.problems == ()
    assert [" ".join(utterance.words) for utterance in corpus.utterances] == [
        "go do you hear",
        "but in less than five minutes",
    ]
    assert {utterance.sex for utterance in corpus.utterances} == {"f"}
    assert all(all(utterance.word_intervals) for utterance in corpus.utterances)


def test_what_is_there_is_not_fetched_again(library, fetch_here):
    first = fetch_here(library.dev)
    library.server.asked.clear()
    again = fetch_here(library.dev)
    assert (again.corpus, again.new) == (first.corpus, False)
    assert fetch_here(library.dev, with_alignments=False).new is False
    assert library.asked == []


def test_the_next_part_needs_only_its_recordings(library, fetch_here, registry):
    fetch_here(library.dev)
    library.server.asked.clear()
    fetch_here(library.test)
    assert library.asked == ["test-clean.tar.gz"]
    for name in (NAME, "librispeech-test-clean"):
        assert open_corpus(name, registry_folder=registry).problems == ()


def test_alignments_can_be_left_out_and_fetched_later(library, fetch_here, root, registry):
    without = fetch_here(library.dev, with_alignments=False)
    assert without.corpus == RegisteredCorpus(NAME, root / "dev-clean", None)
    assert without.kept is None
    assert library.asked == ["dev-clean.tar.gz"]
    assert len(open_corpus(NAME, registry_folder=registry).problems) == 2
    later = fetch_here(library.dev)
    assert later.new
    assert library.asked == ["dev-clean.tar.gz", "librispeech_alignments.zip"]
    assert registered(registry)[1:] == (later.corpus,)
    assert open_corpus(NAME, registry_folder=registry).problems == ()


def test_what_was_deleted_is_fetched_again(library, fetch_here, root, registry):
    fetch_here(library.dev)
    library.server.asked.clear()
    shutil.rmtree(root / "dev-clean")
    assert fetch_here(library.dev).new
    assert library.asked == ["dev-clean.tar.gz"]
    shutil.rmtree(root / "alignments")
    assert fetch_here(library.dev).new
    assert library.asked == ["dev-clean.tar.gz"]
    assert open_corpus(NAME, registry_folder=registry).problems == ()


def test_what_was_unpacked_but_not_registered_is_only_registered(
    library, fetch_here, root, registry
):
    fetch_here(library.dev)
    (registry / "corpora.json").unlink()
    (root / "archives" / "dev-clean.tar.gz").write_bytes(b"left by a process that was killed")
    library.server.asked.clear()
    assert fetch_here(library.dev).new
    assert library.asked == []
    assert not (root / "archives" / "dev-clean.tar.gz").exists()
    assert open_corpus(NAME, registry_folder=registry).problems == ()


def test_a_folder_that_the_user_registered_under_the_name_is_left_alone(
    library, fetch_here, root, registry, tmp_path
):
    mine = tmp_path / "mine"
    mine.mkdir()
    add_corpus(NAME, mine, mine, registry)
    assert fetch_here(library.dev).corpus == RegisteredCorpus(NAME, mine, mine)
    assert library.asked == []
    assert not root.exists()


def test_recordings_that_the_user_has_are_not_fetched(
    library, fetch_here, root, registry, tmp_path
):
    mine = tmp_path / "mine"
    mine.mkdir()
    add_corpus(NAME, mine, None, registry)
    alignments = root / "alignments" / "dev-clean"
    assert fetch_here(library.dev).corpus == RegisteredCorpus(NAME, mine, alignments)
    assert library.asked == ["librispeech_alignments.zip"]


def test_a_failure_keeps_what_is_done_and_registers_nothing(library, fetch_here, root, registry):
    zipped = library.server.files.pop("librispeech_alignments.zip")
    with pytest.raises(CorpusError, match=r"librispeech_alignments.zip cannot be fetched.*404"):
        fetch_here(library.dev)
    assert registered(registry) == (RegisteredCorpus("demo"),)
    assert (root / "dev-clean").is_dir()
    library.server.files["librispeech_alignments.zip"] = zipped
    library.server.asked.clear()
    fetch_here(library.dev)
    assert library.asked == ["librispeech_alignments.zip"]


def test_a_damaged_list_is_noticed_before_anything_is_fetched(library, fetch_here, registry):
    (registry / "corpora.json").write_text("{")
    with pytest.raises(CorpusError, match="the list of corpora is damaged"):
        fetch_here(library.dev)
    assert library.asked == []


def test_two_processes_do_not_fetch_into_one_folder(library, fetch_here, root):
    root.mkdir(parents=True)
    with (
        only_process(root),
        pytest.raises(CorpusError, match=f"process {os.getpid()} is fetching into"),
    ):
        fetch_here(library.dev)
    assert library.asked == []
    assert fetch_here(library.dev).new


def test_a_disk_without_room_is_noticed_before_the_download(library, fetch_here, root, monkeypatch):
    audio, times = library.dev.audio.size_bytes, library.dev.alignments.size_bytes
    free = SimpleNamespace(free=2 * audio + times - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: free)
    with pytest.raises(CorpusError, match="fetching librispeech:dev-clean needs"):
        fetch_here(library.dev)
    assert library.asked == []
    # What is there already needs no more room.
    (root / "archives" / "dev-clean.tar.gz.part").write_bytes(
        library.server.files["dev-clean.tar.gz"][:1]
    )
    assert fetch_here(library.dev).new


@pytest.mark.parametrize("archive", ["dev-clean.tar.gz", "librispeech_alignments.zip"])
def test_a_disk_that_fills_meanwhile_keeps_the_archive(
    library, fetch_here, root, registry, monkeypatch, archive
):
    def fill(heading, *_):
        if heading == archive:
            monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0))

    with pytest.raises(CorpusError, match=f"unpacking {archive} needs"):
        fetch_here(library.dev, progress=fill)
    monkeypatch.undo()
    assert registered(registry) == (RegisteredCorpus("demo"),)
    assert not list(root.glob(".*.draft"))
    library.server.asked.clear()
    fetch_here(library.dev)
    assert archive not in library.asked


@pytest.mark.parametrize(
    "in_the_way",
    [
        "corpora",
        "corpora/LibriSpeech",
        "corpora/LibriSpeech/archives",
        "corpora/LibriSpeech/dev-clean",
        "corpora/LibriSpeech/alignments/dev-clean",
    ],
)
def test_a_file_in_the_way_is_named(library, fetch_here, tmp_path, registry, in_the_way):
    path = tmp_path / in_the_way
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("mine")
    with pytest.raises(CorpusError, match=f"{in_the_way}.*; make room, remove what is in the way"):
        fetch_here(library.dev)
    assert path.read_text() == "mine"
    assert registered(registry) == (RegisteredCorpus("demo"),)


def repacked(library, path):
    """Serve a file in place of an archive, with a checksum that fits."""
    published = library._publish(path)  # noqa: SLF001 - our own
    assert isinstance(published, Archive)
    return published


def test_an_archive_of_something_else_is_refused(library, fetch_here, root, tmp_path):
    path = tmp_path / "dev-clean.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.add(__file__, "LibriSpeech/test-clean/test.py")
    source = dataclasses.replace(library.dev, audio=repacked(library, path))
    with pytest.raises(CorpusError, match="it has no folder dev-clean; expected LibriSpeech's"):
        fetch_here(source)
    assert not (root / "dev-clean").exists()


@pytest.mark.parametrize("folder", ["", "LibriSpeech/", "some/where/"])
def test_alignments_are_found_however_deep_they_are(
    library, fetch_here, registry, tmp_path, folder
):
    path = tmp_path / "librispeech_alignments.zip"
    with zipfile.ZipFile(library.folder / path.name) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            new.writestr(f"{folder}{name}", old.read(name))
    fetch_here(dataclasses.replace(library.dev, alignments=repacked(library, path)))
    assert open_corpus(NAME, registry_folder=registry).problems == ()


def test_alignments_of_something_else_are_refused(library, fetch_here, root, tmp_path):
    path = tmp_path / "librispeech_alignments.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("test-clean/61/a.TextGrid", "")
        archive.writestr("dev-clean/84/a.txt", "")
        archive.writestr("dev-clean.TextGrid", "")
    source = dataclasses.replace(library.dev, alignments=repacked(library, path))
    with pytest.raises(CorpusError, match=r"alignments.zip: it has no folder dev-clean"):
        fetch_here(source)
    assert not (root / "alignments" / "dev-clean").exists()


@pytest.mark.parametrize("archive", ["dev-clean.tar.gz", "librispeech_alignments.zip"])
def test_a_process_killed_while_it_unpacks_leaves_nothing_that_looks_complete(
    library, fetch_here, root, registry, archive
):
    code = f"""
import sys
from pathlib import Path
from pipeline.corpus.fetching import Archive, Source
from pipeline.corpus.fetching.fetch import fetch

def show(heading, done_bytes, size_bytes):
    if heading == "unpacking {archive}":
        print("unpacking", flush=True)
        sys.stdin.read()

fetch({library.dev!r}, Path({str(root.parent)!r}), Path({str(registry)!r}), progress=show)
"""
    with subprocess.Popen(  # noqa: S603 - our own code
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"unpacking\n"
        process.kill()
    assert registered(registry) == (RegisteredCorpus("demo"),)
    half_done = root / ("dev-clean" if archive.startswith("dev") else "alignments/dev-clean")
    assert not half_done.exists()
    assert len(list(half_done.parent.glob(".*.draft"))) == 1
    library.server.asked.clear()
    fetch_here(library.dev)
    assert archive not in library.asked
    assert not list(root.rglob(".*.draft"))
    corpus = open_corpus(NAME, registry_folder=registry)
    assert (len(corpus.utterances), corpus.problems) == (2, ())
