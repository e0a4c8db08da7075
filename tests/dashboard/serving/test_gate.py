import ipaddress

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from dashboard.access import Access, Provider
from dashboard.serving.gate import Gate

LOCAL = Access()
PUBLIC = Access(
    mode="oidc",
    hosts=("localhost", "127.0.0.1", "layers.lab.org"),
    provider=Provider("https://layers.lab.org", "", "", ""),
)
SHOWN = Access(mode="read-only", hosts=())


async def answer(_request):
    return PlainTextResponse("come in")


async def listen(websocket):
    await websocket.accept()
    await websocket.send_text("come in")
    await websocket.close()


def client(access, host="localhost:8501", address="127.0.0.1"):
    app = Starlette(
        routes=[
            Route("/{path:path}", answer, methods=["GET", "POST"]),
            WebSocketRoute("/_stcore/stream", listen),
        ]
    )
    return TestClient(Gate(app, access), base_url=f"http://{host}", client=(address, 1))


def is_let_in(access, path="/", host="localhost:8501", address="127.0.0.1", **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answered = client(access, host, address).get(path, headers=named)
    assert answered.status_code in (200, 403)
    return answered.status_code == 200


def is_heard(access, host="localhost:8501", address="127.0.0.1", **headers):
    try:
        with client(access, host, address).websocket_connect(
            "/_stcore/stream", headers={"host": host, **headers}
        ) as websocket:
            return websocket.receive_text() == "come in"
    except WebSocketDisconnect:
        return False


@pytest.mark.parametrize("reach", [is_let_in, is_heard])
def test_the_own_page_is_let_in(reach):
    assert reach(LOCAL)
    assert reach(LOCAL, host="127.0.0.1:8501", address="::1")
    assert reach(LOCAL, origin="http://localhost:8501")
    assert reach(PUBLIC, host="layers.lab.org", address="10.0.0.7", origin="https://layers.lab.org")
    assert reach(SHOWN, host="anything.example", address="10.0.0.7")


@pytest.mark.parametrize("reach", [is_let_in, is_heard])
def test_a_page_of_another_site_is_refused(reach):
    for origin in ("https://evil.example", "null", "http://localhost:3000", "http://[", "file://"):
        for access in (LOCAL, PUBLIC, SHOWN):
            assert not reach(access, origin=origin), origin


@pytest.mark.parametrize("reach", [is_let_in, is_heard])
def test_a_name_that_was_made_to_lead_here_is_refused(reach):
    rebound = {"host": "evil.example:8501", "origin": "http://evil.example:8501"}
    assert not reach(LOCAL, **rebound)
    assert not reach(PUBLIC, **rebound)
    assert not reach(LOCAL, host="localhost.evil.example")


@pytest.mark.parametrize("reach", [is_let_in, is_heard])
def test_mode_local_answers_its_own_machine_and_those_it_was_told(reach):
    assert not reach(LOCAL, address="10.0.0.7")
    assert not reach(LOCAL, address="testclient")
    near = Access(local_clients=(ipaddress.ip_network("172.17.0.0/16"),))
    assert reach(near, address="172.17.0.1")
    assert not reach(near, address="172.18.0.1")


def test_a_proxy_may_call_the_server_by_its_own_name():
    assert is_let_in(PUBLIC, host="127.0.0.1:8501", origin="https://layers.lab.org")
    assert not is_let_in(PUBLIC, host="127.0.0.1:8501", origin="http://layers.lab.org.evil.example")


def test_recordings_are_not_embedded_elsewhere_and_links_lead_here():
    for site in ("cross-site", "same-site"):
        assert not is_let_in(LOCAL, "/api/audio/demo/a.wav", Sec_Fetch_Site=site)
        assert is_let_in(LOCAL, "/words?a=minilm", Sec_Fetch_Site=site)
    for site in ("same-origin", "none"):
        assert is_let_in(LOCAL, "/api/audio/demo/a.wav", Sec_Fetch_Site=site)


def test_what_streamlit_tells_of_all_sessions_is_for_the_own_machine_s_user():
    for path in ("/_stcore/metrics", "/base/_stcore/metrics"):
        assert is_let_in(LOCAL, path)
        assert not is_let_in(PUBLIC, path)
        assert not is_let_in(SHOWN, path)
    assert is_let_in(PUBLIC, "/_stcore/health")
    assert not is_let_in(PUBLIC, "/_stcore/agent/sessions")


def test_a_refused_post_says_why():
    refused = client(LOCAL).post("/", headers={"origin": "https://evil.example"})
    assert (refused.status_code, refused.text) == (403, "Requests of other sites are not answered.")
