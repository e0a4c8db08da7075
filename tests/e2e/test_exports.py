"""What a person takes away from a view, read by readers that know nothing of LayerScope."""

import csv
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import numpy as np
import pypdf
import pytest
from PIL import Image
from playwright.sync_api import expect

CHART = ".st-key-heatmap .layerscope-chart"
SVG = "{http://www.w3.org/2000/svg}"
ROWS, COLUMNS = 7, 13


@pytest.fixture
def compare(page, server, settled):
    page.goto(server.url)
    settled(page)
    expect(page.locator(CHART)).to_have_attribute("data-state", "ready")
    page.get_by_role("button", name="Export").click()
    return page


def read(page, label):
    """Click a button that downloads; return the file's name and content."""
    with page.expect_download() as download:
        page.get_by_role("button", name=label, exact=True).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def cells_of(root):
    (cells,) = [group for group in root.iter(f"{SVG}g") if group.get("id") == "cells"]
    return [path for path in cells.iter(f"{SVG}path") if path.get("style")]


class Texts(HTMLParser):
    def __init__(self, document):
        super().__init__()
        self.tags, self.cells, self.is_cell = [], [], False
        self.feed(document)

    def handle_starttag(self, tag, _attributes):
        self.tags.append(tag)
        self.is_cell = tag == "td"

    def handle_data(self, data):
        if self.is_cell and data.strip():
            self.cells.append(data)


def test_every_format_holds_the_same_comparison(compare):
    stem = "cka_minilm_untrained-wav2vec2-base_debiased"
    name, content = read(compare, "JSON")
    assert name == f"{stem}.json"
    scores = np.array(json.loads(content)["scores"])
    assert scores.shape == (ROWS, COLUMNS)
    _, content = read(compare, "CSV")
    lines = [line for line in content.decode().splitlines() if not line.startswith("#")]
    assert [float(row["cka"]) for row in csv.DictReader(lines)] == scores.ravel().tolist()
    _, content = read(compare, "NPZ")
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["scores"], scores)
    name, content = read(compare, "PDF")
    assert name == f"{stem}.pdf"
    document = pypdf.PdfReader(io.BytesIO(content))
    assert document.pages[0].mediabox.width == pytest.approx(3.25 * 72)
    assert json.loads(document.metadata.subject)["provenance"]["corpus"]["name"] == "demo"
    compare.get_by_role("radio", name="Double").click()
    expect(compare.get_by_role("radio", name="Double")).to_be_checked()
    _, content = read(compare, "SVG")
    root = ET.fromstring(content.decode())  # noqa: S314 - our own file
    assert root.get("width") == "486pt"
    assert len(cells_of(root)) == ROWS * COLUMNS
    _, content = read(compare, "PNG")
    with Image.open(io.BytesIO(content)) as image:
        assert image.width == 2025
    _, content = read(compare, "HTML")
    report = Texts(content.decode())
    assert "script" not in report.tags
    np.testing.assert_allclose([float(cell) for cell in report.cells], scores.ravel(), atol=5e-4)


def test_the_report_opens_without_a_server_and_asks_for_nothing(compare, context, tmp_path, shots):
    _, content = read(compare, "HTML")
    file = tmp_path / "report.html"
    file.write_bytes(content)
    asked, said = [], []
    alone = context.new_page()
    alone.on("request", lambda request: asked.append(request.url))
    alone.on("console", lambda message: said.append(message.text))
    alone.goto(file.as_uri())
    expect(alone.get_by_role("heading", name="minilm × untrained:wav2vec2-base")).to_be_visible()
    expect(
        alone.get_by_role("img", name=re.compile("Heatmap of debiased linear CKA"))
    ).to_be_visible()
    alone.screenshot(path=shots / "report.png", full_page=True)
    assert asked == [file.as_uri()]
    assert said == []


def test_the_commands_are_those_of_the_view(compare):
    popover = compare.locator("[data-testid=stPopoverBody]")
    popover.get_by_role("tab", name="Shell").click()
    expect(popover.locator("code:visible")).to_contain_text(
        "python -m pipeline cka --corpus demo --model1 minilm --model2 untrained:wav2vec2-base"
    )
    popover.get_by_role("tab", name="Python").click()
    expect(popover.locator("code:visible")).to_contain_text("pipeline.compare_request(request)")


def test_a_saved_view_opens_in_another_person_s_browser(page, browser, server, settled):
    page.goto(f"{server.url}/?estimator=Biased&la=2&lb=7&stretch=true")
    settled(page)
    expect(page.locator(CHART)).to_have_attribute("data-state", "ready")
    page.get_by_role("button", name="Save view").click()
    form = page.locator("[data-testid=stPopoverBody]")
    form.get_by_label("Name").fill("The <b>peak</b>")
    form.get_by_label("Note").fill("Biased, at 2 × 7")
    form.get_by_role("button", name="Save", exact=True).click()
    expect(form.get_by_text("The <b>peak</b> is saved")).to_be_visible()
    person = browser.new_context(viewport={"width": 1440, "height": 950})
    other = person.new_page()
    other.goto(f"{server.url}/views?saved=PEAK&view=1")
    settled(other)
    expect(other.get_by_text("Biased, at 2 × 7")).to_be_visible()
    with person.expect_page() as opened:
        other.get_by_role("link", name="Open").click()
    again = opened.value
    settled(again)
    expect(again.locator(CHART)).to_have_attribute("data-selected", "2,7")
    expect(again.get_by_role("radio", name="Biased", exact=True)).to_be_checked()
    asked = parse_qs(urlsplit(again.url).query)
    assert (asked["estimator"], asked["stretch"]) == (["Biased"], ["true"])
    person.close()
