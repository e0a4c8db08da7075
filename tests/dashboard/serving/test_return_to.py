from urllib.parse import quote

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from dashboard.serving.return_to import COOKIE, MOST_CHARACTERS, ReturnTo, checked, place_of

PLACE = "/words?a=minilm&b=s3prl%3Afbank&schema=1"


async def to_the_provider(_request):
    return RedirectResponse("https://id.lab.org/authorize", 302)


async def to_the_first_page(request):
    response = RedirectResponse(request.query_params.get("to", "/"), 302)
    response.set_cookie("_streamlit_user", "signed")
    return response


async def page(_request):
    return PlainTextResponse("a page")


@pytest.fixture
def client():
    app = Starlette(
        routes=[
            Route("/auth/login", to_the_provider),
            Route("/oauth2callback", to_the_first_page),
            Route("/{path:path}", page),
        ]
    )
    return TestClient(
        ReturnTo(app, is_secure=False), base_url="http://localhost:8501", follow_redirects=False
    )


def test_somebody_comes_back_to_where_they_signed_in_from_and_once(client):
    login = client.get("/auth/login", headers={"referer": f"http://localhost:8501{PLACE}"})
    assert login.headers["location"] == "https://id.lab.org/authorize"
    assert "HttpOnly; SameSite=Lax" in login.headers["set-cookie"]
    back = client.get("/oauth2callback")
    assert back.headers["location"] == PLACE
    assert "_streamlit_user=signed" in back.headers["set-cookie"]
    assert client.get("/oauth2callback").headers["location"] == "/"


def test_a_sign_in_from_elsewhere_leads_to_the_first_page(client):
    for referer in (
        f"https://evil.example{PLACE}",
        "http://localhost:9/words",
        "",
        "nonsense",
        "http://[",
    ):
        client.get("/auth/login", headers={"referer": f"http://localhost:8501{PLACE}"})
        client.get("/auth/login", headers={"referer": referer})
        assert client.get("/oauth2callback").headers["location"] == "/"


@pytest.mark.parametrize(
    "place",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/a\r\nset-cookie: b=c",
        "/a\tb",
        "/\N{FULLWIDTH SOLIDUS}evil.example",
        "",
        "words",
        "/" + "a" * MOST_CHARACTERS,
    ],
)
def test_a_forged_cookie_leads_nowhere_else(client, place):
    assert checked(place) == ""
    client.cookies.set(COOKIE, quote(place, safe=""))
    assert client.get("/oauth2callback").headers["location"] == "/"


def test_a_sign_in_that_ends_elsewhere_is_left_alone(client):
    client.cookies.set(COOKIE, quote(PLACE, safe=""))
    for elsewhere in ("https://id.lab.org/", "/?error=denied"):
        answer = client.get("/oauth2callback", params={"to": elsewhere})
        assert answer.headers["location"] == elsewhere


def test_other_pages_are_passed_on_as_they_are(client):
    assert "set-cookie" not in client.get("/words", headers={"referer": "http://a/"}).headers
    assert place_of("http://localhost:8501/a", "") == ""


def test_by_https_the_cookie_goes_by_https_only():
    app = Starlette(routes=[Route("/auth/login", to_the_provider)])
    client = TestClient(ReturnTo(app, is_secure=True), follow_redirects=False)
    assert client.get("/auth/login").headers["set-cookie"].endswith("; Secure")
