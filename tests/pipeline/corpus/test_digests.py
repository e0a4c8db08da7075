import hashlib
import os
from pathlib import Path

import pytest

from pipeline.corpus.digests import audio_digests
from pipeline.corpus.opening import open_corpus


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
