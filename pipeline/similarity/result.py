"""The similarity of two models, layer by layer, with everything needed to read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from jaxtyping import Float64

from pipeline.errors import SettingsError

Estimator = Literal["debiased", "biased"]


@dataclass(frozen=True)
class Counts:
    """What the rows are made of.

    Attributes
    ----------
    rows : int
        Of the matrices: one a token, or one a word type.
    tokens : int
        That the rows are made of.
    types, speakers, utterances : int
        Of these tokens.
    left_out : int
        Tokens of the transcripts that lack a time, a frame or a vector.
    unselected : int
        Tokens that the row settings leave out.
    """

    rows: int
    tokens: int
    types: int
    speakers: int
    utterances: int
    left_out: int
    unselected: int = 0


@dataclass(frozen=True, eq=False)
class SimilarityResult:
    """Scores of all pairs of layers; axes carry their own labels, so nothing can be mislabelled.

    Attributes
    ----------
    scores : float64 array [shape=(layers_a, layers_b)]
        NaN where the value does not exist (a layer whose vectors do not differ).
    measure : str
        One of :data:`pipeline.similarity.MEASURES`.
    estimator : {"debiased", "biased"} or None
        None where the measure has but one.
    chance, chance_sd : float64 array [shape=(layers_a, layers_b)]
        Mean and standard deviation over all permutations of the rows of one model; NaN where it
        is not known.
    model_a, model_b : str
    layer_names_a, layer_names_b : tuple of str
    counts : Counts
    row_digest : str
        SHA-256 of the tokens: utterance, word index and word of each.
    provenance : mapping
        Corpus, settings, fingerprints of the models and versions of the code.
    measure_settings : mapping
        Those of :class:`pipeline.similarity.Measure`, with which the scores were computed.
    """

    scores: Float64[np.ndarray, "layers_a layers_b"]
    estimator: Estimator | None
    chance: Float64[np.ndarray, "layers_a layers_b"]
    chance_sd: Float64[np.ndarray, "layers_a layers_b"]
    model_a: str
    model_b: str
    layer_names_a: tuple[str, ...]
    layer_names_b: tuple[str, ...]
    counts: Counts
    row_digest: str
    measure: str = "cka"
    provenance: Mapping[str, object] = field(default_factory=dict)
    measure_settings: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        expected = (len(self.layer_names_a), len(self.layer_names_b))
        for name in ("scores", "chance", "chance_sd"):
            found = getattr(self, name).shape
            if found != expected:
                raise ValueError(f"{name} has shape {found}; the layers' names say {expected}")

    @property
    def rows_measured(self) -> int:
        """Over how many of the rows the scores are: some measures draw a sample of them."""
        rows = self.counts.rows
        return min(rows, self.measure_settings.get("most_rows", rows))

    @property
    def z(self) -> Float64[np.ndarray, "layers_a layers_b"]:
        """How many `chance_sd` scores are above `chance`; NaN where no permutation changes them."""
        return (self.scores - self.chance) / np.where(self.chance_sd > 0, self.chance_sd, np.nan)


def select_layers(
    result: SimilarityResult, layers_a: Sequence[int] | None, layers_b: Sequence[int] | None
) -> SimilarityResult:
    """Return the result of some layers of A, of B, or of both; None keeps all.

    Raises
    ------
    SettingsError
        If a model has no such layer.
    """
    kept_a = _selection(layers_a, result.layer_names_a, result.model_a)
    kept_b = _selection(layers_b, result.layer_names_b, result.model_b)
    cells = np.ix_(kept_a, kept_b)
    return replace(
        result,
        scores=result.scores[cells],
        chance=result.chance[cells],
        chance_sd=result.chance_sd[cells],
        layer_names_a=tuple(result.layer_names_a[layer] for layer in kept_a),
        layer_names_b=tuple(result.layer_names_b[layer] for layer in kept_b),
    )


def _selection(layers: Sequence[int] | None, names: tuple[str, ...], model: str) -> list[int]:
    if layers is None:
        return list(range(len(names)))
    for layer in layers:
        if not 0 <= layer < len(names):
            raise SettingsError(f"{model} has layers 0 to {len(names) - 1}; there is no {layer}")
    return list(layers)
