import base64
import hashlib
import re

from dashboard.serving.headers import HEADERS, content_security_policy, inline_scripts


def policy():
    parts = [part.split(" ") for part in content_security_policy().split("; ")]
    return {name: sources for name, *sources in parts}


def test_nothing_is_loaded_from_elsewhere():
    for sources in policy().values():
        for source in sources:
            assert re.fullmatch(r"'.*'|data:|blob:", source), source
    assert policy()["default-src"] == ["'self'"]


def test_no_script_runs_that_stands_in_a_page_or_comes_as_text():
    scripts = policy()["script-src"]
    assert "'unsafe-inline'" not in scripts
    assert "'unsafe-eval'" not in scripts
    assert "data:" not in scripts


def test_the_one_script_of_streamlit_s_page_is_named_by_its_hash():
    page = "<p>a</p><script>\n  let a = 1\n</script><script src='b.js'></script>"
    assert inline_scripts(page) == ("\n  let a = 1\n",)
    digest = hashlib.sha256(b"\n      window.prerenderReady = false\n    ").digest()
    assert f"'sha256-{base64.b64encode(digest).decode()}'" in policy()["script-src"]


def test_other_pages_can_neither_frame_nor_embed_this_one():
    assert policy()["frame-ancestors"] == ["'self'"]
    assert HEADERS["X-Frame-Options"] == "SAMEORIGIN"
    assert HEADERS["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "microphone=()" in HEADERS["Permissions-Policy"]
