import argparse
import json
import shutil

import pytest

from pipeline.alignments import read_alignment
from pipeline.commands import corpora_align
from pipeline.corpus import open_corpus
from pipeline.errors import AlignerError


@pytest.fixture
def align(home, capsys):  # noqa: ARG001 - a home folder of its own
    """Return a function that runs the command: its exit status, output and errors."""

    def run(*arguments):
        parser = argparse.ArgumentParser()
        corpora_align.add_options(parser)
        status = corpora_align.run(parser.parse_args([str(argument) for argument in arguments]))
        return status, *capsys.readouterr()

    return run


@pytest.fixture
def plain(tmp_path):
    """Return a function that makes a corpus without times, from words and the demonstration."""

    def make(*transcripts):
        chapter = tmp_path / "plain" / "1" / "2"
        chapter.mkdir(parents=True)
        spoken = open_corpus("demo").utterances[: len(transcripts)]
        for number, utterance in enumerate(spoken):
            shutil.copy(utterance.audio, chapter / f"1-2-{number:04}.flac")
        lines = [
            f"1-2-{number:04} {transcript or ' '.join(utterance.words)}"
            for number, (transcript, utterance) in enumerate(zip(transcripts, spoken, strict=True))
        ]
        (chapter / "1-2.trans.txt").write_text("\n".join(lines), encoding="utf-8")
        return tmp_path / "plain"

    return make


def test_a_corpus_is_aligned_used_and_then_complete(align, plain, tmp_path):
    corpus, out = plain(None, None), tmp_path / "times"
    status, text, err = align(corpus, "--aligner", "pocketsphinx", "--out", out)
    assert status == 0
    assert "plain: 2 utterances aligned by pocketsphinx 5.1.1 (en-us), 0 were there" in text
    assert f"--alignments {out}" in text
    assert "2/2" in err
    words = read_alignment(out / "1" / "2" / "1-2-0000.TextGrid").words
    assert tuple(word.label for word in words) == open_corpus("demo").utterances[0].words
    aligned = open_corpus(corpus, out)
    assert (len(aligned.utterances), aligned.problems) == (2, ())
    _, text, _ = align(corpus, "--aligner", "pocketsphinx", "--out", out)
    assert "0 utterances aligned by" in text
    assert "2 were there" in text
    _, text, _ = align(
        corpus, "--alignments", out, "--aligner", "pocketsphinx", "--out", tmp_path / "other"
    )
    assert "0 were there, 0 failed" in text


def test_what_fails_is_told_with_its_reason_and_a_non_zero_exit(align, plain, tmp_path):
    corpus = plain("in 1984", None)
    arguments = (corpus, "--aligner", "pocketsphinx", "--out", tmp_path / "times")
    status, out, err = align(*arguments, "--json")
    values = json.loads(out)
    assert status == 1
    assert (values["aligned"], values["found"], list(values["failures"])) == (1, 0, ["1-2-0000"])
    assert "the word '1984' cannot be pronounced" in values["failures"]["1-2-0000"]
    assert "failed: " in err


def test_guesses_are_listed(align, plain, tmp_path):
    known = " ".join(open_corpus("demo").utterances[0].words)
    corpus = plain(known.replace("the", "thuh"))
    _, out, _ = align(corpus, "--aligner", "pocketsphinx", "--out", tmp_path / "times", "--json")
    (notes,) = json.loads(out)["notes"].values()
    assert notes == ["pronunciation guessed from the letters: thuh"]


def test_an_unknown_aligner_writes_nothing(align, plain, tmp_path):
    with pytest.raises(AlignerError, match="choose one of pocketsphinx, ctc:FOLDER"):
        align(plain(None), "--aligner", "mfa", "--out", tmp_path / "times")
    assert not (tmp_path / "times").exists()
