import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import SettingsError
from pipeline.similarity.row_selection import RowSelection
from pipeline.similarity.row_settings import RowSettings

WORDS = st.text(max_size=5)
LIMITS = st.none() | st.integers(1, 100)
SELECTIONS = st.fixed_dictionaries(
    {
        "first_occurrence": st.booleans(),
        "most_per_type": LIMITS,
        "fewest_of_type": st.integers(0, 9),
        "most_of_type": LIMITS,
        "longest_s": st.none() | st.floats(0, 100),
        "vocabulary": st.none() | st.lists(WORDS).map(tuple),
        "most_rows": LIMITS,
        "seed": st.integers(0, 2**31),
    }
)


@given(
    where=st.lists(st.tuples(WORDS, WORDS)).map(tuple),
    selection=SELECTIONS,
    controls=st.lists(st.sampled_from(["mel", "duration", "speaker"])).map(tuple),
    values=st.sampled_from(["tokens", "type means", "within type", "within speaker"]),
    alphabetical=st.booleans(),
)
def test_settings_survive_json(where, selection, controls, values, alphabetical):
    settings = RowSettings(where, RowSelection(**selection), controls, values, alphabetical)
    assert RowSettings.from_dict(json.loads(json.dumps(settings.as_dict()))) == settings


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"values": "types"}, "the rows' values are 'types'; choose one of tokens, type means"),
        ({"controls": ("pitch",)}, "pitch cannot be regressed out; choose among mel, duration"),
    ],
)
@pytest.mark.usefixtures("unchecked_types")
def test_what_there_is_not_is_refused_with_what_there_is(wrong, named):
    with pytest.raises(SettingsError, match=named):
        RowSettings(**wrong)
