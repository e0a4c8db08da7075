import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.corpus.digests import audio_digests
from pipeline.corpus.opening import open_corpus
from pipeline.time_axis import Interval


@pytest.fixture
def corpus(tree):
    tree.add("7-1-0000", "ONE")
    tree.add("7-1-0001", "TWO", duration_s=2.0)
    return open_corpus(tree.root)


@pytest.fixture
def hashed(monkeypatch):
    """The names of the recordings that are hashed, one for each time."""
    names = []

    def note(file, kind):
        if file.name.endswith(".flac"):
            names.append(Path(file.name).name)
        return file_digest(file, kind)

    file_digest = hashlib.file_digest
    monkeypatch.setattr(hashlib, "file_digest", note)
    return names


def test_a_digest_is_that_of_the_files_bytes(corpus, store):
    expected = {
        utterance.id: hashlib.sha256(utterance.audio.read_bytes()).hexdigest()
        for utterance in corpus.utterances
    }
    assert audio_digests(corpus, store) == expected
    assert len(set(expected.values())) == 2


def test_a_file_is_read_again_only_when_it_has_changed(corpus, store, hashed):
    before = audio_digests(corpus, store)
    assert sorted(hashed) == ["7-1-0000.flac", "7-1-0001.flac"]
    hashed.clear()
    assert audio_digests(corpus, store) == before
    assert hashed == []
    audio = corpus.by_id["7-1-0000"].audio
    content = bytearray(audio.read_bytes())
    content[-1] ^= 1
    audio.write_bytes(content)
    later_ns = audio.stat().st_mtime_ns + 1_000_000_000
    os.utime(audio, ns=(later_ns, later_ns))
    hashed.clear()
    after = audio_digests(corpus, store)
    assert hashed == ["7-1-0000.flac"]
    assert after == before | {"7-1-0000": hashlib.sha256(content).hexdigest()}


def test_a_file_that_is_gone_is_left_out_and_found_again(corpus, store):
    before = audio_digests(corpus, store)
    audio = corpus.by_id["7-1-0000"].audio
    content = audio.read_bytes()
    audio.unlink()
    assert audio_digests(corpus, store) == {"7-1-0001": before["7-1-0001"]}
    audio.write_bytes(content)
    assert audio_digests(corpus, store) == before


def test_segments_of_a_recording_have_digests_of_their_own_but_it_is_read_once(
    corpus, store, hashed
):
    whole = corpus.utterances[0]
    parts = [
        replace(whole, id=f"{start_s}-{end_s}", segment=Interval("", start_s, end_s))
        for start_s, end_s in ((0.0, 0.5), (0.0, 0.25), (0.25, 0.5))
    ]
    cut = replace(corpus, utterances=tuple(sorted((whole, *parts), key=lambda each: each.id)))
    digests = audio_digests(cut, store)
    assert hashed == ["7-1-0000.flac"]
    assert len(set(digests.values())) == 4
    assert digests[whole.id] == audio_digests(corpus, store)[whole.id]
    renamed = replace(cut, utterances=(replace(parts[0], id="other"),))
    assert audio_digests(renamed, store) == {"other": digests["0.0-0.5"]}


def test_digests_that_are_known_are_taken_and_nothing_is_read_or_kept(corpus, store, hashed):
    known = replace(corpus, known_digests={"7-1-0000": "known"})
    assert audio_digests(known, store) == {"7-1-0000": "known"}
    assert hashed == []
    assert list(store.find()) == []
