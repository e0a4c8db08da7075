import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient, WebSocketDenialResponse

from dashboard.serving.session_limit import SessionLimit, most_sessions

PAGE = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


async def answer(_request):
    return PlainTextResponse("come in")


async def listen(websocket):
    await websocket.accept()
    told = await websocket.receive()
    if told["type"] == "websocket.receive":
        raise RuntimeError("a session that ends badly")


@pytest.fixture
def client():
    routes = [
        WebSocketRoute("/_stcore/stream", listen),
        Route("/{path:path}", answer, methods=["GET", "POST"]),
    ]
    with TestClient(SessionLimit(Starlette(routes=routes), 2)) as opened:
        yield opened


def open_page(client):
    return client.websocket_connect("/_stcore/stream")


def test_the_third_of_two_is_refused_with_words_until_somebody_leaves(client):
    with open_page(client):
        with open_page(client):
            with pytest.raises(WebSocketDenialResponse) as refused, open_page(client):
                pass
            assert refused.value.status_code == 503
            assert refused.value.headers["retry-after"] == "30"
            assert "All 2 pages" in refused.value.text
            assert "LAYERSCOPE_MAX_SESSIONS" in refused.value.text
        with open_page(client):
            pass


def test_a_session_that_ends_badly_leaves_its_place(client):
    for _ in range(5):
        with pytest.raises(RuntimeError, match="ends badly"), open_page(client) as session:
            session.send_text("now")
    assert client.get("/", headers=PAGE).status_code == 200


@pytest.mark.parametrize("path", ["/", "/words?a=minilm", "/layerscope/alignments"])
def test_a_page_that_could_not_be_drawn_is_refused_in_words(client, path):
    assert client.get(path, headers=PAGE).text == "come in"
    with open_page(client), open_page(client):
        refused = client.get(path, headers=PAGE)
        assert (refused.status_code, refused.headers["cache-control"]) == (503, "no-store")
        assert "Try again" in refused.text


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/_stcore/health", {}),
        ("/static/js/index.js", {"accept": "*/*"}),
        ("/media/a.csv", PAGE),
        ("/layerscope/api/audio/demo/a.wav", PAGE),
        ("/oauth2callback?code=1", PAGE),
        ("/auth/login", PAGE),
    ],
)
def test_what_open_pages_ask_for_is_answered(client, path, headers):
    with open_page(client), open_page(client):
        assert client.get(path, headers=headers).status_code == 200
        assert client.post("/", headers=PAGE).status_code == 200


@pytest.mark.usefixtures("home")
def test_there_are_five_hundred_places_unless_the_environment_says_otherwise(monkeypatch):
    assert most_sessions() == 500
    monkeypatch.setenv("LAYERSCOPE_MAX_SESSIONS", "7")
    assert most_sessions() == 7
