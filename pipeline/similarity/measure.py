"""Every measure of similarity by name, with the changes that leave it unchanged."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from enum import Enum
from functools import partial
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import numpy as np
from jaxtyping import Float64

from pipeline.naming import named
from pipeline.similarity.canonical import Fitting
from pipeline.similarity.cka import cka
from pipeline.similarity.mutual_neighbours import cknna, mutual_neighbours
from pipeline.similarity.orthogonal_procrustes import orthogonal_procrustes
from pipeline.similarity.pwcca import pwcca
from pipeline.similarity.rbf_cka import rbf_cka
from pipeline.similarity.result import Estimator, SimilarityResult
from pipeline.similarity.rsa import rsa
from pipeline.similarity.svcca import svcca


class Invariance(Enum):
    """A change of a layer's vectors, the same for all rows."""

    ROTATION = "x -> x Q, Q orthogonal"
    ISOTROPIC_SCALE = "x -> s x, s > 0"
    TRANSLATION = "x -> x + t"
    LINEAR_MAP = "x -> x M, M invertible"


@dataclass(frozen=True)
class Measure:
    """A similarity of all pairs of layers.

    Attributes
    ----------
    name : str
        How it is asked for.
    title, label : str
        What people call it, in full and beside a number.
    functions : mapping
        Estimator -> (layers of a, layers of b) -> float64 array [shape=(layers_a, layers_b)]; of
        a measure with one way of estimating it, None -> that one.
    invariant_to : frozenset of Invariance
        All changes of either model that leave every value as it is; a test proves each, and
        that the others do not.
    symmetric : bool
        Whether exchanging a and b only transposes the result.
    reference : str
        Where the measure is defined.
    also_in_b : frozenset of Invariance
        Further changes that leave every value as it is, of b alone.
    holds_out : bool
        Whether rows are held out; then the functions take `groups` of rows that are held out
        together, too.
    settings : mapping of str to plain value
        What the functions are given beside the layers. Where `most_rows` is among them, they draw
        so many of more rows, by `seed`.
    """

    name: str
    title: str
    label: str
    functions: Mapping[Estimator | None, Callable[..., Float64[np.ndarray, "layers_a layers_b"]]]
    invariant_to: frozenset[Invariance]
    symmetric: bool
    reference: str
    also_in_b: frozenset[Invariance] = frozenset()
    holds_out: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def function(
        self, estimator: Estimator | None
    ) -> Callable[..., Float64[np.ndarray, "layers_a layers_b"]]:
        """Return what computes it; where there is nothing to estimate, whatever the estimator."""
        return self.functions[estimator if estimator in self.functions else None]


_EUCLIDEAN = frozenset({Invariance.ROTATION, Invariance.ISOTROPIC_SCALE, Invariance.TRANSLATION})

_DIRECTIONS = frozenset({Invariance.ROTATION, Invariance.ISOTROPIC_SCALE})

_Settings: TypeAlias = Mapping[str, Any]
# When any of these changes, results do: raise pipeline.comparison.COMPARISON_VERSION.
_GAUSSIAN: Final[_Settings] = {"bandwidth": 1.0, "most_rows": 3000, "seed": 0}
_SVCCA: Final = Fitting(kept_variance=0.99, folds=5, most_rows=3000, seed=0)
_PWCCA: Final = Fitting(kept_variance=1.0, folds=5, most_rows=3000, seed=0)
_RSA: Final[_Settings] = {"dissimilarity": "cosine", "most_rows": 1500, "seed": 0}
_NEIGHBOURS: Final[_Settings] = {"k": 10, "most_rows": 3000, "seed": 0}

_ALL = (
    Measure(
        name="cka",
        title="linear CKA",
        label="CKA",
        functions={
            "debiased": partial(cka, estimator="debiased"),
            "biased": partial(cka, estimator="biased"),
        },
        invariant_to=_EUCLIDEAN,
        symmetric=True,
        reference="Kornblith et al. 2019, arXiv:1905.00414; debiased: Song et al. 2012, JMLR 13, "
        "1393-1434",
    ),
    Measure(
        name="rbf",
        title="CKA with a Gaussian kernel",
        label="RBF CKA",
        functions={
            "debiased": partial(rbf_cka, estimator="debiased", **_GAUSSIAN),
            "biased": partial(rbf_cka, estimator="biased", **_GAUSSIAN),
        },
        invariant_to=_EUCLIDEAN,
        symmetric=True,
        reference="Kornblith et al. 2019, arXiv:1905.00414; Song et al. 2012, JMLR 13, 1393-1434",
        settings=_GAUSSIAN,
    ),
    Measure(
        name="svcca",
        title="SVCCA",
        label="SVCCA",
        functions={None: partial(svcca, fitting=_SVCCA)},
        invariant_to=_EUCLIDEAN,
        symmetric=True,
        reference="Raghu et al. 2017, arXiv:1706.05806, on held-out rows",
        holds_out=True,
        settings=asdict(_SVCCA),
    ),
    Measure(
        name="pwcca",
        title="PWCCA",
        label="PWCCA",
        functions={None: partial(pwcca, fitting=_PWCCA)},
        invariant_to=frozenset({Invariance.ISOTROPIC_SCALE, Invariance.TRANSLATION}),
        also_in_b=frozenset({Invariance.ROTATION, Invariance.LINEAR_MAP}),
        symmetric=False,
        reference="Morcos et al. 2018, arXiv:1806.05759, on held-out rows",
        holds_out=True,
        settings=asdict(_PWCCA),
    ),
    Measure(
        name="procrustes",
        title="orthogonal Procrustes",
        label="Procrustes",
        functions={None: orthogonal_procrustes},
        invariant_to=_EUCLIDEAN,
        symmetric=True,
        reference="Schönemann 1966; Williams et al. 2021, arXiv:2110.14739",
    ),
    Measure(
        name="rsa",
        title="RSA (Spearman)",
        label="RSA",
        functions={None: partial(rsa, **_RSA)},
        invariant_to=_EUCLIDEAN,
        symmetric=True,
        reference="Kriegeskorte et al. 2008, doi:10.3389/neuro.06.004.2008",
        settings=_RSA,
    ),
    Measure(
        name="mutual-neighbours",
        title="mutual nearest neighbours",
        label="Neighbours",
        functions={None: partial(mutual_neighbours, **_NEIGHBOURS)},
        invariant_to=_DIRECTIONS,
        symmetric=True,
        reference="Huh et al. 2024, arXiv:2405.07987, and its code (minyoungg/platonic-rep)",
        settings=_NEIGHBOURS,
    ),
    Measure(
        name="cknna",
        title="CKNNA",
        label="CKNNA",
        functions={None: partial(cknna, **_NEIGHBOURS)},
        invariant_to=_DIRECTIONS,
        symmetric=False,
        reference="Huh et al. 2024, arXiv:2405.07987, and its code (minyoungg/platonic-rep)",
        settings=_NEIGHBOURS,
    ),
)

MEASURES: Mapping[str, Measure] = MappingProxyType({measure.name: measure for measure in _ALL})


def measure_named(name: str) -> Measure:
    """Return a measure, or raise SettingsError."""
    return named(MEASURES, name, "measure")


def title_of(result: SimilarityResult) -> str:
    """Return what a result's values are, in full: ``debiased linear CKA``."""
    return full_title(result.measure, result.estimator)


def full_title(measure: str, estimator: Estimator | None) -> str:
    """Return what values of a measure are, in full: ``debiased linear CKA``."""
    title = MEASURES[measure].title
    return title if estimator is None else f"{estimator} {title}"


def label_of(result: SimilarityResult) -> str:
    """Return what a result's values are, beside a number: ``CKA``."""
    return MEASURES[result.measure].label
