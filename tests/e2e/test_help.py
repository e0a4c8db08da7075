"""Help and the guide, as a person uses them."""

import re

import pytest
from playwright.sync_api import expect


@pytest.fixture
def compare(page, server, settled):
    page.goto(server.url)
    settled(page)
    return page


def guide(page):
    return page.get_by_role("region", name="Guide")


def outline(page, selector):
    return page.locator(selector).first.evaluate("node => getComputedStyle(node).outlineStyle")


def test_the_guide_tells_each_step_beside_what_it_is_about(compare):
    shown = guide(compare)
    shown.get_by_role("button", name="Show me").click()
    for place, selector in enumerate(
        [".st-key-question", ".st-key-compute", ".st-key-similarity", "a[href$='/words']"], start=1
    ):
        expect(shown).to_contain_text(f"{place} of 4")
        assert outline(compare, selector) == "solid", selector
        # What is below it is used as before.
        compare.get_by_role("button", name=re.compile("Presets")).click(trial=True)
        shown.get_by_role("button", name="Next" if place < 4 else "Done").click()
    expect(shown).to_have_count(0)
    assert outline(compare, "a[href$='/words']") == "none"


def test_once_closed_the_guide_does_not_return_until_help_is_asked(compare, server, settled):
    guide(compare).get_by_role("button", name="Close the guide").click()
    expect(guide(compare)).to_have_count(0)
    for again in (compare.reload, lambda: compare.goto(f"{server.url}/?la=2")):
        again()
        settled(compare)
        expect(compare.get_by_role("heading", name="Layer similarity")).to_be_visible()
        expect(guide(compare)).to_have_count(0)
    compare.goto(f"{server.url}/help")
    with compare.expect_popup() as opened:
        compare.get_by_role("link", name="Show the guide").click()
    asked = opened.value
    expect(guide(asked)).to_be_visible()
    expect(asked.get_by_role("dialog")).to_have_count(0)  # no "Page not found"
    guide(asked).get_by_role("button", name="Show me").focus()
    asked.keyboard.press("Escape")
    expect(guide(asked)).to_have_count(0)
    expect(asked).not_to_have_url(re.compile("guide="))
    asked.reload()
    settled(asked)
    expect(guide(asked)).to_have_count(0)


def test_the_guide_is_reached_and_walked_by_keyboard(compare):
    first = guide(compare).get_by_role("button", name="Show me")
    first.focus()
    compare.keyboard.press("Tab")
    expect(guide(compare).get_by_role("button", name="Close the guide")).to_be_focused()
    compare.keyboard.press("Shift+Tab")
    expect(first).to_be_focused()
    compare.keyboard.press("Enter")
    expect(guide(compare)).to_contain_text("1 of 4")


def test_a_slider_of_help_moves_its_number_and_its_link(page, server, settled):
    page.goto(f"{server.url}/help?demo_dims=1")
    settled(page)
    chart = page.locator(".st-key-unrelated .layerscope-chart")
    expect(chart).to_have_attribute("data-state", "ready")
    slider = page.get_by_role("slider", name="Dimensions")
    slider.focus()
    slider.press("End")
    expect(page).to_have_url(re.compile("demo_dims=2048"))
    expect(page.locator(".st-key-dimensions [data-testid=stMetricValue]").first).to_have_text(
        re.compile(r"0\.9\d\d")
    )
