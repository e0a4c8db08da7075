from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pipeline.models.windows import central_windows


@given(rows=st.integers(1, 400), longest=st.integers(1, 60))
def test_each_row_is_taken_once_from_the_window_where_it_is_most_central(rows, longest):
    windows = central_windows(rows, longest)
    taken = {}
    for window in windows:
        for row in range(window.start, window.start + longest)[window.taken]:
            assert row not in taken
            taken[row] = window.start
    assert sorted(taken) == list(range(rows))

    for row, start in taken.items():
        from_middle = {
            window.start: abs(2 * (row - window.start) - (longest - 1)) for window in windows
        }
        # Of equally central ones, min returns the first.
        assert start == min(from_middle, key=from_middle.get)


@given(rows=st.integers(1, 400), longest=st.integers(1, 60))
def test_windows_overlap_by_a_third_and_only_a_single_one_goes_beyond_the_recording(rows, longest):
    windows = central_windows(rows, longest)
    starts = [window.start for window in windows]
    assert starts[0] == 0
    assert max(rows, longest) == starts[-1] + longest
    for start, following in pairwise(starts):
        assert 0 < following - start <= longest - longest // 3
