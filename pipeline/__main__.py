"""The command line: ``python -m pipeline COMMAND``."""

import argparse
import logging
import sys
from collections.abc import Sequence

from cache import CacheError
from pipeline import logs
from pipeline.bundle import bundle
from pipeline.commands import (
    align,
    cka,
    corpora,
    embed,
    explain,
    jobs,
    matrix,
    models,
    publish,
    retrieve,
    scores,
    storage,
)
from pipeline.errors import LayerScopeError, SettingsError

COMMANDS = (
    *(align, embed, matrix, cka, explain, retrieve, scores),
    *(corpora, models, jobs, storage, publish),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; errors are one line on standard error and exit status 1."""
    options = make_parser().parse_args(arguments)
    try:
        if bundle() is not None:
            raise SettingsError(
                "LAYERSCOPE_BUNDLE is set, and nothing is computed from a bundle; unset it to work "
                "with your own home folder, or show the bundle: make run BUNDLE=DIR"
            )
        logs.set_up(logging.WARNING, "%(levelname)s: %(message)s")
        return int(options.run(options))
    except (LayerScopeError, CacheError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; what was computed is kept, run it again to go on", file=sys.stderr)
        return 130


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(prog="python -m pipeline", description=__doc__)
    commands = parser.add_subparsers(title="commands", required=True)
    for module in COMMANDS:
        title = (module.__doc__ or "").partition(": ")[2].strip()
        command = commands.add_parser(module.NAME, help=title, description=title)
        module.add_options(command)
        command.set_defaults(run=module.run)
    return parser


if __name__ == "__main__":
    sys.exit(main())
