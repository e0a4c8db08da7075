import json
import stat
import time

import pytest
from starlette.requests import Request
from streamlit.runtime.secrets import secrets_singleton
from streamlit.web.server.server_util import AUTH_COOKIE_NAME
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from dashboard.access import Role, read_access
from dashboard.serving import sign_in
from pipeline.configuration import home as home_folder

SECRET = "of these cookies, and long enough to sign them"  # noqa: S105 - of this test


@pytest.fixture
def request_with(oidc, monkeypatch):  # noqa: ARG001 - where people sign in
    monkeypatch.setattr(sign_in, "get_cookie_secret", lambda: SECRET)

    def make(content, secret=SECRET, name=AUTH_COOKIE_NAME):
        value = create_signed_value(secret, AUTH_COOKIE_NAME, content).decode()
        headers = [(b"cookie", f"{name}={value}".encode())]
        return Request({"type": "http", "headers": headers, "method": "GET", "path": "/"})

    return make


def claims(**more):
    return json.dumps({"is_logged_in": True, "iat": time.time(), "email": "eva@lab.org", **more})


def test_the_cookie_of_somebody_who_signed_in_gives_their_role(request_with):
    access = read_access()
    assert sign_in.role_of(request_with(claims()), access) == Role.VIEWER
    assert sign_in.role_of(request_with(claims(email="ada@lab.org")), access) == Role.ADMIN
    assert sign_in.role_of(request_with(claims(iat=time.time() - 86_400)), access) is None


def test_a_forged_a_foreign_and_a_broken_cookie_give_none(request_with):
    access = read_access()
    for request in (
        request_with(claims(), secret="another secret, which is as long as the first"),  # noqa: S106 - of this test
        request_with(claims(), name="_streamlit_user_tokens"),
        request_with("no json"),
        request_with("[1]"),
        Request({"type": "http", "headers": [(b"cookie", b"_streamlit_user=eyJ")]}),
        Request({"type": "http", "headers": []}),
    ):
        assert sign_in.role_of(request, access) is None


def test_streamlit_is_told_of_the_provider_and_nothing_where_nobody_signs_in(oidc, monkeypatch):  # noqa: ARG001 - the environment
    told = sign_in.streamlit_secrets(read_access())["auth"]
    assert told["redirect_uri"] == "http://localhost:8501/oauth2callback"
    assert told["client_secret"] == "of the client"  # noqa: S105 - of this test
    assert not secrets_singleton.load_if_toml_exists()
    for name in ("ADMINS", "ANALYSTS", "VIEWERS"):
        monkeypatch.delenv(f"LAYERSCOPE_{name}")
    monkeypatch.setenv("LAYERSCOPE_MODE", "local")
    assert sign_in.streamlit_secrets(read_access()) == {}


def test_the_cookie_secret_is_made_once_and_is_the_user_s_own(home):  # noqa: ARG001 - its folder
    folder = home_folder()
    first = sign_in.cookie_secret(folder)
    assert len(first) >= 64
    assert sign_in.cookie_secret(folder) == first
    path = folder / "cookie-secret"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.unlink()
    assert sign_in.cookie_secret(folder) != first
