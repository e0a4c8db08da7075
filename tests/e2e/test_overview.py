"""Overview, as a person uses it."""

import re

import pytest
from playwright.sync_api import expect

from pipeline.configuration import open_store
from pipeline.request import ComparisonRequest
from pipeline.run import run_plan
from pipeline.similarity.row_settings import RowSettings

MEANS = ComparisonRequest(
    "demo", "control:duration", "control:lookup", rows=RowSettings(values="type means")
)
WITHIN = "demo · word, centre, mean · type means of all tokens"
MAP = ".st-key-model-map .layerscope-chart"


@pytest.fixture
def computed(server, monkeypatch):
    """Two comparisons of controls, which take no model, over the means of word types."""
    monkeypatch.setenv("LAYERSCOPE_HOME", str(server.home))
    with open_store() as store:
        for a in ("control:duration", "control:onehot"):
            request = ComparisonRequest("demo", a, MEANS.model_b, rows=MEANS.rows)
            run_plan(request.plan(store), store)


@pytest.fixture
def overview(page, server, settled, computed):  # noqa: ARG001 - there are comparisons
    # Compare's widgets are remembered by the tab, with other settings than those of the cards.
    page.goto(f"{server.url}/?a=control:lookup&b=control:lookup&pooling=Max")
    settled(page)
    page.get_by_role("link", name="Overview").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    settled(page)
    return page


def assert_shows_means(opened):
    expect(opened.get_by_role("dialog")).to_have_count(0)  # no "Page not found"
    model = opened.get_by_role("combobox", name=re.compile("Model A"))
    expect(model).to_have_value("control:duration")
    expect(opened.get_by_role("button", name=re.compile("Type means"))).to_be_visible()
    expect(opened.get_by_role("button", name=re.compile("Words · mean"))).to_be_visible()
    expect(opened.locator(".st-key-heatmap .layerscope-chart")).to_have_attribute(
        "data-state", "ready"
    )


def test_a_card_is_found_and_opens_its_comparison_with_its_settings(overview):
    search = overview.get_by_label("Search")
    search.fill("duration type means")
    search.press("Enter")
    expect(overview).to_have_url(re.compile(r"holds=duration\+type\+means"))
    cards = overview.locator("[data-testid=stImage] img")
    expect(cards).to_have_count(1)
    expect(cards).to_have_attribute("alt", re.compile("control:duration and control:lookup"))
    with overview.expect_popup() as opened:
        overview.get_by_role("link", name="control:duration × control:lookup").click()
    assert_shows_means(opened.value)


def test_a_cell_of_the_map_leads_to_its_comparison_by_mouse_and_by_keys(overview, server, settled):
    overview.goto(f"{server.url}/overview?view=Models&within={WITHIN}")
    settled(overview)
    chart = overview.locator(MAP)
    expect(chart).to_have_attribute("data-state", "ready")
    # Duration, lookup, onehot: the pair that is shown first is not the one that is wanted.
    expect(overview.get_by_role("link", name="control:onehot × control:lookup")).to_be_visible()
    box = overview.locator(f"{MAP} .nsewdrag").bounding_box()
    overview.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 6)
    expect(overview).to_have_url(re.compile(r"one=control(:|%3A)duration&other=control(:|%3A)look"))
    overview.keyboard.press("ArrowDown")
    overview.keyboard.press("ArrowLeft")
    expect(chart).to_have_attribute("data-selected", "1,0")
    expect(overview).to_have_url(re.compile(r"one=control(:|%3A)lookup&other=control(:|%3A)dur"))
    with overview.expect_popup() as opened:
        overview.get_by_role("link", name="control:duration × control:lookup").click()
    assert_shows_means(opened.value)
