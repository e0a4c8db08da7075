"""Options that several commands share, and what they mean."""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

from tqdm import tqdm

from pipeline.alignments.spelling import comparable
from pipeline.corpus.checks import COSTS
from pipeline.corpus.utterance import Corpus
from pipeline.errors import SettingsError
from pipeline.library import open_corpus
from pipeline.models.spec import ModelSpec
from pipeline.presets import PRESETS
from pipeline.settings import AlignmentSettings, FrameRule, Pooling, Storage, Unit
from pipeline.similarity.measure import MEASURES
from pipeline.similarity.result import Estimator
from pipeline.similarity.row_selection import RowSelection
from pipeline.similarity.row_settings import Control, RowSettings, Values

T = TypeVar("T")


def add_corpus(parser: argparse.ArgumentParser) -> None:
    """Add --corpus and --alignments."""
    parser.add_argument("--corpus", required=True, help="a registered corpus' name, or a folder")
    parser.add_argument(
        "--alignments", type=Path, help="folder of the alignments, if not beside the audio"
    )


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Add the alignment settings."""
    defaults = AlignmentSettings()
    parser.add_argument("--unit", choices=get_args(Unit), default=defaults.unit)
    parser.add_argument("--frame-rule", choices=get_args(FrameRule), default=defaults.frame_rule)
    parser.add_argument("--pooling", choices=get_args(Pooling), default=defaults.pooling)
    parser.add_argument(
        "--storage",
        choices=get_args(Storage),
        default=defaults.storage,
        help="float16 takes half the room and costs about three digits",
    )
    add_grid(parser)


def add_rows(parser: argparse.ArgumentParser) -> None:
    """Add which tokens are compared, and what of their vectors."""
    rows = parser.add_argument_group("rows", "which tokens are compared, and what of their vectors")
    rows.add_argument(
        "--values",
        choices=get_args(Values),
        default="tokens",
        help="each token's vector, the mean of its word type, or what differs from the mean of its "
        "type or speaker",
    )
    rows.add_argument(
        "--without",
        choices=get_args(Control),
        nargs="+",
        default=(),
        help="regress these out of the vectors first",
    )
    rows.add_argument(
        "--where",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="only such utterances: speaker, sex or the corpus' metadata; may be repeated",
    )
    rows.add_argument("--first-occurrence", action="store_true", help="a word once in an utterance")
    for name, of in (
        ("--most-per-type", "at most N tokens of a word type, drawn at random"),
        ("--fewest-of-type", "only types of N tokens or more"),
        ("--most-of-type", "only types of N tokens or fewer"),
        ("--sample", "at most N tokens, drawn at random"),
    ):
        rows.add_argument(name, type=int, metavar="N", help=of)
    rows.add_argument("--shortest", type=float, metavar="S", help="only words so long, in s")
    rows.add_argument("--longest", type=float, metavar="S", help="only words so short, in s")
    rows.add_argument(
        "--vocabulary", type=Path, metavar="FILE", help="only the words of a file, one a line"
    )
    rows.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="WORD",
        help="only this word; may be repeated",
    )
    rows.add_argument("--rows-seed", type=int, default=0, metavar="N", help="what is drawn")
    rows.add_argument(
        "--alphabetical", action="store_true", help="an utterance's words in alphabetical order"
    )


def add_measure(parser: argparse.ArgumentParser) -> None:
    """Add the measure of similarity."""
    parser.add_argument("--measure", choices=tuple(MEASURES), default="cka")
    parser.add_argument("--estimator", choices=get_args(Estimator), default="debiased")


def add_preset(parser: argparse.ArgumentParser) -> None:
    """Add --preset, which sets other options, so that those after it can change it."""
    parser.add_argument(
        "--preset",
        choices=tuple(PRESETS),
        action=_SetPreset,
        help="settings of a study; options after it change single ones",
    )


class _SetPreset(argparse.Action):
    def __call__(
        self,
        parser: argparse.ArgumentParser,  # noqa: ARG002 - what argparse gives
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,  # noqa: ARG002
    ) -> None:
        preset = PRESETS[str(values)]
        selection = preset.rows.selection
        changed = {
            "preset": preset.name,
            "frame_rule": preset.settings.frame_rule,
            "pooling": preset.settings.pooling,
            "measure": preset.measure,
            "estimator": preset.estimator,
            "first_occurrence": selection.first_occurrence,
            "sample": selection.most_rows,
            "alphabetical": preset.rows.alphabetical,
            "layout": "thesis" if preset.blocks_only else "full",
        }
        vars(namespace).update(changed)


def add_grid(parser: argparse.ArgumentParser) -> None:
    """Add --stride and --sample-rate, in the units of the original scripts."""
    parser.add_argument("--stride", type=float, metavar="MS", help="time between frames, in ms")
    parser.add_argument("--sample-rate", type=float, metavar="KHZ", help="sample rate in kHz")


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add --json."""
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")


def corpus_from(options: argparse.Namespace) -> Corpus:
    """Open the corpus that the options name."""
    return open_corpus(options.corpus, options.alignments)


def settings_from(options: argparse.Namespace) -> AlignmentSettings:
    """Return the alignment settings that the options give."""
    return AlignmentSettings(
        unit=options.unit,
        frame_rule=options.frame_rule,
        pooling=options.pooling,
        sample_rate_hz=sample_rate_from(options),
        stride_ms=options.stride,
        storage=options.storage,
    )


def rows_from(options: argparse.Namespace) -> RowSettings:
    """Return the row settings that the options give."""
    return RowSettings(
        where=tuple(map(_condition, options.where)),
        selection=RowSelection(
            first_occurrence=options.first_occurrence,
            most_per_type=options.most_per_type,
            fewest_of_type=options.fewest_of_type or 1,
            most_of_type=options.most_of_type,
            shortest_s=options.shortest or 0.0,
            longest_s=options.longest,
            vocabulary=_vocabulary(options.vocabulary, options.only),
            most_rows=options.sample,
            seed=options.rows_seed,
        ),
        controls=tuple(options.without),
        values=options.values,
        alphabetical=options.alphabetical,
    )


def _condition(written: str) -> tuple[str, str]:
    name, is_there, value = written.partition("=")
    if not (is_there and name and value):
        raise SettingsError(f"--where {written}: expected NAME=VALUE, such as sex=F")
    return name, value


def _vocabulary(path: Path | None, words: Sequence[str]) -> tuple[str, ...] | None:
    if path is None and not words:
        return None
    try:
        lines = [] if path is None else path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: expected a text of words, one a line ({error})") from error
    return tuple(sorted({comparable(line.strip()) for line in [*lines, *words] if line.strip()}))


def check_layer(spec: ModelSpec, layer: int) -> None:
    """Raise SettingsError unless a model has this layer."""
    if not 0 <= layer < len(spec.layer_names):
        raise SettingsError(
            f"{spec.name} has layers 0 to {len(spec.layer_names) - 1}; there is no {layer}"
        )


def sample_rate_from(options: argparse.Namespace) -> int | None:
    """Return --sample-rate in Hz."""
    return None if options.sample_rate is None else round(options.sample_rate * 1000)


def show_progress(items: Iterable[T], length: int, heading: str) -> Iterable[T]:
    """Draw a progress bar on standard error."""
    return tqdm(items, total=length, desc=heading, unit="utterance", file=sys.stderr)


def report(options: argparse.Namespace, values: dict[str, Any], text: str) -> None:
    """Print what a command did: `values` with --json, else `text`."""
    print(json.dumps(values, indent=1, default=str) if options.json else text)


def report_problems(corpus: Corpus, *, most: int = 5) -> None:
    """Say on standard error what of the corpus was left out, and what is odd."""
    for problem in corpus.problems[:most]:
        place = f"{COSTS[problem.left_out]}: {problem.place}"
        print(f"{place}: {problem.reason}", file=sys.stderr)
    if len(corpus.problems) > most:
        print(
            f"and {len(corpus.problems) - most} more problems "
            "(python -m pipeline corpora check lists them all)",
            file=sys.stderr,
        )


def report_failures(reasons: Iterable[str], *, most: int = 5) -> None:
    """Say on standard error which utterances failed, and why."""
    listed = list(reasons)
    for reason in listed[:most]:
        print(f"failed: {reason}", file=sys.stderr)
    if len(listed) > most:
        print(f"failed: {len(listed) - most} more", file=sys.stderr)


def warn(warnings: Iterable[str]) -> None:
    """Print warnings on standard error."""
    for warning in warnings:
        print(f"warning: {warning}", file=sys.stderr)
