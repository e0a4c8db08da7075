from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.corpus.fetching.limits import Budget, plain_path
from pipeline.errors import CorpusError

ODD = ["/etc/passwd", "//a", "..", "../a", "a/../../b", "a/..", "", ".", "C:/a", "a\\..\\b", "a\0b"]


@pytest.mark.parametrize("name", ODD)
def test_a_name_that_could_lead_elsewhere_is_refused(name):
    with pytest.raises(CorpusError, match=r"x.zip: the member .* could lead out of the folder"):
        plain_path(Path("x.zip"), name)


@given(st.text(st.sampled_from("ab./\\:\0~$ -"), max_size=12))
def test_a_name_that_is_accepted_stays_in_the_folder(name):
    try:
        path = plain_path(Path("x.zip"), name)
    except CorpusError:
        return
    folder = Path("/folder")
    assert (folder / path).resolve() != folder
    assert (folder / path).resolve().is_relative_to(folder)
    assert "\0" not in str(path)


def test_ordinary_names_are_accepted():
    name = "LibriSpeech/dev-clean/84/121123/84-121123-0000.flac"
    assert plain_path(Path("x"), name) == PurePosixPath(name)
    assert plain_path(Path("x"), "a..b/...c/.d") == PurePosixPath("a..b/...c/.d")


def test_a_budget_is_for_members_and_bytes():
    Budget(Path("x"), 1, 10).spend(10)
    with pytest.raises(CorpusError, match="x: it holds more files, or unpacks to more bytes"):
        Budget(Path("x"), 0, 10).spend(1)
    with pytest.raises(CorpusError, match="than is plausible for its size; delete it"):
        Budget(Path("x"), 5, 10).spend(11)


def test_a_budget_grows_with_the_archive(tmp_path):
    (tmp_path / "a").write_bytes(bytes(1_000_000))
    (tmp_path / "b").write_bytes(bytes(3_000_000))
    a, b = (Budget.of(tmp_path / name) for name in "ab")
    assert b.size_bytes - a.size_bytes == 40_000_000
    assert a.members == b.members >= 292_367
