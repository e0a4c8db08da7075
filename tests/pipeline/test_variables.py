import re
from pathlib import Path

import pytest

from pipeline import variables
from pipeline.errors import SettingsError

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
SOURCES = [
    path
    for package in ("cache", "pipeline", "dashboard", "scripts", "benchmarks")
    for path in (ROOT / package).rglob("*.py")
]


def test_the_docs_hold_the_table_of_the_code():
    for group in variables.GROUPS:
        rows = [f"| `{v.name}` | {v.default} | {v.meaning} |" for v in group.variables]
        table = "\n".join([f"## {group.title}\n", "| variable | default | what it says |"])
        table += "\n| --- | --- | --- |\n" + "\n".join(rows) + "\n"
        assert table in DOCS, group.title
    assert len(re.findall(r"^\| `LAYERSCOPE_", DOCS, re.MULTILINE)) == len(variables.VARIABLES)


def test_the_code_reads_what_is_listed_and_nothing_else():
    readers_only = [path for path in SOURCES if path.name != "variables.py"]
    code = "\n".join(path.read_text(encoding="utf-8") for path in readers_only)
    named = set(re.findall(r"\bLAYERSCOPE_[A-Z_]+\b", code))
    readers = r"(?:said|listed|chosen|whole_number|number|_needed|_web_address)"
    read = {f"LAYERSCOPE_{name}" for name in re.findall(rf'{readers}\(\s*"([A-Z_]+)"', code)}
    read |= {"LAYERSCOPE_ADMINS", "LAYERSCOPE_ANALYSTS", "LAYERSCOPE_VIEWERS"}  # by role
    assert named | read == set(variables.VARIABLES)


def test_the_readme_and_the_docs_name_no_other_variable():
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]
    named = set()
    for page in pages:
        named |= set(re.findall(r"LAYERSCOPE_[A-Z_]*[A-Z]", page.read_text(encoding="utf-8")))
    assert named <= set(variables.VARIABLES)


@pytest.mark.usefixtures("home")
def test_a_misspelt_variable_is_named_with_the_nearest(monkeypatch):
    variables.refuse_unknown()
    monkeypatch.setenv("LAYERSCOPE_ROOT", "/data")
    with pytest.raises(SettingsError, match=r"LAYERSCOPE_ROOT; did you mean LAYERSCOPE_ROOTS\?"):
        variables.refuse_unknown()


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("text", ["0", "-1", "1.5", "many", "1e3", "\u0661", "9" * 19, "1 000"])
def test_what_is_no_whole_number_is_refused(monkeypatch, text):
    monkeypatch.setenv("LAYERSCOPE_MAX_JOBS", text)
    with pytest.raises(SettingsError, match=r"LAYERSCOPE_MAX_JOBS is .*; expected jobs, from 1"):
        variables.whole_number("MAX_JOBS", "jobs")


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("text", ["0", "0.0", "-1", "nan", "inf", "1e3", "two", "1,5"])
def test_what_is_no_number_above_0_is_refused(monkeypatch, text):
    monkeypatch.setenv("LAYERSCOPE_MAX_HOURS", text)
    with pytest.raises(SettingsError, match="LAYERSCOPE_MAX_HOURS is"):
        variables.number("MAX_HOURS", "hours")


@pytest.mark.usefixtures("home")
def test_numbers_are_read_and_nothing_is_none(monkeypatch):
    assert variables.number("MAX_HOURS", "hours") is None
    assert variables.whole_number("MAX_JOBS", "jobs") is None
    monkeypatch.setenv("LAYERSCOPE_MAX_HOURS", " 2.5 ")
    monkeypatch.setenv("LAYERSCOPE_MAX_JOBS", " 12 ")
    assert variables.number("MAX_HOURS", "hours") == 2.5
    assert variables.whole_number("MAX_JOBS", "jobs") == 12


@pytest.mark.usefixtures("home")
def test_one_of_a_few_words_is_chosen(monkeypatch):
    assert variables.chosen("MODE", ["local", "oidc"]) == "local"
    monkeypatch.setenv("LAYERSCOPE_MODE", "Local")
    with pytest.raises(SettingsError, match="is 'Local'; expected one of local, oidc"):
        variables.chosen("MODE", ["local", "oidc"])
