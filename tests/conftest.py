# ruff: noqa: PLC0415 - what is imported here is not looked at by the tests' shape checks
"""What all tests share."""

import shutil
import sys
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlencode

import hypothesis
import jaxtyping
import numpy as np
import pytest

from cache import Store
from pipeline.variables import VARIABLES

# A shared machine may stall: examples are many, not fast.
hypothesis.settings.register_profile("layerscope", deadline=None, derandomize=True)
hypothesis.settings.load_profile("layerscope")

SHARED = Path(__file__).parents[1] / ".." / "shared"


@pytest.fixture
def unchecked_types(monkeypatch):
    """Switch the tests' shape checks off, for what a caller without them meets."""
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty home folder, which LayerScope uses instead of the user's."""
    folder = tmp_path / "home"
    monkeypatch.setenv("LAYERSCOPE_HOME", str(folder))
    for name in VARIABLES:
        if name not in ("LAYERSCOPE_HOME", "LAYERSCOPE_CHROMIUM"):
            monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def store(tmp_path):
    """An empty store."""
    with Store(tmp_path / "store") as opened:
        yield opened


@pytest.fixture(scope="session")
def shared():
    """The folder of shared speech and reference files; tests that need it skip without it."""
    if not SHARED.is_dir():
        pytest.skip("needs the shared test material beside the repository")
    return SHARED.resolve()


def _wait_until(condition: Callable[[], object], what: str, patience_s: float = 180.0) -> None:
    deadline, pause = time.monotonic() + patience_s, threading.Event()
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"waited {patience_s:.0f} s in vain until {what}")
        pause.wait(0.02)


@pytest.fixture(scope="session")
def wait_until():
    """Return when a condition holds, as soon as it does; fail if it never does."""
    return _wait_until


_LEVEL = """
import numpy as np

from pipeline.models import Extraction, ModelSpec
from pipeline.time_axis import FrameTimes


class Level:
    spec = ModelSpec(
        name="level", family="mine", modality="audio", fingerprint="version 1",
        layer_names=("0: level", "1: its square"), dims=2, sample_rate_hz=16_000,
        stride_samples=320,
    )

    def extract(self, waveform, sample_rate):
        windows = waveform[: len(waveform) // 320 * 320].reshape(-1, 320)
        level = np.stack([windows.std(axis=1), np.abs(windows).max(axis=1)], axis=1)
        frames = FrameTimes.regular(len(level), sample_rate_hz=sample_rate, stride_samples=320)
        return Extraction([level.astype(np.float32), (level**2).astype(np.float32)], frames)
"""


@contextmanager
def _quick_models(folder):
    """Name two models that take no time: one that reads, from a file, and one that hears."""
    from pipeline.corpus.demonstration import open_demonstration
    from pipeline.models.known import python_factory

    folder.mkdir()
    words = sorted({word for each in open_demonstration().utterances for word in each.words})
    rng = np.random.default_rng(0)
    lines = (f"{word} {' '.join(map(str, rng.standard_normal(5).round(3)))}" for word in words)
    (folder / "my vectors.txt").write_text("\n".join(lines) + "\n")
    (folder / "level_model.py").write_text(_LEVEL)
    python_factory._imported.cache_clear()  # noqa: SLF001 - another test's module of this name
    with pytest.MonkeyPatch.context() as patched:
        patched.syspath_prepend(folder)
        patched.setenv(python_factory.ALLOWED, "1")
        yield f"glove:{folder / 'my vectors.txt'}", "python:level_model:Level"
    sys.modules.pop("level_model", None)


@pytest.fixture
def quick_models(tmp_path):
    """Two models that take no time: one that reads, from a file, and one that hears."""
    with _quick_models(tmp_path / "private models") as names:
        yield names


@pytest.fixture(scope="session")
def _made(tmp_path_factory):
    """A bundle, whose source is gone: home, models and all."""
    folder = tmp_path_factory.mktemp("source")
    with (
        pytest.MonkeyPatch.context() as patched,
        _quick_models(folder / "private models") as models,
    ):
        patched.setenv("LAYERSCOPE_HOME", str(folder / "home"))
        found = _published(models, folder / "made")
    found.source = folder
    for gone in ("home", "private models"):
        shutil.rmtree(folder / gone)
    return found


@pytest.fixture
def published(home, _made, tmp_path, monkeypatch):  # noqa: ARG001 - an environment that says nothing
    """A bundle that was moved, in the environment of a server that shows it.

    It holds a view of each kind, and 5 recordings. `results` and `analyses` are the source's.
    """
    moved = shutil.copytree(_made.source / "made", tmp_path / "moved")
    monkeypatch.setenv("LAYERSCOPE_HOME", str(tmp_path / "never made"))
    monkeypatch.setenv("LAYERSCOPE_BUNDLE", str(moved))
    yield SimpleNamespace(**vars(_made), folder=moved)
    assert not (tmp_path / "never made").exists()


def _published(models, folder):
    from pipeline.analyses import AnalysisRequest, compute_analysis, load_analysis
    from pipeline.comparison import load_result
    from pipeline.configuration import open_store
    from pipeline.publishing import choose_views, publish
    from pipeline.request import ComparisonRequest
    from pipeline.run import run_plan
    from pipeline.saved_views import open_saved_views

    request = ComparisonRequest("demo", *models)
    asked = (
        AnalysisRequest(request, "shares", (0, 1)),
        AnalysisRequest(request, "neighbours", (0, 1), settings={"word": "the", "k": 3}),
        AnalysisRequest(request, "intervals", settings={"draws": 20}),
    )
    with open_store() as store, open_saved_views() as views:
        plan = request.plan(store)
        run_plan(plan, store)
        for each in asked:
            compute_analysis(each, plan, store)
        run_plan(ComparisonRequest("demo", "control:onehot", "control:lookup").plan(store), store)
        chosen = choose_views(_saved(views, request), views)
        found = SimpleNamespace(
            report=publish(chosen, folder, store, most_sounds=5),
            results={name: load_result(plan, store, name) for name in ("debiased", "biased")},
            analyses=[(each, load_analysis(each, plan, store)) for each in asked],
        )
        # Arrays are read when they are looked at, and the files go.
        for _, analysis in found.analyses:
            vars(analysis).update({name: _read(value) for name, value in vars(analysis).items()})
    return found


def _saved(views, request):
    """Save views of a comparison, and one that is not chosen; return how the others are named."""
    from pipeline.request_text import request_text
    from pipeline.view_parameters import comparison_parameters, request_parameters

    told = comparison_parameters(request) | {"la": "0", "lb": "1"}
    heard = request_parameters(request) | {"model": request.model_b, "utterance": "ben-02"}
    views.save("compare", "The heatmap", "look at layer 1", told, "ada@lab.org")
    views.save("words", "Its words", "", told, "ada@lab.org")
    views.save("alignments", "A recording", "", heard, "ada@lab.org")
    views.save("compare", "Not chosen", "a secret", told | {"lb": "0"}, "ada@lab.org")
    link = f"http://x/beside?{urlencode({'pair': request_text(request)})}"
    return "The heatmap", "its WORDS", "3", link


def _read(value):
    return np.array(value) if isinstance(value, np.ndarray) else value
