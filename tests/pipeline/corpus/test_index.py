from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cache import CacheError
from pipeline.corpus.index import index_key, recall, remember
from pipeline.corpus.utterance import Corpus, Problem, Utterance
from pipeline.time_axis import Interval

ROOT = Path("/speech")
KEY = index_key(ROOT, ROOT, None)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
FIELDS = (
    "id",
    "speaker",
    "audio",
    "duration_s",
    "words",
    "word_intervals",
    "phone_intervals",
    "sex",
    "metadata",
    "segment",
    "sample_rate_hz",
)


@st.composite
def interval(draw):
    start, end = sorted(draw(st.lists(st.floats(0, 100), min_size=2, max_size=2, unique=True)))
    return Interval(draw(TEXT), start, end, draw(st.none() | st.floats(0, 1)))


# Values only: what checks types draws at random, which strategies may not.
@st.composite
def utterance(draw, name, *, aligned):
    words = draw(st.lists(TEXT, max_size=4))
    times = [draw(st.none() | interval()) if aligned else None for _ in words]
    segment = draw(st.none() | interval())
    return {
        "id": name,
        "speaker": draw(TEXT),
        "audio": ROOT / "a folder" / f"{draw(st.sampled_from(['a', 'é', 'b c']))}.wav",
        "duration_s": draw(st.floats(0.01, 100)),
        "words": tuple(words),
        "word_intervals": tuple(times),
        "phone_intervals": tuple(draw(st.lists(interval(), max_size=3))) if aligned else (),
        "sex": draw(st.sampled_from([None, "f"])),
        "metadata": draw(st.dictionaries(TEXT, TEXT, max_size=2)),
        "segment": segment and replace(segment, label=name),
        "sample_rate_hz": draw(st.sampled_from([None, 16_000])),
    }


@st.composite
def corpora(draw):
    names = [draw(st.lists(TEXT, max_size=3, unique=True).map(sorted)) for _ in range(2)]
    problem = st.builds(
        Problem,
        st.just(ROOT / "ü.wav"),
        TEXT,
        st.none() | TEXT,
        st.none() | st.integers(1, 9),
        st.sampled_from(["utterance", "words", "nothing"]),
    )
    return {
        "name": draw(TEXT),
        "utterances": [draw(utterance(name, aligned=True)) for name in names[0]],
        "problems": tuple(draw(st.lists(problem, max_size=2))),
        "unaligned": [draw(utterance(name, aligned=False)) for name in names[1]],
        "aligner": draw(st.none() | TEXT),
    }


def made(values):
    parts = {
        name: tuple(Utterance(**each) for each in values[name])
        for name in ("utterances", "unaligned")
    }
    return Corpus(root=ROOT, **values | parts)


def described(corpus):
    """Return all that a corpus says, with confidences, which equality of intervals ignores."""
    told = [corpus.name, corpus.root, corpus.problems, corpus.aligner, corpus.fingerprint]
    for each in (*corpus.utterances, None, *corpus.unaligned):
        told += [] if each is None else [getattr(each, name) for name in FIELDS]
        times = () if each is None else (*each.word_intervals, *each.phone_intervals)
        told.append([it and it.confidence for it in times])
    return told


@given(corpora())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_a_corpus_is_recalled_as_it_was(store, values):
    corpus = made(values)
    remembered = remember(store, KEY, corpus, "state")
    assert described(remembered) == described(corpus)
    recalled = recall(store, KEY, ROOT, "state")
    assert described(recalled) == described(corpus)
    assert recalled.known_fingerprint == replace(recalled, known_fingerprint=None).fingerprint


CORPUS = Corpus("c", ROOT, (Utterance("a", "s", ROOT / "a.wav", 1.0, ("one",), (None,)),))


def test_a_corpus_in_another_state_is_not_recalled(store):
    assert recall(store, KEY, ROOT, "state") is None
    remember(store, KEY, CORPUS, "state")
    assert recall(store, KEY, ROOT, "other state") is None
    remember(store, KEY, replace(CORPUS, name="later"), "other state")
    assert recall(store, KEY, ROOT, "other state").name == "later"
    assert recall(store, KEY, ROOT, "state") is None


def test_places_that_differ_have_keys_that_differ():
    places = [(ROOT, ROOT, None), (ROOT, Path("/times"), None), (ROOT, ROOT, ROOT / "a.csv")]
    digests = {index_key(*place).digest for place in (*places, (Path("/times"), ROOT, None))}
    assert len(digests) == 4


def test_a_store_that_takes_nothing_costs_time_but_no_corpus(store, monkeypatch, caplog):
    def put(*_):
        raise CacheError("the disk is full")

    monkeypatch.setattr(store, "put", put)
    assert described(remember(store, KEY, CORPUS, "state")) == described(CORPUS)
    assert "the corpus c is read anew each time: the disk is full" in caplog.text


@pytest.mark.parametrize("words", [("new york",), ("a", "", "b"), ("one\ntwo", "three")])
def test_words_of_an_alignment_may_hold_spaces(store, words):
    (each,) = CORPUS.utterances
    spoken = replace(each, words=words, word_intervals=(None,) * len(words))
    remember(store, KEY, replace(CORPUS, utterances=(spoken,)), "state")
    assert recall(store, KEY, ROOT, "state").utterances[0].words == words
