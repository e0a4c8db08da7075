"""People sign in at a provider, come back to where they were, and are what their groups say."""

import json
import re
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import expect

PLACE = "/words?corpus=demo&a=minilm&b=s3prl%3Afbank&la=3&lb=0&subject=Shares&schema=2"
AUDIO = "/api/audio/demo/ben-01.wav"


class Provider:
    """The provider in a process of its own."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://localhost:{port}"
        script = Path(__file__).with_name("oidc_provider.py")
        self.process = subprocess.Popen([sys.executable, str(script), str(port)])  # noqa: S603 - our own

    def is_healthy(self) -> bool:
        with suppress(OSError), urllib.request.urlopen(f"{self.url}/keys") as answer:  # noqa: S310 - our own
            return answer.status == 200
        return False

    def knows(self, **claims) -> None:
        """Let whoever signs in from now on be a person of these claims."""
        body = json.dumps({"sub": claims.get("email", "nobody"), **claims}).encode()
        urllib.request.urlopen(f"{self.url}/person", body)  # noqa: S310 - our own


@pytest.fixture(scope="module")
def provider(wait_until):
    running = Provider()
    try:
        wait_until(running.is_healthy, "the provider answers")
        yield running
    finally:
        running.process.kill()
        running.process.wait()


@pytest.fixture(scope="module")
def lab(provider, serve, tmp_path_factory):
    """A server where ada may do everything, phonetics start jobs, and eva look."""
    secret = tmp_path_factory.mktemp("lab") / "client-secret"
    secret.write_text("of the client\n")
    return serve(
        MODE="oidc",
        PUBLIC_URL="{url}",
        OIDC_METADATA_URL=f"{provider.url}/.well-known/openid-configuration",
        OIDC_CLIENT_ID="layerscope",
        OIDC_CLIENT_SECRET_FILE=str(secret),
        ADMINS="ada@lab.org",
        ANALYSTS="group:phonetics",
        VIEWERS="eva@lab.org",
        CONTACT="Ada, room 3",
    )


@pytest.fixture
def sign_in(lab, provider, page, settled):
    """Return a function that opens a place as a stranger, and signs in as a person."""

    def go(place="/", **claims):
        provider.knows(**claims)
        page.goto(lab.url + place)
        settled(page)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(re.compile(re.escape(lab.url)))
        settled(page)
        return page

    return go


def badge(page):
    return page.locator(".st-key-visitor")


def test_a_stranger_sees_nothing_and_comes_back_to_the_very_view(lab, sign_in, page, settled):
    page.goto(lab.url + PLACE)
    settled(page)
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(page.get_by_text("minilm")).to_have_count(0)
    assert page.request.get(lab.url + AUDIO).status == 401
    sign_in(PLACE, email="ben@lab.org", groups=["phonetics", "choir"])
    expect(page.get_by_label("Layer of A")).to_have_value("3")
    assert page.url.startswith(f"{lab.url}/words?")
    assert "la=3" in page.url
    expect(badge(page)).to_contain_text("Analyst")
    expect(badge(page)).to_contain_text("ben@lab.org")
    assert page.request.get(lab.url + AUDIO).status == 200


def test_a_viewer_sees_what_is_there_and_which_buttons_are_not_theirs(lab, sign_in, settled):
    page = sign_in("/?a=s3prl%3Amfcc&b=s3prl%3Amel&stride=13", email="eva@lab.org", groups=[])
    expect(badge(page)).to_contain_text("Viewer")
    expect(page.get_by_role("button", name="Compute", exact=True)).to_be_disabled()
    expect(page.locator(".st-key-empty")).to_contain_text("Only an analyst can start a job")
    expect(page.locator(".st-key-empty")).to_contain_text("Ask Ada, room 3")
    page.goto(f"{lab.url}/library")
    settled(page)
    expect(page.get_by_role("button", name="Add a corpus")).to_have_count(0)
    page.goto(f"{lab.url}/storage")
    settled(page)
    expect(page.get_by_role("button", name="Verify")).to_be_disabled()


def test_an_admin_finds_every_button(lab, sign_in, settled):
    page = sign_in("/storage", email="ada@lab.org")
    expect(badge(page)).to_contain_text("Admin")
    expect(page.get_by_role("button", name="Verify")).to_be_enabled()
    page.goto(f"{lab.url}/library")
    settled(page)
    expect(page.get_by_role("button", name="Add a corpus")).to_be_visible()


def test_somebody_of_another_group_is_told_whom_to_ask(lab, sign_in):
    page = sign_in(PLACE, email="kim@elsewhere.org", groups=["astronomy"])
    expect(page.get_by_text("You have no role here")).to_be_visible()
    expect(page.get_by_text("Ask Ada, room 3 for a role")).to_be_visible()
    expect(page.get_by_text("kim@elsewhere.org")).to_be_visible()
    expect(page.get_by_label("Layer of A")).to_have_count(0)
    assert page.request.get(lab.url + AUDIO).status == 401


def test_a_session_ends_and_the_view_is_there_again_after_the_next_sign_in(lab, provider, sign_in):
    page = sign_in(PLACE, email="eva@lab.org", iat=int(time.time()) - 13 * 3600)
    expect(page.get_by_text("Your session has ended.")).to_be_visible()
    assert page.request.get(lab.url + AUDIO).status == 401
    provider.knows(email="eva@lab.org")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Layer of A")).to_have_value("3")
    assert page.url.startswith(f"{lab.url}/words?")


def test_who_signs_out_is_a_stranger_again(lab, sign_in, settled):
    page = sign_in("/jobs", email="eva@lab.org")
    expect(page.get_by_role("heading", name="Jobs")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    page.goto(f"{lab.url}/jobs")
    settled(page)
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert page.request.get(lab.url + AUDIO).status == 401
    assert not [c for c in page.context.cookies() if c["name"].startswith("_streamlit_user")]


def test_who_is_refused_by_the_provider_is_a_stranger(sign_in):
    page = sign_in(PLACE, error="access_denied")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_a_forged_cookie_opens_nothing(lab, page, settled):
    page.context.add_cookies(
        [{"name": "_streamlit_user", "value": "eyJlbWFpbCI6ImFkYUBsYWIub3JnIn0", "url": lab.url}]
    )
    page.goto(lab.url + PLACE)
    settled(page)
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert page.request.get(lab.url + AUDIO).status == 401
