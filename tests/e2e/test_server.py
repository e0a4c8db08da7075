"""The server itself: its routes, its headers, and what survives its end."""

import io
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
import soundfile
from playwright.sync_api import expect

from pipeline.corpus import open_corpus


def get(url, headers=None):
    request = urllib.request.Request(url, headers=headers or {})  # noqa: S310 - our own server
    return urllib.request.urlopen(request)  # noqa: S310 - our own server


def test_audio_is_the_recording_sample_for_sample(server):
    answer = get(f"{server.url}/api/audio/demo/ben-01.wav")
    served, rate_hz = soundfile.read(io.BytesIO(answer.read()), dtype="int16")
    expected, expected_hz = soundfile.read(open_corpus("demo").by_id["ben-01"].audio, dtype="int16")
    assert rate_hz == expected_hz
    assert (served == expected).all()


def test_a_player_may_ask_for_a_part(server):
    url = f"{server.url}/api/audio/demo/ben-01.wav"
    whole = get(url).read()
    part = get(url, {"Range": "bytes=100-199"})
    assert part.status == 206
    assert part.read() == whole[100:200]


@pytest.mark.parametrize(
    "path",
    [
        "/api/audio/demo/no-such.wav",
        "/api/audio/elsewhere/ben-01.wav",
        "/api/audio/demo/..%2F..%2F..%2Fetc%2Fpasswd.wav",
        "/api/audio/..%2F..%2Fetc/passwd.wav",
    ],
)
def test_nothing_but_registered_recordings_is_served(server, path):
    with pytest.raises(urllib.error.HTTPError, match=r"40[04]"):
        get(server.url + path)


def test_what_pages_import_is_there_before_anybody_comes():
    program = """
import ast, sys
from pathlib import Path
from dashboard import app_pages, server

server.import_pages()
pages = [page.read_text() for page in Path(app_pages.__path__[0]).glob("*.py")]
nodes = [node for page in pages for node in ast.walk(ast.parse(page))]
wanted = {(node.module, name.name) for node in nodes if isinstance(node, ast.ImportFrom)
          for name in node.names}
assert ("dashboard.parts", "similarity") in wanted
late = [each for each in wanted if not hasattr(sys.modules.get(each[0]), each[1])]
assert not late and "pandas" in sys.modules, late
"""
    subprocess.run([sys.executable, "-c", program], check=True)  # noqa: S603 - our own program


def test_every_answer_carries_the_security_headers(server):
    headers = get(server.url).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "SAMEORIGIN"
    assert headers["Referrer-Policy"] == "same-origin"
    assert (
        "script-src 'self' blob: 'wasm-unsafe-eval' 'sha256-" in headers["Content-Security-Policy"]
    )
    assert "access-control-allow-origin" not in headers


def test_a_wrong_value_stops_the_start_with_a_sentence_and_no_traceback(tmp_path):
    command = [sys.executable, "-m", "streamlit", "run", "dashboard/server.py"]
    for more, environment, said in (
        ([], {"MODE": "open"}, "LAYERSCOPE_MODE is 'open'; expected one of local, read-only, oidc"),
        (["--server.address", "0.0.0.0"], {}, "in mode local everybody who reaches the server"),  # noqa: S104 - refused
    ):
        told = {f"LAYERSCOPE_{name}": value for name, value in environment.items()}
        done = subprocess.run(  # noqa: S603 - our own server
            [*command, "--server.port", "0", *more],
            cwd=Path(__file__).parents[2],
            env=os.environ | {"LAYERSCOPE_HOME": str(tmp_path)} | told,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 1
        assert done.stderr.strip().splitlines()[-1].startswith("LayerScope does not start: ")
        assert said in done.stderr
        assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Host": "evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_requests_of_other_sites_and_under_other_names_are_refused(server, headers):
    with pytest.raises(urllib.error.HTTPError, match="403"):
        get(f"{server.url}/api/audio/demo/ben-01.wav", headers)


def test_a_killed_server_starts_again_and_the_page_comes_back(page, server, settled, wait_until):
    page.goto(f"{server.url}/?la=1&lb=2")
    settled(page)
    server.kill()
    server.start()
    wait_until(server.is_healthy, "the dashboard answers again")
    page.reload()
    settled(page)
    expect(page.get_by_label("Layer of B")).to_have_value("2")
    expect(page.locator(".st-key-heatmap .layerscope-chart")).to_have_attribute(
        "data-state", "ready"
    )
