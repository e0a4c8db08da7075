import json

import pytest

from pipeline.models.known import s3prl_zoo
from pipeline.models.known.s3prl_zoo import upstreams

ENDINGS = ("_local", "_custom", "_url", "_gdriveid")

# What `from hubconf import *` binds for each family that can be imported, in the hub's order, and
# the addresses that its functions ask for (downloads are replaced by a note of them).
IMPORTED = """
import json, re, sys, warnings
from importlib import import_module, util
from pathlib import Path
from s3prl.util import download

warnings.simplefilter("ignore")
folder = Path(util.find_spec("s3prl").submodule_search_locations[0])
order = re.findall(r"from s3prl.upstream.(\\w+).hubconf import", (folder / "hub.py").read_text())
asked = []

class Stop(Exception):
    pass

def note(*addresses, **_):
    asked.extend(addresses)
    raise Stop

download._urls_to_filepaths = note
found, failed = {}, []
for family in order:
    try:
        module = import_module(f"s3prl.upstream.{family}.hubconf")
    except (AttributeError, ImportError):
        failed.append(family)
        continue
    for name, value in vars(module).items():
        if not name.startswith("_") and getattr(value, "__module__", "") == module.__name__:
            asked.clear()
            try:
                if family not in ("baseline", "passt") and "_url" not in name:
                    value()
            except BaseException:
                pass
            found[name] = [family, list(asked)]
print(json.dumps([found, failed]))
"""


@pytest.fixture(scope="module")
def imported(printed_by):
    return json.loads(printed_by(IMPORTED).splitlines()[-1])


def test_the_names_are_those_that_the_hub_offers(imported):
    found, failed = imported
    assert sorted(failed) == ["byol_s", "mos_prediction"]
    names = {name for name in found if not name.endswith(ENDINGS[2:])}
    listed = {name: one for name, one in upstreams().items() if one.family not in failed}
    assert set(listed) == names
    assert {name: one.family for name, one in listed.items()} == {
        name: found[name][0] for name in names
    }


def test_the_addresses_are_those_that_each_function_downloads(imported):
    found, _ = imported
    downloads = {name: urls for name, (_, urls) in found.items() if urls}
    assert len(downloads) > 80
    # Two functions need a package before they download; they are not offered.
    for name, urls in downloads.items():
        if upstreams()[name].family not in ("pase", "roberta", "vggish"):
            assert list(upstreams()[name].addresses) == urls, name


def test_a_name_of_two_families_is_that_of_the_last_import():
    assert upstreams()["wav2vec2_local"].family == "wav2vec2"


def test_reading_them_imports_nothing(printed_by):
    code = (
        "import sys\n"
        "from pipeline.models.known.s3prl import listed\n"
        "listed()\n"
        "print([name for name in ('s3prl', 'torch', 'torchaudio', 'numpy.random', 'requests')"
        " if name in sys.modules and name != 'numpy.random'])"
    )
    assert printed_by(code) == "[]"


def test_without_s3prl_there_are_none(monkeypatch):
    monkeypatch.setattr(s3prl_zoo, "find_spec", lambda _: None)
    assert upstreams() == {}
