"""The example of a new model in 20 lines, and what is checked of such models."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

import pipeline
from pipeline.errors import ModelError
from pipeline.models.catalogue import find_model
from pipeline.models.extractor import Extraction, TextExtraction
from pipeline.models.known import python_factory as known
from pipeline.models.opening import open_model
from pipeline.models.probing import probe_stride
from pipeline.models.python_factory import CheckedAudioModel, CheckedTextModel
from pipeline.time_axis import FrameTimes

README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"-->\n```python\n(.*?)```", README, re.DOTALL)


@pytest.fixture
def example(tmp_path, monkeypatch):
    """The name of the example, in a module that can be imported."""
    (tmp_path / "my_loudness.py").write_text(EXAMPLE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv(known.ALLOWED, "1")
    known._imported.cache_clear()  # noqa: SLF001 - another test's module of this name
    yield "python:my_loudness:Loudness"
    sys.modules.pop("my_loudness", None)


def test_the_example_is_20_lines():
    assert len(EXAMPLE.strip().splitlines()) <= 20


def test_the_example_hears_how_loud_it_is(example, waveform):
    model = open_model(example)
    (level,) = model.extract(waveform, 16_000).layers
    loud = 10 * np.log10(np.mean(waveform[160:320].astype(np.float64) ** 2))
    assert level[1, 0] == pytest.approx(loud, abs=1e-3)
    assert probe_stride(model).stride_samples == model.spec.stride_samples == 160


def test_the_example_is_compared_as_any_model(example, store):
    demo = pipeline.open_corpus("demo")
    found = pipeline.compare(demo, example, "control:onehot", store=store)
    assert found.model_a == example
    assert found.scores.shape == (1, 1)
    assert found.counts.rows > 100


SPEC = find_model("untrained:bert-base")


class Given:
    """Gives what it was told to."""

    spec = SPEC

    def __init__(self, found):
        self.found = found

    def extract(self, *_):
        return self.found

    def extract_text(self, _):
        return self.found


def layers(count=13, dims=768, rows=2, value=1.0):
    return [np.full((rows, dims), value, np.float32) for _ in range(count)]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (layers(12), "expected 13 layers of 768 dimensions"),
        (layers(dims=5), r"found shapes \(2, 5\)"),
        ([], "found shapes of nothing"),
        ([*layers(12), *layers(1, rows=3)], "as many rows each"),
        (layers(value=np.nan), "infinite values or values that are no number"),
    ],
)
def test_layers_that_were_not_announced_are_refused(given, said, unchecked_types):  # noqa: ARG001
    spans = np.array([[0, 1], [1, 2]])
    read = CheckedTextModel(SPEC, Given(TextExtraction(given, spans, ("a", "b"))))
    with pytest.raises(ModelError, match=said):
        read.extract_text(["a", "b"])


def test_something_else_than_an_extraction_is_refused():
    with pytest.raises(ModelError, match="expected it to return Extraction, found dict"):
        CheckedAudioModel(SPEC, Given({})).extract(np.zeros(9, np.float32), 16_000)
    frames = FrameTimes.regular(2, sample_rate_hz=16_000, stride_samples=160)
    heard = Given(Extraction(layers(), frames))
    assert len(CheckedAudioModel(SPEC, heard).extract(np.zeros(9, np.float32), 1).layers) == 13
    with pytest.raises(ModelError, match="expected it to return TextExtraction, found Extraction"):
        CheckedTextModel(SPEC, heard).extract_text(["a"])


def test_a_span_for_each_word_is_expected():
    read = Given(TextExtraction(layers(), np.array([[0, 1]]), ("a", "b")))
    with pytest.raises(ModelError, match="1 spans for 2 words"):
        CheckedTextModel(SPEC, read).extract_text(["a", "b"])
