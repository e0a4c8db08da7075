"""What README.md shows works as it is written."""

import re
from pathlib import Path

import pytest

from pipeline.__main__ import COMMANDS, make_parser
from pipeline.models.catalogue import find_model

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
# What a comment says is run elsewhere is not run here.
PYTHON = re.findall(r"(?<!-->)\n```python\n(.*?)```", TEXT, re.DOTALL)
PLACEHOLDERS = {"C": "demo", "M": "minilm", "A": "minilm", "B": "s3prl:fbank", "K": "0"}
SHOWN = re.compile(r"^ {4}\S*python -m pipeline +(.+)$|`python -m pipeline (.+?)`", re.MULTILINE)


def alternatives(shown):
    """Return the arguments of each command that a line shows; ``a b | c`` are ``a b``, ``a c``."""
    command, _, rest = shown.partition(" ")
    return [
        (command, *(PLACEHOLDERS.get(word, word) for word in alternative.split()))
        for alternative in rest.split(" | ")
    ]


COMMAND_LINES = [
    arguments
    for indented, inline in SHOWN.findall(TEXT)
    for arguments in alternatives(indented or inline)
]


@pytest.mark.parametrize("arguments", COMMAND_LINES, ids=" ".join)
def test_commands_are_understood(arguments):
    assert callable(make_parser().parse_args(arguments).run)


def test_every_command_is_shown():
    assert {arguments[0] for arguments in COMMAND_LINES} == {each.NAME for each in COMMANDS}


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("source", PYTHON)
def test_python_runs_and_gives_the_shape_it_says(source):
    namespace = {}
    exec(source, namespace)  # noqa: S102 - our own page is what is tested
    assert namespace["result"].scores.shape == (7, 1)


def test_every_model_that_is_named_exists():
    table = re.search(r"\| name \| what \|\n(.*?)\n\n", TEXT, re.DOTALL)[1]
    names = re.findall(r"`([^`]+)`", "\n".join(row.split("|")[1] for row in table.splitlines()))
    placeholders = ("DIR", "ORG/NAME", "FILE")
    registered = [name for name in names if not any(part in name for part in placeholders)]
    assert len(registered) > 5
    for name in registered:
        assert find_model(name).name == name


def test_every_link_and_make_target_leads_somewhere():
    rules = (ROOT / "Makefile").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^):]+)\)", TEXT)
    assert "CONTRIBUTING.md" in links
    assert [link for link in links if not (ROOT / link).exists()] == []
    targets = set(re.findall(r"\bmake (\w+)", TEXT))
    assert [target for target in targets if f"\n{target}:" not in rules] == []
