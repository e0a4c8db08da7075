"""Words, as a person uses it."""

import re

from playwright.sync_api import expect

QUICK = "a=control:lookup&b=control:onehot"


def computed(page, settled):
    """Have what the page asks for computed, if no earlier test has."""
    settled(page)
    compute = page.get_by_role("button", name="Compute")
    if compute.is_enabled():
        compute.click()


def opened(page, server, settled, subject):
    page.goto(f"{server.url}/words?{QUICK}&subject={subject}")
    computed(page, settled)
    expect(page.locator(".st-key-told")).to_be_visible()
    return page.locator(".st-key-told")


def test_a_cell_leads_to_its_words_and_back_with_the_layers_that_were_chosen(page, server, settled):
    page.goto(f"{server.url}/?a=minilm&b=minilm&la=3&lb=6")
    computed(page, settled)
    expect(page.locator(".st-key-heatmap [data-state=ready]")).to_be_visible()
    with page.expect_popup() as opening:
        page.get_by_role("link", name="The words behind it").click()
    words = opening.value
    expect(words.get_by_role("heading", name="Words")).to_be_visible()
    settled(words)
    expect(words.get_by_label("Layer of A")).to_have_value("3")
    expect(words.get_by_label("Layer of B")).to_have_value("6")
    words.get_by_label("Layer of A").fill("5")
    words.get_by_label("Layer of A").press("Enter")
    expect(words).to_have_url(re.compile("la=5"))
    settled(words)
    with words.expect_popup() as opening:
        words.get_by_role("link", name="The heatmap").click()
    expect(opening.value.get_by_role("heading", name="Layer 5 × layer 6")).to_be_visible()


def test_shares_are_computed_beside_the_page_and_a_reload_finds_them(page, server, settled):
    told = opened(page, server, settled, "Shares")
    told.get_by_role("button", name="Divide CKA among the words").click()
    expect(told.get_by_text(re.compile("of 92 words; together"))).to_be_visible()
    page.reload()
    settled(page)
    expect(told.get_by_text(re.compile("of 92 words; together"))).to_be_visible()


def test_a_neighbour_is_played_when_it_is_chosen(page, server, settled):
    told = opened(page, server, settled, "Neighbours")
    told.get_by_label("Word").fill("horse")
    told.get_by_label("Word").press("Enter")
    told.get_by_role("button", name="Find its neighbours").click()
    table = told.get_by_test_id("stDataFrameResizable").first
    expect(table).to_be_visible()
    settled(page)
    box = table.bounding_box()
    page.mouse.click(box["x"] + 14, box["y"] + 54)  # the first row's mark
    sound = told.locator("audio").first
    expect(sound).to_be_attached()
    page.wait_for_function("() => document.querySelector('.st-key-told audio').ended")
    duration = sound.evaluate("node => node.duration")
    assert 0.05 < duration < 2


def test_a_map_draws_itself_labels_a_word_in_both_and_plays_it_when_clicked(page, server, settled):
    told = opened(page, server, settled, "Map")
    chart = told.locator(".st-key-map")
    expect(chart.locator("[data-state=ready]")).to_be_visible()
    settled(page)
    labels = chart.locator(".hoverlayer .hovertext")
    chart.locator(".scatterlayer .point").first.hover(force=True)
    expect(labels).to_have_count(2)
    first, second = labels.all_text_contents()
    assert first == second
    page.mouse.move(0, 0)
    expect(labels).to_have_count(0)
    chart.locator(".scatterlayer .point").first.click(force=True)
    expect(page).to_have_url(re.compile(r"[?&]row=\d+"))
    expect(chart.locator(".scatterlayer .textpoint")).to_have_count(2)
    sound = told.locator("audio").first
    expect(sound).to_be_attached()
    page.wait_for_function("() => document.querySelector('.st-key-told audio').ended")
    assert 0.05 < sound.evaluate("node => node.duration") < 2
