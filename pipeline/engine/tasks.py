"""What the workers run: small, idempotent, restartable; results go to the store, not the wire.

Each opens the store of its own machine: the engine's, or one that `exchange` connects with it.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from cache import Key, Store
from pipeline.analyses import AnalysisRequest, compute_analysis
from pipeline.comparison import compute_result
from pipeline.configuration import open_store
from pipeline.corpus.utterance import Utterance
from pipeline.engine import exchange
from pipeline.engine.gpus import has_driver
from pipeline.errors import LayerScopeError, ModelError
from pipeline.forced_alignment import Aligner, open_aligner
from pipeline.forced_alignment.corpus_alignment import Outcome, align_corpus, conclude
from pipeline.models.extractor import Model
from pipeline.models.opening import open_model
from pipeline.models.spec import ModelSpec
from pipeline.planning import Plan
from pipeline.recording_view import view_key
from pipeline.settings import AlignmentSettings
from pipeline.words.storage import failure_key


@lru_cache(maxsize=1)
def _store() -> Store:
    return open_store()


@lru_cache(maxsize=2)
def _model(spec: ModelSpec) -> Model:
    """Keep the two models of a comparison loaded from one task to the next."""
    try:
        return open_model(spec)
    except LayerScopeError:
        raise
    except Exception as error:
        # Whatever it is, no utterance is to blame.
        raise ModelError(f"{spec.name} cannot be opened: {error!r}") from error


@lru_cache(maxsize=1)
def _aligner(name: str) -> Aligner:
    return open_aligner(name)


def has_gpu() -> bool:
    """Return whether this worker computes on a GPU."""
    if not has_driver():
        return False
    import torch  # noqa: PLC0415 - slow to load, and the engine loads this module too

    return torch.cuda.is_available()


def embed_chunk(
    spec: ModelSpec,
    work: Sequence[tuple[Utterance, Key]],
    settings: AlignmentSettings,
    labels: Mapping[str, str],
) -> None:
    """Embed a few utterances, or note why they cannot be."""
    from pipeline.extraction import embed_into  # noqa: PLC0415 - loads torch, which workers have

    store = _store()
    outcomes = embed_into(store, _model(spec), work, settings, labels, tier=exchange.tier())
    failed = [key for (_, key), reason in zip(work, outcomes, strict=True) if reason is not None]
    exchange.publish(store, [failure_key(key) for key in failed])


def compare(plan: Plan) -> None:
    """Compute the result of a plan, after its embeddings."""
    store = _store()
    _fetch_embeddings(plan, store)
    exchange.publish(store, [compute_result(plan, store, "cuda" if has_gpu() else "cpu")])


def analyse(request: AnalysisRequest, plan: Plan) -> None:
    """Compute an analysis of a plan, after its embeddings."""
    store = _store()
    _fetch_embeddings(plan, store)
    exchange.publish(store, [compute_analysis(request, plan, store)])


def _fetch_embeddings(plan: Plan, store: Store) -> None:
    keys = [key for side in plan.sides for key in side.keys.values()]
    missing = exchange.fetch(store, keys)
    exchange.fetch(store, map(failure_key, missing))


def view_recording(utterance: Utterance, audio_digest: str) -> None:
    """Compute what the alignment page draws of a recording."""
    from pipeline.rendering import store_recording_view  # noqa: PLC0415 - loads librosa

    store = _store()
    store_recording_view(store, utterance, audio_digest)
    exchange.publish(store, [view_key(audio_digest)])


def align_chunk(
    aligner: str, utterances: Sequence[Utterance], root: Path, folder: Path
) -> list[Outcome]:
    """Align a few utterances of the corpus at `root`."""
    return list(align_corpus(utterances, root, _aligner(aligner), folder))


def conclude_alignment(folder: Path, outcomes: Sequence[Outcome]) -> None:
    """Write down what became of all utterances, after they are aligned."""
    conclude(folder, outcomes)
