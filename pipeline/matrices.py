"""From stored embeddings to the matrices that are compared."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from cache import Store
from pipeline.compared import compared_matrix, positions
from pipeline.errors import MatrixError
from pipeline.models.control import control_vectors
from pipeline.planning import Plan, Side
from pipeline.words.matrix import WordMatrix, check_same_rows, stored_matrix
from pipeline.words.rows import Rows, rows_with, spoken_rows
from pipeline.words.storage import StoredEmbeddings, WordEmbeddings


@dataclass(frozen=True, eq=False)
class ComparedMatrices:
    """Two models' matrices as they are compared.

    Attributes
    ----------
    a, b : WordMatrix
    tokens : Rows
        The tokens that their rows are made of: the rows themselves, or those of whose types the
        rows are the means.
    shared : int
        How many tokens there were to select from.
    """

    a: WordMatrix
    b: WordMatrix
    tokens: Rows
    shared: int


def compared_matrices(
    plan: Plan,
    store: Store,
    failed: Collection[str] = (),
    layers: tuple[int, int] | None = None,
) -> ComparedMatrices:
    """Return both models' matrices over the rows that the plan's row settings ask for.

    Parameters
    ----------
    failed : collection of str
        Utterances to leave out.
    layers : (int, int), optional
        One layer of each model; all of them by default.

    Raises
    ------
    MatrixError
        If no row is left, or the disk has no room for what is derived.
    """
    a, b, *controls = build_matrices(plan, store, failed)
    check_same_rows(a, b)
    if layers is not None:
        a, b = (
            WordMatrix((matrix.layers[layer],), matrix.rows)
            for matrix, layer in zip((a, b), layers, strict=True)
        )
    tokens = a.rows.take(positions(plan.rows, a.rows))
    a_compared, b_compared = (
        compared_matrix(matrix, plan.rows, controls, store.path) for matrix in (a, b)
    )
    return ComparedMatrices(a_compared, b_compared, tokens, len(a.rows))


def build_matrices(
    plan: Plan, store: Store, failed: Collection[str] = ()
) -> tuple[WordMatrix, ...]:
    """Return the matrices of both models, and of the controls, over the words that all have.

    Raises
    ------
    MatrixError
        If there is no such word.
    """
    names = [utterance.id for utterance in plan.utterances if utterance.id not in failed]
    rows = spoken_rows(plan.corpus, plan.settings.unit, frozenset(names))
    loaded = {side.spec.name: load_embeddings(side, names, store) for side in plan.sides}
    for embeddings in loaded.values():
        if embeddings is not None:
            rows = rows_with(rows, embeddings.token_ids())
    if not len(rows):
        raise MatrixError(
            f"corpus {plan.corpus.name}: no word has a time and a vector in every model; "
            "look at the corpus' problems (python -m pipeline corpora check)"
        )
    return tuple(
        matrix_of(side, names, loaded[side.spec.name], rows, store, plan.labels(side))
        for side in (plan.a, plan.b, *plan.controls)
    )


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
