import io
from urllib.parse import quote

import numpy as np
import pytest
import soundfile
from starlette.testclient import TestClient

from dashboard.server import app
from dashboard.serving.routes import routes
from pipeline.configuration import home as home_folder
from pipeline.corpus.registry import add_corpus

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
    answer = client.get("/api/audio/demo/ben-01.wav")
    assert (answer.status_code, answer.text) == (401, "Sign in first.")
    assert client.get("/api/plotly.min.js").status_code == 200


def test_below_a_base_path_are_the_same_routes():
    plain, below = routes(""), routes("/layerscope/")
    assert [each.path for each in below[: len(plain)]] == [f"/layerscope{r.path}" for r in plain]
    assert [each.endpoint for each in below] == [each.endpoint for each in plain] * 2
