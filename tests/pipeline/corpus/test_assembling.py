import re

import numpy as np
import pytest
import soundfile

from pipeline.corpus import assembling
from pipeline.corpus.opening import open_corpus
from pipeline.errors import CorpusError
from pipeline.time_axis import Interval


def ids(corpus):
    return [utterance.id for utterance in corpus.utterances]


def only_problem(corpus):
    (problem,) = corpus.problems
    return problem


@pytest.mark.parametrize("place", ["7/1", "elsewhere", "."])
def test_alignments_may_lie_in_a_tree_of_their_own(tree, tmp_path, place):
    tree.add("7-1-0000", "ONE", alignments=tmp_path / "times" / place)
    corpus = open_corpus(tree.root, tmp_path / "times")
    assert corpus.utterances[0].word_intervals == (Interval("one", 0.0, 1.0),)


def test_of_two_alignments_the_one_at_the_same_place_is_taken(tree, tmp_path):
    tree.add("7-1-0000", "ONE", alignments=tmp_path / "times" / "7" / "1")
    tree.add_alignment("7-1-0000", "two", folder=tmp_path / "times" / "other")
    corpus = open_corpus(tree.root, tmp_path / "times")
    assert corpus.utterances[0].word_intervals == (Interval("one", 0.0, 1.0),)


def test_which_of_two_alignments_elsewhere_is_not_guessed(tree, tmp_path):
    tree.add("7-1-0000", "ONE", alignments=tmp_path / "times" / "a")
    tree.add_alignment("7-1-0000", "one", folder=tmp_path / "times" / "b")
    corpus = open_corpus(tree.root, tmp_path / "times")
    assert corpus.utterances == ()
    assert "2 alignments have this name; keep one" in only_problem(corpus).reason


def test_the_folder_of_the_alignments_must_exist(tree, tmp_path):
    tree.add("7-1-0000", "ONE")
    with pytest.raises(CorpusError, match=r"times: expected the folder of the alignments"):
        open_corpus(tree.root, tmp_path / "times")


def empty_line(tree, name):
    tree.add(name, "", timed="two")
    return tree.folder_of(name) / "7-1.trans.txt", "transcript is empty"


def missing_alignment(tree, name):
    tree.add(name, "TWO", timed="")
    return tree.folder_of(name) / f"{name}.TextGrid", "there is no such alignment"


def text_as_audio(tree, name):
    tree.add(name, "TWO")
    audio = tree.folder_of(name) / f"{name}.flac"
    audio.write_text("404 not found")
    return audio, "cannot be read as audio .*Format not recognised"


def empty_audio(tree, name):
    tree.add(name, "TWO")
    audio = tree.folder_of(name) / f"{name}.flac"
    audio.write_bytes(b"")
    return audio, "cannot be read as audio"


def cut_alignment(tree, name):
    tree.add(name, "TWO")
    path = tree.folder_of(name) / f"{name}.TextGrid"
    path.write_text(path.read_text()[:-3])
    return path, "a text that is not closed"


def long_alignment(tree, name):
    tree.add(name, "TWO", timed="")
    return tree.add_alignment(
        name, "two", 1.06
    ), r"recording lasts 1.00 s, but .* end after it.*: 'two' \(0.00-1.06 s\)"


def alignment_link_out(tree, name):
    tree.add(name, "TWO")
    path = tree.folder_of(name) / f"{name}.TextGrid"
    path.symlink_to(path.rename(tree.root.parent / "outside.TextGrid"))
    return path.with_suffix(".flac"), f"{path} is a link that leads out"


FAULTS = [
    empty_line,
    missing_alignment,
    text_as_audio,
    empty_audio,
    cut_alignment,
    long_alignment,
    alignment_link_out,
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_faulty_utterance_is_a_problem_and_the_rest_goes_on(tree, fault):
    tree.add("7-1-0000", "ONE")
    file, reason = fault(tree, "7-1-0001")
    tree.add("7-1-0002", "THREE")
    corpus = open_corpus(tree.root)
    assert ids(corpus) == ["7-1-0000", "7-1-0002"]
    problem = only_problem(corpus)
    assert (problem.file, problem.utterance) == (file, "7-1-0001")
    assert re.search(reason, problem.reason)


def test_an_alignment_may_end_a_frame_after_its_recording(tree):
    tree.add("7-1-0000", "ONE", timed="")
    tree.add_alignment("7-1-0000", "one", 1.04)
    assert open_corpus(tree.root).utterances[0].word_intervals == (Interval("one", 0.0, 1.04),)


@pytest.mark.parametrize("folder", ["7/1", "copy"])
def test_of_two_utterances_with_one_id_the_first_counts(tree, folder):
    tree.add("7-1-0000", "ONE")
    tree.add("7-1-0000", "DEUX", folder=tree.root / folder, timed="one")
    corpus = open_corpus(tree.root)
    assert [utterance.words for utterance in corpus.utterances] == [("one",)]
    first, second = tree.folder_of("7-1-0000"), tree.root / folder
    problem = only_problem(corpus)
    assert (problem.file, problem.line) == (second / "7-1.trans.txt", 1 + (first == second))
    place = f"{first / '7-1.trans.txt'}, line 1"
    assert f"named twice, first in {place}; rename or remove" in problem.reason


def test_words_without_a_time_are_listed_and_the_others_stay_in_place(tree):
    tree.add("7-1-0000", "ONE TWO THREE FOUR", timed="one deux three")
    corpus = open_corpus(tree.root)
    intervals = corpus.utterances[0].word_intervals
    assert [it and it.label for it in intervals] == ["one", None, "three", None]
    assert only_problem(corpus).reason.endswith("transcript were: two, four")


def test_a_file_that_cannot_be_opened_says_why(tree):
    tree.add("7-1-0000", "ONE")
    audio = tree.folder_of("7-1-0000") / "7-1-0000.flac"
    audio.unlink()
    audio.symlink_to(audio.name)
    reason = "cannot be opened (Too many levels of symbolic links); replace it"
    problem = only_problem(open_corpus(tree.root))
    assert (problem.file, problem.reason) == (audio, reason)


def test_a_recording_is_as_long_and_as_finely_sampled_as_its_header_says(tree):
    tree.add("7-1-0000", "ONE")
    audio = tree.folder_of("7-1-0000") / "7-1-0000.flac"
    soundfile.write(audio, np.zeros((33_075, 2)), 22_050)
    (utterance,) = open_corpus(tree.root).utterances
    assert (utterance.duration_s, utterance.sample_rate_hz) == (1.5, 22_050)


def test_a_recording_is_opened_once_for_all_of_its_segments(tree, monkeypatch):
    audio = tree.add_audio("long", 2.0, tree.root)
    tree.add_alignment("long", "one two three four", 2.0, tree.root)
    rows = [f"{i},long.flac,{i / 2},{i / 2 + 0.5}" for i in range(4)]
    (tree.root / "manifest.csv").write_text("\n".join(["id,audio,start,end", *rows]))
    opened = []

    def read_header(path):
        opened.append(path)
        return header_of(path)

    header_of = soundfile.info
    monkeypatch.setattr(soundfile, "info", read_header)
    corpus = open_corpus(tree.root)
    assert [each.words for each in corpus.utterances] == [("one",), ("two",), ("three",), ("four",)]
    assert opened == [audio]


@pytest.mark.parametrize(("longest_s", "utterances"), [(1.0, 1), (0.99, 0)])
def test_what_is_too_long_for_a_model_is_left_out(tree, monkeypatch, longest_s, utterances):
    tree.add("7-1-0000", "ONE")
    monkeypatch.setattr(assembling, "LONGEST_S", longest_s)
    corpus = open_corpus(tree.root)
    assert len(corpus.utterances) == utterances
    assert len(corpus.problems) == 1 - utterances


def test_an_alignment_without_words_or_none_that_fits_is_a_problem(tree):
    tree.add("7-1-0000", "ONE", timed="sil")
    tree.add("7-1-0001", "ONE", timed="two")
    corpus = open_corpus(tree.root)
    assert corpus.utterances == corpus.unaligned == ()
    empty, other = corpus.problems
    assert "were: one" in empty.reason
    assert "belong to no word of the transcript for certain: 'two'" in other.reason


def test_problems_of_both_trees_are_listed_once(tree, tmp_path):
    tree.add("7-1-0000", "ONE", alignments=tmp_path / "times")
    for folder in (tree.root, tmp_path / "times"):
        (folder / "link").symlink_to(tmp_path)
    beside = {problem.file for problem in open_corpus(tree.root, tmp_path / "times").problems}
    assert beside == {tree.root / "link", tmp_path / "times" / "link"}
    tree.add_alignment("7-1-0000", "one")
    assert only_problem(open_corpus(tree.root)).file == tree.root / "link"
    assert only_problem(open_corpus(tree.root, tree.root)).file == tree.root / "link"
