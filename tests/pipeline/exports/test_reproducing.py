"""What the page says reproduces a view does: it is run as a person runs it."""

import io
import json
import os
import shlex
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import pipeline
from pipeline.__main__ import make_parser
from pipeline.alignments.spelling import comparable
from pipeline.analyses import ANALYSES as ANALYSES_KNOWN
from pipeline.analyses import AnalysisRequest
from pipeline.analyses.masks import analyses_of
from pipeline.commands.explain import _request as explain_request
from pipeline.commands.requests import request_from
from pipeline.exports import ShownComparison
from pipeline.exports.reproducing import (
    analysis_code,
    analysis_command,
    call_of,
    python_code,
    shell_command,
    shell_commands,
)
from pipeline.request import ComparisonRequest
from pipeline.settings import SAMPLE_RATES_HZ, STRIDES_MS, AlignmentSettings
from pipeline.similarity.measure import MEASURES
from pipeline.similarity.row_selection import RowSelection
from pipeline.similarity.row_settings import RowSettings

ROOT = Path(__file__).parents[3]
QUICK = ComparisonRequest("demo", "control:onehot", "control:lookup")
FEW = RowSettings(
    (("sex", "f"), ("speaker", "ada")), RowSelection(most_per_type=2, shortest_s=0.1, seed=3)
)
ONLY = RowSettings(selection=RowSelection(vocabulary=("a", "he", "i", "in", "the", "to", "you")))
VIEWS = {
    "default": (QUICK, "debiased"),
    "few rows": (replace(QUICK, rows=FEW), "biased"),
    "type means": (
        replace(QUICK, rows=RowSettings(values="type means"), measure="rsa"),
        "debiased",
    ),
    "chosen words": (replace(QUICK, rows=ONLY, model_b="control:duration"), "debiased"),
    "phones": (
        replace(
            QUICK,
            model_b="control:speaker",
            settings=AlignmentSettings("phone", "overlap", "max"),
            rows=RowSettings(controls=("duration",), alphabetical=True),
        ),
        "debiased",
    ),
}


def view(request, estimator, reading="score", mask_by="nothing"):
    result = pipeline.compare_request(request, estimator=estimator)
    needed = {
        *analyses_of(mask_by, request.rows.values),
        *(["nulls"] * (reading == "z over words")),
    }
    nulls, intervals = (
        pipeline.analyse(AnalysisRequest(request, name, estimator=estimator))
        if name in needed
        else None
        for name in ("nulls", "intervals")
    )
    return ShownComparison(request, result, nulls, intervals, reading, mask_by=mask_by)


@pytest.fixture
def elsewhere(tmp_path, home):  # noqa: ARG001 - this process has a home of its own too
    """Return a function that runs a program in a folder and with a store that hold nothing."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    variables = {"PATH": path, "PYTHONPATH": str(ROOT), "LAYERSCOPE_HOME": str(folder / "home")}

    def run(program, *arguments):
        done = subprocess.run(  # noqa: S603 - our own commands
            [program, *arguments],
            cwd=folder,
            env=os.environ | variables,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    run.folder = folder
    return run


@pytest.mark.parametrize("name", VIEWS)
def test_the_shell_command_writes_the_same_matrix(elsewhere, name):
    shown = view(*VIEWS[name])
    elsewhere("bash", "-ec", shell_commands(shown))
    found = json.loads((elsewhere.folder / "scores.json").read_text(encoding="utf-8"))
    assert np.array_equal(np.array(found["scores"], dtype=float), shown.values, equal_nan=True)
    assert found["row_digest"] == shown.result.row_digest
    assert found["counts"] == json.loads(json.dumps(shown.facts()["counts"]))


def test_the_python_code_gives_the_same_matrix(elsewhere):
    views = [view(*asked) for asked in VIEWS.values()]
    views += [view(QUICK, "biased", "z over rows"), view(QUICK, "biased", "z over words")]
    within = replace(QUICK, model_b="control:duration", rows=RowSettings(values="within type"))
    masked = [view(QUICK, "debiased", mask_by=by) for by in ("chance", "words", "interval")]
    masked += [view(QUICK, "debiased", "z over words", "chance")]
    masked += [view(within, "debiased", mask_by="interval")]
    views += masked
    script = ["import io, sys, numpy", "found = {}"]
    for number, shown in enumerate(views):
        script += ["names = {}", f"exec({python_code(shown)!r}, names)"]
        script += [f"found['{number}'] = names['shown']"]
        if shown in masked:
            script += [f"found['left {number}'] = names['stands_out']"]
    script += ["out = io.BytesIO()"]
    script += ["numpy.savez(out, **found)", "sys.stdout.buffer.write(out.getvalue())"]
    with np.load(io.BytesIO(elsewhere(sys.executable, "-c", "\n".join(script)))) as found:
        for number, shown in enumerate(views):
            np.testing.assert_array_equal(found[str(number)], shown.values)
            if shown in masked:
                struck = ~found[f"left {number}"] & np.isfinite(shown.values)
                np.testing.assert_array_equal(struck, shown.struck)


def test_the_shell_s_nulls_are_those_that_are_shown(elsewhere):
    shown = view(QUICK, "biased", "z over words")
    elsewhere("bash", "-ec", shell_commands(shown))
    found = json.loads((elsewhere.folder / "nulls.json").read_text(encoding="utf-8"))
    mean, sd = np.array(found["mean"]), np.array(found["sd"])
    np.testing.assert_array_equal((np.array(found["values"]) - mean) / sd, shown.values)


def test_the_shell_s_intervals_are_those_that_are_known(elsewhere):
    intervals = pipeline.analyse(AnalysisRequest(QUICK, "intervals"))
    shown = replace(view(QUICK, "debiased"), intervals=intervals)
    elsewhere("bash", "-ec", shell_commands(shown))
    found = json.loads((elsewhere.folder / "intervals.json").read_text(encoding="utf-8"))
    np.testing.assert_array_equal(found["low"], intervals.low)
    names = {}
    exec(python_code(shown), names)  # noqa: S102 - our own code
    np.testing.assert_array_equal(names["intervals"].high, intervals.high)


ANALYSES = (
    ("shares", {}),
    ("neighbours", {"word": "the", "of": "tokens", "token": 1}),
    ("map", {"method": "pca"}),
    ("curve", {"draws": 3}),
    ("calibration", {"within": "frequency"}),
)


@pytest.mark.parametrize(("name", "settings"), ANALYSES)
def test_an_analysis_s_command_and_code_ask_for_the_same(name, settings):
    request = AnalysisRequest(replace(QUICK, rows=FEW), name, (0, 0), settings=settings)
    options = make_parser().parse_args(shlex.split(analysis_command(request))[3:])
    asked = explain_request(options)
    defaults = {field.name: field.default for field in fields(ANALYSES_KNOWN[name].settings)}
    assert replace(asked, settings={}) == replace(request, settings={})
    assert asked.settings == defaults | settings
    names = {}
    exec(analysis_code(request).partition("found =")[0], names)  # noqa: S102 - our own code
    assert names["request"] == request


def test_a_retrieval_of_a_page_s_rows_has_code_and_no_command():
    request = AnalysisRequest(QUICK, "retrieval", (0, 0))
    assert analysis_command(request) is None
    assert "name='retrieval'" in analysis_code(request)


words = st.text(min_size=1).map(comparable).filter(lambda word: word and comparable(word) == word)
texts = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1)
counts = st.none() | st.integers(1, 10**6)
seconds = st.floats(0.001, 5)
selections = st.fixed_dictionaries(
    {
        "first_occurrence": st.booleans(),
        "most_per_type": counts,
        "fewest_of_type": st.integers(1, 100),
        "most_of_type": counts,
        "shortest_s": st.just(0.0) | seconds,
        "longest_s": st.none() | seconds.map(lambda value: value + 5),
        "vocabulary": st.none() | st.sets(words, min_size=1, max_size=4).map(sorted),
        "most_rows": counts,
        "seed": st.integers(0, 2**31),
    }
)
rows_asked = st.fixed_dictionaries(
    {
        "where": st.lists(st.tuples(st.sampled_from(["sex", "speaker", "室"]), texts), max_size=3),
        "selection": selections,
        "controls": st.lists(st.sampled_from(["mel", "duration", "speaker"]), unique=True),
        "values": st.sampled_from(["tokens", "type means", "within type", "within speaker"]),
        "alphabetical": st.booleans(),
    }
)
settings_asked = st.fixed_dictionaries(
    {
        "unit": st.sampled_from(["word", "phone"]),
        "frame_rule": st.sampled_from(["centre", "overlap", "thesis", "pasad"]),
        "pooling": st.sampled_from(["mean", "middle third", "centre", "first", "last", "max"]),
        "sample_rate_hz": st.none() | st.sampled_from(SAMPLE_RATES_HZ),
        "stride_ms": st.none() | st.floats(*STRIDES_MS),
        "storage": st.sampled_from(["float32", "float16"]),
    }
)
asked = st.fixed_dictionaries(
    {
        "corpus": texts,
        "model_a": texts,
        "model_b": texts,
        "alignments": st.none() | texts.map(lambda text: str(Path(text))),
        "settings": settings_asked,
        "rows": rows_asked,
        "measure": st.sampled_from(sorted(MEASURES)),
    }
)


@given(values=asked, estimator=st.sampled_from(["debiased", "biased"]))
def test_a_command_that_is_read_asks_for_what_it_was_written_from(values, estimator):
    request = ComparisonRequest.from_dict(values)
    python, dash_m, package, *arguments = shlex.split(shell_command(request, estimator))
    assert (python, dash_m, package) == ("python", "-m", "pipeline")
    options = make_parser().parse_args(arguments)
    assert request_from(options) == request
    assert options.estimator == estimator


@given(values=asked)
def test_code_that_is_run_asks_for_what_it_was_written_from(values):
    request = ComparisonRequest.from_dict(values)
    names = {"pipeline": pipeline}
    exec(f"request = {call_of(request)}", names)  # noqa: S102 - our own code is what is tested
    assert names["request"] == request


def test_what_is_at_its_default_is_not_written():
    assert shell_command(QUICK) == (
        "python -m pipeline cka --corpus demo --model1 control:onehot --model2 control:lookup "
        "--out scores.json"
    )


def test_code_is_written_as_a_person_writes_it(home):  # noqa: ARG001 - a home folder of its own
    request = replace(QUICK, rows=replace(FEW, values="type means"))
    assert python_code(view(request, "biased")) == (
        """\
import pipeline

request = pipeline.ComparisonRequest(
    corpus='demo',
    model_a='control:onehot',
    model_b='control:lookup',
    rows=pipeline.RowSettings(
        where=(('sex', 'f'), ('speaker', 'ada')),
        selection=pipeline.RowSelection(
            most_per_type=2,
            shortest_s=0.1,
            seed=3,
        ),
        values='type means',
    ),
)
result = pipeline.compare_request(request, estimator='biased')
shown = result.scores
"""
    )


@pytest.mark.parametrize("name", ["--out x", "$(touch harm)", "a'b\"c", "`x`;rm -rf .", "\n#"])
def test_a_hostile_name_stays_one_word_of_a_shell(name):
    command = shell_command(replace(QUICK, corpus=name)).replace(
        "python -m pipeline", "printf %s\\\\n"
    )
    done = subprocess.run(  # noqa: S603 - our own command
        ["/bin/bash", "-c", command], capture_output=True, text=True, check=True
    )
    assert name in done.stdout.split("--corpus")[1]
