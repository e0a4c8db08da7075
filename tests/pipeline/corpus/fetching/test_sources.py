import ast
import importlib.util
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pipeline.corpus.fetching.sources import SOURCES, find_source
from pipeline.errors import CorpusError

ARCHIVES = sorted({each for source in SOURCES for each in (source.audio, source.alignments)},
                  key=lambda archive: archive.name)  # fmt: skip


def torchaudio_checksums():
    """Return torchaudio's own table, read from its source: importing it takes seconds."""
    folder = Path(importlib.util.find_spec("torchaudio").origin).parent
    tree = ast.parse((folder / "datasets" / "librispeech.py").read_text())
    for node in tree.body:
        if isinstance(node, ast.Assign) and node.targets[0].id == "_CHECKSUMS":
            return ast.literal_eval(node.value)
    pytest.fail("torchaudio has no such table any more")


def test_checksums_are_those_of_torchaudio():
    ours = {
        f"http://www.openslr.org/resources/12/{source.audio.name}": source.audio.checksum
        for source in SOURCES
    }
    theirs = {url: f"sha256:{digest}" for url, digest in torchaudio_checksums().items()}
    assert ours == theirs


def test_every_part_of_librispeech_has_its_own_archive_and_the_same_alignments():
    subsets = ["dev-clean", "dev-other", "test-clean", "test-other", "train-clean-100",
               "train-clean-360", "train-other-500"]  # fmt: skip
    assert [source.subset for source in SOURCES] == subsets
    assert [source.audio.name for source in SOURCES] == [f"{subset}.tar.gz" for subset in subsets]
    assert len({source.alignments for source in SOURCES}) == 1


@pytest.mark.parametrize("archive", ARCHIVES, ids=lambda archive: archive.name)
def test_every_address_is_secure_and_every_checksum_complete(archive):
    assert archive.urls
    for url in archive.urls:
        parts = urlsplit(url)
        assert parts.scheme == "https"
        assert archive.name in parts.path
    assert re.fullmatch("sha256:[0-9a-f]{64}|md5:[0-9a-f]{32}", archive.checksum)
    assert archive.size_bytes > 300_000_000


def test_a_source_is_found_by_its_name():
    source = find_source("librispeech:dev-other")
    assert (source.subset, source.corpus) == ("dev-other", "librispeech-dev-other")


@pytest.mark.parametrize("name", ["librispeech", "librispeech:", "dev-clean", "", "x:dev-clean"])
def test_an_unknown_name_lists_the_known_ones_with_their_sizes(name):
    with pytest.raises(CorpusError, match="cannot be fetched; choose one of") as caught:
        find_source(name)
    assert "librispeech:dev-clean (0.338 GB), librispeech:dev-other" in str(caught.value)
    assert "librispeech:train-other-500 (30.594 GB); alignments add up to 0.623" in str(
        caught.value
    )
