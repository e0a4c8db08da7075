"""The guide: what it names is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")


def test_its_files_exist():
    named = set(re.findall(r"(?:deploy|scripts)/[\w./@-]+\.(?:sh|yaml|py|example|conf)\b", TEXT))
    assert len(named) > 5
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []
    links = re.findall(r"\]\(([^):]+)\)", TEXT)
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []


def test_it_lists_every_metric():
    code = (ROOT / "dashboard" / "serving" / "metrics.py").read_text(encoding="utf-8")
    measured = {
        re.sub("_lookups$", "_lookups_total", n) for n in re.findall(r'"(layerscope_\w+)"', code)
    }
    table = re.findall(r"^\| (`layerscope_.*?) \|", TEXT, re.MULTILINE)
    told = {name for row in table for name in re.findall(r"`(layerscope_\w+)", row)}
    assert told == measured


def test_versions_that_it_names_are_those_of_the_code():
    sources = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "pipeline").rglob("*.py"))
    for name in re.findall(r"`(\w+_VERSION)`", TEXT):
        assert re.search(rf"^{name} = \d+$", sources, re.MULTILINE), name
