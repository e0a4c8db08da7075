"""``explain``: how to read a cell, and why it is high, as text and JSON; what is found is kept."""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args

from cache import Store
from pipeline.analyses import ANALYSES, AnalysisRequest, compute_analysis, load_analysis
from pipeline.analyses.calibrated_cell import CellSettings
from pipeline.analyses.cell_intervals import IntervalSettings
from pipeline.analyses.cell_nulls import NullSettings
from pipeline.analyses.curve import CurveSettings
from pipeline.analyses.document import analysis_json, analysis_values, settings_said
from pipeline.analyses.neighbours import NeighbourSettings, Of
from pipeline.analyses.row_map import MapSettings, Method
from pipeline.analyses.running import check_request
from pipeline.commands import explain_text
from pipeline.commands import options as shared
from pipeline.commands.embedding import embed_sides
from pipeline.commands.requests import request_from
from pipeline.configuration import open_store
from pipeline.errors import MatrixError
from pipeline.planning import Plan
from pipeline.similarity.result import Estimator
from pipeline.similarity.split_half import Halves
from pipeline.similarity.type_null import Within

NAME = "explain"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add a sub-command for each question."""
    actions = parser.add_subparsers(dest="analysis", required=True)
    for name, (title, add_own) in _QUESTIONS.items():
        action = actions.add_parser(name, help=title, description=title)
        shared.add_corpus(action)
        of_one = not ANALYSES[name].of_all_layers
        for side in ("1", "2"):
            action.add_argument(f"--model{side}", required=True, help="a model's name")
            if of_one:
                action.add_argument(
                    f"--layer{side}", type=int, required=True, help="0 is the first"
                )
        shared.add_settings(action)
        shared.add_rows(action)
        add_own(action)
        action.add_argument("--out", type=Path, help="FILE.json")
        action.add_argument("--device", help="cpu or cuda (default: cuda where there is one)")
        shared.add_json(action)


def _add_estimator(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--estimator", choices=get_args(Estimator), default="debiased")


def _add_calibration(parser: argparse.ArgumentParser) -> None:
    defaults = CellSettings()
    _add_estimator(parser)
    _add_permutations(parser, defaults)
    parser.add_argument(
        "--draws", type=int, default=defaults.draws, help="of types and speakers, for the interval"
    )
    parser.add_argument(
        "--splits", type=int, default=defaults.splits, help="into halves, for the ceiling"
    )
    parser.add_argument(
        "--halves",
        choices=get_args(Halves),
        default=defaults.halves,
        help="of each type's tokens, or of speakers, so that what a speaker does to all tokens is "
        "noise too; the ceiling is debiased, over types",
    )
    parser.add_argument("--level", type=float, default=defaults.level, help="of the interval")


def _add_nulls(parser: argparse.ArgumentParser) -> None:
    defaults = NullSettings()
    _add_estimator(parser)
    _add_permutations(parser, defaults)
    parser.add_argument(
        "--level", type=float, default=defaults.level, help="share of false marks that is borne"
    )


def _add_intervals(parser: argparse.ArgumentParser) -> None:
    defaults = IntervalSettings()
    _add_estimator(parser)
    parser.add_argument("--draws", type=int, default=defaults.draws, help="of types and speakers")
    parser.add_argument("--level", type=float, default=defaults.level, help="of the intervals")
    _add_sample(parser, defaults)


def _add_permutations(
    parser: argparse.ArgumentParser, defaults: CellSettings | NullSettings
) -> None:
    parser.add_argument(
        "--permutations", type=int, default=defaults.permutations, help="of word types"
    )
    parser.add_argument(
        "--within",
        choices=get_args(Within),
        default=defaults.within,
        help="types exchange vectors with all types, or with those of about their frequency, so "
        "that what is found is more than telling frequent words from rare ones",
    )
    parser.add_argument("--seed", type=int, default=defaults.seed, help="what is drawn")


def _add_neighbours(parser: argparse.ArgumentParser) -> None:
    defaults = NeighbourSettings()
    parser.add_argument("--word", required=True, help="whose neighbours")
    parser.add_argument("--token", type=int, help="which of the word's tokens; 0 is the first")
    parser.add_argument("--k", type=int, default=defaults.k, help="how many neighbours")
    parser.add_argument(
        "--of", choices=get_args(Of), default=defaults.of, help="one token, or the word's mean"
    )


def _add_curve(parser: argparse.ArgumentParser) -> None:
    defaults = CurveSettings()
    parser.add_argument("--draws", type=int, default=defaults.draws, help="of each point")
    _add_sample(parser, defaults)


def _add_map(parser: argparse.ArgumentParser) -> None:
    defaults = MapSettings()
    parser.add_argument("--method", choices=get_args(Method), default=defaults.method)
    _add_sample(parser, defaults)


def _add_sample(
    parser: argparse.ArgumentParser, defaults: CurveSettings | IntervalSettings | MapSettings
) -> None:
    parser.add_argument(
        "--most-rows", type=int, default=defaults.most_rows, help="of more, a sample is taken"
    )
    parser.add_argument("--seed", type=int, default=defaults.seed, help="what is drawn")


_QUESTIONS: Mapping[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = MappingProxyType(
    {
        "calibration": ("what words give by chance, an interval and a ceiling", _add_calibration),
        "nulls": ("what words give by chance in all cells, and which stand out", _add_nulls),
        "intervals": ("how far all cells would move, and which is the best then", _add_intervals),
        "shares": ("what each word type and speaker contributes to CKA", _add_estimator),
        "neighbours": ("the words nearest to one word in either layer", _add_neighbours),
        "curve": ("CKA against the number of rows, and of tokens a type", _add_curve),
        "map": ("the same words in the plane by either layer", _add_map),
    }
)


def run(options: argparse.Namespace) -> int:
    """Compute what is missing, print what was found, and write it where it is asked for."""
    corpus, request = shared.corpus_from(options), _request(options)
    shared.report_problems(corpus)
    with open_store() as store:
        plan = request.comparison.plan(store, corpus)
        check_request(request, plan)
        embed_sides(plan, store, options.device)
        found = _found(request, plan, store)
    text = explain_text.TEXTS[request.name](found)
    if said := settings_said(request):
        text += f"\n  settings: {said}"
    if options.out is not None:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(analysis_json(request, plan, found), encoding="utf-8")
        text = f"{options.out}: {text}"
    shared.report(options, analysis_values(request, plan, found), text)
    return 0


def _request(options: argparse.Namespace) -> AnalysisRequest:
    names = [field.name for field in fields(ANALYSES[options.analysis].settings)]
    return AnalysisRequest(
        request_from(options),
        options.analysis,
        None if ANALYSES[options.analysis].of_all_layers else (options.layer1, options.layer2),
        getattr(options, "estimator", "debiased"),
        {name: getattr(options, name) for name in names},
    )


def _found(request: AnalysisRequest, plan: Plan, store: Store) -> Any:  # noqa: ANN401 - each its own
    found = load_analysis(request, plan, store)
    if found is None:
        compute_analysis(request, plan, store)
        found = load_analysis(request, plan, store)
    if found is None:
        raise MatrixError("the store lost embeddings while they were analysed; try again")
    return found
