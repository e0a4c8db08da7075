import tomllib
from pathlib import Path

import pytest

from pipeline.citation import Citation, read_citation

ROOT = Path(__file__).parents[2]


def test_our_own_citation_is_that_of_the_package():
    package = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = read_citation()
    assert (found.version, found.licence) == (package["version"], package["license"])
    assert found.authors == ("The LayerScope developers",)
    assert "author  = {{The LayerScope developers}}," in found.bibtex()


def test_people_groups_and_years_are_written_as_bibtex_reads_them(tmp_path):
    path = tmp_path / "CITATION.cff"
    path.write_text(
        "title: Layers & 50% of {words}\nversion: 2.0\ndate-released: 2031-02-03\n"
        "repository-code: https://example.org/a_b\n"
        "authors:\n- {family-names: Lovelace, given-names: Ada}\n- name: R&D\n"
    )
    assert read_citation(path).bibtex() == (
        "@software{layerscope,\n"
        "  author  = {Lovelace, Ada and {R\\&D}},\n"
        "  title   = {{Layers \\& 50\\% of \\{words\\}}},\n"
        "  version = {2.0},\n"
        "  year    = {2031},\n"
        "  url     = {https://example.org/a_b},\n"
        "}"
    )


def test_a_backslash_brings_no_other_command():
    assert r"{{\textbackslash{}end}}" in Citation(r"\end", "1", ("A",)).bibtex()


def test_without_a_file_there_is_no_citation(tmp_path):
    assert read_citation(tmp_path / "CITATION.cff") is None


def test_a_file_that_lacks_something_is_refused(tmp_path):
    path = tmp_path / "CITATION.cff"
    path.write_text("title: LayerScope\n")
    with pytest.raises(ValueError, match="lacks version, authors"):
        read_citation(path)
