"""The short cut reads what the tokens would, or leaves it to them."""

import random
from pathlib import Path

import pytest

from pipeline.alignments import textgrid
from pipeline.alignments.source import Source
from pipeline.alignments.textgrid_long import long_intervals
from pipeline.errors import AlignmentError

COLLECTION = Path(__file__).parents[3] / ".." / "shared" / "textgrids"
DEMONSTRATION = Path(__file__).parents[3] / "pipeline" / "corpus" / "demonstration_data"
FILES = sorted([*DEMONSTRATION.rglob("*.TextGrid"), *COLLECTION.rglob("*.TextGrid")])

LONG = """File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 2
tiers? <exists>
size = 2
item []:
    item [1]:
        class = "IntervalTier"
        name = "words"
        xmin = 0
        xmax = 2
        intervals: size = 3
        intervals [1]:
            xmin = 0
            xmax = 0.5
            text = "one"
        intervals [2]:
            xmin = 0.5
            xmax = 1.25
            text = "say ""two"" twice"
        intervals [3]:
            xmin = 1.25
            xmax = 2
            text = ""
    item [2]:
        class = "IntervalTier"
        name = "phones"
        xmin = 0
        xmax = 2
        intervals: size = 1
        intervals [1]:
            xmin = 0
            xmax = 2
            text = "W"
"""
# What turns one token into another.
PIECES = (
    *('"', '""', " ", "\n", "!", "<", ">", "-", "+", "0", "7", ".", ",", "e5", "1e999", "nan", "="),
    *("intervals", "[", "]:", "xmin = 0.5", "text", 'text = "x"', "intervals [2]:", "\u00e9"),
)


def outcome(text):
    try:
        return textgrid.read_tiers(Source(Path("a.TextGrid"), text))
    except AlignmentError as error:
        return str(error)


@pytest.fixture
def both_ways(monkeypatch):
    """Return what is read with the short cut and what without it."""
    taken = []

    def noted(*place):
        found = long_intervals(*place)
        taken.append(found is not None)
        return found

    def read(text):
        with monkeypatch.context() as patch:
            patch.setattr(textgrid, "long_intervals", noted)
            short = outcome(text)
            patch.setattr(textgrid, "long_intervals", lambda *_: None)
            return short, outcome(text)

    read.taken = taken
    return read


def test_there_are_files_to_read():
    assert len(FILES) > 5


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_is_read_alike(both_ways, path):
    try:
        text = Source.open(path).text
    except AlignmentError:
        return
    short, thorough = both_ways(text)
    assert short == thorough


def test_the_plain_layout_takes_the_short_cut(both_ways):
    short, thorough = both_ways(LONG)
    assert short == thorough
    assert both_ways.taken == [True, True]
    assert [mark.label for mark in short[0][0].marks] == ["one", 'say "two" twice', ""]


def test_every_cut_is_read_alike(both_ways):
    for length in range(len(LONG)):
        short, thorough = both_ways(LONG[:length])
        assert short == thorough
    assert {True, False} <= set(both_ways.taken)


def test_every_change_is_read_alike(both_ways):
    rng = random.Random(0)  # noqa: S311 - damage that can be repeated
    for _ in range(1500):
        text = LONG
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            start = rng.randrange(len(text))
            end = start + rng.choice((0, 1, 1, rng.randrange(1, 60)))
            text = text[:start] + rng.choice(("", *PIECES)) + text[end:]
        short, thorough = both_ways(text)
        assert short == thorough, text
    assert 0.2 < sum(both_ways.taken) / len(both_ways.taken) < 0.95
