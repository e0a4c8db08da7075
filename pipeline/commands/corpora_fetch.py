"""``corpora fetch``: download a public corpus with its alignments, and register it."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tqdm import tqdm

from pipeline.commands import options as shared
from pipeline.configuration import home
from pipeline.corpus.fetching import SOURCES, Source, find_source
from pipeline.corpus.fetching.patience import Patience
from pipeline.corpus.fetching.progress import Progress
from pipeline.corpus.registry import RegisteredCorpus

PATIENCE = Patience()


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    names = ", ".join(source.name for source in SOURCES)
    parser.add_argument("name", help=f"one of {names}")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="folder (default: corpora in LayerScope's home)"
    )
    parser.add_argument("--no-alignments", action="store_true", help="only the recordings")
    shared.add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Fetch what is missing; a corpus that is there is left as it is."""
    from pipeline.corpus.fetching.fetch import fetch  # noqa: PLC0415 - no other command needs it

    source = find_source(options.name, SOURCES)
    with _bars() as progress:
        fetched = fetch(
            source,
            options.out or home() / "corpora",
            home(),
            with_alignments=not options.no_alignments,
            progress=progress,
            patience=PATIENCE,
        )
    values = {
        "name": fetched.corpus.name,
        "path": fetched.corpus.path,
        "alignments": fetched.corpus.alignments,
        "new": fetched.new,
        "kept": fetched.kept,
    }
    text = f"{fetched.corpus.name} is there already: {fetched.corpus.path}"
    if fetched.new:
        text = _text(source, fetched.corpus, fetched.kept)
    shared.report(options, values, text)
    return 0


def _text(source: Source, corpus: RegisteredCorpus, kept: Path | None) -> str:
    lines = [
        f"{corpus.name}: {corpus.path}",
        f"alignments: {corpus.alignments or 'none'}",
        f"licence: {source.licence}",
    ]
    if kept is not None:
        lines.append(f"kept for other parts of the corpus; delete it at will: {kept}")
    return "\n".join(lines)


@contextmanager
def _bars() -> Iterator[Progress]:
    """Draw one progress bar after the other on standard error."""
    bars: dict[str, tqdm] = {}

    def show(heading: str, done_bytes: int, size_bytes: int) -> None:
        if heading not in bars:
            _close(bars)
            bars[heading] = _bar(heading, done_bytes, size_bytes)
        bars[heading].update(done_bytes - bars[heading].n)

    try:
        yield show
    finally:
        _close(bars)


def _bar(heading: str, done_bytes: int, size_bytes: int) -> tqdm:
    return tqdm(
        desc=heading,
        initial=done_bytes,
        total=size_bytes,
        unit="B",
        unit_scale=True,
        file=sys.stderr,
    )


def _close(bars: dict[str, tqdm]) -> None:
    for bar in bars.values():
        bar.close()
    bars.clear()
