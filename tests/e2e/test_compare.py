"""Compare, as a person uses it."""

import csv
import re

import pytest
from playwright.sync_api import expect

CHART = ".st-key-heatmap .layerscope-chart"
ROWS, COLUMNS = 7, 13


def click_cell(page, row, column):
    """Click a cell of the heatmap, whose rows count from the bottom."""
    box = page.locator(".st-key-heatmap .nsewdrag").bounding_box()

    def share(index, count):
        edge = 0.5 + 0.005 * max(count, 6)
        return (index + edge) / (count - 1 + 2 * edge)

    x = box["x"] + box["width"] * share(column, COLUMNS)
    y = box["y"] + box["height"] * (1 - share(row, ROWS))
    page.mouse.click(x, y)


@pytest.fixture
def compare(page, server, settled):
    page.goto(server.url)
    settled(page)
    expect(page.locator(CHART)).to_have_attribute("data-state", "ready")
    return page


def layer(page, name):
    return page.get_by_label(f"Layer of {name}")


def test_the_first_page_shows_a_finished_heatmap(compare):
    expect(compare.get_by_text("A cached 80 / 80")).to_be_visible()
    expect(compare.get_by_text("B cached 80 / 80")).to_be_visible()
    expect(compare.locator(".st-key-heatmap .heatmaplayer .hm")).to_have_count(1)
    expect(compare.get_by_role("button", name="Compute")).to_be_disabled()


def test_until_plotly_js_is_there_a_picture_stands_where_the_cells_will_be(page, server, shots):
    held = []
    page.route("**/api/plotly.min.js*", lambda route: held.append(route))  # noqa: PLW0108 - its signature is read
    page.goto(server.url)
    picture = page.locator(".st-key-heatmap [data-preview]")
    expect(picture).to_be_visible()
    expected = picture.bounding_box()
    page.screenshot(path=shots / "compare-picture.png")
    assert len(held) == 1
    held[0].continue_()
    expect(page.locator(CHART)).to_have_attribute("data-state", "ready")
    expect(picture).to_be_hidden()
    cells = page.locator(".st-key-heatmap .nsewdrag").bounding_box()
    assert cells == pytest.approx(expected, abs=16)


def test_a_click_on_a_cell_sets_both_layers_and_the_address_and_a_reload_restores_them(
    compare, settled
):
    node = compare.locator(CHART)
    node.evaluate("node => { node.kept = true }")
    click_cell(compare, 2, 7)
    expect(layer(compare, "A")).to_have_value("2")
    expect(layer(compare, "B")).to_have_value("7")
    expect(compare).to_have_url(re.compile(r"la=2.*lb=7"))
    expect(compare.get_by_role("heading", name="Layer 2 × layer 7")).to_be_visible()
    expect(node).to_have_attribute("data-selected", "2,7")
    assert node.evaluate("node => node.kept"), "the chart was mounted anew"
    compare.reload()
    settled(compare)
    expect(layer(compare, "A")).to_have_value("2")
    expect(layer(compare, "B")).to_have_value("7")
    expect(compare.locator(CHART)).to_have_attribute("data-selected", "2,7")


def test_arrow_keys_move_the_selection(compare):
    compare.locator(CHART).focus()
    compare.keyboard.press("ArrowRight")
    compare.keyboard.press("ArrowUp")
    expect(layer(compare, "A")).to_have_value("1")
    expect(layer(compare, "B")).to_have_value("1")
    expect(compare).to_have_url(re.compile(r"la=1.*lb=1"))


def test_hovering_a_cell_names_both_layers_value_and_chance(compare):
    box = compare.locator(".st-key-heatmap .nsewdrag").bounding_box()
    compare.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    hover = compare.locator(".st-key-heatmap .hoverlayer")
    expect(hover).to_contain_text("3: transformer layer 3")
    expect(hover).to_contain_text("6: transformer layer 6")
    expect(hover).to_contain_text(re.compile("chance", re.IGNORECASE))


def test_the_biased_estimator_and_the_stretched_scale_are_in_the_link(compare, settled, server):
    compare.get_by_role("radio", name="Biased", exact=True).click()
    expect(compare).to_have_url(re.compile("estimator=Biased"))
    compare.locator(".st-key-stretch label").click()
    expect(compare).to_have_url(re.compile("stretch=true"))
    compare.get_by_role("button", name="Copy link").click()
    link = compare.locator("[data-testid=stPopoverBody] code").inner_text()
    assert link.startswith(server.url)
    assert {"a=minilm", "b=untrained%3Awav2vec2-base", "schema=2"} <= set(
        link.partition("?")[2].split("&")
    )
    other = compare.context.new_page()
    other.goto(link)
    settled(other)
    expect(other.get_by_text("Biased linear CKA over")).to_be_visible()


def test_a_mask_by_interval_is_asked_for_crosses_cells_and_goes_into_link_and_table(
    page, server, settled
):
    page.goto(f"{server.url}/?a=control:duration&b=control:lookup")
    settled(page)
    compute = page.get_by_role("button", name="Compute", exact=True)
    if compute.is_enabled():
        compute.click()
    expect(page.locator(CHART)).to_have_attribute("data-state", "ready")
    page.locator(".st-key-mask_by").get_by_role("combobox").click()
    page.get_by_role("option", name="Interval").click()
    expect(page).to_have_url(re.compile("mask_by=Interval"))
    expect(page.get_by_text("No crosses yet")).to_be_visible()
    page.get_by_role("button", name="Compute what words give by chance").click()
    page.get_by_role("button", name="Compute the intervals").click()
    expect(page.get_by_text("Crosses: the 95% interval over types and speakers")).to_be_visible()
    settled(page)
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as file:
        page.get_by_role("button", name="CSV").click()
    with open(file.value.path(), encoding="utf-8") as table:  # noqa: PTH123 - a path as text
        lines = table.read().splitlines()
    assert any(line.startswith("# Crosses: the 95% interval") for line in lines)
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    reaching = [float(row["interval_low"]) <= float(row["type_null_mean"]) for row in rows]
    assert [row["struck"] == "1.0" for row in rows] == reaching
    assert any(reaching)
    crosses = page.locator(".st-key-heatmap .scatterlayer .point")
    expect(crosses).to_have_count(sum(reaching))


def test_an_address_of_a_mask_from_before_there_were_several_is_one_over_words(
    page, server, settled
):
    page.goto(f"{server.url}/?mask=true&la=2&lb=3")
    settled(page)
    expect(page).to_have_url(re.compile("mask_by=Words"))
    expect(page.locator(CHART)).to_have_attribute("data-selected", "2,3")
    expect(page.get_by_role("button", name="Compute what words give by chance")).to_be_visible()


def test_the_numbers_come_as_csv_and_json_that_agree(compare, downloaded):
    compare.get_by_role("button", name="Export").click()
    with compare.expect_download() as json_file:
        compare.get_by_role("button", name="JSON").click()
    values = downloaded(json_file.value)
    with compare.expect_download() as csv_file:
        compare.get_by_role("button", name="CSV").click()
    with open(csv_file.value.path(), encoding="utf-8") as file:  # noqa: PTH123 - a path as text
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    assert len(rows) == ROWS * COLUMNS
    for row in rows:
        expected = values["scores"][int(row["layer1"])][int(row["layer2"])]
        assert float(row["cka"]) == expected
    assert values["provenance"]["corpus"]["name"] == "demo"


def test_two_people_who_compute_the_same_start_one_job_and_both_see_it(browser, server, settled):
    people = [browser.new_context(viewport={"width": 1440, "height": 950}) for _ in range(2)]
    pages = [person.new_page() for person in people]
    for page in pages:
        page.goto(f"{server.url}/?a=untrained:bert-base&b=s3prl:mfcc")
        settled(page)
        expect(page.get_by_text("Not computed yet")).to_be_visible()
    pages[0].get_by_role("button", name="Compute").click()
    expect(pages[0].get_by_role("progressbar")).to_be_visible()
    expect(pages[1].get_by_role("progressbar")).to_be_visible()
    expect(pages[1].get_by_role("button", name="Computing")).to_be_disabled()
    pages[0].reload()
    for page in pages:
        expect(page.locator(CHART)).to_have_attribute("data-state", "ready")
        expect(page.get_by_text("A cached 80 / 80")).to_be_visible()
    for person in people:
        person.close()


def test_settings_that_do_not_fit_a_model_are_said_plainly(page, server, settled):
    page.goto(f"{server.url}/?b=s3prl:fbank&rate=8+kHz&stride=20.0")
    settled(page)
    expect(page.get_by_text("hears the speech at another speed")).to_be_visible()
    expect(page.get_by_text("its frames drift away from the words")).to_be_visible()


def test_a_text_model_and_phones_are_refused_with_what_to_do(page, server, settled):
    page.goto(f"{server.url}/?unit=Phone")
    settled(page)
    expect(page.get_by_text("minilm reads text, which has no phones")).to_be_visible()
