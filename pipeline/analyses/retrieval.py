"""Which word was spoken: how often one model's layer names the words that another's holds."""

import math
from dataclasses import asdict, dataclass

import numpy as np

from pipeline.analyses.analysis import Analysis, Subject, fields_read, fields_stored
from pipeline.analyses.named_rows import NamedRows, columns_of
from pipeline.similarity.ranking import Accuracy
from pipeline.similarity.retrieval import RetrievalSettings, retrieve
from pipeline.words.rows import Rows

Accuracies = dict[str, float | None]


@dataclass(frozen=True, eq=False)
class RetrievedWords(NamedRows):
    """The tokens that were looked up, in the order in which they were drawn, and what was found.

    Attributes
    ----------
    named : list of str
        The best candidate's word among the anchors, one a token.
    among_anchors, among_all : mapping of str to float or None
        The fields of :class:`pipeline.similarity.ranking.Accuracy` where the candidates are the
        anchors, or all tokens; None of no tokens.
    majority : float
        Share of the tokens that are of the anchors' commonest type.
    anchors, unseen : int
        How many tokens are anchors, and how many were looked up whose type no anchor has.
    row_digest : str
    """

    named: list[str]
    among_anchors: Accuracies
    among_all: Accuracies
    majority: float
    anchors: int
    unseen: int
    row_digest: str


def retrieved_words(
    a: np.ndarray, b: np.ndarray, rows: Rows, settings: RetrievalSettings, row_digest: str
) -> RetrievedWords:
    """Look held-out tokens up; parameters and errors are those of `retrieve`."""
    found = retrieve(a, b, rows.words, settings)
    return RetrievedWords(
        **columns_of(rows.take(found.held_out)),
        named=list(found.named),
        among_anchors=_plain(found.among_anchors),
        among_all=_plain(found.among_all),
        majority=found.majority,
        anchors=found.anchors,
        unseen=found.unseen,
        row_digest=row_digest,
    )


def _plain(found: Accuracy) -> Accuracies:
    return {name: value if math.isfinite(value) else None for name, value in asdict(found).items()}


def _retrieval(subject: Subject, settings: RetrievalSettings) -> RetrievedWords:
    matrices = subject.matrices
    (a,), (b,) = matrices.a.layers, matrices.b.layers
    return retrieved_words(a, b, matrices.a.rows, settings, matrices.tokens.digest)


RETRIEVAL = Analysis(
    "retrieval", 1, RetrievalSettings, _retrieval, fields_stored, fields_read(RetrievedWords)
)
