"""What is known of a file of vectors that were computed elsewhere, before they are read."""

from pathlib import Path

from pipeline.errors import ModelError
from pipeline.models.fingerprint import code_version, file_sha256
from pipeline.models.known.options import split_options
from pipeline.models.spec import ModelSpec
from pipeline.models.word_vector_file import read_header

PREFIXES = ("file:",)


def listed() -> tuple[ModelSpec, ...]:
    """Return nothing: each of these models needs a file."""
    return ()


def describe(name: str) -> ModelSpec:
    """Return the spec of ``file:PATH``, from the header of the file.

    Raises
    ------
    ModelError
        If there is no such file, or it holds no vectors of words.
    """
    base, _ = split_options(name, {})
    place = base.partition(":")[2]
    file = Path(place).expanduser().resolve()
    if not place or not file.is_file():
        raise ModelError(
            f"{name}: expected file:PATH, an npz or safetensors file on this machine with vectors "
            "of the words; check the path"
        )
    header = read_header(file)
    names = header.layer_names or tuple(f"layer {layer}" for layer in range(header.layers))
    return ModelSpec(
        name=f"file:{file}",
        family="word_vectors",
        modality="words",
        layer_names=tuple(f"{layer}: {said}" for layer, said in enumerate(names)),
        dims=header.dims,
        fingerprint=f"sha256 {file_sha256(file)}, {code_version('numpy')}",
        source=str(file),
        licence="see where the file comes from",
        description=f"Precomputed vectors of {header.rows} words, from {file.name}",
    )
