"""How the original study names and writes its matrices of scores.

``cka_FIRST_SECOND.json`` has a row for each layer of the second model and a column for each of the
first. Where the first has one layer, as GloVe has, each row is a number instead of a list.
"""

import json
import re
from collections.abc import Collection
from typing import Final

from pipeline.errors import MatrixError
from pipeline.similarity.result import SimilarityResult
from pipeline.similarity.score_matrix import ScoreMatrix, plain_rows

STUDY_MODELS: Final = frozenset(
    {
        *("glove", "bert-base-uncased", "wav2vec2", "wav2vec2_large_960"),
        *("encodecmae_base", "BEATs_iter3"),
    }
)
"""The models of the original study, as its files name them."""

_NAME = re.compile(r"cka_(.+)\.json", re.IGNORECASE | re.DOTALL)
_UNSAFE = re.compile(r"[^\w.-]+")
_MOST_SPLITS = 3


def thesis_json(result: SimilarityResult | ScoreMatrix) -> str:
    """Return scores as the study writes them: rows are the layers of B, null where no value is.

    Examples
    --------
    >>> import numpy as np
    >>> scores = np.array([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]])
    >>> thesis_json(ScoreMatrix(scores, "A", "B", ("1", "2"), ("1", "2", "3"), ""))
    '[[0.1, 0.4], [0.2, 0.5], [0.3, 0.6]]'
    """
    rows = plain_rows(result.scores.T)
    one_column = result.scores.shape[0] == 1
    return json.dumps([row[0] for row in rows] if one_column else rows, allow_nan=False)


def thesis_file_name(model_a: str, model_b: str) -> str:
    """Return what the study would call the file; what no file's name may hold becomes a dash.

    Examples
    --------
    >>> thesis_file_name("glove", "hf:microsoft/wavlm-base")
    'cka_glove_hf-microsoft-wavlm-base.json'
    """
    first, second = (_UNSAFE.sub("-", model) for model in (model_a, model_b))
    return f"cka_{first}_{second}.json"


def models_of_file_name(file_name: str, known: Collection[str] = STUDY_MODELS) -> tuple[str, str]:
    """Return the first and the second model that a file of the study is named after.

    Names hold underscores as well. The name is split where that leaves two known models, or where
    it can be split only once; anything else is an error, never a guess.

    Parameters
    ----------
    file_name : str
        Without its folder.
    known : collection of str

    Raises
    ------
    MatrixError
        If this is no such name, or it can be split in several ways.

    Examples
    --------
    >>> models_of_file_name("cka_wav2vec2_large_960_bert-base-uncased.json")
    ('wav2vec2_large_960', 'bert-base-uncased')
    """
    match = _NAME.fullmatch(file_name)
    parts = match[1].split("_") if match else []
    every = [("_".join(parts[:at]), "_".join(parts[at:])) for at in range(1, len(parts))]
    splits = [(first, second) for first, second in every if first and second]
    fitting = [split for split in splits if set(split) <= set(known)] or splits
    if not fitting:
        raise MatrixError(
            f"{file_name}: expected a name like cka_FIRST_SECOND.json; rename the file, or say "
            "which two models its columns and its rows are"
        )
    if len(fitting) > 1:
        ways = ", or ".join(f"{first} and {second}" for first, second in fitting[:_MOST_SPLITS])
        raise MatrixError(
            f"{file_name}: the models may be {ways}{', ...' * (len(fitting) > _MOST_SPLITS)}; say "
            "which two its columns and its rows are"
        )
    return fitting[0]
