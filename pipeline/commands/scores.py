"""``scores``: show a matrix of scores, published or one's own, or compare two."""

import argparse
from pathlib import Path

from pipeline.commands import options as shared
from pipeline.commands import scores_text
from pipeline.similarity.agreement import agreement
from pipeline.similarity.matrix_file import open_scores
from pipeline.similarity.score_matrix import ScoreMatrix

NAME = "scores"
_FILE = "JSON of the command cka, or cka_FIRST_SECOND.json of the original study"
_MODELS = "its models, first and second, where a file of the study does not tell by its name"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the command's sub-commands."""
    actions = parser.add_subparsers(dest="action", required=True)
    show = actions.add_parser("show", help="its models, its largest and smallest score, all scores")
    show.add_argument("file", type=Path, metavar="FILE", help=_FILE)
    show.add_argument("--models", nargs=2, metavar=("FIRST", "SECOND"), help=_MODELS)
    show.set_defaults(run_action=_show)
    compare = actions.add_parser("compare", help="what differs between two matrices of one shape")
    for number in (1, 2):
        file = f"FILE{number}"
        compare.add_argument(f"file{number}", type=Path, metavar=file, help=_FILE)
        compare.add_argument(
            f"--models{number}", nargs=2, metavar=("FIRST", "SECOND"), help=f"{file}: {_MODELS}"
        )
        compare.add_argument(
            f"--skip{number}",
            nargs=2,
            type=int,
            default=(0, 0),
            metavar=("ROWS", "COLUMNS"),
            help=f"{file}: leave out so many first layers (the study has no layer 0)",
        )
    compare.add_argument(
        "--transpose", action="store_true", help="exchange FILE2's rows and columns first"
    )
    compare.set_defaults(run_action=_compare)
    for action in (show, compare):
        shared.add_json(action)


def run(options: argparse.Namespace) -> int:
    """Do what is asked."""
    return int(options.run_action(options))


def _show(options: argparse.Namespace) -> int:
    matrix = _opened(options.file, options.models)
    values = matrix.as_plain_values() | {
        "shape": matrix.scores.shape,
        "maximum": scores_text.extreme_values(matrix, matrix.maximum_at),
        "minimum": scores_text.extreme_values(matrix, matrix.minimum_at),
    }
    shared.report(options, values, "\n".join(scores_text.matrix_lines(matrix)))
    return 0


def _compare(options: argparse.Namespace) -> int:
    one, other = _opened(options.file1, options.models1), _opened(options.file2, options.models2)
    if options.transpose:
        other = other.transposed()
    found = agreement(one.without_first(*options.skip1), other.without_first(*options.skip2))
    shared.report(options, found.as_plain_values(), "\n".join(scores_text.agreement_lines(found)))
    return 0


def _opened(path: Path, models: list[str] | None) -> ScoreMatrix:
    return open_scores(path, None if models is None else (models[0], models[1]))
