import csv
from shutil import copyfile

import numpy as np
import pytest
import soundfile

from pipeline.corpus import open_corpus
from pipeline.errors import CorpusError


@pytest.fixture
def root(tmp_path):
    """A folder in LJSpeech's layout, with the recordings a and b."""
    folder = tmp_path / "speech"
    (folder / "wavs").mkdir(parents=True)
    for name in ("a", "b"):
        add_audio(folder / "wavs" / f"{name}.wav")
    return folder


def add_audio(path):
    soundfile.write(path, np.zeros(8000), 8000)
    return path


def open_table(root, content):
    (root / "metadata.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    return open_corpus(root)


def spoken(corpus):
    return {utterance.id: " ".join(utterance.words) for utterance in corpus.unaligned}


def reasons(corpus):
    """Return why something is left out, apart from the alignments, which nothing has here."""
    return [
        (problem.file.name, problem.line, problem.reason)
        for problem in corpus.problems
        if "no such alignment" not in problem.reason
    ]


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ("a|Chapter 1|Chapter one", "Chapter one"),
        ("a|Chapter one", "Chapter one"),
        ("a|Chapter one|", "Chapter one"),
        ("a|Chapter one|  ", "Chapter one"),
        ("a|Chapter 1|Chapter one|Linda", "Chapter one"),
        (' a | "Chapter" one ', "Chapter one"),
        ("a|Chapter\u2028one", "Chapter one"),
    ],
)
def test_the_normalised_text_is_what_is_spoken_where_there_is_one(root, row, text):
    corpus = open_table(root, f"{row}\nb|two\n")
    assert spoken(corpus) == {"a": text, "b": "two"}
    assert reasons(corpus) == []


def test_line_ends_of_windows_and_its_byte_order_mark_are_no_text(root):
    corpus = open_table(root, "a|one\r\n\r\nb|two\r\n".encode("utf-8-sig"))
    assert spoken(corpus) == {"a": "one", "b": "two"}
    assert reasons(corpus) == []


def test_the_speaker_is_lj_in_ljspeech_and_else_the_folder(root):
    add_audio(root / "wavs" / "LJ001-0001.wav")
    corpus = open_table(root, "a|one\nb|two\nLJ001-0001|three\n")
    assert [each.speaker for each in corpus.unaligned] == ["LJ", "speech", "speech"]


@pytest.mark.parametrize(
    ("table", "name", "line", "reason"),
    [
        ("a|one\nb;two\n", "metadata.csv", 2, r"expected 'id|text', found 'b;two'; part"),
        ("a|one\n\nc|two\n", "metadata.csv", 3, "names c, but wavs holds no such recording"),
        ("a|one\nb.wav|two\n", "metadata.csv", 2, "names b.wav, but wavs holds no such recording"),
        ("a|one\n../../b|two\n", "metadata.csv", 2, "names ../../b, but wavs holds no such"),
        ("a|one\n", "b.wav", None, "metadata.csv has no line for this recording; add"),
        ("a|one\nb|\n", "metadata.csv", 2, "the transcript is empty; write what is said"),
        ("a|one\nb|two\na|uno\n", "metadata.csv", 3, "a is named twice, first in .*line 1; rename"),
    ],
)
def test_what_is_wrong_with_a_row_costs_only_its_utterance(root, table, name, line, reason):
    corpus = open_table(root, table)
    assert spoken(corpus)["a"] == "one"
    found = [each for each in reasons(corpus) if each[0] == name]
    assert [(found[0][0], found[0][1])] == [(name, line)]
    assert reason.split(".*")[0] in found[0][2]


def test_recordings_elsewhere_are_not_lost_silently(root):
    (root / "wavs" / "more").mkdir()
    add_audio(root / "wavs" / "more" / "c.wav")
    corpus = open_table(root, "a|one\nb|two\n")
    assert reasons(corpus) == [
        ("c.wav", None, "lies outside of wavs/, where metadata.csv looks for it; move it")
    ]


def test_a_recording_in_two_formats_is_one_and_the_other_is_noted(root):
    soundfile.write(root / "wavs" / "a.flac", np.zeros(8000), 8000)
    corpus = open_table(root, "a|one\nb|two\n")
    assert [each.audio.name for each in corpus.unaligned] == ["a.flac", "b.wav"]
    assert reasons(corpus) == [("a.wav", None, "a.flac is used instead; remove one of the two")]


def test_a_table_that_is_no_text_is_refused(root):
    with pytest.raises(CorpusError, match=r"metadata\.csv: line 1 is no text"):
        open_table(root, b"a|\x00\xff\x00\x81")


def test_a_table_that_is_a_link_out_is_refused(root):
    outside = root.parent / "outside.csv"
    outside.write_text("a|secret\n")
    (root / "metadata.csv").symlink_to(outside)
    with pytest.raises(CorpusError, match=r"metadata\.csv is a link that leads out of"):
        open_corpus(root)


def test_quotation_marks_are_text_as_ljspeech_has_them(shared, tmp_path):
    table = (shared / "speech" / "LJSpeech" / "metadata.csv").read_text(encoding="utf-8")
    rows = list(csv.reader(table.splitlines(), delimiter="|", quoting=csv.QUOTE_NONE))
    assert any('"' in row[2] for row in rows)
    (tmp_path / "wavs").mkdir()
    for row in rows:
        copyfile(
            shared / "speech" / "LJSpeech" / "wavs" / f"{row[0]}.flac",
            tmp_path / "wavs" / f"{row[0]}.flac",
        )
    corpus = open_table(tmp_path, table)
    letters = {name: "".join(filter(str.isalnum, text)) for name, text in spoken(corpus).items()}
    assert letters == {row[0]: "".join(filter(str.isalnum, row[2])) for row in rows}
