import time

import pytest

from dashboard.access import Role, read_access
from pipeline.errors import SettingsError


@pytest.mark.usefixtures("home")
def test_by_default_one_person_may_do_everything():
    access = read_access()
    assert (access.mode, access.role_of({})) == ("local", Role.ADMIN)
    assert access.hosts == ("localhost", "127.0.0.1")
    assert access.provider is None


@pytest.mark.usefixtures("home")
def test_read_only_makes_viewers_of_everybody_whatever_they_say(monkeypatch):
    monkeypatch.setenv("LAYERSCOPE_MODE", "read-only")
    claims = {"is_logged_in": True, "iat": time.time(), "email": "ada@lab.org", "groups": ["*"]}
    assert {read_access().role_of(said) for said in ({}, claims)} == {Role.VIEWER}


def test_a_server_for_people_knows_them_and_its_provider(oidc, tmp_path, monkeypatch):  # noqa: ARG001 - the environment
    access = read_access()
    assert access.people[Role.ANALYST] == ("ben@lab.org", "group:phonetics")
    assert access.provider.client_secret == "of the client"  # noqa: S105 - of this test
    assert "of the client" not in repr(access)
    monkeypatch.setenv("LAYERSCOPE_OIDC_HOURS", "0.5")
    monkeypatch.setenv("LAYERSCOPE_HOSTS", "Layers.lab.org")
    assert read_access().session_s == 1800
    assert read_access().hosts == ("localhost", "127.0.0.1", "layers.lab.org")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("MODE", "open", "expected one of local, read-only, oidc"),
        ("MODE", "local", "LAYERSCOPE_ADMINS is set, but in mode local nobody signs in"),
        ("MODE", "read-only", "in mode read-only nobody signs in"),
        ("ADMINS", "ada", "LAYERSCOPE_ADMINS lists 'ada'; expected e-mail addresses, group:NAME"),
        ("PUBLIC_URL", "", "which needs LAYERSCOPE_PUBLIC_URL; expected an address"),
        ("PUBLIC_URL", "layers.lab.org", "expected an address such as https://"),
        ("PUBLIC_URL", "http://layers.lab.org", "http only on this machine"),
        ("PUBLIC_URL", "https://me:word@layers.lab.org", "to hold no name"),
        ("PUBLIC_URL", "javascript:alert(1)", "expected an address"),
        ("OIDC_METADATA_URL", "https://id.lab.org", "expected it to end with /.well-known"),
        ("OIDC_CLIENT_ID", "", "needs LAYERSCOPE_OIDC_CLIENT_ID"),
        ("OIDC_CLIENT_SECRET_FILE", "/no/such", "names /no/such, which cannot be read"),
        ("OIDC_CLIENT_SECRET_FILE", "/dev/null", "which is empty"),
        ("OIDC_HOURS", "0", "LAYERSCOPE_OIDC_HOURS is '0'"),
        ("HOSTS", "https://lab.org", "expected names of hosts, without http"),
        ("LOCAL_CLIENTS", "172.17.0.0/8", "expected addresses or networks"),
    ],
)
def test_a_wrong_value_is_one_helpful_sentence(oidc, monkeypatch, name, value, said):  # noqa: ARG001 - the environment
    read_access()
    monkeypatch.setenv(f"LAYERSCOPE_{name}", value)
    with pytest.raises(SettingsError, match=said) as raised:
        read_access()
    assert "of the client" not in str(raised.value)
    assert "word" not in str(raised.value) or name != "OIDC_CLIENT_SECRET_FILE"


def test_a_server_where_nobody_may_sign_in_does_not_start(oidc, monkeypatch):  # noqa: ARG001 - the environment
    for name in ("ADMINS", "ANALYSTS", "VIEWERS"):
        monkeypatch.delenv(f"LAYERSCOPE_{name}")
    with pytest.raises(SettingsError, match="nobody may sign in; list e-mail addresses"):
        read_access()
