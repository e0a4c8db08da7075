import csv
import json
import math
from fractions import Fraction

import numpy as np
import pytest

from pipeline.corpus import open_corpus


def decimal(seconds):
    """The boundary as its file writes it: the original's float division loses frames."""
    return Fraction(str(seconds))


def test_the_thesis_layout_has_its_file_name_and_inclusive_frames(run, tmp_path):
    status, out, _ = run(
        "align", "--corpus", "demo", "--stride", "20", "--sample-rate", "16",
        "--frame-rule", "thesis", "--out", tmp_path,
    )  # fmt: skip
    assert status == 0
    assert "audio_alignments_20_16.json" in out
    layout = json.loads((tmp_path / "audio_alignments_20_16.json").read_text(encoding="utf-8"))
    utterance = open_corpus("demo").utterances[0]
    entry = layout[f"{utterance.speaker}/{utterance.id}.flac"]
    assert entry.pop("transcript_audio") == " ".join(utterance.words)
    stride, count = Fraction("0.02"), math.ceil(utterance.duration_s / 0.02)
    expected = {}
    for word, interval in zip(utterance.words, utterance.word_intervals, strict=True):
        first, last = (math.floor(decimal(t) / stride) for t in (interval.start, interval.end))
        expected.setdefault(word, []).append([first, min(last, count - 1)])
    assert entry == expected


def test_the_table_has_every_word_and_the_frames_whose_centre_it_holds(run, tmp_path):
    run("align", "--corpus", "demo", "--stride", "13.33", "--sample-rate", "24", "--out", tmp_path)
    with (tmp_path / "frames_13.33_24.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    corpus = open_corpus("demo")
    assert len(rows) == sum(len(utterance.words) for utterance in corpus.utterances)
    for row in rows[::25]:
        start, end = float(row["start_s"]), float(row["end_s"])
        centres = (np.arange(2000) + 0.5) * 0.01333
        inside = np.flatnonzero((centres >= start) & (centres < end))
        assert abs(int(row["frame"]) - inside[0]) <= 1
        assert abs(int(row["end_frame"]) - 1 - inside[-1]) <= 1


@pytest.mark.parametrize("rule", ["overlap", "pasad"])
def test_the_table_has_every_frame_that_a_word_touches(run, tmp_path, rule):
    run("align", "--corpus", "demo", "--stride", "160", "--frame-rule", rule, "--out", tmp_path)
    with (tmp_path / "frames_160_16.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    stride, ends = Fraction("0.16"), {u.id: u.duration_s for u in open_corpus("demo").utterances}
    assert len(rows) > 400
    for row in rows:
        count = math.ceil(ends[row["utterance"]] / 0.16)
        first = math.floor(decimal(row["start_s"]) / stride)
        end = min(math.ceil(decimal(row["end_s"]) / stride), count)
        assert (int(row["frame"]), int(row["end_frame"])) == (first, end)


def test_repeated_words_keep_every_occurrence(run, tmp_path):
    run("align", "--corpus", "demo", "--out", tmp_path)
    layout = json.loads((tmp_path / "audio_alignments_20_16.json").read_text(encoding="utf-8"))
    for entry in layout.values():
        words = entry.pop("transcript_audio").split()
        assert {word: len(spans) for word, spans in entry.items()} == {
            word: words.count(word) for word in words
        }


@pytest.mark.parametrize("arguments", [["--stride", "0"], ["--sample-rate", "16000"]])
def test_a_grid_in_the_wrong_unit_is_refused(run, tmp_path, arguments):
    status, _, err = run("align", "--corpus", "demo", *arguments, "--out", tmp_path)
    assert status == 1
    assert err.startswith("error: ")
    assert "is it in" in err
