"""What the workers run: small, idempotent, restartable; results go to the store, not the wire."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from cache import Key, Store
from pipeline.comparison import compute_result
from pipeline.corpus.utterance import Utterance
from pipeline.extraction import embed_into
from pipeline.forced_alignment import Aligner, open_aligner
from pipeline.forced_alignment.corpus_alignment import Outcome, align_corpus, conclude
from pipeline.models.extractor import Model
from pipeline.models.opening import open_model
from pipeline.models.spec import ModelSpec
from pipeline.planning import Plan
from pipeline.rendering import store_recording_view
from pipeline.settings import AlignmentSettings


@lru_cache(maxsize=1)
def _store(path: Path) -> Store:
    return Store(path)


@lru_cache(maxsize=2)
def _model(spec: ModelSpec) -> Model:
    """Keep the two models of a comparison loaded from one task to the next."""
    return open_model(spec)


@lru_cache(maxsize=1)
def _aligner(name: str) -> Aligner:
    return open_aligner(name)


def embed_chunk(
    store_path: Path,
    spec: ModelSpec,
    work: Sequence[tuple[Utterance, Key]],
    settings: AlignmentSettings,
    labels: Mapping[str, str],
) -> int:
    """Embed a few utterances; return how many failed."""
    outcomes = embed_into(_store(store_path), _model(spec), work, settings, labels)
    return sum(reason is not None for reason in outcomes)


def compare(store_path: Path, plan: Plan, _embedded: Sequence[int]) -> None:
    """Compute the result of a plan, after its embeddings."""
    compute_result(plan, _store(store_path))


def view_recording(store_path: Path, utterance: Utterance, audio_digest: str) -> None:
    """Compute what the alignment page draws of a recording."""
    store_recording_view(_store(store_path), utterance, audio_digest)


def align_chunk(
    aligner: str, utterances: Sequence[Utterance], root: Path, folder: Path
) -> list[Outcome]:
    """Align a few utterances of the corpus at `root`."""
    return list(align_corpus(utterances, root, _aligner(aligner), folder))


def conclude_alignment(folder: Path, chunks: Sequence[Sequence[Outcome]]) -> None:
    """Write down what became of all utterances, after they are aligned."""
    conclude(folder, [outcome for chunk in chunks for outcome in chunk])
