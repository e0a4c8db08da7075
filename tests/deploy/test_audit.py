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
    def run(said):
        out = said if isinstance(said, str) else json.dumps({"dependencies": said})
        done = SimpleNamespace(stdout=out, stderr="no route")
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


@pytest.mark.parametrize("said", ["", "{}", [{"name": "torch", "skip_reason": "not found"}]])
def test_without_the_list_nothing_fails_and_it_is_said(audited, capsys, said):
    assert audited(said) == 0
    assert capsys.readouterr().out.startswith("not audited: ")


def test_each_accepted_finding_has_its_reason():
    assert all(len(reason) > 20 for reason in audit.ACCEPTED.values())
