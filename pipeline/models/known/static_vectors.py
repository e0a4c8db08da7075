"""Static word vectors in text form, as GloVe and word2vec write them."""

from pathlib import Path

from pipeline.errors import ModelError
from pipeline.models.fingerprint import code_version, file_sha256
from pipeline.models.known.options import CASE, split_options, with_options
from pipeline.models.spec import ModelSpec
from pipeline.models.vector_file import read_layout

PREFIXES = ("glove:", "vectors:")
OPTIONS = CASE


def listed() -> tuple[ModelSpec, ...]:
    """Return nothing: each of these models needs a file."""
    return ()


def describe(name: str) -> ModelSpec:
    """Return the spec of ``glove:FILE`` (or ``vectors:FILE``).

    Words are looked up in lower case, as most such files are written; ``?case=keep`` looks them up
    as the transcript spells them, and only then in lower case.

    Raises
    ------
    ModelError
        If there is no such file, or its first lines are no vectors.
    """
    base, options = split_options(name, OPTIONS)
    kind, _, place = base.partition(":")
    file = Path(place).expanduser().resolve()
    if not place or not file.is_file():
        raise ModelError(
            f"{name}: expected a text file of word vectors on this machine; download one (such as "
            "glove.6B.zip from nlp.stanford.edu/projects/glove, and unpack it), then ask for "
            f"{kind}:FILE"
        )
    layout = read_layout(file)
    case = options.get("case", "lower")
    return ModelSpec(
        name=with_options(f"{kind}:{file}", options),
        family="static_vectors",
        modality="text",
        layer_names=("0: the word's vector, whatever is around it",),
        dims=layout.dims,
        fingerprint=f"sha256 {file_sha256(file)}, case {case}, {code_version('numpy')}",
        source=str(file),
        licence="see where the file comes from (GloVe: PDDL)",
        description=f"{layout.dims} dimensions a word, from {file.name}",
        options=options,
    )
