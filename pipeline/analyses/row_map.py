"""The same words as points of the plane, once by either model."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Literal

import numpy as np
from jaxtyping import Float64

from pipeline.analyses.analysis import Analysis, Subject, fields_read, fields_stored
from pipeline.analyses.named_rows import NamedRows, columns_of
from pipeline.errors import SettingsError
from pipeline.similarity.pairing import paired_samples, sampled_rows

Method = Literal["pca", "umap"]
_PLANE = 2
_FEWEST_ROWS = 3
_FEWEST_BY_UMAP = 4  # its spectral start needs more rows than axes and one


@dataclass(frozen=True)
class MapSettings:
    """How rows are laid out, and how many.

    Attributes
    ----------
    most_rows : int
        Where there are more, a sample of so many.
    seed : int
        Of the sample, and of what UMAP draws.
    method : {"pca", "umap"}
        The first two principal components, or UMAP (McInnes et al. 2018, arXiv:1802.03426) as
        umap-learn computes it, with its defaults.
    """

    most_rows: int = 3000
    seed: int = 0
    method: Method = "pca"

    def __post_init__(self) -> None:
        if self.most_rows < _FEWEST_ROWS:
            raise SettingsError(
                f"expected at least {_FEWEST_ROWS} rows on a map, found {self.most_rows}"
            )
        if self.method not in _METHODS:
            raise SettingsError(f"a map is made by {', '.join(_METHODS)}, not by {self.method!r}")


@dataclass(frozen=True, eq=False)
class RowMap(NamedRows):
    """Where each row is by a, and by b.

    Attributes
    ----------
    a, b : float64 array [shape=(rows, 2)]
    explained_a, explained_b : float64 array [shape=(2,)]
        The share of the variance along either axis; NaN where there is none, and by UMAP.
    sampled_from : int
        How many rows are compared in all.
    method : {"pca", "umap"}
    row_digest : str
    """

    a: Float64[np.ndarray, "rows 2"]
    b: Float64[np.ndarray, "rows 2"]
    explained_a: Float64[np.ndarray, " 2"]
    explained_b: Float64[np.ndarray, " 2"]
    sampled_from: int
    method: Method
    row_digest: str


def row_map(subject: Subject, settings: MapSettings) -> RowMap:
    """Lay out the rows of one pair of layers.

    Raises
    ------
    SettingsError
        If UMAP is asked for, and not installed, or of fewer than four rows.
    """
    matrices, rows = subject.matrices, subject.matrices.a.rows
    kept = sampled_rows(len(rows), settings.most_rows, settings.seed)
    (x,), (y,) = paired_samples(
        matrices.a.layers, matrices.b.layers, settings.most_rows, settings.seed
    )
    lay_out = _METHODS[settings.method]
    (a, explained_a), (b, explained_b) = lay_out(x, settings.seed), lay_out(y, settings.seed)
    return RowMap(
        **columns_of(rows.take(kept)),
        a=a,
        b=b,
        explained_a=explained_a,
        explained_b=explained_b,
        sampled_from=len(rows),
        method=settings.method,
        row_digest=matrices.tokens.digest,
    )


Centred = Float64[np.ndarray, "rows dim"]
Plane = tuple[Float64[np.ndarray, "rows 2"], Float64[np.ndarray, " 2"]]


def _by_components(centred: Centred, _seed: int) -> Plane:
    """Return the coordinates and their shares of the variance.

    An axis points to where its largest entry among the dimensions is positive. Where there is but
    one dimension, the other coordinate is 0.
    """
    left, lengths, right = np.linalg.svd(centred, full_matrices=False)
    axes = min(_PLANE, len(lengths))
    largest = np.take_along_axis(right, np.argmax(np.abs(right), axis=1, keepdims=True), axis=1)
    places = np.zeros((len(centred), _PLANE))
    places[:, :axes] = (left * lengths * np.sign(largest.T))[:, :axes]
    variances = np.zeros(_PLANE)
    variances[:axes] = lengths[:axes] ** 2
    total = np.sum(lengths**2)
    return places, variances / (total or np.nan)


def _by_umap(centred: Centred, seed: int) -> Plane:
    try:
        umap = import_module("umap")
    except ImportError as error:
        raise SettingsError(
            "UMAP needs the package umap-learn; run pip install umap-learn, or choose pca"
        ) from error
    if len(centred) < _FEWEST_BY_UMAP:
        raise SettingsError(
            f"UMAP needs at least {_FEWEST_BY_UMAP} rows, found {len(centred)}; choose pca"
        )
    # A seed asks for one thread, which UMAP would warn of.
    mapper = umap.UMAP(n_components=_PLANE, random_state=seed, n_jobs=1)
    return mapper.fit_transform(centred).astype(np.float64), np.full(_PLANE, np.nan)


_METHODS: Mapping[str, Callable[[Centred, int], Plane]] = MappingProxyType(
    {"pca": _by_components, "umap": _by_umap}
)


MAP = Analysis("map", 1, MapSettings, row_map, fields_stored, fields_read(RowMap))
