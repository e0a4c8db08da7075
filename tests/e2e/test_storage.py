"""Storage, as a person uses it."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from cache import Key, Store

KEYS = [Key("scrap", 1, {"n": n}) for n in range(3)]


@pytest.fixture
def scrap(server):
    """The server's store, with three records that nobody misses."""
    with Store(server.home / "store") as store:
        for key in KEYS:
            store.put(key, {"x": np.zeros(8)}, labels={"corpus": "scrap"})
        yield store


def test_records_are_deleted_after_a_look_and_a_yes(page, server, settled, scrap):
    page.goto(f"{server.url}/storage?prune_kind=scrap")
    settled(page)
    pruning = page.locator(".st-key-pruning")
    expect(pruning.get_by_text("Would delete 3 records")).to_be_visible()
    pruning.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("3 records, ")).to_contain_text("kind scrap")
    dialog.get_by_role("button", name="Keep them").click()
    expect(dialog).to_have_count(0)
    assert scrap.missing(KEYS) == []
    pruning.get_by_role("button", name="Delete").click()
    dialog.get_by_role("button", name="Delete").click()
    expect(dialog).to_have_count(0)
    care = page.locator(".st-key-care")
    expect(care.get_by_text("3 records deleted")).to_be_visible()
    assert scrap.missing(KEYS) == KEYS
    # What is gone is no criterion any more.
    expect(page.get_by_text("Choose what to delete")).to_be_visible()


def test_a_check_is_watched_until_its_outcome_and_its_job_is_opened(page, server, settled, scrap):
    scrap.file_of(scrap.entry(KEYS[0].digest)).write_bytes(b"damaged")
    page.goto(f"{server.url}/storage")
    settled(page)
    page.get_by_role("button", name="Verify").click()
    care = page.locator(".st-key-care")
    expect(care.get_by_text("1 damaged ones dropped")).to_be_visible()
    assert scrap.missing(KEYS) == KEYS[:1]
    care.get_by_role("link", name="Details").click()
    expect(page).to_have_url(re.compile("/jobs.*job="))
    expect(page.locator(".st-key-job-details code")).to_contain_text(KEYS[0].digest)
