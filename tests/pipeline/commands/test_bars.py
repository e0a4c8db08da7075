import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.commands.bars import bars

EIGHTHS = {"█": 8, "▏": 1, "▎": 2, "▍": 3, "▌": 4, "▋": 5, "▊": 6, "▉": 7}


def length(line, label):
    """Return a bar's length in characters, to the eighth."""
    return sum(EIGHTHS.get(character, 0) for character in line.replace(label, "", 1)) / 8


@given(st.dictionaries(st.text("abc", min_size=1), st.floats(0, 1e6), min_size=1, max_size=6))
def test_bars_are_as_long_as_their_values_to_an_eighth_of_a_character(values):
    largest = max(values.values())
    lines = list(bars(values))
    assert len(lines) == len(values)
    for line, (label, value) in zip(lines, values.items(), strict=True):
        expected = 40 * value / largest if largest else 0
        assert length(line, label) == pytest.approx(expected, abs=1 / 16 + 1e-9)


def test_labels_and_bars_are_in_line():
    one, two = bars({"a": 1.5, "long": 3.0})
    assert one == f"     a {'█' * 20} 1.50"
    assert two == f"  long {'█' * 40} 3"


def test_what_is_too_much_is_counted():
    lines = list(bars({str(i): float(i) for i in range(10)}, most=3))
    assert len(lines) == 4
    assert lines[-1] == "  and 7 more"


def test_nothing_is_drawn_of_nothing():
    assert list(bars({})) == []
    assert list(bars({"a": 0.0})) == ["  a  0"]
