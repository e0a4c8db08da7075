"""Comparisons side by side, and by other measures, as a person meets them."""

import re

from playwright.sync_api import expect

PAIR = "a=control:duration&b=control:lookup"


def computed(page, server, settled, path):
    """Open a page about two controls, and have their comparison computed if it is not."""
    page.goto(f"{server.url}{path}?{PAIR}")
    settled(page)
    compute = page.get_by_role("button", name="Compute", exact=True)
    if compute.is_enabled():
        compute.click()
    expect(compute).to_be_disabled()


def test_a_comparison_leads_to_others_beside_it_and_a_reload_keeps_them(page, server, settled):
    computed(page, server, settled, "/")
    expect(page.locator(".st-key-heatmap [data-state=ready]")).to_be_visible()
    with page.expect_popup() as opening:
        page.get_by_role("link", name="Side by side").nth(1).click()
    beside = opening.value
    expect(beside.locator(".st-key-panel-0 [data-state=ready]")).to_be_visible()
    beside.get_by_text("Difference", exact=True).click()
    expect(beside.get_by_text("add another")).to_be_visible()
    expect(beside).to_have_url(re.compile("drawn=Difference"))
    beside.reload()
    settled(beside)
    expect(beside.get_by_text("add another")).to_be_visible()
    beside.get_by_text("Lines", exact=True).click()
    expect(beside.locator(".st-key-lines [data-state=ready]")).to_be_visible()
    expect(beside.get_by_text("1 · control:duration × control:lookup: Best")).to_be_visible()


def test_a_file_of_scores_is_opened_beside_and_a_broken_one_says_why(page, server, settled):
    page.goto(f"{server.url}/beside")
    settled(page)
    page.get_by_role("button", name="Open a file").click()
    chooser = page.get_by_test_id("stFileUploader").locator("input")
    scores = {"name": "cka_one_other.json", "mimeType": "application/json"}
    chooser.set_input_files({**scores, "buffer": b"[[0.1, 0.9], [0.2, 0.3]]"})
    expect(page.locator(".st-key-panel-0 [data-state=ready]")).to_be_visible()
    expect(page.get_by_text("Best 0.900 at layer 0 × layer 1")).to_be_visible()
    chooser.set_input_files({**scores, "buffer": b"[[0.1, 7]]"})
    expect(page.get_by_text("expected a number from -1 to 1")).to_be_visible()


def test_other_measures_are_computed_together_and_shown_where_they_disagree(page, server, settled):
    computed(page, server, settled, "/measures")
    page.get_by_role("button", name="Compute them").click()
    expect(page.get_by_text("Not computed yet")).to_have_count(0)
    expect(page.locator(".st-key-disagreements [data-state=ready]")).to_be_visible()
