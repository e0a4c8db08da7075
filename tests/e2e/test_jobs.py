"""Jobs, as a person uses it."""

import re

import pytest
from playwright.sync_api import expect

from pipeline.engine import JobQueue, ensure_running
from pipeline.request import ComparisonRequest
from pipeline.settings import AlignmentSettings

REQUEST = ComparisonRequest("demo", "s3prl:fbank", "control:onehot")
SLOW = ComparisonRequest(
    "demo", "untrained:wav2vec2-base", "control:onehot", settings=AlignmentSettings(pooling="last")
)
PAGE = {
    "corpus": "demo",
    "alignments": None,
    "utterance": "cora-02",
    "model": "s3prl:fbank",
    "settings": AlignmentSettings(pooling="first").as_dict(),
}
BROKEN = ComparisonRequest("demo", "s3prl:mel", "control:no-such-model")


@pytest.fixture
def queue(server):
    with JobQueue(server.home / "jobs.db") as opened:
        yield opened


@pytest.fixture
def failed(queue):
    """A job that failed last."""
    job = queue.submit("comparison", BROKEN.as_dict(), "ada")
    queue.claim(job)
    queue.finish(job, "the model broke")
    return queue.find(job.digest)


def details(page):
    return page.locator(".st-key-job-details")


def opened_by(page):
    """Return the tab that the selected job opens in."""
    with page.expect_popup() as opened:
        details(page).get_by_role("link", name="Open").click()
    return opened.value


def test_a_row_opens_its_job_and_the_back_button_closes_it(page, server, settled, failed):
    page.goto(f"{server.url}/jobs?state=Failed")
    settled(page)
    table = page.locator("[data-testid=stDataFrame] .dvn-scroller").first
    # The first row's box, below the header.
    table.click(position={"x": 16, "y": 52})
    expect(page).to_have_url(re.compile(f"job={failed.id}"))
    expect(details(page).get_by_text("the model broke", exact=True)).to_be_visible()
    page.go_back()
    expect(details(page)).to_have_count(0)
    expect(page).to_have_url(re.compile("state=Failed"))
    page.goto(f"{server.url}/jobs?job={failed.id}")
    expect(details(page).get_by_text("asked for by ada").first).to_be_visible()
    details(page).get_by_role("button", name="close").click()
    expect(details(page)).to_have_count(0)


def test_a_job_is_watched_until_it_has_ended_and_opens_in_its_page(page, server, queue):
    job = queue.submit("view", PAGE, "ben")
    ensure_running(server.home)
    page.goto(f"{server.url}/jobs?job={job.id}")
    expect(details(page).locator("code")).to_contain_text(re.compile(r"  done$"))
    expect(details(page).get_by_role("button", name="Cancel")).to_have_count(0)
    opened = opened_by(page)
    expect(opened).to_have_url(re.compile("utterance=cora-02"))
    expect(opened.locator(".st-key-recording .alignment-view")).to_have_attribute("data-ready", "1")
    expect(opened.get_by_text("Computing what is missing")).to_have_count(0)


def test_a_comparison_opens_as_it_was_asked_for_whatever_was_compared_before(
    page, server, settled, queue
):
    job = queue.submit("comparison", REQUEST.as_dict())
    queue.claim(job)
    queue.finish(job)
    page.goto(f"{server.url}/?a=control:lookup&b=control:duration&pooling=Max")
    settled(page)
    page.get_by_role("link", name="Jobs").click()
    expect(page.get_by_role("heading", name="Jobs")).to_be_visible()
    page.locator("[data-testid=stDataFrame] .dvn-scroller").first.click(position={"x": 16, "y": 52})
    opened = opened_by(page)
    model = opened.get_by_role("combobox", name=re.compile("Model A"))
    expect(model).to_have_value("s3prl:fbank")
    expect(opened.get_by_role("button", name=re.compile("Words · mean"))).to_be_visible()


def test_an_active_job_is_cancelled_from_the_list(page, server, settled, queue):
    job = queue.submit("comparison", SLOW.as_dict())
    page.goto(f"{server.url}/jobs")
    settled(page)
    row = page.locator(f".st-key-active-{job.id}")
    expect(row).to_be_visible()
    row.get_by_role("button", name="Cancel").click()
    expect(row).to_have_count(0)
    assert queue.find(job.digest).state == "cancelled"
