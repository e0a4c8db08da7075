import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from pipeline.corpus import open_corpus
from pipeline.errors import CorpusError
from pipeline.time_axis import Interval

TEXTGRID = (
    '"ooTextFile" "TextGrid" 0 2 <exists> 1 "IntervalTier" "words" 0 2 4 '
    '0 0.5 "one" 0.5 1 "two" 1 1.5 "three" 1.5 2 "four"'
)


@pytest.fixture
def root(tmp_path):
    """A folder with two recordings of 2 s."""
    folder = tmp_path / "speech"
    (folder / "wavs").mkdir(parents=True)
    for name in ("a", "b"):
        soundfile.write(folder / "wavs" / f"{name}.wav", np.zeros(16_000), 8000)
    return folder


def open_rows(root, content, name="manifest.csv"):
    (root / name).write_text(content, encoding="utf-8")
    return open_corpus(root / name)


def listed(corpus):
    return {each.id: each for each in (*corpus.utterances, *corpus.unaligned)}


def reasons(corpus):
    """Return why something is left out, apart from missing alignments."""
    return [
        (problem.line, problem.utterance, problem.reason)
        for problem in corpus.problems
        if "no such alignment" not in problem.reason
    ]


def test_every_column_is_used_and_others_are_metadata(root):
    (root / "times.TextGrid").write_text(TEXTGRID)
    corpus = open_rows(
        root,
        "id,audio,transcript,speaker,sex,start,end,alignment,Mood\n"
        "first,wavs/a.wav,Two. Three!,ada,Female,0.5,1.5,times.TextGrid,glad\n",
    )
    (utterance,) = corpus.utterances
    assert (utterance.id, utterance.speaker, utterance.sex) == ("first", "ada", "f")
    assert (utterance.audio, utterance.duration_s) == (root / "wavs" / "a.wav", 1.0)
    assert utterance.segment == Interval("first", 0.5, 1.5)
    assert utterance.metadata == {"mood": "glad"}
    assert utterance.words == ("Two", "Three")
    assert utterance.word_intervals == (Interval("two", 0.0, 0.5), Interval("three", 0.5, 1.0))
    assert corpus.problems == ()


def test_only_the_recording_has_to_be_named(root):
    (root / "wavs" / "a.TextGrid").write_text(TEXTGRID)
    (utterance,) = open_rows(root, "audio\nwavs/a.wav\n").utterances
    assert (utterance.id, utterance.speaker, utterance.sex) == ("wavs/a", "speech", None)
    assert utterance.words == ("one", "two", "three", "four")


@pytest.mark.parametrize("name", ["Manifest.csv", "manifest.tsv", "MANIFEST.JSONL"])
def test_a_folder_with_a_manifest_is_opened_by_its_name(root, name):
    rows = {
        ".csv": "audio,text\nwavs/a.wav,one\n",
        ".tsv": "audio\ttext\nwavs/a.wav\tone\n",
        ".jsonl": '{"audio": "wavs/a.wav", "text": "one"}\n',
    }
    (root / name).write_text(rows[Path(name).suffix.casefold()])
    corpus = open_corpus(root)
    assert (corpus.name, list(listed(corpus))) == ("speech", ["wavs/a"])


def test_of_several_manifests_one_has_to_be_named(root):
    for name in ("manifest.csv", "manifest.tsv"):
        (root / name).write_text("audio\nwavs/a.wav\n")
    with pytest.raises(
        CorpusError, match=r"several manifests \(manifest.csv, manifest.tsv\); name"
    ):
        open_corpus(root)
    assert list(listed(open_rows(root, "audio,text\nwavs/a.wav,one\n"))) == ["wavs/a"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("manifest.csv", "speech"),
        ("Manifest.TSV", "speech"),
        ("dev.csv", "dev"),
        ("a.b.csv", "a.b"),
    ],
)
def test_a_corpus_is_called_as_its_manifest_or_as_the_folder(root, name, expected):
    assert open_rows(root, "audio,text\nwavs/a.wav,one\n", name).name == expected


def test_segments_of_one_recording_share_its_alignment(root):
    (root / "wavs" / "a.TextGrid").write_text(TEXTGRID)
    corpus = open_rows(
        root,
        "audio,start,end,text\nwavs/a.wav,,1,one two\nwavs/a.wav,1,,three four\n"
        "wavs/a.wav,0.75,1.75,three\nwavs/b.wav,0,1,five\n",
    )
    found = {each.id: each for each in corpus.utterances}
    assert {name: (each.segment.start, each.segment.end) for name, each in found.items()} == {
        "wavs/a@000000.000": (0.0, 1.0),
        "wavs/a@000001.000": (1.0, 2.0),
        "wavs/a@000000.750": (0.75, 1.75),
    }
    for each in found.values():
        for word, interval in zip(each.words, each.word_intervals, strict=True):
            whole = ("one", "two", "three", "four").index(word) / 2
            expected = Interval(word, whole - each.segment.start, whole + 0.5 - each.segment.start)
            assert interval == expected
    assert reasons(corpus) == []
    assert [each.id for each in corpus.unaligned] == ["wavs/b@000000.000"]


def test_nemos_offset_and_duration_are_the_segment(root):
    rows = [
        {"audio_filepath": "wavs/a.wav", "text": "one", "offset": 0.5, "duration": 1.0},
        {"audio_filepath": "wavs/b.wav", "text": "two", "duration": 2.0},
    ]
    corpus = open_rows(root, "\n".join(map(json.dumps, rows)), "nemo.jsonl")
    segments = {each.id: each.segment for each in listed(corpus).values()}
    name = "wavs/a@000000.500"
    assert segments == {name: Interval(name, 0.5, 1.5), "wavs/b": None}


ABSENT = "there is no file {}; paths count from the manifest's folder, with / between folders"
SECONDS = "{} is {!r}; expected seconds, such as 12.5"


@pytest.mark.parametrize(
    ("columns", "cells", "reason"),
    [
        ("audio,text", ",two", "names no audio; fill in the column audio"),
        ("audio,text", "b.wav,two", ABSENT.format("b.wav")),
        ("audio,text", "wavs,two", ABSENT.format("wavs")),
        ("audio,text", ".,two", ABSENT.format(".")),
        ("audio,text", "wavs\\b.wav,two", ABSENT.format("wavs\\b.wav")),
        ("audio,text", "../outside.wav,two", "../outside.wav lies outside of {root}; put"),
        ("audio,text", "/etc/hostname,two", "/etc/hostname lies outside of {root}; put"),
        ("audio,alignment", "wavs/b.wav,b.TextGrid", ABSENT.format("b.TextGrid")),
        (
            "audio,alignment",
            "wavs/b.wav,../b.TextGrid",
            "../b.TextGrid lies outside of {root}; put",
        ),
        ("audio,start", "wavs/b.wav,soon", SECONDS.format("start", "soon")),
        ("audio,start", "wavs/b.wav,-1", SECONDS.format("start", "-1")),
        ("audio,start", "wavs/b.wav,nan", SECONDS.format("start", "nan")),
        ("audio,end", "wavs/b.wav,inf", SECONDS.format("end", "inf")),
        ("audio,end", 'wavs/b.wav,"1,5"', SECONDS.format("end", "1,5")),
        ("audio,end", "wavs/b.wav,0", "ends at 0.0 s, but starts at 0.0 s; mend the times"),
        ("audio,start,end", "wavs/b.wav,1,0.5", "ends at 0.5 s, but starts at 1.0 s; mend"),
        ("audio,start,end", "wavs/b.wav,1,1", "ends at 1.0 s, but starts at 1.0 s; mend"),
        (
            "audio,start,end",
            "wavs/b.wav,1,2.1",
            "it runs from 1.0 to 2.1 s, but wavs/b.wav lasts 2",
        ),
        ("audio,start", "wavs/b.wav,2", "it runs from 2.0 to 2.0 s, but wavs/b.wav lasts 2.000 s"),
        ("audio,start,end", "wavs/b.wav,2.0002,2.0008", "it runs from 2.0002 to 2.0008 s, but"),
        (
            "id,audio,text",
            "first,wavs/b.wav,two",
            "first is named twice, first in {manifest}, line 2",
        ),
        ("audio,text", "wavs/b.wav,...", "the transcript is empty; write what is said"),
    ],
)
def test_what_is_wrong_with_a_row_is_said_with_its_line_and_costs_it_alone(
    root, columns, cells, reason
):
    (root / "wavs" / "a.TextGrid").write_text(TEXTGRID)
    (root.parent / "outside.wav").write_bytes((root / "wavs" / "b.wav").read_bytes())
    first = ",".join({"audio": "wavs/a.wav", "id": "first"}.get(c, "") for c in columns.split(","))
    corpus = open_rows(root, f"{columns}\n{first}\n{cells}\n")
    assert [each.audio.name for each in corpus.utterances] == ["a.wav"]
    assert corpus.unaligned == ()
    ((line, _, found),) = reasons(corpus)
    assert line == 3
    assert found.startswith(reason.format(root=root, manifest=root / "manifest.csv"))


def test_a_segment_may_end_a_rounding_after_its_recording(root):
    corpus = open_rows(root, "id,audio,text,end\nx,wavs/a.wav,one,2.0009\n")
    assert listed(corpus)["x"].segment == Interval("x", 0.0, 2.0)


@pytest.mark.parametrize("way", ["{root}/wavs/a.wav", "wavs/../wavs/./a.wav", "{link}/wavs/a.wav"])
def test_a_recording_may_be_named_in_any_way_that_leads_into_the_folder(root, tmp_path, way):
    (tmp_path / "link").symlink_to(root)
    audio = way.format(root=root, link=tmp_path / "link")
    assert list(listed(open_rows(root, f"audio,text\n{audio},one\n"))) == ["wavs/a"]


def test_names_typed_with_whole_accents_are_found_where_the_disk_takes_them_apart(root):
    (root / "wavs" / "a.wav").rename(root / "wavs" / "cafe\u0301 1.wav")
    corpus = open_rows(root, "audio,text\nwavs/café 1.wav,one\n")
    assert list(listed(corpus)) == ["wavs/café 1"]
    assert corpus.unaligned[0].audio.is_file()


@pytest.mark.parametrize("content", ["audio,text\n", "audio;text\n\n;\n"])
def test_a_manifest_without_rows_is_refused(root, content):
    with pytest.raises(CorpusError, match=r"manifest\.csv: names no utterance; write one a row"):
        open_rows(root, content)


def test_a_json_manifest_without_rows_is_refused(root):
    with pytest.raises(CorpusError, match=r"manifest\.jsonl: names no utterance; write one a row"):
        open_rows(root, "\n", "manifest.jsonl")


def test_a_manifest_that_is_a_link_out_is_refused(root):
    outside = root.parent / "outside.csv"
    outside.write_text("audio,text\nspeech/wavs/a.wav,one\n")
    for name in ("manifest.csv", "other.csv"):
        (root / name).symlink_to(outside)
    for path in (root, root / "other.csv"):
        with pytest.raises(CorpusError, match=r"\.csv is a link that leads out of"):
            open_corpus(path)
