"""Opening a cached comparison of LibriSpeech dev-clean's size: its plan, and then its result."""

from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.corpus import write_corpus
from benchmarks.ratio import Ratio, best_seconds
from cache import Store
from pipeline.comparison import load_result, result_key
from pipeline.corpus.opening import open_corpus
from pipeline.corpus.utterance import Corpus
from pipeline.models.catalogue import find_model
from pipeline.planning import Coverage, Plan, coverage, make_plan
from pipeline.settings import AlignmentSettings
from pipeline.similarity import LayerSimilarities

MODEL_A, MODEL_B = "untrained:wav2vec2-base", "untrained:bert-base"


def ratios() -> Iterator[Ratio]:
    """Time both beside reading the size of each audio file, which tells whether it changed."""
    with TemporaryDirectory() as folder, Store(Path(folder) / "store") as store:
        audio, alignments = write_corpus(Path(folder))
        corpus = open_corpus(audio, alignments, store=store)
        fill(corpus, store)
        yield from _opening(corpus, audio, alignments, store)
        yield _growth(corpus, store)


def _opening(corpus: Corpus, audio: Path, alignments: Path, store: Store) -> Iterator[Ratio]:
    def anew() -> None:
        # As a page does it that has not shown this corpus before.
        _plan(open_corpus(audio, alignments, store=store), store)

    plan, found = _plan(corpus, store)
    size = f"{len(corpus.utterances)} utterances"
    opened, planned, loaded, looked = best_seconds(
        anew,
        lambda: _plan(corpus, store),
        lambda: load_result(plan, store, coverages=found),
        lambda: [utterance.audio.stat() for utterance in corpus.utterances],
    )
    reference = "looking at each audio file's size"
    yield Ratio(f"corpus and plan of a cached comparison, {size}", opened, reference, looked)
    yield Ratio(f"plan of a cached comparison, {size}", planned, reference, looked)
    yield Ratio(f"result of a cached comparison, {size}", loaded, reference, looked)


def _growth(corpus: Corpus, store: Store) -> Ratio:
    """Plan a tenth of the corpus: 1 where the cost is linear in utterances."""
    part = replace(corpus, utterances=corpus.utterances[::10], known_fingerprint=None)
    whole, tenth = best_seconds(lambda: _plan(corpus, store), lambda: _plan(part, store), repeats=5)
    times = len(corpus.utterances) / len(part.utterances)
    return Ratio("plan of a cached comparison", whole, f"{times:.1f} times a tenth", tenth * times)


def fill(corpus: Corpus, store: Store) -> None:
    """Fill the store with what a plan looks for; the arrays' content is of no matter."""
    plan, _ = _plan(corpus, store)
    for side in plan.sides:
        for key in set(side.keys.values()):
            store.put(key, {"vectors": np.zeros((13, 1, 768), np.float32)})
    counts = {"rows": 1, "types": 1, "speakers": 1, "utterances": 1, "left_out": 0}
    said = {"counts": counts, "row_digest": "", "failed": [], "versions": {}}
    cells = np.zeros(tuple(len(side.spec.layer_names) for side in (plan.a, plan.b)))
    arrays = {field.name: cells for field in fields(LayerSimilarities) if field.name != "rows"}
    store.put(result_key(plan, ()), arrays, said)


def _plan(corpus: Corpus, store: Store) -> tuple[Plan, list[Coverage]]:
    specs = find_model(MODEL_A), find_model(MODEL_B)
    plan = make_plan(corpus, *specs, AlignmentSettings(), store)
    return plan, [coverage(side, store) for side in plan.sides]
