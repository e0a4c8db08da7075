"""``jobs start``: ask the engine for a comparison, and do not wait for it."""

import argparse
import getpass
from pathlib import Path

from pipeline.commands import job_text
from pipeline.commands import options as shared
from pipeline.configuration import home, open_store
from pipeline.corpus.registry import registered
from pipeline.engine import ensure_running, open_queue
from pipeline.planning import fitting_warnings
from pipeline.request import ComparisonRequest

PURPOSE = "ask the engine for a comparison, and do not wait for it"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    shared.add_corpus(parser)
    parser.add_argument("--model1", required=True, help="its layers are the rows")
    parser.add_argument("--model2", required=True, help="its layers are the columns")
    shared.add_settings(parser)
    shared.add_rows(parser)
    shared.add_measure(parser)
    shared.add_preset(parser)
    shared.add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Queue the comparison, and start an engine unless one runs."""
    request = ComparisonRequest(
        _absolute(options.corpus),
        options.model1,
        options.model2,
        alignments=str(options.alignments.resolve()) if options.alignments else None,
        settings=shared.settings_from(options),
        rows=shared.rows_from(options),
        measure=options.measure,
    )
    with open_store() as store:
        # What cannot be planned is refused here, not in the engine.
        plan = request.plan(store)
    shared.report_problems(plan.corpus)
    for side in plan.sides:
        shared.warn(fitting_warnings(side.spec, request.settings))
    with open_queue() as queue:
        job = queue.submit("comparison", request.as_dict(), user())
    ensure_running(home())
    shared.report(options, job_text.values(job), job_text.line(job))
    return 0


def _absolute(corpus: str) -> str:
    """Return a corpus as the engine, which works in another folder, finds it too."""
    named = {each.name for each in registered(home())}
    return corpus if corpus in named else str(Path(corpus).resolve())


def user() -> str:
    """Return who runs the command."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # In a container, a user may have no name.
        return "local"
