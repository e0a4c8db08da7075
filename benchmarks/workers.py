"""What a second worker gains: the same corpus embedded by one and by two, each with one thread."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from time import perf_counter
from unittest.mock import patch

from distributed import wait

from benchmarks.ratio import Ratio
from pipeline.configuration import open_store
from pipeline.engine import tasks
from pipeline.engine.chunks import Chunk, chunks
from pipeline.engine.cluster import connected_client
from pipeline.planning import Plan
from pipeline.request import ComparisonRequest

REQUEST = ComparisonRequest("demo", "untrained:wav2vec2-base", "control:onehot")
UTTERANCES, CHUNK_S = 33, 4.0


def ratios() -> Iterator[Ratio]:
    """Time both, with the workers started and the model loaded before."""
    one, two = (_seconds(workers) for workers in (1, 2))
    cores = os.cpu_count()
    name = f"embedding {UTTERANCES} utterances, 2 workers of one thread ({cores} cores)"
    yield Ratio(name, two, "1 worker of one thread", one)


def _seconds(workers: int) -> float:
    with _fresh_home(workers), connected_client() as client, open_store() as store:
        client.wait_for_workers(workers)
        plan = REQUEST.plan(store)
        first, *others = chunks(plan.corpus.utterances[:UTTERANCES], CHUNK_S)
        # Each worker loads the model.
        client.run(tasks.embed_chunk, *_arguments(plan, first))
        start = perf_counter()
        wait([client.submit(tasks.embed_chunk, *_arguments(plan, chunk)) for chunk in others])
        return perf_counter() - start


def _arguments(plan: Plan, chunk: Chunk) -> tuple[object, ...]:
    work = [(utterance, plan.a.keys[utterance.id]) for utterance in chunk]
    return plan.a.spec, work, plan.settings, plan.labels(plan.a)


@contextmanager
def _fresh_home(workers: int) -> Iterator[None]:
    threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    with TemporaryDirectory() as folder:
        settings = {"LAYERSCOPE_HOME": folder, "LAYERSCOPE_WORKERS": str(workers), **threads}
        with patch.dict(os.environ, settings):
            os.environ.pop("LAYERSCOPE_SCHEDULER", None)
            yield
