"""A bundle, published, moved and shown where nothing else of its source is, as a person sees it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

ROOT = Path(__file__).parents[2]
A, B = "minilm", "s3prl:fbank"
LINK = f"http://localhost:8501/?corpus=demo&a={A}&b={B}&la=2&lb=0"


def command(home, *arguments):
    """Run a command over a home folder; return what it printed."""
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "pipeline", *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"LAYERSCOPE_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.fixture(scope="module")
def shown(serve, tmp_path_factory):
    """A server over a bundle of one comparison and one recording, whose source is gone."""
    folder = tmp_path_factory.mktemp("bundle")
    compared = ("--corpus", "demo", "--model1", A, "--model2", B)
    command(folder / "home", "cka", *compared, "--out", folder / "scores.json")
    recording = f"alignments?corpus=demo&model={B}&utterance=ben-01"
    done = command(
        *(folder / "home", "publish", "--views", LINK, recording),
        *("--out", folder / "made", "--sounds", "4"),
    )
    assert "2 views, 1 comparisons" in done
    (folder / "made").rename(folder / "moved")
    shutil.rmtree(folder / "home")
    yield serve(folder / "unused", BUNDLE=str(folder / "moved"))
    assert not (folder / "unused").exists()


def test_a_cell_is_chosen_and_nothing_can_be_computed(page, shown, settled):
    page.goto(shown.url)
    settled(page)
    expect(page.get_by_role("heading", name="Layer 2 × layer 0")).to_be_visible()
    expect(page.get_by_text("This is a read-only bundle: it holds 2 views")).to_be_visible()
    box = page.locator(".st-key-heatmap .nsewdrag").bounding_box()
    # Rows count from the bottom, and B has one layer.
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] * (1 - 4.5 / 7))
    expect(page).to_have_url(re.compile("la=4"))
    expect(page.get_by_role("heading", name="Layer 4 × layer 0")).to_be_visible()
    settled(page)
    for name in ("Compute", "Cancel", "Save view", "Calibrate this cell"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    expect(page.get_by_text("Calibrate this cell: not in this bundle.")).to_be_visible()


def test_a_word_is_heard(page, shown, settled):
    heard = []
    page.on("response", lambda answer: heard.append(answer) if "/api/audio/" in answer.url else 0)
    page.goto(f"{shown.url}/alignments")
    settled(page)
    view = page.locator(".st-key-recording .alignment-view")
    expect(view).to_have_attribute("data-ready", "1")
    view.locator("canvas").focus()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("word=0"))
    expect(view).to_have_attribute("data-played", re.compile(r"\d\.\d{3}-\d\.\d{3}"))
    expect(page.get_by_text(f"Frames of {B}")).to_be_visible()
    assert {answer.status for answer in heard} <= {200, 206}
    assert heard


def test_every_page_is_drawn_and_the_saved_view_opens(page, shown, settled):
    for name in ("overview", "words", "measures", "beside", "library", "help", "views"):
        page.goto(f"{shown.url}/{name}")
        settled(page)
        expect(page.get_by_text("This cannot be shown")).to_have_count(0)
        expect(page.get_by_role("button", name="Compute")).to_have_count(0)
    page.goto(f"{shown.url}/views?view=1")
    settled(page)
    with page.expect_popup() as opening:
        page.get_by_role("link", name="Open").click()
    expect(opening.value.locator("h1")).to_be_visible()
    settled(opening.value)
