"""Options that several commands share, and what they mean."""

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar, get_args

from tqdm import tqdm

from pipeline.corpus.utterance import Corpus
from pipeline.errors import SettingsError
from pipeline.library import open_corpus
from pipeline.models.spec import ModelSpec
from pipeline.settings import AlignmentSettings, FrameRule, Pooling, Storage, Unit

T = TypeVar("T")

# What a problem costs.
COSTS = {"utterance": "left out", "words": "words left out", "nothing": "note"}


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
