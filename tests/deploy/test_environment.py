"""The example of settings: the server would start with it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard.access import Role, read_access
from pipeline import configuration
from pipeline.limits import read_limits

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({}, 0, "oidc"),
        (
            {"LAYERSCOPE_MODE": "read-only", "LAYERSCOPE_ADMINS": "", "LAYERSCOPE_ANALYSTS": ""},
            0,
            "read-only",
        ),
        ({"LAYERSCOPE_ADMINS": "", "LAYERSCOPE_ANALYSTS": ""}, 1, "nobody may sign in"),
    ],
    ids=["login", "no login", "nobody"],
)
def test_the_guides_look_at_the_settings_says_the_mode_or_what_is_wrong(
    change, status, said, example, tmp_path
):
    guide = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    code = re.search(r"run --rm --no-deps web \\\n +python -c '(.+)'", guide)[1]
    secret = tmp_path / "oidc_client"
    secret.write_text("a secret\n")
    own = {name: text for name, text in os.environ.items() if not name.startswith("LAYERSCOPE_")}
    told = {
        "LAYERSCOPE_OIDC_CLIENT_SECRET_FILE": str(secret),
        "LAYERSCOPE_HOME": str(tmp_path),
        "STREAMLIT_SERVER_ADDRESS": "0.0.0.0",  # noqa: S104 - as in the container
    }
    done = subprocess.run(  # noqa: S603 - our own guide
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=own | example | told | change,
    )
    assert done.returncode == status, done.stderr
    assert said in done.stdout + done.stderr


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


def test_the_log_is_one_that_programs_read(example):
    assert example["LAYERSCOPE_LOG"] == "json"


def test_no_secret_stands_in_it(example):
    assert not [name for name in example if "SECRET" in name or "TOKEN" in name]
