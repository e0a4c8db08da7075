"""The commands that give a view's numbers again: for a shell, and for Python."""

import shlex
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any

from pipeline.analyses import AnalysisRequest
from pipeline.analyses.masks import SPREADS
from pipeline.exports.shown import ShownComparison
from pipeline.request import ComparisonRequest
from pipeline.settings import AlignmentSettings
from pipeline.similarity.result import Estimator
from pipeline.similarity.row_selection import RowSelection
from pipeline.similarity.row_settings import RowSettings

_OPTIONS_OF_SETTINGS = {
    "unit": "--unit",
    "frame_rule": "--frame-rule",
    "pooling": "--pooling",
    "stride_ms": "--stride",
    "storage": "--storage",
}
_OPTIONS_OF_SELECTION = {
    "most_per_type": "--most-per-type",
    "fewest_of_type": "--fewest-of-type",
    "most_of_type": "--most-of-type",
    "shortest_s": "--shortest",
    "longest_s": "--longest",
    "most_rows": "--sample",
    "seed": "--rows-seed",
}


def shell_commands(shown: ShownComparison) -> str:
    """Return a command a line: for the scores, and for what else is known of all cells."""
    estimator = _estimator(shown)
    lines = [shell_command(shown.request, estimator)]
    for name in _known(shown):
        asked = AnalysisRequest(shown.request, name, estimator=estimator)
        lines.append(str(analysis_command(asked)))
    return "\n".join(lines)


def _known(shown: ShownComparison) -> list[str]:
    """Return the analyses of all cells that are known, by the name by which they are asked for."""
    of_all_cells = {"nulls": shown.nulls, "intervals": shown.intervals}
    return [name for name, found in of_all_cells.items() if found is not None]


def shell_command(request: ComparisonRequest, estimator: Estimator = "debiased") -> str:
    """Return the command that writes a comparison's scores; options at their default are absent.

    Examples
    --------
    >>> rows = RowSettings(values="type means")
    >>> shell_command(ComparisonRequest("demo", "minilm", "s3prl:mel", rows=rows))
    "python -m pipeline cka --corpus demo --model1 minilm --model2 s3prl:mel --values 'type means' \
--out scores.json"
    """
    words = ["python", "-m", "pipeline", "cka", *_options_of(request)]
    if request.measure != "cka":
        words += _option("--measure", request.measure)
    return shlex.join([*words, *_option_of(estimator), "--out", "scores.json"])


def python_code(shown: ShownComparison) -> str:
    """Return the code that computes what is shown; its last line gives the matrix."""
    return "\n".join(["import pipeline", "", *_statements(shown)]) + "\n"


def analysis_command(request: AnalysisRequest) -> str | None:
    """Return the command that writes an analysis of linear CKA; None where none takes its rows."""
    if request.name == "retrieval":
        return None
    words = ["python", "-m", "pipeline", "explain", request.name]
    words += _options_of(request.comparison)
    for side, layer in enumerate(request.layers or (), start=1):
        words += _option(f"--layer{side}", str(layer))
    words += _option_of(request.estimator)
    for name, value in request.settings.items():
        words += _option(f"--{name.replace('_', '-')}", str(value))
    return shlex.join([*words, "--out", f"{request.name}.json"])


def analysis_code(request: AnalysisRequest) -> str:
    """Return the code that computes an analysis."""
    return f"import pipeline\n\nrequest = {call_of(request)}\nfound = pipeline.analyse(request)\n"


def _statements(shown: ShownComparison) -> Iterator[str]:
    estimator = _estimator(shown)
    asked = "" if estimator == "debiased" else f", estimator={estimator!r}"
    stands_out = _stands_out(shown)
    yield f"request = {call_of(shown.request)}"
    if shown.reading != "z over words" or "result." in stands_out:
        yield f"result = pipeline.compare_request(request{asked})"
    for name in _known(shown):
        of = f'request, "{name}"{asked}'
        yield f"{name} = pipeline.analyse(pipeline.AnalysisRequest({of}))"
    values = {"score": "result.scores", "z over rows": "result.z", "z over words": "nulls.z"}
    yield f"shown = {values[shown.reading]}"
    if stands_out:
        yield f"stands_out = {stands_out}"


def _stands_out(shown: ShownComparison) -> str:
    """Return the expression of the cells that a mask leaves; empty where there is none."""
    if shown.mask.struck is None:
        return ""
    level = "result.chance" if shown.request.rows.values == "within type" else "nulls.mean"
    return {
        "chance": f"result.scores > result.chance + {SPREADS} * result.chance_sd",
        "words": "nulls.mask",
        "interval": f"intervals.low > {level}",
    }[shown.mask_by]


def _estimator(shown: ShownComparison) -> Estimator:
    return shown.result.estimator or "debiased"


def _options_of(request: ComparisonRequest) -> Iterator[str]:
    yield from _option("--corpus", request.corpus)
    if request.alignments is not None:
        yield from _option("--alignments", request.alignments)
    yield from _option("--model1", request.model_a)
    yield from _option("--model2", request.model_b)
    yield from _options_that_differ(request.settings, AlignmentSettings(), _OPTIONS_OF_SETTINGS)
    if request.settings.sample_rate_hz is not None:
        yield from _option("--sample-rate", str(request.settings.sample_rate_hz / 1000))
    yield from _options_of_rows(request.rows)


def _options_of_rows(rows: RowSettings) -> Iterator[str]:
    if rows.values != "tokens":
        yield from _option("--values", rows.values)
    if rows.controls:
        yield from ("--without", *rows.controls)
    for name, value in rows.where:
        yield from _option("--where", f"{name}={value}")
    if rows.selection.first_occurrence:
        yield "--first-occurrence"
    yield from _options_that_differ(rows.selection, RowSelection(), _OPTIONS_OF_SELECTION)
    for word in rows.selection.vocabulary or ():
        yield from _option("--only", word)
    if rows.alphabetical:
        yield "--alphabetical"


def _options_that_differ(settings: object, default: object, names: dict[str, str]) -> Iterator[str]:
    for name, option in names.items():
        value = getattr(settings, name)
        if value != getattr(default, name):
            yield from _option(option, str(value))


def _option_of(estimator: Estimator) -> list[str]:
    return [] if estimator == "debiased" else _option("--estimator", estimator)


def _option(name: str, value: str) -> list[str]:
    """Return an option's words; one word where the value looks like an option itself."""
    return [f"{name}={value}"] if value.startswith("-") else [name, value]


def call_of(value: object, depth: int = 0) -> str:
    """Return the call that makes a value of ours, with the arguments that differ from the default.

    It names what the package `pipeline` offers.
    """
    if not is_dataclass(value):
        return repr(value)
    name = type(value).__name__
    arguments = [
        f"{each.name}={call_of(getattr(value, each.name), depth + 1)}"
        for each in fields(value)
        if getattr(value, each.name) != _default(each)
    ]
    if not arguments:
        return f"pipeline.{name}()"
    indent = "    " * (depth + 1)
    listed = "".join(f"{indent}{argument},\n" for argument in arguments)
    return f"pipeline.{name}(\n{listed}{'    ' * depth})"


def _default(field: Field[Any]) -> object:
    if field.default_factory is not MISSING:
        return field.default_factory()
    return field.default
