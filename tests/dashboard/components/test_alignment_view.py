import json
import re

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.components.alignment_data import AlignmentViewData
from dashboard.components.alignment_view import alignment_view, joined_modules
from pipeline.time_axis import Interval


def test_the_served_module_stands_alone() -> None:
    statements = re.findall(r"^(?:import|export)\b.*", joined_modules(), flags=re.MULTILINE)
    assert statements == ["export default function ({ data, parentElement, setTriggerValue }) {"]


PAGE = """
from dashboard.components.alignment_data import AlignmentViewData
from dashboard.components.alignment_view import alignment_view
from pipeline.time_axis import Interval

words = (None, Interval("often", 0.3, 0.6))
data = AlignmentViewData("84-1", 1.0, words, "/api/audio/84-1")
alignment_view(data, selected_word=1, key="view", on_word=lambda: None)
"""


def test_the_page_sends_the_selected_word_along() -> None:
    app = AppTest.from_string(PAGE).run()
    assert not app.exception
    sent = json.loads(app.get("bidi_component")[0].proto.json)
    assert (sent["selected_word"], sent["words"]) == (1, [[1, "often", 0.3, 0.6]])


@pytest.mark.parametrize("selected_word", [3, -1])
def test_a_word_outside_the_transcript_is_an_error(selected_word: int) -> None:
    message = f"selected_word is {selected_word}, but the transcript of 84-1 has 3 words"
    words = (Interval("so", 0.1, 0.3), None, Interval("often", 0.3, 0.6))
    data = AlignmentViewData("84-1", 1.0, words, "/api/audio/84-1")
    with pytest.raises(ValueError, match=message):
        alignment_view(data, selected_word=selected_word, key="view", on_word=lambda: None)
