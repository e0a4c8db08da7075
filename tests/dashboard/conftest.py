"""Pages run in this process, over a home folder of their own and an engine that never starts."""

import time
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.access import rights
from dashboard.loading import base

APP = Path(__file__).parents[2] / "dashboard" / "app.py"


@pytest.fixture(autouse=True)
def fresh_caches():
    """Streamlit's caches are those of the process."""
    yield
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def oidc(home, monkeypatch, tmp_path):
    """A server where people sign in: ada may do everything, ben start jobs, eva look."""
    (tmp_path / "client-secret").write_text("of the client\n")
    for name, value in {
        "MODE": "oidc",
        "ADMINS": "ada@lab.org",
        "ANALYSTS": "ben@lab.org, group:phonetics",
        "VIEWERS": "eva@lab.org",
        "CONTACT": "ada@lab.org",
        "PUBLIC_URL": "http://localhost:8501",
        "OIDC_METADATA_URL": "http://localhost:9/.well-known/openid-configuration",
        "OIDC_CLIENT_ID": "layerscope",
        "OIDC_CLIENT_SECRET_FILE": str(tmp_path / "client-secret"),
        "ROOTS": str(tmp_path),
    }.items():
        monkeypatch.setenv(f"LAYERSCOPE_{name}", value)
    return home


@pytest.fixture
def sign_in_as(oidc, monkeypatch):  # noqa: ARG001 - where people sign in
    """Return a function that makes somebody look at the pages from now on."""

    def sign_in(name, /, **claims):
        said = {"is_logged_in": True, "iat": time.time(), "email": f"{name}@lab.org", **claims}
        monkeypatch.setattr(rights, "claims", lambda: said if name else {"is_logged_in": False})

    return sign_in


@pytest.fixture
def app(home, monkeypatch):
    """Return a function that opens the app at a page with query parameters."""
    wanted = []
    monkeypatch.setattr(base, "ensure_running", wanted.append)

    def open_app(page=None, **parameters):
        test = AppTest.from_file(str(APP), default_timeout=60)
        if page is not None:
            # Pages share widgets: this is a visitor who opens a link, not one who comes from
            # another page, whose parameters Streamlit drops.
            known = AppTest.from_file(str(APP), default_timeout=60).run()
            known.switch_page(f"app_pages/{page}.py")
            test._page_hash = known._page_hash  # noqa: SLF001 - pages are known after a run only
        test.query_params.update(parameters)
        test.run()
        assert not test.exception, test.exception
        return test

    open_app.engine_wanted = wanted
    open_app.home = home
    return open_app
