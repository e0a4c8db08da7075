"""The audit of what is installed: what it lets through, and what it stops at."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import audit  # noqa: E402 - a script, beside the packages


def finding(name, *ids, fixed=()):
    vulnerability = {"id": ids[0], "aliases": [*ids[1:]], "fix_versions": [*fixed]}
    return {"name": name, "version": "1.0", "vulns": [vulnerability]}


@pytest.fixture
def audited(monkeypatch):
    def run(said, stderr=""):
        out = said if isinstance(said, str) else json.dumps({"dependencies": said})
        done = SimpleNamespace(stdout=out, stderr=stderr, returncode=1)
        monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
        return audit.main()

    return run


def test_a_finding_stops_it_and_says_what_to_install(audited, capsys):
    assert audited([finding("torch", "CVE-1", fixed=["1.1"]), finding("numpy", "CVE-2")]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "torch 1.0: CVE-1, fixed in 1.1",
        "numpy 1.0: CVE-2, fixed in no release",
    ]


def test_what_is_accepted_is_found_under_each_of_its_names(audited):
    assert audited([finding("diskcache", "PYSEC-2026-1", "CVE-2025-69872")]) == 0
    assert audited([finding("diskcache", "CVE-2025-69872")]) == 0


@pytest.mark.parametrize(
    "stderr",
    [
        "requests.exceptions.ProxyError: HTTPSConnectionPool(host='pypi.org'): Max retries",
        "requests.exceptions.ConnectionError: Failed to resolve 'pypi.org'",
        "ERROR:pip_audit._cli:Could not connect to PyPI's vulnerability feed",
        "requests.exceptions.HTTPError: 503 Server Error: Service Unavailable for url: https://p",
    ],
)
def test_without_the_network_nothing_fails_and_it_is_said(audited, capsys, stderr):
    assert audited("", f"Traceback (most recent call last):\n{stderr}") == 0
    said = capsys.readouterr().out
    assert said.startswith("not audited: ")
    assert stderr in said


def test_where_the_list_does_not_answer_in_time_nothing_fails(monkeypatch, capsys):
    def hang(command, **_):
        raise subprocess.TimeoutExpired(command, audit.PATIENCE_S)

    monkeypatch.setattr(subprocess, "run", hang)
    assert audit.main() == 0
    assert "timed out" in capsys.readouterr().out


def test_without_a_list_of_these_packages_nothing_fails(audited, capsys):
    assert audited([{"name": "torch", "skip_reason": "not found"}]) == 0
    assert capsys.readouterr().out.startswith("not audited: ")


@pytest.mark.parametrize(
    ("said", "stderr", "why"),
    [
        ("", "/bin/python: No module named pip_audit", "No module named pip_audit"),
        ("", "ValueError: something of pip-audit's own", "something of pip-audit's own"),
        ("{}", "", "dependencies"),
        ("[]", "", "indices"),
        ([], "", "no package installed"),
    ],
)
def test_an_audit_that_fails_by_itself_stops(audited, capsys, said, stderr, why):
    assert audited(said, stderr) == 1
    told = capsys.readouterr().out
    assert told.startswith("the audit failed: ")
    assert why in told


def test_the_real_one_is_understood_where_there_is_no_network(monkeypatch, capsys, tmp_path):
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PIP_CACHE_DIR", str(tmp_path))
    assert audit.main() == 0
    assert "ProxyError" in capsys.readouterr().out


def test_each_accepted_finding_has_its_reason():
    assert all(len(reason) > 20 for reason in audit.ACCEPTED.values())
