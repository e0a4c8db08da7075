import csv
import json

import numpy as np
import pytest

from pipeline.corpus import open_corpus


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
    count = int(np.ceil(utterance.duration_s / 0.02))
    expected = {}
    for word, interval in zip(utterance.words, utterance.word_intervals, strict=True):
        frames = [int(interval.start / 0.02), min(int(interval.end / 0.02), count - 1)]
        expected.setdefault(word, []).append(frames)
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
