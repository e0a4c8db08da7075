"""Why a cell is high: what each word type, and each speaker, contributes to CKA."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64

from pipeline.analyses.analysis import Analysis, Subject, fields_read, fields_stored
from pipeline.similarity.explanation import Shares, grouped, row_shares
from pipeline.similarity.result import Estimator

_NOBODY = Shares((), np.empty(0, dtype=np.int64), np.empty(0))


@dataclass(frozen=True)
class ShareSettings:
    """There is nothing to choose."""


@dataclass(frozen=True, eq=False)
class CellShares:
    """The shares of word types, and those of speakers; each add up to CKA.

    Attributes
    ----------
    names : list of str
        Of the word types, in order.
    counts : int64 array [shape=(types,)]
        How many rows each has: one where rows are type means.
    shares : float64 array [shape=(types,)]
        Negative where a type is near in one layer to what it is far from in the other. NaN where
        CKA does not exist.
    speaker_names, speaker_counts, speaker_shares
        The same of speakers; empty where rows are type means, which are of many.
    estimator : {"debiased", "biased"}
    row_digest : str
    """

    names: list[str]
    counts: Int64[np.ndarray, " types"]
    shares: Float64[np.ndarray, " types"]
    speaker_names: list[str]
    speaker_counts: Int64[np.ndarray, " speakers"]
    speaker_shares: Float64[np.ndarray, " speakers"]
    estimator: Estimator
    row_digest: str

    @property
    def value(self) -> float:
        """CKA of the layers."""
        return float(self.shares.sum())


def cell_shares(subject: Subject, _settings: ShareSettings) -> CellShares:
    """Divide CKA of one pair of layers among word types and among speakers."""
    matrices, rows = subject.matrices, subject.matrices.a.rows
    (a,), (b,) = matrices.a.layers, matrices.b.layers
    shares = row_shares(a, b, subject.estimator)
    words = grouped(shares, rows.words)
    speakers = _NOBODY
    if subject.plan.rows.values != "type means":
        speakers = grouped(shares, rows.speakers)
    return CellShares(
        *([str(name) for name in words.names], words.counts, words.shares),
        *([str(name) for name in speakers.names], speakers.counts, speakers.shares),
        estimator=subject.estimator,
        row_digest=matrices.tokens.digest,
    )


SHARES = Analysis("shares", 1, ShareSettings, cell_shares, fields_stored, fields_read(CellShares))
