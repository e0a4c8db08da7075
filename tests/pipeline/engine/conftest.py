"""An engine in a process of its own, as the dashboard starts it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import psutil
import pytest
from transformers import Wav2Vec2FeatureExtractor, Wav2Vec2Model

from cache import Store
from pipeline.configuration import home as home_folder
from pipeline.configuration import open_store
from pipeline.corpus import open_corpus
from pipeline.engine.job_queue import open_queue
from pipeline.engine.lifecycle import engine_pid, ensure_running
from pipeline.models.untrained import random_model
from pipeline.request import ComparisonRequest
from tests.pipeline.models.conftest import tiny_wav2vec2

HERE = Path(__file__).parent
SLOW = ComparisonRequest("demo", "python:fault_models:slow", "control:lookup")


class Engine:
    """The engine of a home folder, and what it shares with the test."""

    def __init__(self, home, wait_until):
        self.home, self._wait_until = home, wait_until
        self.store, self.queue = open_store(), open_queue()

    @property
    def pid(self):
        return engine_pid(self.home)

    def start(self, request, asked_by="ada"):
        """Ask for a comparison."""
        return self.ask("comparison", request.as_dict(), asked_by)

    def ask(self, kind, task, asked_by="ada"):
        job = self.queue.submit(kind, task, asked_by)
        ensure_running(self.home)
        return job

    def now(self, job):
        return self.queue.find(job.digest)

    def ended(self, job):
        """Return a job as it is when it has ended; an engine that is gone is started again."""

        def is_over():
            ensure_running(self.home)
            return not self.now(job).is_active

        self._wait_until(is_over, f"the job has ended: {job.task}")
        return self.now(job)

    def log_of(self, job):
        return [line.text for line in self.queue.log_of(job.digest)]

    def stored(self):
        """Return when each embedding was stored, by digest."""
        return {entry.digest: entry.stored_at_s for entry in self.store.find("embedding")}

    def embeds(self, more_than=10):
        """Wait until something is embedded."""
        self._wait_until(lambda: len(self.stored()) > more_than, "something is embedded")

    def workers(self):
        children = psutil.Process(self.pid).children()
        return [child for child in children if "resource_tracker" not in " ".join(child.cmdline())]

    def stop(self):
        self.store.close()
        self.queue.close()
        if self.pid:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)
            self._wait_until(lambda: self.pid is None, "the engine has stopped")


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
def shared_engine(surroundings, tmp_path_factory, wait_until):
    """One engine for all tests of a module."""
    surroundings.setenv("LAYERSCOPE_HOME", str(tmp_path_factory.mktemp("engine") / "home"))
    shared = Engine(home_folder(), wait_until)
    yield shared
    shared.stop()


@pytest.fixture
def engine(surroundings, monkeypatch, tmp_path, wait_until):  # noqa: ARG001 - the environment
    """An engine of a test's own, stopped at its end."""
    monkeypatch.setenv("LAYERSCOPE_HOME", str(tmp_path / "home"))
    own = Engine(home_folder(), wait_until)
    yield own
    own.stop()


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


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class DaskCluster:
    """A scheduler and a worker as people start them, in processes of their own."""

    def __init__(self, port, folder):
        self.address, self._port = f"tcp://127.0.0.1:{port}", str(port)
        self._folder, self._processes = folder, []

    def start(self, **environment):
        """Start both; what is named is set for the worker."""
        scheduler = ["scheduler", "--host", "127.0.0.1", "--port", self._port, "--no-dashboard"]
        worker = ["worker", self.address, "--nthreads", "1", "--no-dashboard", "--no-nanny"]
        with (self._folder / "dask.log").open("ab") as log:
            self._processes = [
                subprocess.Popen(  # noqa: S603 - fixed words
                    [sys.executable, "-m", "distributed.cli.dask_" + name, *arguments],
                    stdout=log,
                    stderr=log,
                    cwd=self._folder,
                    env=os.environ | environment,
                )
                for name, *arguments in (scheduler, worker)
            ]

    def kill(self):
        for process in self._processes:
            process.kill()
            process.wait()
        self._processes = []


@pytest.fixture
def dask_cluster(free_port, tmp_path):
    cluster = DaskCluster(free_port, tmp_path)
    yield cluster
    cluster.kill()


@pytest.fixture(scope="session")
def tiny_wav2vec2_folder(tmp_path_factory):
    """A network of torch's, whose sums would change with the number of threads."""
    folder = tmp_path_factory.mktemp("wav2vec2")
    random_model(Wav2Vec2Model, tiny_wav2vec2("group"), seed=4).save_pretrained(folder)
    Wav2Vec2FeatureExtractor(do_normalize=True).save_pretrained(folder)
    return folder
