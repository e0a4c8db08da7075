from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.alignments import read_alignment
from pipeline.alignments.textgrid_writer import write_textgrid
from pipeline.time_axis import Interval

# Labels as people write them; a reader takes blanks off their ends, and some are silences.
LABELS = st.text(
    st.characters(codec="utf-8", exclude_characters="\r\0", exclude_categories=["Cs", "Cc"]),
    max_size=8,
).map(lambda text: f"x{text}y")


@st.composite
def tiers(draw):
    edges = sorted(draw(st.sets(st.floats(0, 100, allow_subnormal=False), min_size=2, max_size=12)))
    pairs = [pair for pair in pairwise(edges) if draw(st.booleans())]
    return [Interval(draw(LABELS), start, end) for start, end in pairs], edges[-1]


@given(tiers())
def test_what_is_written_reads_back_to_the_last_digit(tmp_path_factory, drawn):
    words, duration_s = drawn
    path = tmp_path_factory.mktemp("grids") / "a.TextGrid"
    write_textgrid(path, {"words": words, "phones": words}, duration_s)
    alignment = read_alignment(path)
    assert alignment.words == alignment.phones == words


@pytest.mark.parametrize(
    "words",
    [
        [Interval("a", 0.0, 1.0), Interval("b", 0.9, 2.0)],
        [Interval("a", 1.0, 2.0), Interval("b", 0.0, 1.0)],
        [Interval("a", 1.0, 3.1)],
    ],
    ids=["overlap", "disorder", "after the end"],
)
def test_what_no_textgrid_can_say_is_refused(tmp_path, words):
    with pytest.raises(ValueError, match="overlaps its predecessor"):
        write_textgrid(tmp_path / "a.TextGrid", {"words": words}, 3.0)
    assert not (tmp_path / "a.TextGrid").exists()
