"""A result in words, for pages and reports."""

import math
from collections.abc import Mapping

from pipeline.similarity.measure import title_of
from pipeline.similarity.result import SimilarityResult
from pipeline.similarity.score_matrix import ScoreMatrix

_OF_ROWS = ("most_rows", "seed")


def rows_text(result: SimilarityResult) -> str:
    """Say what was measured over which rows."""
    counts, title = result.counts, title_of(result)
    tokens = f"{counts.tokens:,} tokens of {counts.types:,} types by {counts.speakers} speakers"
    over = tokens if counts.rows == counts.tokens else f"the means of {tokens}"
    if result.rows_measured < counts.rows:
        drawn = f"{result.rows_measured:,} rows drawn with seed {result.measure_settings['seed']}"
        over = f"{drawn} from {over}"
    title += settings_text(result)
    parts = [f"{counts.left_out:,} words left out"]
    if counts.unselected:
        parts.append(f"{counts.unselected:,} not selected")
    return f"{title[0].upper()}{title[1:]} over {over}; {', '.join(parts)}."


def settings_text(result: SimilarityResult) -> str:
    """Say what the measure was given beside rows, in brackets; nothing where there is nothing."""
    settings = result.measure_settings.items()
    said = values_text({name: value for name, value in settings if name not in _OF_ROWS})
    return f" ({said})" if said else ""


def values_text(values: Mapping[str, object]) -> str:
    """Say values by their names, those that are None left out.

    Examples
    --------
    >>> values_text({"most_rows": 3000, "level": 0.95, "vocabulary": None})
    'most rows 3000, level 0.95'
    """
    return ", ".join(
        f"{name.replace('_', ' ')} {f'{value:g}' if isinstance(value, float) else value}"
        for name, value in values.items()
        if value is not None
    )


def measured_text(result: SimilarityResult) -> str:
    """Say of how many rows the scores are: ``1,500 of 46,906 rows``."""
    rows, measured = result.counts.rows, result.rows_measured
    return f"{rows:,} rows" if measured == rows else f"{measured:,} of {rows:,} rows"


def highest_text(result: SimilarityResult) -> str:
    """Say which layers are most alike, and how far above chance; or that nothing has a value."""
    cell = ScoreMatrix.of(result, "").maximum_at
    if cell is None:
        return "No pair of layers has a value."
    row, column = cell
    said = (
        f"The highest value, {number(result.scores[cell])}, is that of {result.model_a}, "
        f"{result.layer_names_a[row]}, and {result.model_b}, {result.layer_names_b[column]}."
    )
    chance, spread, z = (of[cell] for of in (result.chance, result.chance_sd, result.z))
    if not (math.isfinite(chance) and math.isfinite(spread)):
        return said
    said += f" By chance it is {number(chance)} ± {number(spread)}"
    return f"{said}; z {number(z, digits=1)}." if math.isfinite(z) else f"{said}."


def number(value: float, *, digits: int = 3) -> str:
    """Return a number as a reader expects it, with a true minus sign; a dash where there is none.

    Examples
    --------
    >>> number(0.0123), number(float("nan"))
    ('0.012', '–')
    """
    return f"{value:.{digits}f}".replace("-", "\N{MINUS SIGN}") if math.isfinite(value) else "–"
