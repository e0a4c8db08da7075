"""The library, as a person uses it."""

import re
import shutil
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from pipeline.corpus import open_corpus

FIRST_ROW, SECOND_ROW = {"x": 60, "y": 55}, {"x": 60, "y": 90}  # below the heading, in pixels


@pytest.fixture
def plain(tmp_path):
    """A folder of one recording whose words have no times."""
    chapter = tmp_path / "plain" / "1" / "2"
    chapter.mkdir(parents=True)
    utterance = open_corpus("demo").utterances[0]
    shutil.copy(utterance.audio, chapter / "1-2-0000.flac")
    (chapter / "1-2.trans.txt").write_text(f"1-2-0000 {' '.join(utterance.words)}")
    return tmp_path / "plain"


def test_a_model_is_searched_clicked_and_compared(page, server, settled):
    page.goto(f"{server.url}/?a=control:lookup")
    settled(page)
    page.get_by_role("link", name="Library").click()
    page.get_by_role("tab", name="Models").click()
    search = page.get_by_role("textbox", name="Search")
    search.fill("Mel bands of")
    search.press("Enter")
    expect(page).to_have_url(re.compile("find=Mel"))
    expect(page.get_by_text("Model (1)")).to_be_visible()
    search.fill("s3prl:m")
    search.press("Enter")
    expect(page).to_have_url(re.compile("find=s3prl"))
    expect(page.get_by_text("Model (1)")).to_have_count(0)
    settled(page)
    page.locator(".st-key-models .dvn-scroller").click(position=SECOND_ROW)
    expect(page).to_have_url(re.compile("model=s3prl"))
    (name,) = parse_qs(urlsplit(page.url).query)["model"]
    expect(page.get_by_text("Compare as A")).to_be_visible()
    page.get_by_text("Compare as A").click()
    expect(page).to_have_url(re.compile("[?&]a=s3prl"))
    (compared,) = parse_qs(urlsplit(page.url).query)["a"]
    assert compared == name != "control:lookup"


def test_a_corpus_is_added_aligned_and_used(page, server, settled, plain):
    page.goto(f"{server.url}/library")
    settled(page)
    page.get_by_role("button", name="Add a corpus").click()
    page.get_by_label("Name", exact=True).fill("plain")
    page.get_by_label("Folder or manifest").fill(str(plain))
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("plain: 0 utterances registered, 1 lack an alignment")).to_be_visible()
    expect(page).to_have_url(re.compile("corpus=plain"))
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Align", exact=True).click()
    use = page.get_by_role("button", name="Add as the corpus plain-pocketsphinx")
    # Whatever else the engine has to do comes first.
    expect(use).to_be_visible(timeout=240_000)
    use.click()
    expect(page).to_have_url(re.compile("corpus=plain-pocketsphinx"))
    page.reload()
    settled(page)
    expect(page.get_by_text("Aligner: pocketsphinx")).to_be_visible()
    page.locator(".st-key-corpora .dvn-scroller").click(position=FIRST_ROW)
    expect(page).not_to_have_url(re.compile("corpus=plain"))
