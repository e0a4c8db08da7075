from dataclasses import replace

import pytest

from cache import FrozenStore, NewRecord, freeze
from pipeline.bundle import Bundle
from pipeline.corpus.bundled import bundled_key, bundled_record, open_bundled
from pipeline.corpus.demonstration import open_demonstration
from pipeline.errors import BundleError, CorpusError
from pipeline.time_axis import Interval


@pytest.fixture
def corpus():
    """The demonstration, of which one utterance is a part of its recording."""
    found = open_demonstration()
    first, *others = found.utterances
    first = replace(first, segment=Interval("", 0.5, 1.0))
    digests = {each.id: f"digest of {each.id}" for each in found.utterances}
    return replace(found, utterances=(first, *others), known_digests=digests)


@pytest.fixture
def keep(tmp_path):
    """Return a function that writes a corpus' record into a bundle, changed or not."""

    def write(corpus, **changed):
        arrays, metadata = bundled_record(corpus)
        key, folder = bundled_key(corpus.name), tmp_path / "bundle"
        folder.mkdir()
        record = NewRecord(key.digest, key.kind, {}, 0.0, arrays, metadata | changed)
        freeze(folder, [record])
        return Bundle(folder, (), (), (corpus.name,))

    return write


def test_words_times_and_digests_come_back_and_recordings_lie_in_the_bundle(corpus, keep):
    bundle = keep(corpus)
    found = open_bundled(bundle, "demo")
    assert found.fingerprint == corpus.fingerprint
    assert found.known_digests == corpus.known_digests
    for number, (ours, theirs) in enumerate(zip(found.utterances, corpus.utterances, strict=True)):
        assert ours.audio == bundle.folder / "sounds" / "demo" / f"{number:06d}.flac"
        assert (ours.id, ours.words, ours.speaker) == (theirs.id, theirs.words, theirs.speaker)
        assert list(ours.word_intervals) == list(theirs.word_intervals)
        # The bundle has the part alone.
        assert ours.segment is None


def test_no_place_is_taken_from_the_record(corpus, keep):
    outside = [
        replace(each, audio=corpus.root / ".." / ".." / "etc" / "passwd")
        for each in corpus.utterances
    ]
    bundle = keep(replace(corpus, utterances=tuple(outside)))
    with FrozenStore(bundle.folder) as store:
        found = open_bundled(bundle, "demo", store)
    assert all(each.audio.parent == bundle.folder / "sounds" / "demo" for each in found.utterances)


@pytest.mark.parametrize(
    "changed",
    [
        {"utterances": 7},
        {"utterances": [[1, 2]]},
        {"word_vocabulary": 7},
        {"audio_digests": []},
        {"unaligned": "x"},
        {"problems": [1]},
    ],
)
def test_a_damaged_record_is_refused(corpus, keep, changed):
    bundle = keep(corpus, **changed)
    with pytest.raises(BundleError, match="the corpus demo is damaged"):
        open_bundled(bundle, "demo")


def test_a_corpus_that_is_not_of_the_bundle_is_not_opened(corpus, keep):
    with pytest.raises(CorpusError, match="it has demo"):
        open_bundled(keep(corpus), "/etc")
