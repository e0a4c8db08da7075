"""A drawn heatmap as a file: PDF, SVG or PNG, with what it is of in the file itself.

The same comparison gives the same bytes: no date, and no random names.
"""

import io
import json
import threading
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.backends.backend_svg import FigureCanvasSVG

from pipeline.exports.drawing import draw
from pipeline.exports.shown import ColumnWidth, FigureFormat, ShownComparison

DOTS_PER_INCH = 300

_CANVASES = {"pdf": FigureCanvasPdf, "svg": FigureCanvasSVG, "png": FigureCanvasAgg}
_SETTINGS = {
    "pdf.fonttype": 42,  # TrueType, embedded; journals refuse Type 3
    "svg.fonttype": "path",  # letters are outlines, so that no font is needed
    "svg.hashsalt": "layerscope",
}
# Matplotlib's settings are those of the process, and visitors ask at the same time.
_ONE_AT_A_TIME = threading.Lock()


def figure_file(
    shown: ShownComparison, file_format: FigureFormat, width: ColumnWidth = "single"
) -> bytes:
    """Return the content of a file that holds the figure.

    Parameters
    ----------
    shown : ShownComparison
    file_format : {"pdf", "svg", "png"}
    width : {"single", "double"}
        Of a column of paper: 3.25 or 6.75 inches.
    """
    return _written(shown, file_format, width, _metadata(shown, file_format))


def inline_svg(shown: ShownComparison, width: ColumnWidth = "double") -> str:
    """Return the figure as an element of a page, without metadata and without a document's head."""
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    document = _written(shown, "svg", width, nothing).decode()
    return document[document.index("<svg") :]


def _written(
    shown: ShownComparison,
    file_format: FigureFormat,
    width: ColumnWidth,
    metadata: dict[str, str | None],
) -> bytes:
    content = io.BytesIO()
    with _ONE_AT_A_TIME, mpl.rc_context(_settings()):
        figure = draw(shown, width)
        _CANVASES[file_format](figure)
        figure.savefig(content, format=file_format, dpi=DOTS_PER_INCH, metadata=metadata)
    return content.getvalue()


def _settings() -> Any:  # noqa: ANN401 - Matplotlib lists its hundreds of names as literals
    """Return Matplotlib's settings as it ships them, whatever the user's are, and ours."""
    shipped = {name: of for name, of in mpl.rcParamsDefault.items() if name != "backend"}
    return shipped | _SETTINGS


def _metadata(shown: ShownComparison, file_format: FigureFormat) -> dict[str, str | None]:
    result, facts = shown.result, shown.facts()
    title = f"{shown.title} of {result.model_a} (rows) and {result.model_b} (columns)"
    told = json.dumps(facts, sort_keys=True, allow_nan=False)
    software = str(facts["written_by"])
    if file_format == "pdf":
        undated = {"CreationDate": None}
        return {"Title": title, "Creator": software, "Subject": told, **undated}
    if file_format == "svg":
        return {"Title": title, "Creator": software, "Description": told, "Date": None}
    return {"Title": title, "Software": software, "Description": told}
