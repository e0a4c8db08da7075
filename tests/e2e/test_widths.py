"""All pages at both widths in both themes; the screenshots are there to be looked at."""

import pytest
from playwright.sync_api import expect

PAGES = {
    "compare": ("/?la=3&lb=6&stretch=true", ".st-key-heatmap [data-state=ready]"),
    "alignments": (
        "/alignments?utterance=ben-01&word=2",
        ".st-key-recording [data-ready='1'][data-selected='2']",
    ),
    "words": ("/words?la=3&lb=6", ".st-key-told"),
    "measures": ("/measures?la=3&lb=6", ".st-key-disagreements [data-state=ready]"),
    "beside": ("/beside", ".st-key-empty"),
    "overview": ("/overview", "[data-testid=stImage] img >> nth=0"),
    "map": ("/overview?view=Models", ".st-key-model-map [data-state=ready]"),
    "help": ("/help", ".st-key-repeated [data-state=ready]"),
    "help-cell": ("/help?topic=Reading+a+cell", ".st-key-real-cell"),
    "help-citing": ("/help?topic=Citing", "table"),
    "storage": ("/storage", ".st-key-usage"),
    "jobs": ("/jobs", ".st-key-engine"),
    "views": ("/views", ".st-key-saved-list"),
    "library": ("/library?tab=Models&find=untrained", ".st-key-model-card .dvn-scroller"),
}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 800])
def test_the_page_fits_its_width(browser, server, shots, name, scheme, width):
    path, ready = PAGES[name]
    context = browser.new_context(viewport={"width": width, "height": 950}, color_scheme=scheme)
    page = context.new_page()
    page.goto(server.url + path)
    expect(page.locator(ready)).to_be_visible()
    expect(page.get_by_text("Computing what is missing")).to_have_count(0)
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("node => node.scrollWidth - node.clientWidth") <= 0
    page.screenshot(path=shots / f"{name}-{scheme}-{width}.png", full_page=True)
    context.close()
