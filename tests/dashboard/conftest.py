"""Pages run in this process, over a home folder of their own and an engine that never starts."""

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.loading import base

APP = Path(__file__).parents[2] / "dashboard" / "app.py"


@pytest.fixture(autouse=True)
def fresh_caches():
    """Streamlit's caches are those of the process."""
    yield
    st.cache_data.clear()
    st.cache_resource.clear()


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
