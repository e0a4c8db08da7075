"""Names that are markup, paths or tricks of writing: shown as they are, and run or read nowhere."""

from urllib.parse import quote, urlsplit

import numpy as np
import pytest
import soundfile
from playwright.sync_api import expect

from pipeline.corpus.registry import add_corpus
from pipeline.engine import JobQueue
from pipeline.request import ComparisonRequest

MARKUP = "<img/src=x/onerror=alert(1)>"
LINK = "![a](http://evil.example/a.png)"
UP = "../../../../etc/passwd"
WORDS = (
    MARKUP,
    "<script>alert(2)</script>",
    LINK,
    "\N{RIGHT-TO-LEFT OVERRIDE}txt",
    "$x$",
    "{{7*7}}",
)


def text_grid(words):
    """Return a TextGrid in which each word takes a tenth of a second."""
    marks = " ".join(f'{at / 10} {(at + 1) / 10} "{word}"' for at, word in enumerate(words))
    end_s = len(words) / 10
    head = f'"ooTextFile" "TextGrid" 0 {end_s} <exists> 1 "IntervalTier" "words" 0 {end_s}'
    return f"{head} {len(words)} {marks}"


@pytest.fixture(scope="module")
def shown(serve, tmp_path_factory):
    """A server that shows a hostile corpus, and a job about it that failed."""
    home, root = (tmp_path_factory.mktemp(name).resolve() for name in ("shown", "speech"))
    for name, words in (("a", WORDS), ("b", ("one", "two"))):
        soundfile.write(root / f"{name}.wav", np.zeros(16_000), 16_000)
        (root / f"{name}.TextGrid").write_text(text_grid(words), encoding="utf-8")
    rows = [f'"{MARKUP}",a.wav,"{LINK}",{" ".join(WORDS)}', f'"{UP}",b.wav,"{UP}",one two']
    (root / "manifest.csv").write_text(
        "\n".join(["id,audio,speaker,text", *rows]) + "\n", encoding="utf-8"
    )
    add_corpus("hostile", root, None, home)
    asked = ComparisonRequest("hostile", f"hf:/{MARKUP}", LINK)
    with JobQueue(home / "jobs.db") as queue:
        job = queue.submit("comparison", asked.as_dict(), MARKUP)
        queue.claim(job)
        queue.finish(job, f"{MARKUP} {LINK}")
    return serve(home=home, MODE="read-only")


@pytest.fixture
def wary(context, shown):
    """A page that fails the test where something runs, or asks another host."""
    opened, seen = context.new_page(), []
    opened.on("dialog", lambda dialog: (seen.append(dialog.message), dialog.dismiss()))
    opened.on("request", lambda request: seen.append(request.url) if is_away(request) else None)

    def is_away(request):
        parts = urlsplit(request.url)
        return parts.scheme in ("http", "https") and parts.netloc != urlsplit(shown.url).netloc

    yield opened
    assert seen == []


@pytest.mark.parametrize(
    "place",
    [
        "/alignments?corpus=hostile",
        f"/alignments?corpus=hostile&utterance={quote(UP, safe='')}&search=one",
        "/library?corpus=hostile",
        f"/library?tab=Models&find={quote(MARKUP)}",
        "/jobs",
        f"/jobs?job={quote(MARKUP)}",
        f"/?corpus=hostile&a={quote(MARKUP)}&b={quote(LINK)}",
        f"/words?corpus=hostile&subject=Neighbours&find={quote(MARKUP)}",
        f"/{quote(MARKUP, safe='')}?a={quote(MARKUP)}",
    ],
)
def test_nothing_runs_and_nothing_is_asked_elsewhere(shown, wary, settled, place):
    wary.goto(shown.url + place)
    settled(wary)
    expect(wary.locator("img[src=x]")).to_have_count(0)
    expect(wary.locator("img[src*=evil]")).to_have_count(0)
    expect(wary.locator("a[href*=evil]")).to_have_count(0)


def test_a_word_of_markup_is_drawn_as_text(shown, wary, settled):
    wary.goto(f"{shown.url}/alignments?corpus=hostile&utterance={quote(MARKUP)}")
    settled(wary)
    expect(wary.get_by_text("img/src=x/onerror=alert(1").first).to_be_visible()
    expect(wary.get_by_text(f"{LINK} says", exact=True)).to_be_visible()
    expect(wary.locator("a[href*=evil]")).to_have_count(0)
    expect(wary.locator(".stMarkdown img")).to_have_count(0)


@pytest.mark.parametrize(
    "name",
    [UP, UP.replace("/", "\\"), "%2e%2e/%2e%2e/etc/passwd", "a\x00b", "/etc/passwd", "~root"],
)
def test_no_file_is_read_by_its_path(shown, page, name):
    for path in (
        f"/api/audio/hostile/{quote(name, safe='')}.wav",
        f"/api/audio/{quote(name)}/a.wav",
    ):
        answer = page.request.get(shown.url + path)
        assert "root:" not in answer.text()
        # A name of several parts is no address of ours, and gets Streamlit's one page.
        assert answer.status in (400, 404) or "<title>Streamlit</title>" in answer.text()
