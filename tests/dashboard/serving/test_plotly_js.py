import gzip

import pytest
from starlette.testclient import TestClient

from dashboard.components.plotly_chart import plotly_url
from dashboard.server import app
from dashboard.serving.plotly_js import PLOTLY_JS, unwrapped

WRAPPED = (
    b"/** licence */\n(function(root, factory) { root.moduleName = factory() }(this, () => {\n"
    b'"use strict";var Plotly=(()=>{return 1})();\nwindow.Plotly = Plotly;\nreturn Plotly;\n}));'
)


@pytest.fixture
def client():
    return TestClient(app, base_url="http://localhost", client=("127.0.0.1", 1))


def test_the_wrapper_goes_and_all_else_stays():
    expected = (
        b'/** licence */\n"use strict";var Plotly=(()=>{return 1})();\nwindow.Plotly = Plotly;\n'
    )
    assert unwrapped(WRAPPED) == expected


@pytest.mark.parametrize(
    "script",
    [b"", b"var Plotly = 1", WRAPPED.replace(b"window.", b"self."), WRAPPED.replace(b"*/", b"")],
)
def test_what_does_not_look_as_expected_stays_as_it_is(script):
    assert unwrapped(script) == script


def test_the_plotly_js_of_the_package_looks_as_expected():
    script = PLOTLY_JS.read_bytes()
    plain = unwrapped(script)
    assert b"root.moduleName" in script
    assert b"root.moduleName" not in plain
    assert plain.startswith(script[:40])
    assert len(script) - 400 < len(plain) < len(script)


@pytest.mark.parametrize("encoding", ["identity", "gzip, br"])
def test_it_is_served_as_the_browser_takes_it_and_kept_for_good(client, encoding):
    answer = client.get(plotly_url(), headers={"accept-encoding": encoding})
    assert answer.content == unwrapped(PLOTLY_JS.read_bytes())
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["vary"] == "Accept-Encoding"
    assert (answer.headers.get("content-encoding") == "gzip") == ("gzip" in encoding)


def test_it_is_compressed_once(client, monkeypatch):
    client.get(plotly_url())
    monkeypatch.setattr(gzip, "compress", None)
    assert client.get(plotly_url(), headers={"accept-encoding": "gzip"}).status_code == 200
