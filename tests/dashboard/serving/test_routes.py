import io
from urllib.parse import quote

import numpy as np
import pytest
import soundfile
from starlette.testclient import TestClient

from dashboard.server import app
from dashboard.serving.routes import routes
from pipeline.configuration import home as home_folder
from pipeline.configuration import open_store
from pipeline.corpus import open_corpus
from pipeline.corpus.digests import audio_digests
from pipeline.corpus.registry import add_corpus
from pipeline.recording_view import get_recording_view
from pipeline.rendering import store_recording_view

SAMPLES = np.array([0.0, 0.25, -0.5, 1.0, -1.0, 0.999] * 100)


def served(content):
    return soundfile.read(io.BytesIO(content), dtype="int16")


@pytest.mark.parametrize("name", ["s1/a", "é à", "a#b?c&d%", "a.wav"])
def test_an_utterance_of_any_name_is_found(home, tmp_path, name):  # noqa: ARG001 - its registry
    root = tmp_path / "speech"
    (root / name).parent.mkdir(parents=True)
    soundfile.write(root / f"{name}.wav", SAMPLES, 8000)
    rows = f'id,audio,start,end,text\n"{name}","{name}.wav",0.01,0.05,one\n'
    (root / "manifest.csv").write_text(rows, encoding="utf-8")
    (root / f"{name}.TextGrid").write_text(
        '"ooTextFile" "TextGrid" 0 1 <exists> 1 "IntervalTier" "words" 0 1 1 0.01 0.05 "one"'
    )
    add_corpus("mine", root, None, home_folder())
    client = TestClient(app, base_url="http://localhost", client=("127.0.0.1", 1))
    answer = client.get(f"/api/audio/mine/{quote(name, safe='')}.wav")
    assert answer.status_code == 200
    assert len(served(answer.content)[0]) == 320


def test_a_stranger_hears_nothing(oidc):  # noqa: ARG001 - where people sign in
    client = TestClient(app, base_url="http://localhost", client=("127.0.0.1", 1))
    for path in ("/api/audio/demo/ben-01.wav", "/api/picture/demo/ben-01.bin"):
        answer = client.get(path)
        assert (answer.status_code, answer.text) == (401, "Sign in first.")
    assert client.get("/api/plotly.min.js").status_code == 200


def test_a_picture_is_served_once_it_is_computed(home):  # noqa: ARG001 - where it is stored
    client = TestClient(app, base_url="http://localhost", client=("127.0.0.1", 1))
    path = "/api/picture/demo/ben-01.bin"
    assert client.get(path).status_code == 404
    corpus = open_corpus("demo")
    with open_store() as store:
        digest = audio_digests(corpus, store)["ben-01"]
        store_recording_view(store, corpus.by_id["ben-01"], digest)
        view = get_recording_view(store, digest)
        expected = view.spectrogram.tobytes() + view.peaks.tobytes()
    answer = client.get(path)
    assert answer.content == expected
    assert answer.headers["cache-control"] == "private, max-age=3600"
    assert client.get("/api/picture/demo/nobody.bin").status_code == 404
    assert client.get("/api/picture/none/ben-01.bin").status_code == 404


def test_below_a_base_path_are_the_same_routes():
    plain, below = routes(""), routes("/layerscope/")
    assert [each.path for each in below[: len(plain)]] == [f"/layerscope{r.path}" for r in plain]
    assert [each.endpoint for each in below] == [each.endpoint for each in plain] * 2


@pytest.mark.parametrize(
    ("asked", "status", "length"),
    [
        ("bytes=10-19", 206, 10),
        (f"bytes=0-{'9' * 18}", 206, None),
        (f"bytes=0-{'9' * 5000}", 200, None),
        (f"bytes={'9' * 5000}-", 200, None),
        ("bytes=-5", 200, None),
        ("bytes=9-3", 416, 0),
        (f"bytes={'9' * 18}-", 416, 0),
        ("bytes=0-1,3-4", 200, None),
        ("lines=1-2", 200, None),
    ],
)
def test_any_range_is_answered(home, asked, status, length):  # noqa: ARG001 - its registry
    client = TestClient(app, base_url="http://localhost", client=("127.0.0.1", 1))
    path = "/api/audio/demo/ben-01.wav"
    whole = client.get(path).content
    answer = client.get(path, headers={"Range": asked})
    assert answer.status_code == status
    assert len(answer.content) == (len(whole) if length is None else length)
