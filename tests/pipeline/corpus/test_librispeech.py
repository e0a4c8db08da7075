import json
import re
from shutil import copyfile

import pytest

from pipeline.corpus.opening import open_corpus
from pipeline.time_axis import Interval


def ids(corpus):
    return [utterance.id for utterance in corpus.utterances]


def only_problem(corpus):
    (problem,) = corpus.problems
    return problem


def test_words_times_and_speakers_come_from_the_three_files(tree):
    tree.add("7-1-0000", "GOOD MORNING", duration_s=2.0)
    (tree.root / "SPEAKERS.TXT").write_text(";ID |SEX| ...\n7 | F | dev-clean | 8.02 | A B\n")
    corpus = open_corpus(tree.root)
    (utterance,) = corpus.utterances
    assert (utterance.id, utterance.speaker, utterance.sex) == ("7-1-0000", "7", "f")
    assert utterance.words == ("good", "morning")
    assert utterance.word_intervals == (Interval("good", 0.0, 1.0), Interval("morning", 1.0, 2.0))
    assert (utterance.phone_intervals, utterance.duration_s) == ((), 2.0)
    assert utterance.audio == tree.root / "7" / "1" / "7-1-0000.flac"
    assert (corpus.name, corpus.root, corpus.problems) == ("corpus", tree.root, ())


def test_utterances_are_in_the_order_of_their_ids(tree):
    for name in ("9-1-0001", "10-1-0000", "9-1-0000"):
        tree.add(name, "ONE")
    assert ids(open_corpus(tree.root)) == ["10-1-0000", "9-1-0000", "9-1-0001"]


@pytest.mark.parametrize("part", ["", "dev-clean", "dev-clean/7", "dev-clean/7/1"])
def test_a_part_of_the_tree_is_a_corpus_too(tree, part):
    tree.add("7-1-0000", "ONE", folder=tree.root / "dev-clean" / "7" / "1")
    assert ids(open_corpus(tree.root / part)) == ["7-1-0000"]


@pytest.mark.parametrize(("depth", "sex"), [(0, "m"), (1, "m"), (2, "m"), (3, None)])
def test_the_speakers_are_looked_up_at_most_two_folders_above(tree, depth, sex):
    root = tree.root.joinpath(*"abc"[:depth])
    tree.add("7-1-0000", "ONE", folder=root)
    (tree.root / "SPEAKERS.TXT").write_text("7 | M | dev-clean | 8.02 | A B\n")
    assert open_corpus(root).utterances[0].sex == sex


def test_speakers_that_cannot_be_read_are_a_problem(tree):
    tree.add("7-1-0000", "ONE")
    (tree.root / "SPEAKERS.TXT").write_bytes(bytes(range(256)))
    corpus = open_corpus(tree.root)
    assert corpus.utterances[0].sex is None
    assert only_problem(corpus).file == tree.root / "SPEAKERS.TXT"


def test_a_transcript_in_another_encoding_is_read(tree):
    words = " ".join(["DÉJÀ", "ÉTÉ", "GARÇON", "FENÊTRE", "NOËL"] * 4)
    text = f"7-1-0000 {words}"
    tree.add("7-1-0000", "", timed=words.lower())
    (tree.folder_of("7-1-0000") / "7-1.trans.txt").write_bytes(text.encode("utf-16"))
    assert open_corpus(tree.root).utterances[0].words[:2] == ("déjà", "été")


def missing_audio(tree, name):
    tree.add_line(name, "TWO", tree.folder_of(name))
    return tree.folder_of(name) / "7-1.trans.txt", "7-1-0001.flac is not beside it; add it"


def missing_line(tree, name):
    tree.add_alignment(name, "two")
    return tree.add_audio(name), "7-1.trans.txt has no line for this recording"


def missing_transcripts(tree, name):
    folder = tree.root / "without"
    return tree.add_audio(name, folder=folder), r"no \*.trans.txt beside this recording"


def link_out(tree, name):
    tree.add(name, "TWO")
    audio = tree.folder_of(name) / f"{name}.flac"
    outside = audio.rename(tree.root.parent / "outside.flac")
    audio.symlink_to(outside)
    return audio, "is a link that leads out of .*corpus; copy the file instead"


FAULTS = [
    missing_audio,
    missing_line,
    missing_transcripts,
    link_out,
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


def test_a_transcript_cannot_name_a_file_elsewhere(tree):
    tree.add("7-1-0000", "ONE")
    tree.add_audio("outside", folder=tree.root.parent)
    with (tree.folder_of("7-1-0000") / "7-1.trans.txt").open("a") as file:
        file.write("../../../outside TWO\n")
    corpus = open_corpus(tree.root)
    assert ids(corpus) == ["7-1-0000"]
    assert "outside.flac is not beside it" in only_problem(corpus).reason


def test_a_transcript_that_is_a_link_out_of_the_corpus_is_refused(tree):
    tree.add("7-1-0000", "ONE")
    lines = tree.folder_of("7-1-0000") / "7-1.trans.txt"
    lines.symlink_to(lines.rename(tree.root.parent / "outside.txt"))
    corpus = open_corpus(tree.root)
    assert corpus.utterances == ()
    of_file, of_recording = corpus.problems
    assert (of_file.file, of_file.utterance) == (lines, None)
    assert "leads out of" in of_file.reason
    assert of_recording.utterance == "7-1-0000"


def test_the_shared_speech_opens_where_it_is_aligned(shared):
    speech = shared / "speech"
    corpus = open_corpus(speech / "LibriSpeech", speech / "alignments-mfa")
    assert len(corpus.utterances) == 29
    assert len(corpus.problems) == 25
    assert all("no such alignment" in problem.reason for problem in corpus.problems)
    manifest = json.loads((speech / "manifest.json").read_text(encoding="utf-8"))
    listed = {each["id"]: each for each in manifest}
    for utterance in corpus.utterances:
        said = listed[utterance.id]
        assert (utterance.speaker, utterance.sex) == (said["speaker"], said["sex"].lower())
        assert utterance.words == tuple(said["transcript"].lower().split())
        assert utterance.duration_s == pytest.approx(said["duration"], abs=0.006)
        assert None not in utterance.word_intervals
        assert utterance.word_intervals[-1].end <= utterance.duration_s


def test_all_shared_speech_opens_with_the_other_aligners_times(shared):
    speech = shared / "speech"
    corpus = open_corpus(speech / "LibriSpeech", speech / "alignments-pocketsphinx")
    assert len(corpus.utterances) == 54
    assert corpus.problems == ()
    assert any(utterance.phone_intervals for utterance in corpus.utterances)


def spoken_times(path):
    """Return the words and times of each utterance in a `.alignment.txt` file of LibriSpeech."""
    times = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        name, words, ends = line.split()
        ends_s = [float(end) for end in ends.strip('"').split(",")]
        marks = zip(words.strip('"').split(","), [0.0, *ends_s], ends_s, strict=False)
        times[name] = [(word.lower(), start, end) for word, start, end in marks if word]
    return times


def test_times_are_those_of_the_aligners_own_file(shared):
    speech = shared / "speech"
    corpus = open_corpus(speech / "LibriSpeech", speech / "alignments-mfa")
    (file,) = (speech / "LibriSpeech").rglob("*.alignment.txt")
    expected = spoken_times(file)
    assert expected.keys() == corpus.by_id.keys()
    for utterance in corpus.utterances:
        found = [(it.label, it.start, it.end) for it in utterance.word_intervals]
        assert found == expected[utterance.id]


def test_chapters_may_share_a_folder(tree):
    for name in ("7-1-0000", "7-2-0000"):
        tree.add(name, "ONE", folder=tree.root)
    corpus = open_corpus(tree.root)
    assert (ids(corpus), corpus.problems) == (["7-1-0000", "7-2-0000"], ())


def test_recordings_may_be_converted_and_one_in_two_formats_is_one(tree):
    tree.add("7-1-0000", "ONE")
    audio = tree.folder_of("7-1-0000") / "7-1-0000.flac"
    other = copyfile(audio, audio.with_suffix(".wav"))
    corpus = open_corpus(tree.root)
    assert [utterance.audio for utterance in corpus.utterances] == [audio]
    problem = only_problem(corpus)
    assert (problem.file, problem.left_out) == (other, "nothing")
    assert problem.reason == "7-1-0000.flac is used instead; remove one of the two"
    audio.unlink()
    assert [utterance.audio for utterance in open_corpus(tree.root).utterances] == [other]


@pytest.mark.parametrize(
    "line", ["7-1-0000\tONE TWO", "  7-1-0000   ONE TWO \r", "\n\n7-1-0000 ONE TWO"]
)
def test_white_space_around_an_id_is_no_part_of_it(tree, line):
    tree.add("7-1-0000", "ONE TWO")
    (tree.folder_of("7-1-0000") / "7-1.trans.txt").write_bytes(f"{line}\n".encode())
    (utterance,) = open_corpus(tree.root).utterances
    assert (utterance.id, utterance.words) == ("7-1-0000", ("one", "two"))
