"""The examples of CONTRIBUTING.md are run, and proven to do what it says."""

import re
import subprocess
import sys
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import soundfile
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score

from pipeline import open_corpus
from pipeline.alignments import formats, read_alignment
from pipeline.errors import AlignmentError, MatrixError, ModelError
from pipeline.extraction import embed
from pipeline.models.opening import open_model
from pipeline.settings import AlignmentSettings
from pipeline.similarity.measure import Invariance
from pipeline.time_axis import Interval
from tests.pipeline.similarity import test_measure as measure_tests

# By name: as an attribute of the package it is the function.
catalogue = import_module("pipeline.models.catalogue")

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"<!-- (file|line): (\S+) -->\n```python\n(.*?)```", re.DOTALL)
BLOCKS = {(kind, path): source for kind, path, source in BLOCK.findall(TEXT)}
FILES = [path for kind, path in BLOCKS if kind == "file"]


def run_block(source, path, namespace):
    exec(compile(source, path, "exec"), namespace)  # noqa: S102 - our own page is what is tested


@pytest.fixture
def module_of(monkeypatch):
    """Return a module made from the example of a file, importable by its name."""

    def make(path):
        module = ModuleType(path.removesuffix(".py").replace("/", "."))
        monkeypatch.setitem(sys.modules, module.__name__, module)
        run_block(BLOCKS["file", path], path, vars(module))
        return module

    return make


def line_of(path, brackets, **imported):
    """Return the table that holds only the example of a line, as its module would read it."""
    table = import_module(path.removesuffix(".py").replace("/", "."))
    namespace = {**vars(table), **imported}
    opening, closing = brackets
    run_block(f"only_this = {opening}{BLOCKS['line', path]}{closing}", path, namespace)
    return namespace["only_this"]


def test_every_python_block_is_marked_and_no_such_file_exists_yet():
    assert TEXT.count("```python\n") == len(BLOCKS) == 6
    assert not [path for path in FILES if (ROOT / path).exists()]
    assert all((ROOT / path).exists() for kind, path in BLOCKS if kind == "line")


@pytest.mark.parametrize("path", FILES)
@pytest.mark.parametrize("action", [("check",), ("format", "--check")], ids=" ".join)
def test_the_files_are_in_the_house_style(path, action):
    command = [sys.executable, "-m", "ruff", *action, "--stdin-filename", path, "-"]
    done = subprocess.run(  # noqa: S603 - ruff, on our own page
        command, input=BLOCKS["file", path], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_make_target_and_file_that_is_named_exists():
    rules = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"\bmake (\w+)", TEXT))
    assert {"check", "test", "bench"} <= targets
    assert all(re.search(rf"^{target}:", rules, re.MULTILINE) for target in targets)
    named = set(re.findall(r"\b(?:tests|pipeline)/[\w/]+\.py\b", TEXT)) - set(FILES)
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.fixture
def loudness(module_of, monkeypatch):
    module = module_of("pipeline/models/loudness.py")
    entry = line_of("pipeline/models/catalogue.py", "()", loudness=module)
    entries = (*catalogue.catalogue(), *entry)
    monkeypatch.setattr(catalogue, "catalogue", lambda: entries)
    return open_model("loudness", device="cpu")


def loudness_by_definition(path, interval):
    """Return the mean over the windows of 400 samples whose centre is in the word."""
    samples, rate_hz = soundfile.read(path)
    assert rate_hz == 16_000
    rows = []
    for start in range(0, len(samples) - 399, 160):
        if round(interval.start * rate_hz) <= start + 200 < round(interval.end * rate_hz):
            window = samples[start : start + 400].tolist()
            power = sum(value * value for value in window) / 400
            changes = sum((one < 0) != (next_one < 0) for one, next_one in pairwise(window))
            rows.append((10 * np.log10(power + 1e-10), changes / 399))
    return np.mean(rows, axis=0)


def test_the_model_embeds_words_as_defined(loudness):
    utterance = open_corpus("demo").utterances[0]
    embedded = embed(loudness, utterance, AlignmentSettings())
    expected = [
        loudness_by_definition(utterance.audio, interval) for interval in utterance.word_intervals
    ]
    assert embedded.vectors.shape == (1, len(utterance.words), 2)
    np.testing.assert_allclose(embedded.vectors[0], expected, rtol=1e-4)


def test_the_model_hears_a_sine_at_its_level_and_frequency(loudness):
    sine = np.sin(2 * np.pi * 1000 * (np.arange(16_000) + 0.5) / 16_000).astype(np.float32)
    heard = loudness.extract(sine, 16_000)
    assert heard.layers[0].shape == (98, loudness.spec.dims)
    np.testing.assert_allclose(heard.layers[0][:, 0], 10 * np.log10(0.5), atol=1e-3)
    np.testing.assert_allclose(heard.layers[0][:, 1], 2 * 1000 / 16_000, atol=1 / 399)
    assert heard.frames.end_s[-1] == pytest.approx(0.97 + 0.025)


def test_the_model_refuses_what_is_shorter_than_a_window(loudness):
    with pytest.raises(ModelError, match="has 399 samples, expected at least 400"):
        loudness.extract(np.zeros(399, np.float32), 16_000)


@pytest.mark.usefixtures("loudness")
def test_the_model_is_listed_and_suggested():
    assert catalogue.model_names()[-1] == "loudness"
    with pytest.raises(ModelError, match=r"did you mean loudness.*, loudness, .*hf-text:NAME"):
        catalogue.find_model("loudnes")


@pytest.fixture
def measure(module_of):
    module = module_of("pipeline/similarity/predictivity.py")
    (entry,) = line_of("pipeline/similarity/measure.py", "()", predictivity=module.predictivity)
    return entry


@pytest.mark.parametrize("invariance", Invariance)
def test_the_measure_has_its_declared_invariances_and_no_others(measure, invariance):
    measure_tests.test_declared_invariances_hold_and_no_others(
        measure, measure.function(None), invariance
    )


def test_the_measure_is_as_symmetric_as_declared(measure):
    measure_tests.test_symmetry_is_as_declared(measure, measure.function(None))


def test_the_measure_is_that_of_scikit_learn(measure):
    x, y = np.random.default_rng(5).normal(size=(2, 30, 4))
    predicted = LinearRegression().fit(y, x).predict(y)
    found = measure.function(None)([x, np.ones((30, 1))], [y])
    expected = r2_score(x, predicted, multioutput="variance_weighted")
    assert found[0, 0] == pytest.approx(expected)
    assert np.isnan(found[1, 0])


def test_the_measure_refuses_other_rows(measure):
    with pytest.raises(MatrixError, match="layer 0 of b has 5 rows, but layer 0 of a has 6"):
        measure.function(None)([np.eye(6)], [np.eye(5)])


BUCKEYE = """signal s0101a
type 0
nfields 1
#
    0.0600  122 {B_TRANS}; B; B; null
    0.2000  122 <SIL>; S; S; null
    0.4125  122 okay; ow k ey; k ay; NULL
    1.5 121 yes
"""


@pytest.fixture
def xwaves(module_of, monkeypatch, tmp_path):
    """Return a function that writes an Xwaves file, which `read_alignment` then knows."""
    module = module_of("pipeline/alignments/xwaves.py")
    entry = line_of("pipeline/alignments/formats.py", "()", read_xwaves=module.read_xwaves)
    monkeypatch.setattr(formats, "FORMATS", (*formats.FORMATS, *entry))

    def write(content):
        path = tmp_path / "s0101a.WORDS"
        path.write_text(content)
        return path

    return write


def test_the_format_is_read(xwaves):
    found = read_alignment(xwaves(BUCKEYE))
    assert found.words == [Interval("okay", 0.2, 0.4125), Interval("yes", 0.4125, 1.5)]
    assert (found.phones, found.notes) == ([], ())


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2.0 121", "expected 'END COLOUR WORD'"),
        ("2,0 121 comma", "write numbers with a decimal point"),
        ("nan 121 never", "the end in seconds, a number, found 'nan'"),
        ("1.4 121 back", "from 1.5 to 1.4 s ends before it starts"),
    ],
)
def test_the_format_names_the_line_that_is_wrong(xwaves, line, reason):
    with pytest.raises(AlignmentError, match=reason) as caught:
        read_alignment(xwaves(f"{BUCKEYE}{line}\n"))
    assert caught.value.line == 9


def test_the_format_refuses_a_cut_header(xwaves):
    with pytest.raises(AlignmentError, match="a header that ends with a line '#'"):
        read_alignment(xwaves(BUCKEYE[:20]))
