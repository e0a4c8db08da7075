"""What words give by chance in every cell, and which cells stand out among all of them."""

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Bool, Float64

from pipeline.analyses.analysis import (
    CAME_LATER,
    Analysis,
    Subject,
    fields_read,
    fields_stored,
)
from pipeline.errors import SettingsError
from pipeline.similarity.family_wise import family_wise
from pipeline.similarity.result import Estimator
from pipeline.similarity.type_null import Within, check_within, type_nulls


@dataclass(frozen=True)
class NullSettings:
    """How word types are permuted, and which share of false marks is borne.

    Attributes
    ----------
    permutations, seed : int
    level : float
        The largest probability of marking any cell where no cell is alike.
    within : {"all", "frequency"}
        Which types exchange their vectors: any two, or those that are about equally frequent.
    """

    permutations: int = 200
    seed: int = 0
    level: float = 0.05
    within: Within = field(default="all", metadata=CAME_LATER)

    def __post_init__(self) -> None:
        check_within(self.within)


@dataclass(frozen=True, eq=False)
class CellNulls:
    """The type-label null of every cell.

    Attributes
    ----------
    values, mean, sd, p : float64 array [shape=(layers_a, layers_b)]
        CKA of the rows that were permuted, and the permuted values' mean, standard deviation and
        how rarely they reach it.
    p_of_all : float64 array [shape=(layers_a, layers_b)]
        How rarely the largest of all cells reaches it.
    level : float
        The largest probability of marking any cell where no cell is alike.
    estimator : {"debiased", "biased"}
    rows, types, permutations, seed : int
    row_digest : str
    within : {"all", "frequency"}
        Which types exchanged their vectors.
    """

    values: Float64[np.ndarray, "layers_a layers_b"]
    mean: Float64[np.ndarray, "layers_a layers_b"]
    sd: Float64[np.ndarray, "layers_a layers_b"]
    p: Float64[np.ndarray, "layers_a layers_b"]
    p_of_all: Float64[np.ndarray, "layers_a layers_b"]
    level: float
    estimator: Estimator
    rows: int
    types: int
    permutations: int
    seed: int
    row_digest: str
    within: Within = "all"

    @property
    def mask(self) -> Bool[np.ndarray, "layers_a layers_b"]:
        """Where a cell stands out."""
        return self.p_of_all <= self.level

    @property
    def z(self) -> Float64[np.ndarray, "layers_a layers_b"]:
        """How many `sd` the values are above `mean`; NaN where nothing varies."""
        return (self.values - self.mean) / np.where(self.sd > 0, self.sd, np.nan)

    def tables(self) -> dict[str, Float64[np.ndarray, "layers_a layers_b"]]:
        """Return what is written of each cell beside its score."""
        return {
            "type_null_mean": self.mean,
            "type_null_sd": self.sd,
            "type_null_p": self.p,
            "type_null_p_of_all": self.p_of_all,
        }


def cell_nulls(subject: Subject, settings: NullSettings) -> CellNulls:
    """Permute the word types of all cells at once.

    Raises
    ------
    SettingsError
        If the rows are within types, where no type differs from another.
    """
    if subject.plan.rows.values == "within type":
        raise SettingsError(
            "rows within types have no type null: no type differs from another; compare tokens"
        )
    matrices = subject.matrices
    nulls = type_nulls(
        *(matrices.a.layers, matrices.b.layers, matrices.a.rows.words, subject.estimator),
        permutations=settings.permutations,
        seed=settings.seed,
        within=settings.within,
    )
    marked = family_wise(nulls, settings.level)
    return CellNulls(
        *(nulls.values, nulls.mean, nulls.sd, nulls.p, marked.p),
        level=settings.level,
        estimator=subject.estimator,
        rows=nulls.rows,
        types=nulls.types,
        permutations=settings.permutations,
        seed=settings.seed,
        row_digest=matrices.tokens.digest,
        within=settings.within,
    )


NULLS = Analysis(
    "nulls",
    1,
    NullSettings,
    cell_nulls,
    fields_stored,
    fields_read(CellNulls),
    of_all_layers=True,
)
