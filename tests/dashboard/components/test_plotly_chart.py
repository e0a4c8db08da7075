"""What the chart component tells the browser, and what it takes from it."""

import base64
import json

import numpy as np
import plotly
import plotly.graph_objects as go
import pytest
import streamlit as st
from streamlit import config
from streamlit.testing.v1 import AppTest

from dashboard.components.plotly_chart import chart_data, clicked_cell, plotly_url


@pytest.fixture
def base_path():
    yield lambda path: config.set_option("server.baseUrlPath", path)
    config.set_option("server.baseUrlPath", "")


@pytest.fixture
def sent(monkeypatch):
    """Let the browser have sent a value for the chart's cell."""

    def send(value):
        monkeypatch.setattr(st, "session_state", {"heatmap": {"cell": value}})

    return send


def data_of(figure):
    return chart_data(figure, alt="a chart", height_px=300, selected=(2, 1))


def test_what_the_browser_is_told_is_json():
    told = json.loads(json.dumps(data_of(go.Figure())))
    assert told["alt"] == "a chart"
    assert told["height"] == 300
    assert told["selected"] == [2, 1]


def test_arrays_arrive_as_the_bytes_that_plotly_decodes_with_nan_kept():
    z = np.array([[0.1, np.nan, -0.2], [0.4, 0.5, 0.6]])
    told = json.loads(data_of(go.Figure(go.Heatmap(z=z)))["figure"])["data"][0]["z"]
    shape = [int(size) for size in told["shape"].split(",")]
    decoded = np.frombuffer(base64.b64decode(told["bdata"]), dtype=told["dtype"]).reshape(shape)
    np.testing.assert_array_equal(decoded, z)


def test_the_cells_that_points_carry_arrive_as_lists():
    figure = go.Figure(go.Scatter(x=[0, 1], y=[0.1, 0.2], customdata=[[0, 3], [1, 3]]))
    assert json.loads(data_of(figure)["figure"])["data"][0]["customdata"] == [[0, 3], [1, 3]]


@pytest.mark.parametrize(
    ("path", "start"), [("", ""), ("layerscope", "/layerscope"), ("/a/b/", "/a/b")]
)
def test_plotly_is_asked_for_below_the_base_path_and_by_version(base_path, path, start):
    base_path(path)
    assert plotly_url() == f"{start}/api/plotly.min.js?v={plotly.__version__}"


def test_a_cell_inside_the_grid_is_taken(sent):
    sent([2, 3])
    assert clicked_cell("heatmap", (3, 4)) == (2, 3)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "2,3",
        "23",
        [],
        [1],
        [1, 2, 3],
        [3, 0],
        [0, 4],
        [-1, 0],
        [1.0, 2.0],
        [True, False],
        [None, 1],
        {"row": 1},
    ],
)
def test_anything_else_is_no_cell(sent, value):
    sent(value)
    assert clicked_cell("heatmap", (3, 4)) is None


def test_a_chart_that_is_not_there_yet_has_no_cell(sent):
    sent([0, 0])
    assert clicked_cell("another chart", (3, 4)) is None


def page():
    import plotly.graph_objects as go  # noqa: PLC0415 - the page runs on its own

    from dashboard.components.plotly_chart import clickable_chart  # noqa: PLC0415 - as above

    figure = go.Figure(go.Heatmap(z=[[1, 2]]))
    clickable_chart(figure, key="shown", alt="only to look at", height_px=200)
    clickable_chart(
        figure,
        key="heatmap",
        alt="two cells",
        height_px=300,
        selected=(0, 1),
        on_cell=lambda: None,
        grid_shape=(1, 2),
        preview=b"a picture",
    )


def test_a_page_mounts_charts_with_and_without_clicks():
    app = AppTest.from_function(page).run()
    assert not app.exception
    shown, clickable = (json.loads(chart.proto.json) for chart in app.get("bidi_component"))
    assert (shown["clickable"], shown["shape"], shown["selected"]) == (False, None, None)
    assert (clickable["clickable"], clickable["shape"]) == (True, [1, 2])
    assert clickable["selected"] == [0, 1]
    assert shown["preview"] is None
    assert base64.b64decode(clickable["preview"]) == b"a picture"
