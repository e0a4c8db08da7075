"""The report is read with an HTML parser, as a browser would."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from pipeline.exports.report import citation, html_report
from pipeline.exports.reproducing import python_code, shell_commands
from pipeline.request import ComparisonRequest
from pipeline.similarity.result_text import highest_text, rows_text

ROOT = Path(__file__).parents[3]
HOSTILE = "</pre></td><script src=//evil.example/x.js></script><img src=x onerror=alert(1)>"


class Reader(HTMLParser):
    """Every element with its attributes, and the text in each kind of element."""

    def __init__(self, document):
        super().__init__()
        self.elements, self.texts, self.open = [], {}, []
        self.feed(document)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self.texts.setdefault(tag, []).append("")
        self.open.append(tag)

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        for tag in set(self.open):
            self.texts[tag][-1] += data


def hostile(shown):
    """The same comparison of a corpus, models and layers whose names are markup."""
    result = replace(
        shown.result,
        model_a=HOSTILE,
        model_b=HOSTILE,
        layer_names_a=tuple(f"{k}{HOSTILE}" for k in range(3)),
        layer_names_b=tuple(f"{k}{{{{ 7 * 7 }}}}{HOSTILE}" for k in range(4)),
        row_digest=HOSTILE,
        provenance={"corpus": HOSTILE},
    )
    return replace(shown, request=ComparisonRequest(HOSTILE, HOSTILE, HOSTILE), result=result)


def test_it_tells_what_was_compared_and_how_to_do_it_again(masked):
    page = Reader(html_report(masked))
    text = " ".join(page.texts["body"][0].split())
    result = masked.result
    for expected in (
        result.model_b,
        rows_text(result),
        highest_text(result),
        "words of the corpus demo alike?",
        "7 tokens that lack a time, a frame or a vector; 2 that the settings",
        "Kornblith et al. 2019",
        "Crosses: word types reach the value by chance",
        "(family-wise, 5 %; 200 permutations over 640 rows, seed 0)",
        result.row_digest,
    ):
        assert expected in text
    assert page.texts["pre"][:3] == [shell_commands(masked), python_code(masked), citation()]
    assert (
        "".join(page.texts["title"]) == f"{result.model_a} × {result.model_b}: debiased linear CKA"
    )


def test_every_value_is_in_the_table_under_its_layers(shown):
    page = Reader(html_report(shown))
    assert page.texts["th"] == ["0", "1", "2", "3", *shown.result.layer_names_a]
    heads = [of["title"] for tag, of in page.elements if tag == "th" and "title" in of]
    assert heads == list(shown.result.layer_names_b)
    cells = page.texts["td"][1:]
    assert cells[0] == "–"
    found = [float(cell) for cell in cells[1:]]
    np.testing.assert_allclose(found, shown.result.scores.ravel()[1:], atol=0.0005)


@pytest.mark.parametrize("make", [lambda shown: shown, hostile], ids=["plain", "hostile"])
def test_it_runs_nothing_and_refers_to_nothing_outside(masked, make):
    document = html_report(make(masked))
    page = Reader(document)
    tags = {tag for tag, _ in page.elements}
    assert not tags & {
        "script",
        "img",
        "link",
        "iframe",
        "object",
        "embed",
        "base",
        "form",
        "image",
    }
    for _, attributes in page.elements:
        for name, value in attributes.items():
            assert not name.startswith("on")
            if name in ("src", "href", "xlink:href", "action", "data", "srcset"):
                assert value.startswith("#")
            if name in ("style", "clip-path", "fill") and "url(" in (value or ""):
                assert re.fullmatch(r".*url\(#\w+\).*", value, re.DOTALL)
    assert "@import" not in document
    assert "url(" not in page.texts["style"][0]
    (policy,) = [of["content"] for tag, of in page.elements if of.get("http-equiv")]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
    # It stands before anything that it could be asked about.
    assert document.index("Content-Security-Policy") < document.index("<style>")


def test_names_that_are_markup_or_templates_are_text(shown):
    shown = hostile(shown)
    page = Reader(html_report(shown))
    assert page.texts["th"][4:] == list(shown.result.layer_names_a)
    heads = [of["title"] for tag, of in page.elements if tag == "th" and "title" in of]
    assert heads == list(shown.result.layer_names_b)
    assert page.texts["h1"] == [f"{HOSTILE} × {HOSTILE}"]
    assert page.texts["pre"][0] == shell_commands(shown)


def test_the_figure_is_drawn_in_the_page(shown):
    page = Reader(html_report(shown))
    (drawing,) = [of for _, of in page.elements if of.get("id") == "cells"]
    assert drawing
    (described,) = [of for _, of in page.elements if of.get("role") == "img"]
    assert described["aria-label"] == (
        f"Heatmap of debiased linear CKA: 3 layers of {shown.result.model_a} by 4 layers of "
        f"{shown.result.model_b}"
    )


def test_the_same_comparison_gives_the_same_text(shown):
    assert html_report(shown) == html_report(shown)


def test_it_is_cited_as_the_citation_file_says():
    said = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    for name, key in (("author", "  - name"), ("title", "title"), ("version", "version")):
        value = re.search(rf"^{key}: \"?(.+?)\"?$", said, re.MULTILINE)[1]
        assert re.search(rf"{name} += {{+{re.escape(value)}}}+,", citation())
