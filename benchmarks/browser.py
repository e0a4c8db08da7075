"""What a person waits for in a real Chromium, beside an empty Streamlit page in the same run."""

import json
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter

from playwright.sync_api import Browser, Page, expect, sync_playwright

from benchmarks.ratio import Ratio
from benchmarks.served import ROOT, dashboard, served

sys.path.insert(0, str(ROOT / "scripts"))

from find_browser import installed_browser

REPEATS = 10
WAIT_MS = 60_000
FRAMES_WANTED = 50
HEATMAP = ".st-key-heatmap [data-state=ready]"
PICTURE = ".st-key-heatmap [data-preview]"
_PAGES = Path(__file__).parent / "pages"
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
# When each sign was first on the page, to the frame: Playwright itself looks up to 0.5 s apart.
_SEEN = """
signs => {
  window.layerscopeSeen = {}
  const isThere = node => node.getBoundingClientRect().height > 0 && node.checkVisibility(
    { opacityProperty: true, visibilityProperty: true })
  const look = () => {
    for (const sign of signs)
      if (!(sign in layerscopeSeen) && [...document.querySelectorAll(sign)].some(isThere))
        layerscopeSeen[sign] = performance.now() / 1000
    if (Object.keys(layerscopeSeen).length < signs.length) requestAnimationFrame(look)
  }
  look()
}
"""
# Wheel events, a step a frame, for two seconds: zoom in and out, then scroll.
_FRAMES = """
async canvas => {
  const box = canvas.getBoundingClientRect()
  const at = { clientX: box.x + box.width / 3, clientY: box.y + box.height / 2, bubbles: true,
               cancelable: true }
  const start = performance.now()
  let frames = 0
  while (performance.now() - start < 2000) {
    const zooms = frames % 80 < 40
    canvas.dispatchEvent(new WheelEvent("wheel", {
      ...at, ctrlKey: zooms, deltaY: frames % 40 < 20 ? -20 : 20, deltaX: zooms ? 0 : 15 }))
    await new Promise(requestAnimationFrame)
    frames += 1
  }
  return 1000 * frames / (performance.now() - start)
}
"""


def ratios() -> Iterator[Ratio]:
    """Time first views, clicks, page switches and the alignment view; medians of ten."""
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed_browser(), args=_ARGUMENTS)
        with dashboard() as ours, served(_PAGES / "empty.py") as empty:
            yield from _first_view(browser, ours, empty)
            yield _click(browser, ours, empty)
            yield from _switches(browser, ours, empty)
        with served(_PAGES / "long_recording.py") as long, served(_PAGES / "empty.py") as empty:
            yield from _long_recording(browser, long, empty)
        browser.close()


def _first_view(browser: Browser, ours: str, empty: str) -> Iterator[Ratio]:
    def opened(url: str, *signs: str) -> list[float]:
        context = browser.new_context(bypass_csp=True)  # nothing is in its cache
        page = context.new_page()
        page.add_init_script(f"({_SEEN})({json.dumps(signs)})")
        page.goto(url)
        all_seen = f"Object.keys(layerscopeSeen).length === {len(signs)}"
        page.wait_for_function(all_seen, polling=100, timeout=WAIT_MS)
        seconds: dict[str, float] = page.evaluate("layerscopeSeen")
        context.close()
        return [seconds[sign] for sign in signs]

    # Whichever comes first: plotly.js may be there before the picture has been seen.
    seen = f"{PICTURE}, {HEATMAP}"
    taken = [opened(ours, seen, HEATMAP) + opened(empty, "h1") for _ in range(REPEATS)]
    name = "first view of Compare, cold browser"
    yield _ratio(name, "empty page", [(picture, least) for picture, _, least in taken])
    to_click = [(heatmap, least) for _, heatmap, least in taken]
    yield _ratio(f"{name}, until cells can be clicked", "empty page", to_click)


def _click(browser: Browser, ours: str, empty: str) -> Ratio:
    page, least = _opened(browser, ours, HEATMAP), _opened(browser, empty, "h1")
    plot = page.locator(".st-key-heatmap .nsewdrag").first
    box = plot.bounding_box()
    if box is None:
        raise RuntimeError("the heatmap has no place on the page")
    button = least.get_by_role("button", name="Click")
    taken = []
    for number in range(1, REPEATS + 1):
        column = number % 2
        x, y = box["x"] + box["width"] * (0.3 + 0.4 * column), box["y"] + box["height"] / 2
        before = page.locator(".st-key-pair h2").inner_text()
        ours_s = _until(page, _changed(".st-key-pair h2", before), partial(page.mouse.click, x, y))
        sign = f"document.querySelector('h3')?.innerText === 'Clicked {number}'"
        empty_s = _until(least, sign, button.click)
        taken.append((ours_s, empty_s))
    return _ratio("click on a cell, until the details are there", "button of an empty page", taken)


def _changed(selector: str, before: str) -> str:
    return f"document.querySelector({selector!r})?.innerText !== {before!r}"


def _switches(browser: Browser, ours: str, empty: str) -> Iterator[Ratio]:
    page, least = _opened(browser, ours, HEATMAP), _opened(browser, empty, "h1")
    links = page.get_by_test_id("stSidebarNavLink").all()
    names = [link.inner_text().splitlines()[-1] for link in links]  # an icon is text too
    for name in [each for each in names if each != "Compare"]:
        taken = []
        for _ in range(REPEATS):
            ours_s = _switch(page, name)
            _switch(page, "Compare")
            taken.append((ours_s, _switch(least, "Second")))
            _switch(least, "First")
        yield _ratio(f"switch from Compare to {name}", "switch between empty pages", taken)


def _switch(page: Page, name: str) -> float:
    done = (
        f"document.querySelector('h1')?.innerText.trim() === {name!r} && document.querySelector("
        '"[data-testid=stApp][data-test-script-state=notRunning]") !== null'
    )
    link = page.get_by_test_id("stSidebarNavLink").get_by_text(name, exact=True)
    return _until(page, done, link.click)


def _until(page: Page, done: str, act: Callable[[], object]) -> float:
    start = perf_counter()
    act()
    page.wait_for_function(done, polling="raf", timeout=WAIT_MS)
    return perf_counter() - start


def _long_recording(browser: Browser, long: str, empty: str) -> Iterator[Ratio]:
    ready = "[data-ready='1'] canvas"
    name = "35 s with 100 words and 500 phones"
    page, least = _opened(browser, long, ready), _opened(browser, empty, "h1")
    taken = []
    for _ in range(REPEATS):
        seconds = []
        for each, sign in ((page, ready), (least, "h1")):
            start = perf_counter()
            each.reload()
            expect(each.locator(sign)).to_be_visible()
            seconds.append(perf_counter() - start)
        taken.append((seconds[0], seconds[1]))
    yield _ratio(f"{name}, until they are drawn", "empty page, warm browser", taken)
    rate = median(page.locator(ready).evaluate(_FRAMES) for _ in range(3))
    yield Ratio(f"{name}, zooming", rate, "wanted", FRAMES_WANTED, "frames a second")


def _opened(browser: Browser, url: str, sign: str) -> Page:
    # Waiting for a condition evaluates it as text, which the pages' own policy forbids.
    page = browser.new_page(viewport={"width": 1440, "height": 950}, bypass_csp=True)
    page.goto(url)
    expect(page.locator(sign)).to_be_visible()
    return page


def _ratio(name: str, reference: str, taken: list[tuple[float, float]]) -> Ratio:
    ours, reference_s = (median(times) for times in zip(*taken, strict=True))
    return Ratio(name, ours, reference, reference_s)
