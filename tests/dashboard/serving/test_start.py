import resource

import pytest
import streamlit as st

from dashboard.access import Role, read_access
from dashboard.serving.start import (
    ENOUGH_DESCRIPTORS,
    check_server,
    checked_access,
    raise_descriptor_limit,
)
from pipeline.bundle import read_bundle
from pipeline.errors import SettingsError


@pytest.fixture
def option(home):  # noqa: ARG001 - whose server it is
    """Set an option of Streamlit's."""
    before = {}

    def set_option(name, value):
        before.setdefault(name, st.get_option(name))
        st.config.set_option(name, value)

    yield set_option
    for name, value in before.items():
        st.config.set_option(name, value)


@pytest.mark.parametrize("address", ["localhost", "127.0.0.1", "127.0.0.2", "::1"])
def test_mode_local_listens_on_its_own_machine(option, address):
    option("server.address", address)
    assert checked_access().mode == "local"


@pytest.mark.parametrize("address", [None, "", "0.0.0.0", "10.0.0.7", "::", "layers.lab.org"])  # noqa: S104 - refused
def test_mode_local_listens_nowhere_else_unless_it_is_told_to_whom(option, address, monkeypatch):
    option("server.address", address)
    with pytest.raises(SystemExit, match=r"LayerScope does not start: in mode local everybody .*"):
        checked_access()
    monkeypatch.setenv("LAYERSCOPE_LOCAL_CLIENTS", "172.17.0.1")
    checked_access()
    monkeypatch.setenv("LAYERSCOPE_MODE", "read-only")
    assert checked_access().mode == "read-only"


@pytest.mark.parametrize("name", ["server.enableCORS", "server.enableXsrfProtection"])
def test_the_protections_of_streamlit_stay_on(option, name):
    option("server.address", "localhost")
    option(name, value=False)
    with pytest.raises(SystemExit, match=f"option {name} is off"):
        checked_access()


def test_others_never_run_code(option, monkeypatch):
    option("server.address", "localhost")
    monkeypatch.setenv("LAYERSCOPE_ALLOW_PYTHON_MODELS", "1")
    checked_access()
    monkeypatch.setenv("LAYERSCOPE_MODE", "read-only")
    with pytest.raises(SystemExit, match="such models run any code; unset it"):
        checked_access()


def test_where_people_sign_in_authlib_is_there(oidc, monkeypatch):  # noqa: ARG001 - the environment
    check_server(read_access())
    monkeypatch.setattr("dashboard.serving.start.find_spec", lambda _name: None)
    with pytest.raises(SettingsError, match="needs Authlib; pip install Authlib"):
        check_server(read_access())


def test_a_process_may_open_more_than_it_started_with_and_never_less():
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        for soft in (256, before[0]):
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, before[1]))
            raise_descriptor_limit()
            now = resource.getrlimit(resource.RLIMIT_NOFILE)
            assert now == (max(soft, min(ENOUGH_DESCRIPTORS, before[1])), before[1])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("MODE", "open", "LAYERSCOPE_MODE is 'open'"),
        ("MAX_SESSIONS", "0", "LAYERSCOPE_MAX_SESSIONS is '0'"),
        ("TASK_MINUTES", "soon", "LAYERSCOPE_TASK_MINUTES is 'soon'"),
        ("MAX_HOURS", "-3", "LAYERSCOPE_MAX_HOURS is '-3'"),
        ("STORE_LIMIT", "big", "LAYERSCOPE_STORE_LIMIT: expected a size"),
        ("SHARED", "nonsense://x", "expected s3://BUCKET/FOLDER"),
        ("MODELSS", "x", "there is no variable LAYERSCOPE_MODELSS"),
    ],
)
def test_a_wrong_value_stops_the_start_with_one_sentence(option, monkeypatch, name, value, said):
    option("server.address", "localhost")
    monkeypatch.setenv(f"LAYERSCOPE_{name}", value)
    with pytest.raises(SystemExit) as stopped:
        checked_access()
    text = str(stopped.value)
    assert text.startswith("LayerScope does not start: ")
    assert said in text
    assert "\n" not in text


def test_a_bundle_is_shown_read_only_and_to_whoever_reaches_it(published, option):
    option("server.address", "0.0.0.0")  # noqa: S104 - a host of its own
    access = checked_access()
    assert (access.mode, access.hosts) == ("read-only", ())
    assert access.role_of({}) == Role.VIEWER
    assert (published.folder / "bundle.json").is_file()


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("mode", ["local", "oidc"])
def test_a_bundle_has_no_other_mode(option, monkeypatch, mode):
    option("server.address", "localhost")
    monkeypatch.setenv("LAYERSCOPE_MODE", mode)
    with pytest.raises(SystemExit, match=rf"LAYERSCOPE_MODE is '{mode}', but a bundle"):
        checked_access()


def test_what_is_no_bundle_or_of_another_version_does_not_start(published, option, monkeypatch):
    option("server.address", "localhost")
    monkeypatch.setattr("pipeline.comparison.COMPARISON_VERSION", 0)
    with pytest.raises(SystemExit, match="no result of its first comparison for this"):
        checked_access()
    monkeypatch.setenv("LAYERSCOPE_BUNDLE", str(published.folder.parent))
    with pytest.raises(SystemExit, match="is no bundle"):
        checked_access()


def test_a_bundle_with_a_view_of_no_page_does_not_start(published, option):
    option("server.address", "localhost")
    listed = published.folder / "bundle.json"
    listed.write_text(listed.read_text().replace('"page": "words"', '"page": "//evil.example"'))
    read_bundle.cache_clear()
    with pytest.raises(SystemExit, match="expected a page among"):
        checked_access()
