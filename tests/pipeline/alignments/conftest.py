"""What the tests of all formats share."""

import pytest

from pipeline.alignments import read_recordings


@pytest.fixture
def recordings(tmp_path):
    """Return what is read from a file of this name and content."""

    def read(name, content):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_recordings(path)

    return read


@pytest.fixture
def alignment(recordings):
    """Return the only recording of a file of this name and content."""

    def read(name, content):
        (only,) = recordings(name, content).values()
        return only

    return read
