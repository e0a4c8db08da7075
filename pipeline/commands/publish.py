"""``publish``: chosen views as a read-only bundle, for a server without models, GPU or rights."""

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from pipeline.commands import options as shared
from pipeline.configuration import open_store
from pipeline.corpus.utterance import Utterance
from pipeline.publishing import PublishReport, choose_views, publish
from pipeline.saved_views import open_saved_views

NAME = "publish"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument(
        "--views",
        nargs="+",
        required=True,
        metavar="VIEW",
        help="the name or the number of a saved view, or a link as Copy link writes it, in quotes",
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="a new folder, or an older bundle"
    )
    parser.add_argument(
        "--sounds",
        type=_count,
        metavar="N",
        help="sound and picture of at most N utterances of each corpus, those first that the views "
        "name; by default all",
    )
    parser.add_argument(
        "--no-sounds",
        dest="sounds",
        action="store_const",
        const=0,
        help="no recording, nor what is drawn of one",
    )
    parser.add_argument(
        "--leave-out", action="store_true", help="leave out what is not computed, and say it"
    )
    shared.add_json(parser)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise argparse.ArgumentTypeError(f"expected a whole number from 0, found {text!r}")
    return int(text)


def run(options: argparse.Namespace) -> int:
    """Write the bundle."""
    with open_saved_views() as views, open_store() as store:
        done = publish(
            choose_views(options.views, views),
            options.out,
            store,
            most_sounds=options.sounds,
            leave_out=options.leave_out,
            progress=_with_progress,
        )
    shared.report(options, asdict(done), _text(done, options.out))
    return 0


def _with_progress(utterances: Sequence[Utterance]) -> Iterable[Utterance]:
    return shared.show_progress(utterances, len(utterances), "recordings")


def _text(done: PublishReport, folder: Path) -> str:
    lines = [f"left out: {each}" for each in done.left_out]
    lines += [f"without sound or picture: {each}" for each in done.without_sound[:5]]
    if len(done.without_sound) > 5:  # noqa: PLR2004 - enough to see what it is
        lines.append(f"and {len(done.without_sound) - 5} more (--json lists them all)")
    lines.append(
        f"{folder}: {done.views} views, {done.comparisons} comparisons, {done.analyses} analyses, "
        f"{done.recordings} recordings; {done.size_bytes / 2**20:,.1f} MiB. Show it: "
        f"make run BUNDLE={folder}"
    )
    return "\n".join(lines)
