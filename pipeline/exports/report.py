"""A comparison as one HTML file for readers: no scripts, nothing from outside, texts escaped."""

import json
from importlib.metadata import version
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pipeline.exports.figure_file import inline_svg
from pipeline.exports.reproducing import python_code, shell_commands
from pipeline.exports.shown import ShownComparison
from pipeline.similarity.layer_axis import layer_label
from pipeline.similarity.measure import MEASURES, title_of
from pipeline.similarity.result_text import (
    highest_text,
    measured_text,
    number,
    rows_text,
    settings_text,
)

_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PAGES.filters.update(number=number, label=layer_label)


def html_report(shown: ShownComparison) -> str:
    """Return the whole file; the same comparison gives the same text."""
    result = shown.result
    low, high = shown.domain
    return _PAGES.get_template("report.html.jinja").render(
        shown=shown,
        result=result,
        counts=result.counts,
        request=shown.request,
        title=title_of(result),
        scale=f"{low:g} to {high:g}",
        rows_text=rows_text(result),
        measured_text=measured_text(result),
        settings_text=settings_text(result),
        highest_text=highest_text(result),
        # Our own drawing, whose texts are outlines.
        figure=Markup(inline_svg(shown)),  # noqa: S704
        shell=shell_commands(shown),
        python=python_code(shown),
        citation=citation(),
        reference=MEASURES[result.measure].reference,
        facts=json.dumps(shown.facts(), indent=1, sort_keys=True, ensure_ascii=False),
        version=version("layerscope"),
    )


def citation() -> str:
    """Return how LayerScope is cited, as BibTeX."""
    return (
        "@software{layerscope,\n"
        "  author  = {{The LayerScope developers}},\n"
        "  title   = {{LayerScope: where models represent the same spoken words alike}},\n"
        f"  version = {{{version('layerscope')}}},\n"
        "}"
    )
