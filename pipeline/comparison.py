"""Use case 2: two models' stored embeddings -> shared rows -> the similarity of all layers."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from importlib.metadata import version
from typing import Any

import numpy as np

from cache import Key, Record, Store
from pipeline.corpus.filtering import utterances_saying
from pipeline.errors import MatrixError
from pipeline.matrices import ComparedMatrices, compared_matrices
from pipeline.planning import Coverage, Plan, Side, coverage
from pipeline.similarity.grid import similarity_of_layers
from pipeline.similarity.measure import Measure
from pipeline.similarity.result import Counts, Estimator, SimilarityResult

# Raise it when rows, similarities or the record's layout come out otherwise for the same inputs.
COMPARISON_VERSION = 5


def result_key(plan: Plan, failed: Collection[str]) -> Key:
    """Return the key of the result over all utterances that did not fail."""
    names = [utterance.id for utterance in plan.utterances if utterance.id not in failed]
    inputs = {
        "corpus": plan.corpus.fingerprint,
        "unit": plan.settings.unit,
        # Where they hold, the names of the utterances say.
        "rows": replace(plan.rows, where=()).as_dict(),
        "measure": plan.measure.name,
        "a": _content(plan.a, names),
        "b": _content(plan.b, names),
        "controls": [_content(side, names) for side in plan.controls],
    }
    return Key("comparison", COMPARISON_VERSION, inputs)


def _content(side: Side, names: Iterable[str]) -> str:
    content = hashlib.sha256(side.spec.fingerprint.encode())
    for name in names:
        content.update((side.keys[name].digest if side.keys else name).encode())
    return content.hexdigest()


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
    record = store.get(result_key(plan, failed_names(coverages)))
    return None if record is None else _from_record(record, plan, estimator)


def failed_names(coverages: Iterable[Coverage]) -> set[str]:
    """Return the utterances that failed in any model."""
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
    failed = failed_names(coverages)
    found = compared_matrices(plan, store, failed)
    key = result_key(plan, failed)
    store.put(
        key,
        _scores(plan.measure, found, device),
        {
            "counts": asdict(counts_of(plan, found)),
            "row_digest": found.tokens.digest,
            "failed": sorted(failed),
            "versions": {"layerscope": version("layerscope"), "numpy": np.__version__},
            "version": COMPARISON_VERSION,
            "measure_settings": dict(plan.measure.settings),
            **_asked(plan),
        },
        {
            "corpus": plan.corpus.name,
            "model": f"{plan.a.spec.name} x {plan.b.spec.name}",
            "settings": f"{plan.settings}; {plan.rows}; {plan.measure.title}",
        },
    )
    return key


def _asked(plan: Plan) -> dict[str, object]:
    """Return what was asked for, so that a record can be listed without its corpus and models."""
    return {
        "request": {
            "corpus": plan.corpus.name,
            "model_a": plan.a.spec.name,
            "model_b": plan.b.spec.name,
            "settings": plan.settings.as_dict(),
            "rows": plan.rows.as_dict(),
            "measure": plan.measure.name,
        },
        "fingerprints": [plan.a.spec.fingerprint, plan.b.spec.fingerprint],
        "layer_names": [list(plan.a.spec.layer_names), list(plan.b.spec.layer_names)],
    }


def _scores(measure: Measure, found: ComparedMatrices, device: str) -> dict[str, np.ndarray]:
    """Return the arrays of a record; linear CKA comes with what it gives by chance."""
    a, b = found.a.layers, found.b.layers
    if measure.name == "cka":
        return {
            name: array
            for name, array in vars(similarity_of_layers(a, b, device)).items()
            if name != "rows"
        }
    held_out = {"groups": found.a.rows.words} if measure.holds_out else {}
    return {
        estimator or "scores": function(a, b, **held_out)
        for estimator, function in measure.functions.items()
    }


def counts_of(plan: Plan, found: ComparedMatrices) -> Counts:
    """Count what compared rows are made of."""
    tokens = found.tokens
    spoken = sum(
        len(u.units(plan.settings.unit)[0]) for u in utterances_saying(plan.corpus, plan.rows.where)
    )
    return Counts(
        rows=len(found.a.rows),
        tokens=len(tokens),
        types=len(set(tokens.words)),
        speakers=len(set(tokens.speakers)),
        utterances=len(set(tokens.utterances)),
        left_out=spoken - found.shared,
        unselected=found.shared - len(tokens),
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
        "rows": plan.rows.as_dict(),
        **models,
        "controls": [
            {"name": side.spec.name, "fingerprint": side.spec.fingerprint} for side in plan.controls
        ],
        "comparison_version": COMPARISON_VERSION,
        "versions": dict(versions),
    }


def _from_record(record: Record, plan: Plan, estimator: Estimator) -> SimilarityResult:
    arrays = record.arrays
    metadata: Mapping[str, Any] = record.metadata
    estimated = estimator in plan.measure.functions
    scores = np.array(arrays[estimator if estimated else "scores"])
    unknown = np.full_like(scores, np.nan)
    chance, chance_sd = unknown, unknown
    if plan.measure.name == "cka":
        chance_sd = np.array(arrays[f"chance_sd_{estimator}"])
        biased = estimator == "biased"
        chance = np.array(arrays["chance_biased"]) if biased else np.zeros_like(scores)
    return SimilarityResult(
        scores=scores,
        measure=plan.measure.name,
        estimator=estimator if estimated else None,
        chance=chance,
        chance_sd=chance_sd,
        model_a=plan.a.spec.name,
        model_b=plan.b.spec.name,
        layer_names_a=plan.a.spec.layer_names,
        layer_names_b=plan.b.spec.layer_names,
        counts=Counts(**metadata["counts"]),
        row_digest=metadata["row_digest"],
        provenance=provenance(plan, metadata["versions"]),
        # Records from before these were kept are of the same version, and so made with the same.
        measure_settings=metadata.get("measure_settings", dict(plan.measure.settings)),
    )
