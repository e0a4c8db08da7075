"""What is known of the untrained twins of Hugging Face models."""

from dataclasses import replace

from pipeline.models.known import hugging_face
from pipeline.models.known.options import SEED, TEXT, split_options, with_asked
from pipeline.models.spec import ModelSpec

_TWIN = "untrained:"
PREFIXES = tuple(f"{_TWIN}{prefix}" for prefix in hugging_face.PREFIXES)


def listed() -> tuple[ModelSpec, ...]:
    """Return nothing: each of these models needs a twin."""
    return ()


def describe(name: str) -> ModelSpec:
    """Return the spec of ``untrained:MODEL[?seed=N]``, where MODEL is a Hugging Face model.

    It has the twin's architecture and tokenizer (or feature extractor), and random weights.

    Raises
    ------
    ModelError
        If the twin is not on this machine, or is no model that can be run safely.
    """
    twin = hugging_face.describe(twin_of(name))
    base = f"{_TWIN}{twin.name}"
    query = name.partition("?")[2]
    allowed = SEED if twin.hears else SEED | TEXT
    _, options = split_options(f"{base}?{query}" if "?" in name else base, allowed)
    spec = replace(
        twin,
        name=base,
        family="untrained",
        fingerprint=f"untrained, {twin.fingerprint}",
        source=f"{twin.source}, but random weights, seed 0",
        description=f"{twin.description}, that was never trained",
    )
    return with_asked(spec, options)


def fetch(name: str) -> ModelSpec:
    """Download the twin, with progress; return the untrained model's spec.

    Raises
    ------
    ModelError
        If it cannot be downloaded, or cannot be run safely.
    """
    hugging_face.fetch(twin_of(name))
    return describe(name)


def twin_of(name: str) -> str:
    """Return the name of the trained model, without options.

    Examples
    --------
    >>> twin_of("untrained:hf-text:/models/bert?seed=3")
    'hf-text:/models/bert'
    """
    return name.partition("?")[0].removeprefix(_TWIN)
