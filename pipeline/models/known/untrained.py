"""What is known of the untrained twins of Hugging Face's and s3prl's models."""

from dataclasses import replace
from types import ModuleType

from pipeline.models.known import hugging_face, s3prl
from pipeline.models.known.options import SEED, TEXT, split_options, with_asked
from pipeline.models.spec import ModelSpec

_TWIN = "untrained:"
_TWINS: tuple[ModuleType, ...] = (hugging_face, s3prl)
PREFIXES = tuple(f"{_TWIN}{prefix}" for kind in _TWINS for prefix in kind.PREFIXES)


def listed() -> tuple[ModelSpec, ...]:
    """Return nothing: each of these models needs a twin."""
    return ()


def describe(name: str) -> ModelSpec:
    """Return the spec of ``untrained:MODEL[?seed=N]``, where MODEL is of Hugging Face or s3prl.

    It has the twin's architecture and tokenizer (or feature extractor), and random weights.

    Raises
    ------
    ModelError
        If the twin is not on this machine, or is no model that can be run safely.
    """
    twin: ModelSpec = _kind_of(name).describe(twin_of(name))
    base = f"{_TWIN}{twin.name}"
    query = name.partition("?")[2]
    allowed = SEED if twin.hears else SEED | TEXT
    _, options = split_options(f"{base}?{query}" if "?" in name else base, allowed)
    spec = replace(
        twin,
        name=base,
        family="untrained",
        fingerprint=f"untrained, {twin.fingerprint}" if twin.on_disk else twin.fingerprint,
        source=f"{twin.source}, but random weights, seed 0",
        description=f"{twin.description}, that was never trained",
    )
    return with_asked(spec, options)


def _kind_of(name: str) -> ModuleType:
    return next(kind for kind in _TWINS if twin_of(name).startswith(kind.PREFIXES))


def twin_of(name: str) -> str:
    """Return the name of the trained model, without options.

    Examples
    --------
    >>> twin_of("untrained:hf-text:/models/bert?seed=3")
    'hf-text:/models/bert'
    """
    return name.partition("?")[0].removeprefix(_TWIN)
