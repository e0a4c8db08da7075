import argparse

from pipeline.commands import options
from pipeline.corpus import open_corpus
from pipeline.corpus.utterance import Corpus, Problem
from pipeline.settings import AlignmentSettings


def parsed(*arguments):
    parser = argparse.ArgumentParser()
    options.add_settings(parser)
    return parser.parse_args(arguments)


def test_without_options_the_settings_are_the_defaults():
    assert options.settings_from(parsed()) == AlignmentSettings()


def test_rates_are_given_in_kilohertz_and_strides_in_milliseconds():
    settings = options.settings_from(parsed("--sample-rate", "22.05", "--stride", "13.33"))
    assert settings.sample_rate_hz == 22_050
    assert settings.stride_ms == 13.33


def test_many_problems_are_summed_up(capsys, tmp_path):
    demo = open_corpus("demo")
    problems = tuple(Problem(tmp_path / str(n), "is odd") for n in range(9))
    options.report_problems(Corpus("odd", demo.root, demo.utterances, problems))
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == f"left out: {tmp_path}/0: is odd"
    assert lines[-1].startswith("and 4 more problems (python -m pipeline corpora check")


def test_what_costs_nothing_is_not_said_to_be_left_out(capsys, tmp_path):
    demo = open_corpus("demo")
    problems = (
        Problem(tmp_path, "is odd", left_out="nothing"),
        Problem(tmp_path, "is gone", line=3, left_out="words"),
    )
    options.report_problems(Corpus("odd", demo.root, demo.utterances, problems))
    assert capsys.readouterr().err.splitlines() == [
        f"note: {tmp_path}: is odd",
        f"words left out: {tmp_path}, line 3: is gone",
    ]
