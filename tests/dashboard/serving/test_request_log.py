import logging

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient, WebSocketDenialResponse

from dashboard.serving.request_log import RequestLog
from pipeline.logs import request_id


async def answer(_request):
    return PlainTextResponse(request_id.get(), status_code=201)


async def fail(_request):
    raise ValueError


async def listen(websocket):
    await websocket.accept()
    await websocket.close()


async def refuse(websocket):
    await websocket.send_denial_response(PlainTextResponse("full", status_code=503))


@pytest.fixture
def client(caplog):
    caplog.set_level(logging.INFO, "dashboard.serving.request_log")
    routes = [
        Route("/fails", fail),
        WebSocketRoute("/_stcore/stream", listen),
        WebSocketRoute("/full", refuse),
        Route("/{path:path}", answer),
    ]
    return TestClient(RequestLog(Starlette(routes=routes)), raise_server_exceptions=False)


def test_each_request_has_an_id_that_its_answer_and_its_line_bear(client, caplog):
    first, second = client.get("/words"), client.get("/words")
    assert first.headers["X-Request-ID"] == first.text != second.text
    record = caplog.records[0]
    assert (record.method, record.path, record.status) == ("GET", "/words", 201)
    assert 0 <= record.seconds < 10
    assert request_id.get() == ""


def test_the_id_of_the_proxy_counts_if_it_looks_like_one(client):
    assert client.get("/", headers={"X-Request-ID": "a1b2c3d4e5"}).text == "a1b2c3d4e5"
    for bad in ("short", "x" * 65, 'a1b2c3d4e5"}', "a1b2c3d4 e5"):
        assert client.get("/", headers={"X-Request-ID": bad}).text != bad


def test_neither_query_nor_cookie_nor_name_of_a_recording_is_logged(client, caplog):
    client.get("/api/audio/interviews/anna-01.wav?secret=1", headers={"Cookie": "user=ada"})
    said = str([vars(record) for record in caplog.records if record.name.endswith("request_log")])
    assert "/api/audio/..." in said
    for hidden in ("anna", "interviews", "secret", "ada"):
        assert hidden not in said


def test_what_fails_and_what_stays_open_is_logged_too(client, caplog):
    client.get("/fails")
    with client.websocket_connect("/_stcore/stream"):
        pass
    with pytest.raises(WebSocketDenialResponse), client.websocket_connect("/full"):
        pass
    lines = [(r.method, r.status) for r in caplog.records if r.name.endswith("request_log")]
    assert lines == [("GET", 500), ("WEBSOCKET", 101), ("WEBSOCKET", 503)]
