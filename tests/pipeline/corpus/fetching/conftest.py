"""A server that misbehaves, and patience that takes no time."""

import hashlib

import pytest

from pipeline.corpus.fetching.patience import Patience
from pipeline.corpus.fetching.sources import Archive
from tests.pipeline.corpus.fetching.server import local_server


@pytest.fixture
def server(monkeypatch):
    """A server on this machine, which no proxy is between."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with local_server() as started:
        yield started


@pytest.fixture
def pauses():
    """The pauses that were made, in seconds."""
    return []


@pytest.fixture
def patience(pauses):
    """Three attempts; the pauses are written down and take no time."""
    return Patience(attempts=3, stall_s=0.2, sleep=pauses.append)


@pytest.fixture
def offer(server):
    """Return a function that serves content under a name: the archive that describes it."""

    def offered(name, content, *, mirrors=()):
        server.files[name] = content
        digest = hashlib.sha256(content).hexdigest()
        urls = (server.url(name), *map(server.url, mirrors))
        return Archive(name, urls, len(content), f"sha256:{digest}")

    return offered
