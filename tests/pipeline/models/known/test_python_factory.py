import hashlib
import sys

import pytest

from pipeline.errors import ModelError
from pipeline.models.catalogue import find_model
from pipeline.models.known import python_factory
from pipeline.models.known.python_factory import ALLOWED, describe, listed

HEAD = """
from pipeline.models import ModelSpec

def spec(modality="text"):
    return ModelSpec("mine", "any", modality, ("0: numbers",), 3, "weights 7")

class Reader:
    spec = spec()
    def extract_text(self, words):
        ...

"""


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Write a module of this name that can be imported; return its file."""
    monkeypatch.setenv(ALLOWED, "1")
    monkeypatch.syspath_prepend(tmp_path)
    python_factory._imported.cache_clear()  # noqa: SLF001 - another test's module of this name

    def write(code):
        file = tmp_path / "my_models.py"
        file.write_text(HEAD + code)
        return file

    yield write
    sys.modules.pop("my_models", None)


def test_a_factory_makes_a_model_of_its_own_spec(module):
    file = module("def make():\n    return Reader()\n")
    spec = find_model("python:my_models:make")
    assert (spec.name, spec.family, spec.dims) == ("python:my_models:make", "python_factory", 3)
    assert spec.source == str(file)
    assert spec.description == "mine, a model of the module my_models"


def test_the_fingerprint_is_what_the_model_says_and_its_source(module):
    file = module("def make():\n    return Reader()\n")
    source = hashlib.sha256(file.read_bytes()).hexdigest()
    fingerprint = describe("python:my_models:make").fingerprint
    assert fingerprint.startswith(f"weights 7, source sha256 {source}, code ")


def test_code_that_was_loaded_is_known_by_what_it_was_then(module):
    file = module("def make():\n    return Reader()\n")
    before = describe("python:my_models:make")
    file.write_text(file.read_text() + "\n# edited since\n")
    assert describe("python:my_models:make") == before


@pytest.mark.parametrize("value", ["", "0", "yes"])
def test_nothing_is_run_unless_it_is_allowed(module, monkeypatch, value):
    module("raise SystemError('it ran')\n")
    monkeypatch.setenv(ALLOWED, value)
    with pytest.raises(ModelError, match=f"not allowed here; .* setting {ALLOWED}=1"):
        describe("python:my_models:make")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise SystemError('broken')", "my_models cannot be imported .SystemError: broken"),
        ("import no_such_module", "cannot be imported .ModuleNotFoundError: No module named"),
        ("make = 3", "expected a function make in .*my_models.py"),
        ("", "expected a function make in"),
        ("def make(): return 1 / 0", "make.. raised ZeroDivisionError: division by zero"),
        ("def make(size): return Reader()", "make.. raised TypeError"),
        ("def make(): return 3", "to return an object with a spec .ModelSpec.*found int"),
        ("class No(Reader): spec = 'no'\nmake = No", "object with a spec .* found No"),
        ("class No(Reader): spec = spec('speech')\nmake = No", "has extract_text, but .*'speech'"),
    ],
)
def test_what_makes_no_model_is_refused_with_the_reason(module, code, said):
    module(code)
    with pytest.raises(ModelError, match=said):
        describe("python:my_models:make")


@pytest.mark.parametrize(
    "name",
    [
        "python:",
        "python:a",
        "python:a:",
        "python:a.:b",
        "python:../a:b",
        "python:a:b:c",
        "python:1:b",
    ],
)
def test_names_have_a_module_and_a_factory(module, name):
    module("")
    with pytest.raises(ModelError, match="expected python:MODULE:FACTORY"):
        describe(name)


def test_modules_without_a_file_and_options_are_refused(module):
    module("")
    with pytest.raises(ModelError, match="the module sys has no source file"):
        describe("python:sys:exit")
    with pytest.raises(ModelError, match="it has no options"):
        describe("python:my_models:make?seed=1")
    assert listed() == ()
