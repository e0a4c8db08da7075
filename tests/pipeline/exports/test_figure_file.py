"""Figures are read back by readers that know nothing of Matplotlib."""

import io
import json
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
import pypdf
import pytest
from PIL import Image

from pipeline.exports.drawing import LARGEST_CELL_IN, WIDTHS_IN
from pipeline.exports.figure_file import figure_file, inline_svg

SVG, DC = "{http://www.w3.org/2000/svg}", "{http://purl.org/dc/elements/1.1/}"
FORMATS = ("pdf", "svg", "png")


def read_pdf(content):
    (page,) = pypdf.PdfReader(io.BytesIO(content)).pages
    return page


def read_svg(content):
    return ET.fromstring(content.decode())  # noqa: S314 - our own file


def group(root, name):
    (found,) = [element for element in root.iter(f"{SVG}g") if element.get("id") == name]
    return found


def reads_as_the_facts(text, shown):
    assert json.loads(text) == json.loads(json.dumps(shown.facts()))


@pytest.mark.parametrize("width", ["single", "double"])
def test_a_figure_is_as_wide_as_a_column_of_paper(shown, width):
    inches = WIDTHS_IN[width]
    assert read_pdf(figure_file(shown, "pdf", width)).mediabox.width == pytest.approx(72 * inches)
    assert read_svg(figure_file(shown, "svg", width)).get("width") == f"{72 * inches:g}pt"
    with Image.open(io.BytesIO(figure_file(shown, "png", width))) as image:
        assert image.width == 300 * inches


def test_a_pdf_embeds_all_of_its_fonts_as_true_type_and_holds_no_image(masked):
    page = read_pdf(figure_file(masked, "pdf"))
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
    assert fonts
    for font in fonts:
        assert font["/Subtype"] in ("/TrueType", "/Type0")
        inner = font.get("/DescendantFonts", [font])[0].get_object()
        assert inner["/FontDescriptor"]["/FontFile2"].get_object().get_data()
    assert list(page.images) == []
    forms = page["/Resources"].get("/XObject", {}).values()
    assert all(form.get_object()["/Subtype"] != "/Image" for form in forms)
    text = page.extract_text()
    assert "debiased linear CKA" in text
    assert "$y_1$" in text


def test_a_pdf_fills_one_square_a_cell_with_its_colour(shown):
    colour, points, filled = None, [], Counter()
    for operands, operator in read_pdf(figure_file(shown, "pdf")).get_contents().operations:
        numbers = [float(part) for part in operands if isinstance(part, (int, float))]
        if operator == b"rg":
            colour = tuple(round(part, 4) for part in numbers)
        elif operator == b"m":
            points = [numbers]
        elif operator == b"l":
            points.append(numbers)
        elif operator in (b"b", b"B", b"f", b"b*", b"B*"):
            sides = np.ptp(points, axis=0)
            if sides == pytest.approx([72 * LARGEST_CELL_IN] * 2, rel=1e-4):
                filled[colour] += 1
    values = shown.result.scores[np.isfinite(shown.result.scores)]
    viridis = mpl.colormaps["viridis"](values)[:, :3]
    assert filled == Counter(tuple(round(float(part), 4) for part in each) for each in viridis)


def test_an_svg_has_a_vector_a_cell_and_neither_image_nor_font(masked):
    root = read_svg(figure_file(masked, "svg"))
    cells = [path for path in group(root, "cells").iter(f"{SVG}path") if path.get("style")]
    assert len(cells) == masked.result.scores.size
    assert [
        element for element in root.iter() if element.tag in (f"{SVG}image", f"{SVG}text")
    ] == []


def test_what_is_missing_and_what_is_struck_out_is_marked_in_its_cell(shown, masked):
    plain, marked = (read_svg(figure_file(each, "svg")) for each in (shown, masked))

    def marks(root, name):
        groups = [each for each in root.iter(f"{SVG}g") if each.get("id") == name]
        return [use for each in groups for use in each.iter(f"{SVG}use")]

    assert len(marks(plain, "missing")) == len(marks(marked, "missing")) == 1
    assert marks(plain, "struck-on-dark") == []
    # Two of three rows are struck out, but for the cell without a value.
    struck = [marks(marked, f"struck-on-{ground}") for ground in ("dark", "bright")]
    assert [len(each) for each in struck] == [5, 2]


def test_what_the_numbers_are_is_in_the_file(masked):
    told = {name: figure_file(masked, name) for name in FORMATS}
    pdf = pypdf.PdfReader(io.BytesIO(told["pdf"])).metadata
    reads_as_the_facts(pdf.subject, masked)
    assert masked.result.model_b in pdf.title
    root = read_svg(told["svg"])
    reads_as_the_facts(next(root.iter(f"{DC}description")).text, masked)
    assert masked.result.model_b in next(root.iter(f"{DC}title")).text
    with Image.open(io.BytesIO(told["png"])) as image:
        reads_as_the_facts(image.info["Description"], masked)
        assert masked.result.model_b in image.info["Title"]


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_comparison_gives_the_same_bytes_in_another_process_and_at_once(shown, name):
    first = figure_file(shown, name)
    with ThreadPoolExecutor(4) as visitors:
        others = list(visitors.map(lambda _: figure_file(shown, name), range(4)))
    assert set(others) == {first}
    assert figure_file(replace(shown, stretch=True), name) != first


def test_a_user_s_own_settings_of_matplotlib_change_nothing_and_stay(shown):
    first = figure_file(shown, "svg")
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red", "svg.fonttype": "none"}):
        assert figure_file(shown, "svg") == first
        assert mpl.rcParams["font.size"] == 30


@pytest.mark.parametrize("shape", [(1, 1), (1, 30), (60, 1), (49, 25)])
def test_nothing_is_drawn_outside_of_the_paper(shown, shape):
    scores = np.random.default_rng(0).uniform(size=shape)
    names = [tuple(f"{k}: layer" for k in range(count)) for count in shape]
    result = replace(
        shown.result,
        scores=scores,
        chance=scores,
        chance_sd=scores,
        layer_names_a=names[0],
        layer_names_b=names[1],
        model_a="a" * 200,
        model_b="b " * 100,
    )
    with Image.open(io.BytesIO(figure_file(replace(shown, result=result), "png"))) as image:
        pixels = np.asarray(image.convert("L"))
    for edge in (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]):
        assert edge.min() == 255


def test_an_inline_figure_is_one_element_that_refers_to_nothing_outside(masked):
    text = inline_svg(masked)
    root = ET.fromstring(text)  # noqa: S314 - our own text
    assert root.tag == f"{SVG}svg"
    for element in root.iter():
        for name, value in element.attrib.items():
            assert not name.endswith("href") or value.startswith("#")
    assert "metadata" not in text


def test_matplotlib_is_loaded_where_a_figure_is_asked_for_only(shown):
    code = (
        "import sys, pipeline.exports, pipeline.exports.arrays; print('matplotlib' in sys.modules)"
    )
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
    figure_file(shown, "png")
    assert "matplotlib.pyplot" not in sys.modules
