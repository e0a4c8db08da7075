"""Wrong input of every kind a person can produce: said clearly, and nothing else is lost."""

import os
import struct

import numpy as np
import pytest
import soundfile

import pipeline
from pipeline.__main__ import main
from pipeline.errors import CorpusError

RATE_HZ = 16_000
TEXTGRID = (
    '"ooTextFile" "TextGrid" 0 1 <exists> 1 "IntervalTier" "words" 0 1 2 0 0.5 "one" 0.5 1 "two"'
)

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def root(tmp_path):
    """A plain folder with one sound utterance, which every fault has to leave alone."""
    folder = tmp_path / "speech"
    folder.mkdir()
    add(folder, "good")
    return folder


def add(root, name, samples=None, rate_hz=RATE_HZ, **others):
    """Add a recording with its text and its alignment."""
    path = root / f"{name}.wav"
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = np.full(rate_hz, 0.1) if samples is None else samples
    soundfile.write(path, samples, rate_hz, **others)
    path.with_suffix(".lab").write_text("One two")
    path.with_suffix(".TextGrid").write_text(TEXTGRID)
    return path


@pytest.fixture
def check(capsys):
    """Return a function that runs ``corpora check``: its status, and its lines of problems."""

    def run(*arguments):
        status = main(["corpora", "check", *map(str, arguments)])
        out = capsys.readouterr().out
        assert "Traceback" not in out
        costs = ("  left out: ", "  words left out: ", "  note: ", "look at: ")
        return status, [line for line in out.splitlines() if line.startswith(costs)]

    return run


# Each makes one fault and returns the file it is in, what is said of it, whether it costs the
# utterance, and whether the samples have to be read to find it.


def empty_file(root):
    path = add(root, "bad")
    path.write_bytes(b"")
    return path, "cannot be read as audio (Format not recognised"


def page_instead_of_audio(root):
    path = add(root, "bad")
    path.write_text("<html>404 Not Found</html>")
    return path, "cannot be read as audio (Format not recognised"


def zero_length(root):
    return add(root, "bad", np.zeros(0)), "holds no samples; record, export or download it again"


def header_alone(root):
    path = add(root, "bad")
    path.write_bytes(path.read_bytes()[:44])
    return path, "holds no samples"


def no_sample_rate(root):
    path = add(root, "bad")
    content = bytearray(path.read_bytes())
    content[24:28] = struct.pack("<I", 0)
    path.write_bytes(content)
    return path, "cannot be read as audio"


def three_hours(root):
    path = add(root, "bad")
    # A sparse file: a header of three hours, and a hole.
    size = 3 * 3600 * RATE_HZ * 2
    content = bytearray(path.read_bytes()[:44])
    content[4:8], content[40:44] = struct.pack("<I", size + 36), struct.pack("<I", size)
    path.write_bytes(content)
    os.truncate(path, size + 44)
    return path, "lasts 180 minutes, and models look at an utterance as a whole; name parts of at"


def link_to_itself(root):
    path = add(root, "bad")
    path.unlink()
    path.symlink_to(path.name)
    return path, "cannot be opened (Too many levels of symbolic links)"


def link_to_nowhere(root):
    path = add(root, "bad")
    path.unlink()
    path.symlink_to("nowhere.wav")
    return path, "cannot be opened (No such file or directory)"


def link_out(root):
    path = add(root, "bad")
    path.symlink_to(path.rename(root.parent / "outside.wav"))
    return path, f"is a link that leads out of {root}; copy the file instead"


def no_words_at_all(root):
    path = add(root, "bad")
    path.with_suffix(".lab").unlink()
    path.with_suffix(".TextGrid").unlink()
    return path, "there is neither a transcript nor an alignment of its name; add one of them"


def no_alignment(root):
    path = add(root, "bad").with_suffix(".TextGrid")
    path.unlink()
    return path, "there is no such alignment; add it, or name its folder"


def empty_text(root):
    path = add(root, "bad").with_suffix(".lab")
    path.write_text(" \n")
    return path, "the transcript is empty; write what is said"


def bytes_instead_of_text(root):
    path = add(root, "bad").with_suffix(".lab")
    path.write_bytes(b"\x00\xff\x00\x81")
    return path, "line 1 is no text, or damaged; save the file as UTF-8"


def cut_alignment(root):
    path = add(root, "bad").with_suffix(".TextGrid")
    path.write_text(TEXTGRID[:-3])
    return path, "a text that is not closed"


def empty_alignment(root):
    path = add(root, "bad").with_suffix(".TextGrid")
    path.write_text("")
    return path, ""


def alignment_of_another(root):
    path = add(root, "bad").with_suffix(".TextGrid")
    path.write_text(TEXTGRID.replace("one", "eins").replace("two", "zwei"))
    return path, "these intervals belong to no word of the transcript for certain: 'eins'"


def alignment_after_the_end(root):
    path = add(root, "bad", np.full(RATE_HZ // 4, 0.1)).with_suffix(".TextGrid")
    return path, "the recording lasts 0.25 s, but these intervals end after it"


FAULTS = [
    empty_file,
    page_instead_of_audio,
    zero_length,
    header_alone,
    no_sample_rate,
    three_hours,
    link_to_itself,
    link_to_nowhere,
    link_out,
    no_words_at_all,
    no_alignment,
    empty_text,
    bytes_instead_of_text,
    cut_alignment,
    empty_alignment,
    alignment_of_another,
    alignment_after_the_end,
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_faulty_utterance_is_named_with_its_reason_and_the_others_stay(root, check, fault):
    file, reason = fault(root)
    corpus = pipeline.open_corpus(root)
    assert list(corpus.by_id) == ["good"]
    (problem,) = corpus.problems
    assert (problem.file, problem.utterance, problem.left_out) == (file, "bad", "utterance")
    assert reason in problem.reason
    status, (line,) = check(root)
    assert status == 1
    assert line.startswith(f"  left out: {file}")
    assert line.endswith(problem.reason)


def test_samples_that_are_no_numbers_are_found_where_they_are_read(root, check):
    path = add(root, "bad", np.array([0.1, np.nan] * 8000), subtype="FLOAT")
    assert check(root) == (0, [])
    status, lines = check(root, "--audio")
    assert status == 1
    reason = "8000 samples are infinite or not a number; export it again, for example as 16-bit"
    assert [line.startswith(f"  left out: {path}: {reason}") for line in lines] == [True]


def test_a_recording_cut_short_is_found_where_it_is_read(root, check):
    path = add(root, "bad")
    path.write_bytes(path.read_bytes()[:-1000])
    status, lines = check(root, "--audio")
    assert status == 1
    (line,) = (line for line in lines if "header" in line)
    assert line.startswith(f"  left out: {path}: the file ends before the samples")


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_24", "FLOAT", "ULAW"])
def test_another_kind_of_samples_is_no_fault(root, check, subtype):
    add(root, "other", subtype=subtype)
    assert check(root, "--audio") == (0, [])
    assert list(pipeline.open_corpus(root).by_id) == ["good", "other"]


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 44_100, 192_000])
def test_another_sample_rate_is_used_and_a_low_one_is_warned_of(root, check, rate_hz):
    add(root, "other", rate_hz=rate_hz)
    status, lines = check(root, "--audio")
    assert status == 0
    low = "look at: 1 utterances are sampled below 16000 Hz, and lack high frequencies"
    assert lines == ([low] if rate_hz < RATE_HZ else [])


def test_silence_is_noted(root, check):
    path = add(root, "other", np.zeros(RATE_HZ))
    reason = "every sample is zero; record or export it again"
    assert check(root, "--audio") == (0, [f"  note: {path}: {reason}"])


def test_two_channels_are_one_utterance(root, check):
    add(root, "other", np.full((RATE_HZ, 2), 0.1))
    assert check(root, "--audio") == (0, [])


@pytest.mark.parametrize(
    "name",
    ["two words", "é à", "cafe\u0301", "Ελλ/日本語", "a.b.c", "#1 50%", "don't", "a;b,c", "-x"],
)
def test_spaces_accents_and_signs_in_names_are_no_fault(root, check, name):
    add(root, name)
    corpus = pipeline.open_corpus(root)
    assert len(corpus.utterances) == 2
    assert all(each.audio.is_file() for each in corpus.utterances)
    assert check(root, "--audio") == (0, [])


def test_a_name_that_is_not_utf8_is_told_and_the_others_stay(root, check):
    path = add(root, "bad")
    path.rename(root / os.fsdecode(b"b\xe9d.wav"))
    corpus = pipeline.open_corpus(root)
    assert list(corpus.by_id) == ["good"]
    status, lines = check(root)
    assert status == 1
    assert rf"  left out: {root}: the name 'b\udce9d.wav' here is not UTF-8; rename it" in lines


def test_a_loop_of_links_between_folders_is_told_and_the_others_stay(root, check):
    (root / "sub").mkdir()
    (root / "sub" / "up").symlink_to(root)
    assert list(pipeline.open_corpus(root).by_id) == ["good"]
    status, lines = check(root)
    assert status == 1
    reason = "a link to a folder, which is not followed; put the folder itself here"
    assert lines == [f"  left out: {root / 'sub' / 'up'}: {reason}"]


def test_texts_without_audio_are_noted_and_the_others_stay(root, check):
    (root / "bad.lab").write_text("One two")
    status, (line,) = check(root)
    assert status == 0
    assert line.startswith(f"  note: {root / 'bad.lab'}: no recording of this name lies beside it")


def nothing(_folder):
    pass


def texts_alone(folder):
    (folder / "a.lab").write_text("one")
    (folder / "b.txt").write_text("two")


def alignments_alone(folder):
    (folder / "a.TextGrid").write_text(TEXTGRID)


def a_phones_recordings(folder):
    (folder / "a.m4a").write_bytes(b"\0\0\0\x20ftypM4A ")


def empty_folders(folder):
    (folder / "speaker" / "chapter").mkdir(parents=True)


def a_link_alone(folder):
    (folder / "speech").symlink_to(folder.parent)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (nothing, "found no file at all"),
        (empty_folders, "found no file at all"),
        (texts_alone, "found 2 files (.lab, .txt), but no recordings"),
        (alignments_alone, "found 1 files (.textgrid), but no recordings"),
        (a_phones_recordings, "found 1 files (.m4a), but no recordings"),
        (a_link_alone, "a link to a folder, which is not followed"),
    ],
)
def test_a_folder_without_speech_is_one_clear_line(tmp_path, capsys, content, found):
    folder = tmp_path / "folder"
    folder.mkdir()
    content(folder)
    with pytest.raises(CorpusError) as raised:
        pipeline.open_corpus(folder)
    assert str(raised.value).startswith(f"{folder}: expected a manifest")
    assert found in str(raised.value)
    assert main(["corpora", "check", str(folder)]) == 1
    assert capsys.readouterr().err == f"error: {raised.value}\n"


def transcripts_of_librispeech(folder):
    (folder / "7-1.trans.txt").write_text("7-1-0000 ONE\n7-1-0001 TWO\n")
    return "the transcript names 7-1-0000, but 7-1-0000.flac is not beside it; add it"


def audio_of_librispeech(folder):
    for name in ("7-1-0000", "7-1-0001"):
        soundfile.write(folder / f"{name}.flac", np.zeros(100), RATE_HZ)
    return "there is neither a transcript nor an alignment of its name; add one of them"


def table_of_a_manifest(folder):
    (folder / "manifest.csv").write_text("audio,text\na.wav,one\nb.wav,two\n")
    return "there is no file a.wav; paths count from the manifest's folder, with / between folders"


@pytest.mark.parametrize(
    "content", [transcripts_of_librispeech, audio_of_librispeech, table_of_a_manifest]
)
def test_a_corpus_of_which_nothing_can_be_used_says_all_of_it(tmp_path, check, content):
    reason = content(tmp_path)
    corpus = pipeline.open_corpus(tmp_path)
    assert corpus.utterances == corpus.unaligned == ()
    assert corpus.problems[0].reason == reason
    status, lines = check(tmp_path)
    assert status == 1
    assert len(lines) == 2


@pytest.mark.parametrize("outside", ["", "elsewhere", "roots/../elsewhere", "roots/link"])
def test_a_path_outside_the_allowed_roots_is_refused(tmp_path, monkeypatch, capsys, outside):
    roots = tmp_path / "roots"
    add(tmp_path / "elsewhere", "a")
    add(roots, "a")
    (roots / "link").symlink_to(tmp_path / "elsewhere")
    monkeypatch.setenv("LAYERSCOPE_ROOTS", str(roots))
    assert list(pipeline.open_corpus(roots).by_id) == ["a"]
    for arguments in ([tmp_path / outside], [roots, tmp_path / outside]):
        with pytest.raises(
            CorpusError, match=r"lies outside of the folders that corpora and models may lie in"
        ):
            pipeline.open_corpus(*arguments)
    assert main(["corpora", "check", str(tmp_path / outside)]) == 1
    assert "LAYERSCOPE_ROOTS" in capsys.readouterr().err
