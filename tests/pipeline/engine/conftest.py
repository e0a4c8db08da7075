"""An engine in a process of its own, as the dashboard starts it."""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import psutil
import pytest

from cache import Store
from pipeline.configuration import home as home_folder
from pipeline.configuration import open_store
from pipeline.corpus import open_corpus
from pipeline.engine.job_queue import open_queue
from pipeline.engine.lifecycle import engine_pid, ensure_running
from pipeline.request import ComparisonRequest

HERE = Path(__file__).parent
SLOW = ComparisonRequest("demo", "python:fault_models:slow", "control:lookup")


def stop_engine(folder, wait_until):
    pid = engine_pid(folder)
    if pid:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        wait_until(lambda: engine_pid(folder) is None, "the engine has stopped")


@pytest.fixture(scope="module")
def surroundings():
    """An environment in which results do not depend on how many workers there are."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("LAYERSCOPE_MODELS", "LAYERSCOPE_ROOTS", "LAYERSCOPE_SCHEDULER"):
            patch.delenv(name, raising=False)
        patch.delenv("LAYERSCOPE_WORKERS", raising=False)
        patch.setenv("OMP_NUM_THREADS", "1")
        patch.setenv("MKL_NUM_THREADS", "1")
        patch.setenv("LAYERSCOPE_ALLOW_PYTHON_MODELS", "1")
        patch.setenv("PYTHONPATH", str(HERE), prepend=os.pathsep)
        patch.syspath_prepend(HERE)
        yield patch


@pytest.fixture(scope="module")
def shared_home(surroundings, tmp_path_factory, wait_until):
    """A home folder whose one engine serves all tests of a module."""
    folder = (tmp_path_factory.mktemp("engine") / "home").resolve()
    surroundings.setenv("LAYERSCOPE_HOME", str(folder))
    yield home_folder()
    stop_engine(folder, wait_until)


@pytest.fixture
def engine_home(surroundings, monkeypatch, tmp_path, wait_until):  # noqa: ARG001 - the environment
    """A home folder whose engine, if a test starts one, is stopped at the end."""
    folder = (tmp_path / "home").resolve()
    monkeypatch.setenv("LAYERSCOPE_HOME", str(folder))
    yield home_folder()
    stop_engine(folder, wait_until)


@pytest.fixture
def opened():
    """The store and the queue of the home folder in use: ``store, queue = opened()``."""
    used = []

    def open_both():
        used.extend([open_store(), open_queue()])
        return used[-2:]

    yield open_both
    for each in used:
        each.close()


@pytest.fixture
def ended(wait_until):
    """Return a job as it is when it has ended; an engine that is gone is started again."""

    def wait(queue, job):
        def is_over():
            ensure_running(home_folder())
            return not queue.find(job.digest).is_active

        wait_until(is_over, f"the job has ended: {job.task}")
        return queue.find(job.digest)

    return wait


@pytest.fixture
def workers():
    """Return the processes of an engine's workers."""

    def of(pid):
        children = psutil.Process(pid).children()
        return [child for child in children if "resource_tracker" not in " ".join(child.cmdline())]

    return of


def records(store):
    """Return all embeddings and results of a store, by digest and name."""
    found = {}
    for kind in ("embedding", "comparison"):
        for entry in store.find(kind):
            arrays = store.read(entry.digest).arrays
            found |= {(entry.digest, name): np.array(array) for name, array in arrays.items()}
    return found


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory):
    """Return the records of a comparison that one process makes, with one thread."""
    known = {}

    def of(request):
        if request not in known:
            folder = tmp_path_factory.mktemp("undisturbed")
            command = [sys.executable, "-m", "pipeline", "cka", "--corpus", request.corpus]
            models = ["--model1", request.model_a, "--model2", request.model_b]
            subprocess.run(  # noqa: S603 - our own command
                [*command, *models, "--out", folder / "cka.json"],
                env=os.environ | {"LAYERSCOPE_HOME": str(folder)},
                check=True,
                capture_output=True,
            )
            with Store(folder / "store") as store:
                known[request] = records(store)
        return known[request]

    return of


@pytest.fixture
def is_as_undisturbed(undisturbed):
    """Assert that a store holds what an undisturbed run gives, bit for bit, and nothing broken."""

    def compare(store, request):
        found, expected = records(store), undisturbed(request)
        assert found.keys() >= expected.keys() > set()
        for name, array in expected.items():
            np.testing.assert_array_equal(found[name], array, err_msg=str(name))
        assert store.verify(orphan_age_s=0.0).damaged == ()

    return compare


@pytest.fixture
def few(tmp_path):
    """A corpus of four utterances, and how many samples the third has."""
    folder = tmp_path / "few" / "1" / "2"
    folder.mkdir(parents=True)
    lines, chosen = [], open_corpus("demo").utterances[:4]
    for number, utterance in enumerate(chosen):
        name = f"1-2-{number:04}"
        shutil.copy(utterance.audio, folder / f"{name}.flac")
        shutil.copy(utterance.audio.with_suffix(".TextGrid"), folder / f"{name}.TextGrid")
        lines.append(f"{name} {' '.join(utterance.words).upper()}")
    (folder / "1-2.trans.txt").write_text("\n".join(lines), encoding="utf-8")
    samples = [round(utterance.duration_s * 16_000) for utterance in chosen]
    assert samples.count(samples[2]) == 1
    return str(tmp_path / "few"), samples[2]
