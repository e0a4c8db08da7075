import argparse
import json

import pytest

from pipeline.commands import corpora_fetch
from pipeline.corpus.fetching.patience import Patience
from pipeline.corpus.opening import open_corpus
from pipeline.errors import CorpusError
from tests.pipeline.corpus.fetching.library import Library
from tests.pipeline.corpus.fetching.server import Answer, local_server


@pytest.fixture
def library(tmp_path, monkeypatch):
    """A small LibriSpeech on this machine instead of the real one."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with local_server() as server:
        made = Library(server, tmp_path / "library")
        monkeypatch.setattr(corpora_fetch, "SOURCES", made.sources)
        yield made


@pytest.fixture
def fetch(home, capsys):  # noqa: ARG001 - a home folder of its own
    """Return a function that runs the command: its exit status, output and errors."""

    def run(*arguments):
        parser = argparse.ArgumentParser()
        corpora_fetch.add_options(parser)
        status = corpora_fetch.run(parser.parse_args([str(argument) for argument in arguments]))
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


def test_a_corpus_is_fetched_by_its_name_and_opened_by_the_registered_one(library, fetch, home):
    status, out, err = fetch("librispeech:dev-clean")
    assert status == 0
    root = home / "corpora" / "LibriSpeech"
    kept = root / "archives" / "librispeech_alignments.zip"
    assert out.splitlines() == [
        f"librispeech-dev-clean: {root}/dev-clean",
        f"alignments: {root}/alignments/dev-clean",
        f"licence: {library.dev.licence}",
        f"kept for other parts of the corpus; delete it at will: {kept}",
    ]
    for heading in ("dev-clean.tar.gz", "unpacking librispeech_alignments.zip"):
        assert f"{heading}: 100%" in err
    corpus = open_corpus("librispeech-dev-clean", registry_folder=home)
    assert (len(corpus.utterances), corpus.problems) == (2, ())


def test_what_is_there_already_is_said(library, fetch, home):
    fetch("librispeech:dev-clean")
    library.server.asked.clear()
    status, out, _ = fetch("librispeech:dev-clean")
    path = home / "corpora" / "LibriSpeech" / "dev-clean"
    assert (status, out) == (0, f"librispeech-dev-clean is there already: {path}\n")
    assert library.asked == []


def test_the_folder_and_the_alignments_are_chosen(library, fetch, tmp_path):
    status, out, _ = fetch("librispeech:test-clean", "--out", tmp_path / "x", "--no-alignments",
                           "--json")  # fmt: skip
    assert status == 0
    assert json.loads(out) == {
        "name": "librispeech-test-clean",
        "path": str(tmp_path / "x" / "LibriSpeech" / "test-clean"),
        "alignments": None,
        "new": True,
        "kept": None,
    }
    assert library.asked == ["test-clean.tar.gz"]


def test_progress_goes_back_with_a_server_that_starts_again(library, fetch, monkeypatch):
    monkeypatch.setattr(corpora_fetch, "PATIENCE", Patience(sleep=lambda _: None))
    whole = library.dev.audio.size_bytes
    library.server.answers = [Answer(cut_after=whole - 1, ranges=False), Answer(ranges=False)]
    status, _, err = fetch("librispeech:dev-clean", "--no-alignments")
    assert status == 0
    assert library.server.sent_bytes == [whole - 1, whole]
    assert "dev-clean.tar.gz: 100%" in err


@pytest.mark.usefixtures("home")
def test_an_unknown_name_lists_those_that_can_be_fetched(fetch):
    with pytest.raises(CorpusError, match=r"librispeech:dev-clean .0.338 GB.*train-other-500"):
        fetch("librispeech:dev")
