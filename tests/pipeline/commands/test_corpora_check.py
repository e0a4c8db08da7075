import json

import numpy as np
import pytest
import soundfile

TEXTGRID = (
    '"ooTextFile" "TextGrid" 0 1 <exists> 1 "IntervalTier" "words" 0 1 2 0 0.5 "one" 0.5 1 "two"'
)


@pytest.fixture
def root(tmp_path):
    """A plain folder of sound recordings a and b."""
    folder = tmp_path / "speech"
    folder.mkdir()
    for name in ("a", "b"):
        write(folder, name, np.full(16_000, 0.1))
        (folder / f"{name}.lab").write_text("one two")
        (folder / f"{name}.TextGrid").write_text(TEXTGRID)
    return folder


def write(folder, name, samples, **others):
    soundfile.write(folder / f"{name}.wav", samples, 16_000, **others)


def test_a_sound_corpus_is_described(run, root):
    status, out, err = run("corpora", "check", root)
    assert (status, err) == (0, "")
    assert "speech: 2 utterances by 1 speakers, 0.00 hours, 4 words (2 types" in out
    assert "4 words (100.0%) have times; 0 further utterances lack an alignment" in out
    assert "sample rates: 16000 Hz (2)" in out
    assert out.endswith("0 problems; verdict: sound\n")


def test_every_problem_is_listed_with_its_place_once_and_what_it_costs(run, root):
    (root / "a.lab").write_text("one zwei")
    (root / "b.lab").write_text("")
    (root / "README.txt").write_text("Recorded in 2020.")
    status, out, _ = run("corpora", "check", root)
    assert status == 1
    assert "3 problems; verdict: usable, with gaps" in out
    words = [line for line in out.splitlines() if line.startswith("  words left out: ")]
    lost = [line for line in out.splitlines() if line.startswith("  left out: ")]
    notes = [line for line in out.splitlines() if line.startswith("  note: ")]
    assert f"{root / 'a.TextGrid'}: " in words[0]
    assert words[0].endswith(
        "the alignment does not say when these words of the transcript were: zwei"
    )
    assert lost == [f"  left out: {root / 'b.lab'}: the transcript is empty; write what is said"]
    assert f"{root / 'README.txt'}: no recording of this name" in notes[0]
    assert all(line.count(str(root)) == 1 for line in (*words, *lost, *notes))


def test_json_holds_the_same(run_json, root):
    (root / "b.TextGrid").unlink()
    (root / "aligner.json").write_text('{"aligner": "MFA 3"}')
    status, found = run_json("corpora", "check", root)
    assert status == 1
    assert (found["utterances"], found["unaligned"], found["speakers"]) == (1, 1, 1)
    assert (found["coverage"], found["median_word_s"], found["aligner"]) == (1.0, 0.5, "MFA 3")
    assert sum(found["duration_counts"]) == found["tokens_with_times"] == 2
    assert len(found["duration_edges_s"]) == len(found["duration_counts"])
    (problem,) = found["problems"]
    assert (problem["file"], problem["utterance"]) == (str(root / "b.TextGrid"), "b")
    assert (problem["left_out"], found["verdict"]) == ("utterance", "usable, with gaps")


def test_a_corpus_without_times_has_no_median(run, root):
    for path in root.glob("*.TextGrid"):
        path.unlink()
    status, out, _ = run("corpora", "check", root, "--json")
    assert status == 1
    found = json.loads(out, parse_constant=pytest.fail)
    assert (found["median_word_s"], found["verdict"]) == (None, "not usable")


@pytest.mark.parametrize(
    ("samples", "reason", "status"),
    [
        (np.full(16_000, np.nan), "16000 samples are infinite or not a number; export it", 1),
        (np.array([0.1] * 15_999 + [np.inf]), "1 samples are infinite or not a number", 1),
        (np.zeros(16_000), "every sample is zero; record or export it again", 0),
    ],
)
def test_samples_are_looked_at_only_on_request(run, root, samples, reason, status):
    write(root, "b", samples, subtype="FLOAT")
    assert run("corpora", "check", root)[0] == 0
    found, out, err = run("corpora", "check", root, "--audio")
    assert found == status
    assert f": {root / 'b.wav'}: {reason}" in out
    assert "1 problems" in out
    assert out.count(str(root)) == 1
    assert "2/2" in err


def test_a_recording_that_is_cut_short_is_found_with_its_samples(run, root):
    content = (root / "b.wav").read_bytes()
    (root / "b.wav").write_bytes(content[: len(content) * 9 // 10])
    (root / "b.TextGrid").write_text(TEXTGRID.replace("0.5 1 ", "0.5 0.8 "))
    _, out, _ = run("corpora", "check", root, "--audio")
    assert f"left out: {root / 'b.wav'}: the file ends before the samples that its header" in out


def test_only_the_segments_of_a_recording_are_looked_at(run, root):
    samples = np.full(16_000, 0.1)
    samples[12_000:] = np.nan
    write(root, "b", samples, subtype="FLOAT")
    (root / "manifest.csv").write_text(
        "id,audio,start,end,text\nx,b.wav,0,0.5,one\ny,b.wav,0.5,1,two\n"
    )
    status, out, _ = run("corpora", "check", root, "--audio")
    assert status == 1
    assert "4000 samples are infinite" in out
    assert "1 problems" in out


def test_what_is_no_corpus_is_one_line(run, tmp_path):
    status, out, err = run("corpora", "check", tmp_path / "nowhere")
    assert (status, out) == (1, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1
