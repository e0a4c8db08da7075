"""Memory of a worker and of the web process at two sizes of a corpus: 1 where it does not grow."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.corpus import write_corpus
from benchmarks.ratio import Ratio
from cache import Store
from pipeline.comparison import compute_result
from pipeline.corpus.opening import open_corpus
from pipeline.extraction import embed_into
from pipeline.models.catalogue import find_model
from pipeline.models.opening import open_model
from pipeline.planning import Plan, coverage, make_plan
from pipeline.settings import AlignmentSettings
from pipeline.words.storage import WordEmbeddings, put_embeddings

FEW, MANY = 300, 3000
DURATION_S = 1.0
LAYERS, DIM = 4, 256
MODEL_A, MODEL_B = "s3prl:fbank", "s3prl:mfcc"
_LOOK_EVERY_S = 0.005

Work = Callable[[Plan, Store], None]


def ratios() -> Iterator[Ratio]:
    """Measure each in a process of its own: what it allocates, without the files it maps."""
    with TemporaryDirectory() as folder:
        write_corpus(Path(folder), MANY, DURATION_S)
        for what, work in WORKS.items():
            few, many = (_in_a_process(work, Path(folder), count) for count in (FEW, MANY))
            name = f"peak memory of {what}, {MANY} utterances"
            yield Ratio(name, many, f"{FEW} utterances", few, unit="MiB")


def _in_a_process(work: Work, folder: Path, count: int) -> float:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(peak_mib, partial(_planned, work, folder, count)).result()


def _planned(work: Work, folder: Path, count: int) -> None:
    with TemporaryDirectory() as home, Store(home) as store:
        whole = open_corpus(folder / "audio", folder / "alignments", store=store)
        corpus = type(whole)(whole.name, whole.root, whole.utterances[:count])
        specs = find_model(MODEL_A), find_model(MODEL_B)
        work(make_plan(corpus, *specs, AlignmentSettings(), store), store)


def peak_mib(work: Callable[[], object]) -> float:
    """Return the most memory that this process has while it works, without the files it maps."""
    peak, stop = 0.0, threading.Event()

    def look() -> None:
        nonlocal peak
        while not stop.wait(_LOOK_EVERY_S):
            peak = max(peak, _allocated_mib())

    watching = threading.Thread(target=look)
    watching.start()
    try:
        work()
    finally:
        stop.set()
        watching.join()
    return peak


def _allocated_mib() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / 1024
    raise OSError("/proc/self/status names no RssAnon; this needs Linux")


def look_up(plan: Plan, store: Store) -> None:
    """Do what the web process does while a comparison is watched."""
    for side in plan.sides:
        coverage(side, store)


def embed(plan: Plan, store: Store) -> None:
    """Do what a worker does first."""
    work = [(utterance, plan.a.keys[utterance.id]) for utterance in plan.corpus.utterances]
    for _ in embed_into(store, open_model(plan.a.spec), work, plan.settings, {}):
        pass


def compare(plan: Plan, store: Store) -> None:
    """Do what a worker does then, with vectors of several layers."""
    random = np.random.default_rng(0)
    for side in plan.sides:
        for utterance in plan.corpus.utterances:
            words = len(utterance.words)
            vectors = random.standard_normal((LAYERS, words, DIM), dtype=np.float32)
            ids = np.arange(words, dtype=np.int32)
            embeddings = WordEmbeddings(vectors, ids, np.zeros((words, 2), np.int32))
            put_embeddings(store, side.keys[utterance.id], embeddings, {})
    compute_result(plan, store)


WORKS: dict[str, Work] = {
    "looking a comparison up": look_up,
    "embedding": embed,
    "comparing": compare,
}
