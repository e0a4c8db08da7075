"""Use case 2: two models' stored embeddings -> shared rows -> the similarity of all layers."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import numpy as np

from cache import Key, Record, Store
from pipeline.errors import MatrixError
from pipeline.models.control import control_vectors
from pipeline.planning import Coverage, Plan, Side, coverage
from pipeline.similarity.grid import similarity_of_layers
from pipeline.similarity.result import Counts, Estimator, SimilarityResult
from pipeline.words.matrix import WordMatrix, check_same_rows, stored_matrix
from pipeline.words.rows import Rows, rows_with, spoken_rows
from pipeline.words.storage import StoredEmbeddings, WordEmbeddings

# Raise it when rows, similarities or the record's layout come out otherwise for the same inputs.
COMPARISON_VERSION = 3


def result_key(plan: Plan, failed: Collection[str]) -> Key:
    """Return the key of the result over all utterances that did not fail."""
    names = [utterance.id for utterance in plan.utterances if utterance.id not in failed]
    inputs = {"corpus": plan.corpus.fingerprint, "unit": plan.settings.unit}
    for side_name, side in (("a", plan.a), ("b", plan.b)):
        content = hashlib.sha256(side.spec.fingerprint.encode())
        for name in names:
            content.update((side.keys[name].digest if side.keys else name).encode())
        inputs[side_name] = content.hexdigest()
    return Key("comparison", COMPARISON_VERSION, inputs)


def load_result(
    plan: Plan,
    store: Store,
    estimator: Estimator = "debiased",
    coverages: Sequence[Coverage] | None = None,
) -> SimilarityResult | None:
    """Return the result if everything for it is there, else None.

    `coverages` are those of the plan's sides, where they have just been looked up.
    """
    if coverages is None:
        coverages = [coverage(side, store) for side in plan.sides]
    if any(found.missing for found in coverages):
        return None
    record = store.get(result_key(plan, _failed_names(coverages)))
    return None if record is None else _from_record(record, plan, estimator)


def _failed_names(coverages: Iterable[Coverage]) -> set[str]:
    return {name for found in coverages for name in found.failed}


def compute_result(plan: Plan, store: Store, device: str = "cpu") -> Key:
    """Build both matrices and the similarity of all layers from the stored embeddings.

    Parameters
    ----------
    device : str
        Where the layers are multiplied: ``"cpu"``, or a device of torch.

    Returns
    -------
    Key
        Under which the result now is.

    Raises
    ------
    MatrixError
        If embeddings are missing, or no words are left to compare.
    """
    coverages = [coverage(side, store) for side in plan.sides]
    if missing := sum(len(found.missing) for found in coverages):
        raise MatrixError(f"{missing} embeddings are not computed yet; compute them first")
    failed = _failed_names(coverages)
    a, b = build_matrices(plan, store, failed)
    check_same_rows(a, b)
    found = similarity_of_layers(a.layers, b.layers, device)
    key = result_key(plan, failed)
    store.put(
        key,
        {
            "debiased": found.debiased,
            "biased": found.biased,
            "chance_biased": found.chance_biased,
            "chance_sd_biased": found.chance_sd_biased,
            "chance_sd_debiased": found.chance_sd_debiased,
        },
        {
            "counts": asdict(_counts(plan, a.rows)),
            "row_digest": a.rows.digest,
            "failed": sorted(failed),
            "versions": {"layerscope": version("layerscope"), "numpy": np.__version__},
        },
        {
            "corpus": plan.corpus.name,
            "model": f"{plan.a.spec.name} x {plan.b.spec.name}",
            "settings": str(plan.settings),
        },
    )
    return key


def build_matrices(
    plan: Plan, store: Store, failed: Collection[str] = ()
) -> tuple[WordMatrix, WordMatrix]:
    """Return both models' matrices over the words that both have."""
    names = [utterance.id for utterance in plan.utterances if utterance.id not in failed]
    rows = spoken_rows(plan.corpus, plan.settings.unit, frozenset(names))
    loaded = {side.spec.name: load_embeddings(side, names, store) for side in plan.sides}
    for embeddings in loaded.values():
        if embeddings is not None:
            rows = rows_with(rows, embeddings.token_ids())
    if not len(rows):
        raise MatrixError(
            f"corpus {plan.corpus.name}: no word has a time and a vector in both models; "
            "look at the corpus' problems (python -m pipeline corpora check)"
        )
    a, b = (
        matrix_of(side, names, loaded[side.spec.name], rows, store, plan.labels(side))
        for side in (plan.a, plan.b)
    )
    return a, b


def load_embeddings(side: Side, names: Iterable[str], store: Store) -> StoredEmbeddings | None:
    """Return a side's embeddings by utterance, or None for a control."""
    if not side.keys:
        return None
    return StoredEmbeddings(store, {name: side.keys[name] for name in names})


def matrix_of(
    side: Side,
    names: Iterable[str],
    embeddings: Mapping[str, WordEmbeddings] | None,
    rows: Rows,
    store: Store,
    labels: Mapping[str, str],
) -> WordMatrix:
    """Return a side's matrix over `rows`: from its embeddings, or made from the rows."""
    if embeddings is None:
        return WordMatrix(tuple(control_vectors(side.spec, rows)), rows)
    keys = [side.keys[name] for name in names]
    return stored_matrix(store, keys, embeddings, rows, labels)


def _counts(plan: Plan, rows: Rows) -> Counts:
    spoken = sum(len(u.units(plan.settings.unit)[0]) for u in plan.corpus.utterances)
    return Counts(
        rows=len(rows),
        types=len(set(rows.words)),
        speakers=len(set(rows.speakers)),
        utterances=len(set(rows.utterances)),
        left_out=spoken - len(rows),
    )


def provenance(plan: Plan, versions: Mapping[str, str]) -> dict[str, object]:
    """Return what a reader needs to make the same numbers again.

    Settings and names are those asked for: others that give the same values share the result.
    """
    models = {
        name: {"name": spec.name, "fingerprint": spec.fingerprint, "source": spec.source}
        for name, spec in (("model_a", plan.a.spec), ("model_b", plan.b.spec))
    }
    return {
        "corpus": {
            "name": plan.corpus.name,
            "fingerprint": plan.corpus.fingerprint,
            "aligner": plan.corpus.aligner,
        },
        "settings": plan.settings.as_dict(),
        **models,
        "versions": dict(versions),
    }


def _from_record(record: Record, plan: Plan, estimator: Estimator) -> SimilarityResult:
    scores = np.array(record.arrays[estimator])
    biased = estimator == "biased"
    chance = np.array(record.arrays["chance_biased"]) if biased else np.zeros_like(scores)
    chance_sd = np.array(record.arrays[f"chance_sd_{estimator}"])
    metadata: Mapping[str, Any] = record.metadata
    return SimilarityResult(
        scores=scores,
        estimator=estimator,
        chance=chance,
        chance_sd=chance_sd,
        model_a=plan.a.spec.name,
        model_b=plan.b.spec.name,
        layer_names_a=plan.a.spec.layer_names,
        layer_names_b=plan.b.spec.layer_names,
        counts=Counts(**metadata["counts"]),
        row_digest=metadata["row_digest"],
        provenance=provenance(plan, metadata["versions"]),
    )
