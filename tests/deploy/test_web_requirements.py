"""What requirements-web.txt holds is enough for the pages, the engine and the command line."""

import re
import subprocess
import sys
from importlib.metadata import distribution, packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
MODELS = {"torch", "torchaudio", "transformers", "s3prl", "speechbrain", "librosa"}
BLOCK = """
import sys
allowed = set({allowed!r})
class OnlyWhatIsInstalled:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top in {known!r} and top not in allowed:
            raise ModuleNotFoundError(f"{{name}} is not in requirements-web.txt", name=name)
sys.meta_path.insert(0, OnlyWhatIsInstalled())
"""


def pinned(file):
    text = (ROOT / file).read_text(encoding="utf-8")
    return dict(re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE))


@pytest.fixture(scope="module")
def installed():
    """What pip would install for requirements-web.txt: its packages and what they require."""
    found, waiting = set(), [Requirement(name) for name in [*pinned("requirements-web.txt")]]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name in found:
            continue
        found.add(name)
        extras = ["", *requirement.extras]
        for text in distribution(name).requires or ():
            needed = Requirement(text)
            if needed.marker is None or any(needed.marker.evaluate({"extra": e}) for e in extras):
                waiting.append(needed)
    return found | {"layerscope"}


def run(code, installed):
    tops = packages_distributions()
    allowed = [t for t, of in tops.items() if {*map(canonicalize_name, of)} & installed]
    blocked = BLOCK.format(allowed=allowed, known=sorted(tops))
    return subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", blocked + code],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )


def test_it_holds_no_model_code(installed):
    assert MODELS & installed == set()
    assert "streamlit" in installed


def test_the_whole_list_is_this_one_and_the_models():
    whole = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert "\n-r requirements-web.txt\n" in whole
    assert set(pinned("requirements.txt")) >= MODELS
    assert set(pinned("requirements.txt")) & set(pinned("requirements-web.txt")) == set()


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    "code",
    [
        "import dashboard.server, dashboard.app",
        "import pipeline.engine.__main__, pipeline.engine.service, pipeline.engine.tasks",
        "from pipeline.__main__ import main; raise SystemExit(main(['cache', 'usage']))",
        "import pipeline.exports.report, pipeline.exports.drawing, authlib.integrations",
    ],
    ids=["pages", "engine", "command line", "what is loaded late"],
)
def test_it_is_enough(code, installed):
    done = run(code, installed)
    assert done.returncode == 0, done.stderr[-2000:]


def test_the_check_can_fail(installed):
    assert "is not in requirements-web.txt" in run("import torch", installed).stderr
