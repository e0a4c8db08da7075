"""What is compared as the parameters of a link: written by the pages, read where there is no page.

A link tells the schema of its parameters, :data:`SCHEMA` when it was written, and each number keeps
its meaning for good:

- A new parameter needs no new number: links without it show what was shown before there was one.
- Where a parameter's name or its values change, `SCHEMA` rises, and a step in :data:`STEPS` turns
  parameters of the number before into today's. A name that is given up is never used again:
  addresses that widgets have written tell no schema, and it tells how old they are
  (:data:`GIVEN_UP`).
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar, get_args

from pipeline.alignments.spelling import comparable
from pipeline.errors import SettingsError
from pipeline.link_parameters import Parameters
from pipeline.request import ComparisonRequest
from pipeline.request_text import request_of_text
from pipeline.settings import AlignmentSettings, FrameRule, Pooling, Unit
from pipeline.similarity.measure import MEASURES
from pipeline.similarity.row_selection import RowSelection
from pipeline.similarity.row_settings import Control, RowSettings, Values

T = TypeVar("T")

SCHEMA: Final = 2
GIVEN_UP: Mapping[str, int] = {"mask": 1}
"""The last schema of each parameter that is no more."""


def _name_what_masks(old: dict[str, str | list[str]]) -> dict[str, str | list[str]]:
    """Turn whether there is a mask, once that over words, into by what."""
    mask_by = {"mask_by": "Words"} if str(old.get("mask")).lower() == "true" else {}
    return {name: of for name, of in old.items() if name != "mask"} | mask_by


STEPS: dict[int, Callable[[dict[str, str | list[str]]], dict[str, str | list[str]]]] = {
    1: _name_what_masks
}
"""From the parameters of a schema to those of the next."""

ALL: Final = "All"
SAMPLE_RATES: Mapping[str, int | None] = {"Automatic": None} | {
    f"{rate_hz / 1000:g} kHz": rate_hz for rate_hz in (8_000, 16_000, 22_050, 24_000, 44_100)
}
UNITS: dict[str, Unit] = {name.capitalize(): name for name in get_args(Unit)}
POOLINGS: dict[str, Pooling] = {name.capitalize(): name for name in get_args(Pooling)}
FRAME_RULES: dict[str, FrameRule] = {
    "Centres inside": "centre",
    "Overlap": "overlap",
    "Thesis": "thesis",
    "Pasad": "pasad",
}
CONTROLS: dict[str, Control] = {name: name for name in get_args(Control)}
VALUES: dict[str, Values] = {name.capitalize(): name for name in get_args(Values)}
TITLES: dict[str, str] = {
    measure.title[0].upper() + measure.title[1:]: name for name, measure in MEASURES.items()
}
"""The measures by the titles that links and menus give them."""


def todays(parameters: Parameters) -> dict[str, str | list[str]]:
    """Return the parameters of a link as today's links write them.

    Those of a newer schema stay as they are: widgets take what they understand. So do those that
    tell none, unless a parameter of theirs is no more.
    """
    now = dict(parameters)
    oldest = min((GIVEN_UP[name] for name in now if name in GIVEN_UP), default=SCHEMA)
    told = str(now.get("schema", oldest))
    if told not in map(str, STEPS):
        return now
    for number in range(int(told), SCHEMA):
        now = STEPS[number](now)
    return {**now, "schema": str(SCHEMA)}


def comparison_parameters(request: ComparisonRequest) -> dict[str, str | list[str]]:
    """Return the query parameters of what is compared, and how."""
    return {
        **request_parameters(request),
        "a": request.model_a,
        "b": request.model_b,
        **rows_parameters(request.rows),
        **measure_parameters(request.measure),
    }


def request_parameters(request: ComparisonRequest) -> dict[str, str]:
    """Return those of the corpus, and of how words become vectors."""
    return {"corpus": request.corpus, **settings_parameters(request.settings)}


def settings_parameters(settings: AlignmentSettings) -> dict[str, str]:
    """Return the query parameters of alignment settings."""
    rates = {rate_hz: label for label, rate_hz in SAMPLE_RATES.items()}
    rules = {rule: label for label, rule in FRAME_RULES.items()}
    stride = {} if settings.stride_ms is None else {"stride": str(settings.stride_ms)}
    return {
        "unit": settings.unit.capitalize(),
        "rule": rules[settings.frame_rule],
        "pooling": settings.pooling.capitalize(),
        "rate": rates.get(settings.sample_rate_hz, "Automatic"),
        **stride,
    }


def rows_parameters(rows: RowSettings) -> dict[str, str | list[str]]:
    """Return the query parameters of row settings; those of limits that are not set are absent."""
    written: dict[str, str | list[str]] = {}
    for name, value in rows_state(rows).items():
        if isinstance(value, bool):
            written[name] = str(value).lower()
        elif isinstance(value, list):
            written[name] = value
        elif value not in (None, ""):
            written[name] = str(value)
    return written


def rows_state(rows: RowSettings) -> dict[str, Any]:
    """Return the value of every parameter of row settings; None where a limit is not set."""
    selection, where = rows.selection, dict(rows.where)
    return {
        "values": rows.values.capitalize(),
        "first": selection.first_occurrence,
        "without": list(rows.controls),
        "sex": where.get("sex", ALL),
        "speaker": where.get("speaker", ALL),
        "cap": selection.most_per_type,
        "fewest": selection.fewest_of_type if selection.fewest_of_type > 1 else None,
        "most": selection.most_of_type,
        "shortest": selection.shortest_s or None,
        "longest": selection.longest_s,
        "sample": selection.most_rows,
        "seed": selection.seed or None,
        "only": " ".join(selection.vocabulary or ()),
    }


def measure_parameters(measure: str) -> dict[str, str]:
    """Return the query parameter of a measure."""
    return {"measure": next(title for title, name in TITLES.items() if name == measure)}


def requests_of(page: str, parameters: Parameters) -> tuple[ComparisonRequest, ...]:
    """Return what a page shows: one comparison, or those that stand side by side.

    Parameters
    ----------
    page : str
    parameters : mapping of str to str or list of str
        Of its link. What it does not say is as the widgets begin.

    Raises
    ------
    SettingsError
        If they name no corpus or models, or ask for what does not exist.
    """
    told = todays(parameters)
    if page == "beside":
        pairs = tuple(request_of_text(text) for text in _list(told, "pair"))
        if not pairs:
            raise SettingsError("the link names no comparison; copy it again from Side by side")
        return pairs
    if page == "alignments":
        model = _needed(told, "model")
        models = model, _one(told, "model2") or model
        return (ComparisonRequest(_needed(told, "corpus"), *models, settings=_settings(told)),)
    return (
        ComparisonRequest(
            *(_needed(told, "corpus"), _needed(told, "a"), _needed(told, "b")),
            settings=_settings(told),
            rows=_rows(told),
            measure=_chosen(told, "measure", TITLES),
        ),
    )


def _settings(told: Parameters) -> AlignmentSettings:
    return AlignmentSettings(
        unit=_chosen(told, "unit", UNITS),
        frame_rule=_chosen(told, "rule", FRAME_RULES),
        pooling=_chosen(told, "pooling", POOLINGS),
        sample_rate_hz=_chosen(told, "rate", SAMPLE_RATES),
        stride_ms=_number(told, "stride", float),
    )


def _rows(told: Parameters) -> RowSettings:
    where = ((name, _one(told, name)) for name in ("sex", "speaker"))
    words = _one(told, "only").split()
    return RowSettings(
        where=tuple((name, value) for name, value in where if value not in ("", ALL)),
        selection=RowSelection(
            first_occurrence=_one(told, "first") == "true",
            most_per_type=_number(told, "cap", int),
            fewest_of_type=_number(told, "fewest", int) or 1,
            most_of_type=_number(told, "most", int),
            shortest_s=_number(told, "shortest", float) or 0.0,
            longest_s=_number(told, "longest", float),
            vocabulary=tuple(sorted({comparable(word) for word in words})) or None,
            most_rows=_number(told, "sample", int),
            seed=_number(told, "seed", int) or 0,
        ),
        controls=tuple(_meant("without", name, CONTROLS) for name in _list(told, "without")),
        values=_chosen(told, "values", VALUES),
    )


def _list(told: Parameters, name: str) -> list[str]:
    value = told.get(name, [])
    # Of no choice among several, the address bar says so.
    return [] if value == "[]" else [value] if isinstance(value, str) else list(value)


def _one(told: Parameters, name: str) -> str:
    return next(iter(_list(told, name)), "")


def _needed(told: Parameters, name: str) -> str:
    value = _one(told, name)
    if not value:
        raise SettingsError(
            f"the link does not say {name!r}; copy the link again from the page (Copy link), which "
            "writes every setting"
        )
    return value


def _chosen(told: Parameters, name: str, choices: Mapping[str, T]) -> T:
    """Return what a label stands for, the first where there is none, as the widget begins."""
    return _meant(name, _one(told, name) or next(iter(choices)), choices)


def _meant(name: str, label: str, choices: Mapping[str, T]) -> T:
    if label not in choices:
        raise SettingsError(f"the link says {name}={label!r}; expected one of {', '.join(choices)}")
    return choices[label]


def _number(told: Parameters, name: str, of: Callable[[str], T]) -> T | None:
    text = _one(told, name)
    try:
        return of(text) if text else None
    except ValueError as error:
        raise SettingsError(f"the link says {name}={text!r}; expected a number") from error
