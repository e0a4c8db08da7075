"""What axe-core finds on every page: nothing, but for what Streamlit's own navigation does."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

PAGES = {
    "compare": "/?la=3&lb=6",
    "overview": "/overview",
    "beside": "/beside",
    "measures": "/measures",
    "words": "/words?a=control:lookup&b=control:onehot",
    "alignments": "/alignments?utterance=ben-01&word=2",
    "views": "/views",
    "library": "/library",
    "jobs": "/jobs",
    "storage": "/storage",
    "help": "/help",
}
# A list whose entries are wrapped.
OF_STREAMLIT = {"exclude": [["[data-testid=stSidebarNav]"]]}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_anybody_from_using_the_page(page, server, settled, name, scheme):
    page.emulate_media(color_scheme=scheme)
    page.goto(server.url + PAGES[name])
    settled(page)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    # What is drawn anew is faded for a moment, and hard to read then.
    findings = (violations(page) for _ in range(5))
    assert next((found for found in findings if not found), violations(page)) == []


def violations(page):
    found = Axe().run(page, context=OF_STREAMLIT).response["violations"]
    return [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found]
