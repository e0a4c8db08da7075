"""What may follow a model's name: ``minilm?tokens=last&context=word``."""

import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qsl

from pipeline.errors import ModelError
from pipeline.models.spec import ModelSpec

# Each option with the form of its values; the first is the default.
SEED = {"seed": re.compile(r"0|[1-9][0-9]{0,8}")}
TEXT = {
    "tokens": re.compile(r"mean|first|last"),
    "context": re.compile(r"utterance|word"),
}
CASE = {"case": re.compile(r"lower|keep")}
_PRECISION = re.compile(r"fp32|bf16|fp16")
_DEFAULTS = {"seed": "0", "tokens": "mean", "context": "utterance", "case": "lower"}

Options = Mapping[str, str]


def split_options(name: str, allowed: Mapping[str, re.Pattern[str]]) -> tuple[str, Options]:
    """Return a name without its options, and the options that differ from their defaults.

    Parameters
    ----------
    allowed : mapping of str to pattern
        The options that the model has, and what each may be.

    Raises
    ------
    ModelError
        If there is another option, or one is given twice or a value that it cannot have.

    Examples
    --------
    >>> split_options("minilm?tokens=last&context=utterance", TEXT)
    ('minilm', {'tokens': 'last'})
    """
    base, _, query = name.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    options = dict(pairs)
    fits = all(key in allowed and allowed[key].fullmatch(value) for key, value in pairs)
    if not fits or len(options) < len(pairs) or (not pairs and "?" in name):
        forms = [f"{key}={pattern.pattern}" for key, pattern in allowed.items()]
        expected = f"expected {' or '.join(forms)} after the '?'" if forms else "it has no options"
        raise ModelError(f"{name}: {expected}")
    return base, {key: value for key, value in options.items() if value != _DEFAULTS[key]}


def split_precision(name: str) -> tuple[str, str]:
    """Return a name without its precision, and the precision: "fp32", "bf16" or "fp16".

    It is no option of a kind of models: all that torch runs have it.

    Raises
    ------
    ModelError
        If there is another precision, or it is given twice.

    Examples
    --------
    >>> split_precision("minilm?precision=bf16&tokens=last")
    ('minilm?tokens=last', 'bf16')
    >>> split_precision("minilm")
    ('minilm', 'fp32')
    """
    base, _, query = name.partition("?")
    pairs = query.split("&")
    asked = [pair for pair in pairs if pair.startswith("precision=")]
    if not asked:
        return name, "fp32"
    precision = asked[0].partition("=")[2]
    if len(asked) > 1 or not _PRECISION.fullmatch(precision):
        raise ModelError(f"{name}: expected precision={_PRECISION.pattern} once after the '?'")
    rest = "&".join(pair for pair in pairs if pair not in asked)
    return (f"{base}?{rest}" if rest else base), precision


def with_options(base: str, options: Options) -> str:
    """Return a name with its options, in one order whatever the order they were given in.

    Examples
    --------
    >>> with_options("minilm", {"tokens": "last", "context": "word"})
    'minilm?context=word&tokens=last'
    """
    query = "&".join(f"{key}={value}" for key, value in sorted(options.items()))
    return f"{base}?{query}" if query else base


def with_asked(spec: ModelSpec, options: Options) -> ModelSpec:
    """Return the spec of a model as it was asked for: another model than the one without."""
    if not options:
        return spec
    base = spec.name.removesuffix(with_options("", spec.options))
    asked = ", ".join(f"{key} {value}" for key, value in sorted(options.items()))
    return replace(
        spec,
        name=with_options(base, {**spec.options, **options}),
        fingerprint=f"{spec.fingerprint}, {asked}",
        source=spec.source.replace("seed 0", f"seed {options.get('seed', 0)}"),
        options={**spec.options, **options},
    )
