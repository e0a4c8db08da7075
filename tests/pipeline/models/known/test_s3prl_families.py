import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from pipeline.models.known.s3prl_families import left_out, licence
from pipeline.models.known.s3prl_zoo import upstreams

FOLDER = Path(find_spec("s3prl").submodule_search_locations[0]) / "upstream"
FAMILIES = sorted({one.family for one in upstreams().values() if not left_out(one.family)})
HEADER = re.compile(r"copyright.*facebook|facebook, inc", re.IGNORECASE)


def is_facebooks(family):
    return any(HEADER.search(path.read_text()) for path in (FOLDER / family).rglob("*.py"))


@pytest.mark.parametrize("family", FAMILIES)
def test_families_with_files_of_facebooks_say_so(family):
    """Or that call such files: their imports name another family's folder."""
    code = "\n".join(path.read_text() for path in (FOLDER / family).rglob("*.py"))
    called = set(re.findall(r"from (?:s3prl\.upstream|\.)\.(\w+)[\w.]* import", code))
    others = {name for name in called if (FOLDER / name).is_dir() and name != "baseline"}
    expected = is_facebooks(family) or any(map(is_facebooks, others))
    assert ("CC-BY-NC" in licence(family)) == expected


def test_byol_a_is_for_evaluation_only():
    assert "evaluation only" in licence("byol_a")


@pytest.mark.parametrize(
    ("family", "said"),
    [("ast", "pip install timm"), ("vggish", "pip install resampy"), ("hubert", "")],
)
def test_what_does_not_run_here_says_why(family, said):
    assert said in left_out(family)
    assert bool(left_out(family)) == bool(said)
