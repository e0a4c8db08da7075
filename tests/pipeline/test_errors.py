import pickle
from pathlib import Path

from pipeline.errors import AlignmentError, LayerScopeError


def test_an_alignment_error_names_file_line_and_reason():
    error = AlignmentError(Path("a/b.TextGrid"), "xmax is missing", 7)
    assert str(error) == "a/b.TextGrid, line 7: xmax is missing"
    assert str(AlignmentError(Path("b.ctm"), "is empty")) == "b.ctm: is empty"
    assert isinstance(error, LayerScopeError)


def test_an_alignment_error_survives_the_way_between_processes():
    error = AlignmentError(Path("b.TextGrid"), "is cut short", 3)
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert (copy.path, copy.reason, copy.line) == (error.path, error.reason, error.line)
