import pickle
from pathlib import Path

from pipeline.errors import (
    AbsentModelError,
    AlignmentError,
    LayerScopeError,
    ModelError,
    TaskTimeError,
)


def test_an_alignment_error_names_file_line_and_reason():
    error = AlignmentError(Path("a/b.TextGrid"), "xmax is missing", 7)
    assert str(error) == "a/b.TextGrid, line 7: xmax is missing"
    assert str(AlignmentError(Path("b.ctm"), "is empty")) == "b.ctm: is empty"
    assert isinstance(error, LayerScopeError)


def test_an_alignment_error_survives_the_way_between_processes():
    error = AlignmentError(Path("b.TextGrid"), "is cut short", 3)
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert (copy.path, copy.reason, copy.line) == (error.path, error.reason, error.line)


def test_an_absent_model_says_how_to_fetch_it_also_after_the_way_between_processes():
    error = AbsentModelError("hf:a/b", "the hub")
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    said = (
        "hf:a/b is not on this machine; run: python -m pipeline models fetch hf:a/b (from the hub)"
    )
    assert str(copy) == str(error) == said
    assert (copy.name, copy.source) == ("hf:a/b", "the hub")
    assert isinstance(copy, ModelError)


def test_a_task_s_limit_is_told_also_after_the_way_between_processes():
    error = TaskTimeError(90.0)
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert copy.limit_s == 90
    assert str(copy) == str(error)
    assert "longer than 1.5 minutes" in str(error)
