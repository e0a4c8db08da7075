import pytest

from pipeline.corpus import open_corpus, opening
from pipeline.corpus.registry import add_corpus
from pipeline.errors import CorpusError
from pipeline.time_axis import Interval


def test_demo_is_a_corpus_with_every_word_timed():
    corpus = open_corpus("demo")
    assert (corpus.name, corpus.problems) == ("demo", ())
    assert all(None not in utterance.word_intervals for utterance in corpus.utterances)


def test_demo_takes_no_other_alignments(tmp_path):
    with pytest.raises(CorpusError, match=r"demo has its own alignments; leave .* out"):
        open_corpus("demo", tmp_path)


@pytest.mark.parametrize("as_given", [str, lambda path: path])
def test_a_folder_is_opened_by_its_path(tree, tmp_path, as_given):
    tree.add("7-1-0000", "ONE")
    tree.add("7-1-0001", "TWO", alignments=tmp_path / "times")
    assert set(open_corpus(as_given(tree.root)).by_id) == {"7-1-0000"}
    assert set(open_corpus(as_given(tree.root), as_given(tmp_path / "times")).by_id) == {"7-1-0001"}


def test_a_registered_corpus_is_opened_by_its_name_with_its_alignments(tree, tmp_path):
    tree.add("7-1-0000", "ONE", alignments=tmp_path / "times")
    add_corpus("seven", tree.root, tmp_path / "times", tmp_path)
    corpus = open_corpus("seven", registry_folder=tmp_path)
    assert (corpus.name, set(corpus.by_id)) == ("seven", {"7-1-0000"})


def test_alignments_that_are_asked_for_go_before_registered_ones(tree, tmp_path):
    tree.add("7-1-0000", "ONE", alignments=tmp_path / "registered")
    tree.add_alignment("7-1-0000", "one", 0.5, folder=tmp_path / "asked")
    add_corpus("seven", tree.root, tmp_path / "registered", tmp_path)
    corpus = open_corpus("seven", tmp_path / "asked", registry_folder=tmp_path)
    assert corpus.by_id["7-1-0000"].word_intervals[0].end == 0.5


def test_an_unknown_name_is_refused_with_the_known_ones(tmp_path):
    add_corpus("seven", tmp_path, None, tmp_path)
    with pytest.raises(
        CorpusError, match=r"nowhere is neither a folder nor a registered corpus \(demo, seven\)"
    ):
        open_corpus("nowhere", registry_folder=tmp_path)


def test_a_file_is_refused(tmp_path):
    (tmp_path / "a.flac").write_bytes(b"")
    with pytest.raises(CorpusError, match=r"a\.flac is a file; name the folder"):
        open_corpus(tmp_path / "a.flac")


def test_an_empty_folder_is_refused_with_what_was_expected(tmp_path):
    layouts = r"manifest.*LibriSpeech: \*.trans.txt beside.*LJSpeech.*plain folder.*no file at all"
    with pytest.raises(CorpusError, match=layouts):
        open_corpus(tmp_path)


def test_a_folder_without_recordings_is_refused(tmp_path):
    (tmp_path / "a.txt").write_text("a transcript without audio")
    with pytest.raises(CorpusError, match=r"found 1 files .*, but no recordings"):
        open_corpus(tmp_path)


def test_a_corpus_that_is_remembered_is_the_same_and_reads_no_file(tree, store, monkeypatch):
    tree.add("7-1-0000", "ONE TWO", timed="one deux")
    tree.add("7-1-0001", "THREE", timed="")
    first = open_corpus(tree.root, store=store)
    monkeypatch.setattr(opening, "assemble", None)
    again = open_corpus(tree.root, store=store)
    assert again.utterances[0].word_intervals == (Interval("one", 0.0, 0.5), None)
    for name in ("name", "root", "problems", "aligner", "fingerprint"):
        assert getattr(again, name) == getattr(first, name)
    assert [utterance.id for utterance in again.unaligned] == ["7-1-0001"]


@pytest.mark.parametrize("change", ["audio", "alignment", "transcript", "new", "speakers"])
def test_a_corpus_whose_files_change_is_read_anew(tree, store, change):
    tree.add("7-1-0000", "ONE", timed="one")
    (tree.root.parent / "SPEAKERS.TXT").write_text("7 | M | dev-clean | 8.02 | A B\n")
    before = open_corpus(tree.root, store=store)
    if change == "audio":
        tree.add_audio("7-1-0000", 2.0)
    elif change == "alignment":
        tree.add_alignment("7-1-0000", "one", 0.7)
    elif change == "transcript":
        tree.add_line("7-1-0001", "TWO", tree.folder_of("7-1-0000"))
    elif change == "new":
        tree.add("7-1-0001", "TWO")
    else:
        (tree.root.parent / "SPEAKERS.TXT").write_text("7 | F | dev-clean | 18.02 | A B\n")
    after = open_corpus(tree.root, store=store)
    expected = open_corpus(tree.root)
    assert described(after) == described(expected) != described(before)


def described(corpus):
    return [
        (each.id, each.sex, each.duration_s, each.words, tuple(each.word_intervals))
        for each in corpus.utterances
    ] + list(corpus.problems)
