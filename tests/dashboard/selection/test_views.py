from urllib.parse import parse_qs, urlsplit

from dashboard.selection import AlignmentView, CompareView, ShownValues, link
from pipeline.request import ComparisonRequest
from pipeline.settings import AlignmentSettings
from pipeline.similarity.row_selection import RowSelection
from pipeline.similarity.row_settings import RowSettings

SETTINGS = AlignmentSettings("phone", "thesis", "middle third", 24_000, 13.33)
ROWS = RowSettings(
    (("sex", "F"),),
    RowSelection(most_per_type=5, longest_s=0.5, vocabulary=("cat", "dog")),
    ("mel",),
    "type means",
)
REQUEST = ComparisonRequest("demo", "s3prl:fbank", "untrained:wav2vec2-base", None, SETTINGS, ROWS)


def parameters(view):
    return {name: values[0] for name, values in parse_qs(urlsplit(link(view)).query).items()}


def test_a_link_writes_every_field_defaults_included():
    view = CompareView(REQUEST, ShownValues("biased", "z over rows", mask=True), 0, 3)
    assert parameters(view.parameters()) == {
        "schema": "1",
        "corpus": "demo",
        "a": "s3prl:fbank",
        "b": "untrained:wav2vec2-base",
        "unit": "Phone",
        "rule": "Thesis",
        "pooling": "Middle third",
        "rate": "24 kHz",
        "stride": "13.33",
        "values": "Type means",
        "first": "false",
        "without": "mel",
        "sex": "F",
        "speaker": "All",
        "cap": "5",
        "longest": "0.5",
        "only": "cat dog",
        "measure": "Linear CKA",
        "estimator": "Biased",
        "show": "Z over rows",
        "stretch": "false",
        "mask": "true",
        "la": "0",
        "lb": "3",
    }


def test_a_recording_s_link_names_its_model_utterance_and_word():
    found = parameters(AlignmentView(REQUEST, "ada-01", 2).parameters())
    assert (found["model"], found["utterance"], found["word"]) == ("s3prl:fbank", "ada-01", "2")
    assert "word" not in parameters(AlignmentView(REQUEST, "ada-01", None).parameters())
