"""The example of settings: the server would start with it."""

import pytest

from dashboard.access import Role, read_access
from pipeline import configuration
from pipeline.limits import read_limits


@pytest.mark.usefixtures("home")
def test_the_server_accepts_the_example(example, monkeypatch, tmp_path):
    secret = tmp_path / "oidc_client"
    secret.write_text("a secret\n")
    for name, value in example.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LAYERSCOPE_OIDC_CLIENT_SECRET_FILE", str(secret))
    configuration.check()
    access = read_access()
    assert access.mode == "oidc"
    assert access.people[Role.ADMIN] == ("ada@example.org",)
    assert "layerscope.example.org" in access.hosts
    assert read_limits().jobs_per_user == 5


def test_the_base_path_is_that_of_the_address(example):
    base = example["STREAMLIT_SERVER_BASE_URL_PATH"]
    assert example["LAYERSCOPE_PUBLIC_URL"].partition("//")[2].partition("/")[2] == base


def test_no_secret_stands_in_it(example):
    assert not [name for name in example if "SECRET" in name or "TOKEN" in name]
