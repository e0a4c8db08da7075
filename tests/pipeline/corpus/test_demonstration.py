import shutil
from collections import Counter, defaultdict
from itertools import combinations, pairwise

import numpy as np
import pytest
import soundfile

from pipeline.alignments.source import Source
from pipeline.alignments.textgrid import read_tiers
from pipeline.corpus import demonstration
from pipeline.corpus.demonstration import DESCRIPTION, FOLDER, NAME, open_demonstration
from pipeline.errors import AlignmentError, CorpusError
from pipeline.time_axis import to_samples

VOWELS = frozenset("aeiouæɐɑɒɔəɚɛɜɪʊʌʉ")  # noqa: RUF001 (IPA)
VOICELESS = frozenset("ptkfsh")


@pytest.fixture(scope="module")
def corpus():
    return open_demonstration()


@pytest.fixture(scope="module")
def sounds(corpus):
    """Samples by utterance, of recordings that are all at 16 kHz."""
    return {utterance.id: soundfile.read(utterance.audio)[0] for utterance in corpus.utterances}


def power(samples, start_s, end_s):
    first, last = to_samples([start_s, end_s], 16_000)
    return np.mean(samples[first:last] ** 2)


@pytest.fixture
def one_utterance(tmp_path, monkeypatch):
    """A copy of the corpus with its first utterance alone: the stem of its files."""
    header, row = (FOLDER / "utterances.csv").read_text(encoding="utf-8").splitlines()[:2]
    (tmp_path / "utterances.csv").write_text(f"{header}\n{row}\n", encoding="utf-8")
    name, speaker = row.split(",")[:2]
    (tmp_path / speaker).mkdir()
    for suffix in (".flac", ".TextGrid"):
        shutil.copy(FOLDER / speaker / f"{name}{suffix}", tmp_path / speaker)
    monkeypatch.setattr(demonstration, "FOLDER", tmp_path)
    return tmp_path / speaker / name


def test_it_is_small_enough_to_ship():
    assert sum(path.stat().st_size for path in FOLDER.rglob("*")) < 4_000_000


def test_it_says_that_it_is_synthetic():
    assert DESCRIPTION.startswith("Synthetic speech:")
    assert "Synthetic speech" in (FOLDER / "README.md").read_text(encoding="utf-8")


def test_no_file_is_missing_or_left_over(corpus):
    listed = {
        utterance.audio.with_suffix(suffix)
        for utterance in corpus.utterances
        for suffix in (".flac", ".TextGrid")
    }
    assert set(FOLDER.glob("*/*")) == listed


def test_ids_are_unique_and_sorted(corpus):
    ids = [utterance.id for utterance in corpus.utterances]
    assert len(ids) == 80
    assert ids == sorted(set(ids))
    assert corpus.name == NAME == "demo"
    assert not corpus.problems


def test_speakers_are_balanced(corpus):
    """Each speaks 16 sentences; each two share four."""
    assert set(Counter(utterance.speaker for utterance in corpus.utterances).values()) == {16}
    speakers = defaultdict(set)
    for utterance in corpus.utterances:
        speakers[utterance.words].add(utterance.speaker)
    pairs = Counter(tuple(sorted(both)) for both in speakers.values())
    assert pairs == dict.fromkeys(combinations(["ada", "ben", "cora", "dan", "eve"], 2), 4)


def test_a_speaker_has_one_sex_and_one_voice(corpus):
    found = {(one.speaker, one.sex, one.metadata["voice"]) for one in corpus.utterances}
    assert Counter(sex for _, sex, _ in found) == {"f": 3, "m": 2}
    assert len({voice for _, _, voice in found}) == len(found) == 5


def test_women_speak_higher_than_men(corpus, sounds):
    pitch = defaultdict(list)
    for utterance in corpus.utterances:
        for phone in utterance.phone_intervals:
            if phone.label[0] in VOWELS and phone.duration > 0.08:
                pitch[utterance.sex].append(fundamental_hz(sounds[utterance.id], phone))
    assert 80 < np.median(pitch["m"]) < 140
    assert 150 < np.median(pitch["f"]) < 250


def fundamental_hz(samples, phone):
    """Return the lag of the highest autocorrelation between 60 and 400 Hz, as a frequency."""
    middle = to_samples([phone.start, phone.end], 16_000).sum() // 2
    window = samples[middle - 512 : middle + 512]
    correlation = np.correlate(window, window, "full")[len(window) - 1 :]
    return 16_000 / (40 + np.argmax(correlation[40:267]))


def test_words_recur_and_different_speakers_say_them(corpus):
    tokens = Counter(word for utterance in corpus.utterances for word in utterance.words)
    speakers = defaultdict(set)
    for utterance in corpus.utterances:
        for word in utterance.words:
            speakers[word].add(utterance.speaker)
    assert 90 <= len(tokens) <= 120
    assert np.median(list(tokens.values())) >= 4
    assert min(tokens.values()) >= 2
    assert min(len(names) for names in speakers.values()) >= 2


def test_sentences_are_short_and_lower_case(corpus):
    for utterance in corpus.utterances:
        assert 5 <= len(utterance.words) <= 9
        assert all(word.replace("'", "").isalpha() and word.islower() for word in utterance.words)


def test_there_are_contractions_and_a_repeated_word(corpus):
    words = {word for utterance in corpus.utterances for word in utterance.words}
    assert {"don't", "it's"} <= words
    assert any(a == b for utterance in corpus.utterances for a, b in pairwise(utterance.words))


def test_audio_is_16_khz_mono_flac_that_does_not_clip(corpus, sounds):
    for utterance in corpus.utterances:
        info = soundfile.info(utterance.audio)
        assert (info.format, info.subtype) == ("FLAC", "PCM_16")
        assert (info.samplerate, info.channels) == (16_000, 1)
        assert utterance.duration_s == info.frames / 16_000
        assert 0.3 < np.abs(sounds[utterance.id]).max() < 0.95


def test_every_word_has_its_interval_in_the_recording(corpus):
    for utterance in corpus.utterances:
        intervals = utterance.word_intervals
        assert tuple(interval.label for interval in intervals) == utterance.words
        assert all(a.end <= b.start for a, b in pairwise(intervals))
        assert intervals[0].start > 0
        assert intervals[-1].end < utterance.duration_s
        assert all(0.05 < interval.duration < 0.7 for interval in intervals)


def test_every_tier_covers_exactly_the_recording(corpus):
    for utterance in corpus.utterances:
        tiers, _ = read_tiers(Source.open(utterance.audio.with_suffix(".TextGrid")))
        for tier in tiers:
            marks = tier.marks
            assert (marks[0].start, marks[-1].end) == (0, utterance.duration_s)
            assert all(a.end == b.start for a, b in pairwise(marks))


def test_the_phones_of_each_word_tile_it(corpus):
    for utterance in corpus.utterances:
        edges = [
            (phone.start, phone.end)
            for word in utterance.word_intervals
            for phone in utterance.phone_intervals
            if word.start <= phone.start < word.end
        ]
        assert len(edges) == len(utterance.phone_intervals)
        for word in utterance.word_intervals:
            inside = [edge for edge in edges if word.start <= edge[0] < word.end]
            assert (inside[0][0], inside[-1][1]) == (word.start, word.end)
            assert all(a[1] == b[0] for a, b in pairwise(inside))


def test_nobody_speaks_outside_the_words(corpus, sounds):
    """The times against the sound: each pause is 15 dB below the words of its recording."""
    for utterance in corpus.utterances:
        samples, words = sounds[utterance.id], utterance.word_intervals
        starts_s = [word.start for word in words] + [utterance.duration_s]
        ends_s = [0.0] + [word.end for word in words]
        pauses = [power(samples, *times) for times in zip(ends_s, starts_s, strict=True)]
        spoken = np.median([power(samples, word.start, word.end) for word in words])
        assert max(pauses) < spoken / 10**1.5, utterance.id


def test_vowels_are_louder_than_voiceless_sounds(corpus, sounds):
    """The times of the phones against the sound, speaker by speaker."""
    levels = defaultdict(list)
    for utterance in corpus.utterances:
        for phone in utterance.phone_intervals:
            kind = "vowel" if phone.label[0] in VOWELS else "voiceless"
            if kind == "vowel" or phone.label in VOICELESS:
                level = power(sounds[utterance.id], phone.start, phone.end)
                levels[utterance.speaker, kind].append(level)
    for speaker in {utterance.speaker for utterance in corpus.utterances}:
        weak = np.quantile(levels[speaker, "vowel"], 0.05)
        strong = np.quantile(levels[speaker, "voiceless"], 0.95)
        assert weak > strong, speaker


def test_a_missing_table_is_named(one_utterance):
    (one_utterance.parents[1] / "utterances.csv").unlink()
    with pytest.raises(CorpusError, match=r"utterances\.csv is missing"):
        open_demonstration()


def test_a_missing_recording_is_named(one_utterance):
    one_utterance.with_suffix(".flac").unlink()
    with pytest.raises(CorpusError, match=r"ada-01\.flac is missing"):
        open_demonstration()


def test_a_missing_alignment_is_named(one_utterance):
    one_utterance.with_suffix(".TextGrid").unlink()
    with pytest.raises(AlignmentError, match=r"ada-01\.TextGrid"):
        open_demonstration()


def test_an_alignment_with_other_words_is_refused(one_utterance):
    assert [utterance.id for utterance in open_demonstration().utterances] == ["ada-01"]
    grid = one_utterance.with_suffix(".TextGrid")
    grid.write_text(grid.read_text(encoding="utf-8").replace('"horse"', '"house"'), "utf-8")
    with pytest.raises(CorpusError, match=r"the brown horse .* found 'the brown house"):
        open_demonstration()
