from shutil import copyfile

import numpy as np
import pytest
import soundfile

from pipeline.corpus import folder, open_corpus
from pipeline.time_axis import Interval

RATE_HZ = 8000
TEXTGRID = (
    '"ooTextFile" "TextGrid" 0 1 <exists> 1 "IntervalTier" "words" 0 1 2 0 0.5 "one" 0.5 1 "two"'
)


@pytest.fixture
def root(tmp_path):
    (tmp_path / "speech").mkdir()
    return tmp_path / "speech"


def add(root, name, content=None):
    """Add a second of silence, or a file that says `content`."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if content is None:
        soundfile.write(path, np.zeros(RATE_HZ), RATE_HZ)
    else:
        path.write_text(content, encoding="utf-8")
    return path


def described(corpus):
    return {
        each.id: (each.speaker, " ".join(each.words))
        for each in (*corpus.utterances, *corpus.unaligned)
    }


def reasons(corpus):
    """Return why something is left out, apart from missing alignments."""
    return {
        str(problem.file.relative_to(corpus.root)): (problem.left_out, problem.reason)
        for problem in corpus.problems
        if "no such alignment" not in problem.reason
    }


@pytest.mark.parametrize("suffix", [".lab", ".txt", ".TXT"])
@pytest.mark.parametrize("audio", ["a.wav", "a.WAV", "a.Flac", "a.ogg", "a.aiff"])
def test_a_recording_has_its_text_beside_it(root, audio, suffix):
    add(root, audio)
    add(root, f"a{suffix}", "One, two.\n")
    corpus = open_corpus(root)
    assert described(corpus) == {"a": ("speech", "One two")}
    assert reasons(corpus) == {}


def test_the_words_have_the_times_of_the_alignment_beside_them(root):
    add(root, "a.wav")
    add(root, "a.lab", "One two")
    add(root, "a.TextGrid", TEXTGRID)
    (utterance,) = open_corpus(root).utterances
    assert utterance.words == ("One", "two")
    assert utterance.word_intervals == (Interval("one", 0.0, 0.5), Interval("two", 0.5, 1.0))


def test_without_a_text_the_alignment_says_what_is_spoken(root):
    add(root, "a.wav")
    add(root, "a.TextGrid", TEXTGRID)
    corpus = open_corpus(root)
    assert (described(corpus), corpus.problems) == ({"a": ("speech", "one two")}, ())


def test_speakers_are_folders_and_a_name_that_returns_is_told_apart_by_its_path(root):
    for path in ("s1/a", "s2/a", "x/s3/b", "c"):
        add(root, f"{path}.wav")
        add(root, f"{path}.lab", path[-1])
    assert described(open_corpus(root)) == {
        "s1/a": ("s1", "a"),
        "s2/a": ("s2", "a"),
        "b": ("s3", "b"),
        "c": ("speech", "c"),
    }


def test_each_of_two_recordings_of_one_name_has_its_own_alignment_or_none(root):
    for speaker in ("s1", "s2"):
        add(root, f"{speaker}/a.wav")
        add(root, f"{speaker}/a.lab", "one two")
    add(root, "s1/a.TextGrid", TEXTGRID)
    corpus = open_corpus(root)
    assert [each.id for each in corpus.utterances] == ["s1/a"]
    assert [each.id for each in corpus.unaligned] == ["s2/a"]


@pytest.mark.parametrize("below", ["", "aligned"])
def test_names_that_return_are_aligned_in_another_tree_of_the_same_shape(root, tmp_path, below):
    times = tmp_path / "times" / below
    for speaker, word in (("s1", "one"), ("s2", "uno")):
        add(root, f"{speaker}/a.wav")
        add(root, f"{speaker}/a.lab", f"{word} two")
        add(times, f"{speaker}/a.TextGrid", TEXTGRID.replace("one", word))
    corpus = open_corpus(root, tmp_path / "times")
    assert [each.word_intervals[0].label for each in corpus.utterances] == ["one", "uno"]
    assert corpus.problems == ()


def test_one_recording_in_two_formats_is_one_and_the_other_is_noted(root):
    for name in ("s/a.wav", "s/a.flac", "b.wav"):
        add(root, name)
    add(root, "s/a.lab", "one")
    add(root, "b.lab", "two")
    corpus = open_corpus(root)
    assert described(corpus) == {"a": ("s", "one"), "b": ("speech", "two")}
    assert corpus.unaligned[0].audio == root / "s" / "a.flac"
    note = "a.flac is used instead; remove one of the two"
    assert reasons(corpus) == {"s/a.wav": ("nothing", note)}


def test_of_two_texts_the_lab_is_read_and_the_other_is_noted(root):
    add(root, "a.wav")
    add(root, "a.txt", "two")
    add(root, "a.lab", "one")
    corpus = open_corpus(root)
    assert described(corpus) == {"a": ("speech", "one")}
    note = "is not read, for a.lab says what is spoken; remove one of the two"
    assert reasons(corpus) == {"a.txt": ("nothing", note)}


def test_texts_and_alignments_without_a_recording_are_noted(root):
    for name in ("README.txt", "gone.lab", "gone.TextGrid", "a.lab"):
        add(root, name, "one")
    add(root, "a.wav")
    add(root, "aligned/a.TextGrid", TEXTGRID.replace('2 0 0.5 "one" 0.5 1 "two"', '1 0 1 "one"'))
    corpus = open_corpus(root)
    note = "no recording of this name lies beside it; if it belongs to one, add that"
    expected = dict.fromkeys(["README.txt", "gone.lab", "gone.TextGrid"], ("nothing", note))
    assert reasons(corpus) == expected
    assert [each.id for each in corpus.utterances] == ["a"]


def test_a_recording_without_text_or_alignment_is_left_out_with_its_reason(root):
    add(root, "a.wav")
    add(root, "a.lab", "one")
    add(root, "b.wav")
    corpus = open_corpus(root)
    assert described(corpus) == {"a": ("speech", "one")}
    reason = "there is neither a transcript nor an alignment of its name; add one of them"
    assert reasons(corpus) == {"b.wav": ("utterance", reason)}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "the transcript is empty; write what is said"),
        (b" ... \r\n", "the transcript is empty; write what is said"),
        (b"\x00\xff\x00\x81", "line 1 is no text, or damaged; save the file as UTF-8"),
    ],
)
def test_a_text_that_says_nothing_costs_its_utterance_alone(root, text, reason):
    for name in ("a.wav", "b.wav"):
        add(root, name)
    add(root, "a.lab", "one")
    (root / "b.lab").write_bytes(text)
    corpus = open_corpus(root)
    assert described(corpus) == {"a": ("speech", "one")}
    assert reasons(corpus) == {"b.lab": ("utterance", reason)}


def test_a_text_that_is_a_link_out_is_refused(root):
    add(root, "a.wav")
    (root / "a.txt").symlink_to(add(root.parent, "outside.txt", "secret"))
    corpus = open_corpus(root)
    assert described(corpus) == {}
    assert "leads out of" in reasons(corpus)["a.txt"][1]


def test_a_folder_of_mfa_with_speakers_is_read(shared, tmp_path):
    for name in ("cold_corpus3", "acoustic_corpus"):
        (tmp_path / name[:4]).mkdir()
        for suffix in (".flac", ".lab"):
            source = shared / "speech" / "MFA-tests" / f"{name}{suffix}"
            copyfile(source, tmp_path / name[:4] / f"{name}{suffix}")
    corpus = open_corpus(tmp_path, shared / "speech" / "MFA-tests")
    assert {each.id: each.speaker for each in corpus.utterances} == {
        "cold_corpus3": "cold",
        "acoustic_corpus": "acou",
    }


def test_timits_texts_begin_with_samples_which_are_not_spoken(root, monkeypatch):
    monkeypatch.setattr(folder, "SUFFIXES", folder.SUFFIXES | {".wrd"})
    for speaker in ("FCJF0", "MDAC0"):
        place = root / "TRAIN" / "DR1" / speaker
        place.mkdir(parents=True)
        soundfile.write(place / "SA1.WAV", np.zeros(RATE_HZ), RATE_HZ, format="NIST")
        (place / "SA1.TXT").write_text(f"0 {RATE_HZ} She had 11 suits.\n")
        (place / "SA1.WRD").write_text("0 4000 she\n4000 8000 had\n8000 12000 eleven\n")
    expected = {
        f"TRAIN/DR1/{speaker}/SA1": (speaker, "She had 11 suits") for speaker in ("FCJF0", "MDAC0")
    }
    assert described(open_corpus(root)) == expected
