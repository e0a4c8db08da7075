"""Alignments, as a person uses it."""

import re

import pytest
from playwright.sync_api import expect


@pytest.fixture
def alignments(page, server, settled):
    page.goto(f"{server.url}/alignments?utterance=ben-01&model=s3prl:fbank")
    settled(page)
    expect(view(page)).to_have_attribute("data-ready", "1")
    expect(page.get_by_text("Computing what is missing")).to_have_count(0)
    return page


def view(page):
    return page.locator(".st-key-recording .alignment-view")


def test_arrow_keys_play_word_after_word_and_the_address_follows(alignments):
    view(alignments).locator("canvas").focus()
    alignments.keyboard.press("ArrowRight")
    expect(alignments).to_have_url(re.compile("word=0"))
    expect(view(alignments)).to_have_attribute("data-played", re.compile(r"\d\.\d{3}-\d\.\d{3}"))
    alignments.keyboard.press("ArrowRight")
    expect(alignments).to_have_url(re.compile("word=1"))
    expect(view(alignments)).to_have_attribute("data-selected", "1")


def test_a_word_plays_exactly_its_time(alignments):
    view(alignments).locator("canvas").focus()
    alignments.keyboard.press("ArrowRight")
    played = view(alignments)
    expect(played).to_have_attribute("data-played", re.compile(r"\d"))
    start, end = map(float, played.get_attribute("data-played").split("-"))
    shown = alignments.locator("[data-testid=stMetricValue]", has_text="–").inner_text()
    first, last = map(float, shown.strip().removesuffix(" s").split("–"))
    assert (start, end) == pytest.approx((first, last), abs=0.0011)


def test_the_link_restores_utterance_word_and_model(alignments, settled):
    view(alignments).locator("canvas").focus()
    alignments.keyboard.press("ArrowRight")
    expect(alignments).to_have_url(re.compile("word=0"))
    address = alignments.url
    assert "utterance=ben-" in address or "ben-01" in address
    alignments.reload()
    settled(alignments)
    expect(view(alignments)).to_have_attribute("data-selected", "0")
    expect(alignments.get_by_text("Frames of s3prl:fbank")).to_be_visible()


def test_a_search_leaves_the_utterances_that_hold_the_word(alignments, settled):
    alignments.get_by_label("Search a word").fill("piano")
    alignments.get_by_label("Search a word").press("Enter")
    settled(alignments)
    expect(alignments.locator("[data-testid=stText]", has_text="piano")).to_be_visible()
    alignments.get_by_label("Search a word").fill("zzz")
    alignments.get_by_label("Search a word").press("Enter")
    expect(alignments.get_by_text("holds the word 'zzz'")).to_be_visible()
    alignments.get_by_role("button", name="Clear the search").click()
    expect(view(alignments)).to_have_attribute("data-ready", "1")
    expect(alignments).not_to_have_url(re.compile("search="))


def test_two_models_are_drawn_together_walked_by_keyboard_and_restored_by_the_link(
    alignments, settled
):
    alignments.goto(alignments.url + "&model2=s3prl:mel")
    settled(alignments)
    frames = view(alignments).locator(".names .frames")
    expect(frames).to_have_count(2)
    expect(alignments.get_by_text("Computing what is missing")).to_have_count(0)
    expect(view(alignments)).to_have_attribute("data-picture", "ready")
    view(alignments).locator("canvas").focus()
    alignments.keyboard.press("ArrowRight")
    alignments.keyboard.press("ArrowRight")
    expect(view(alignments)).to_have_attribute("data-selected", "1")
    expect(frames.locator(".count")).to_have_count(2)
    expect(alignments).to_have_url(re.compile("word=1"))
    told = [alignments.get_by_text(f"Frames of s3prl:{name}") for name in ("fbank", "mel")]
    for each in told:
        expect(each).to_be_visible()
    settled(alignments)
    alignments.get_by_role("button", name="Copy link").click()
    link = alignments.locator("[data-testid=stCode]").inner_text().strip()
    assert "model=s3prl%3Afbank&model2=s3prl%3Amel" in link
    alignments.goto(link)
    expect(view(alignments)).to_have_attribute("data-selected", "1")
    expect(frames.first).to_contain_text("s3prl:fbank")
    expect(frames.last).to_contain_text("s3prl:mel")
    expect(frames.locator(".count")).to_have_count(2)
    for each in told:
        expect(each).to_be_visible()
