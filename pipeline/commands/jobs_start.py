"""``jobs start``: ask the engine for a comparison, and do not wait for it."""

import argparse
import getpass
from dataclasses import replace
from pathlib import Path

from pipeline.commands import job_text
from pipeline.commands import options as shared
from pipeline.commands.requests import request_from
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
    request = _absolute(request_from(options))
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


def _absolute(request: ComparisonRequest) -> ComparisonRequest:
    """Return a request whose folders the engine, which works in another one, finds too."""
    named = {each.name for each in registered(home())}
    corpus, alignments = request.corpus, request.alignments
    return replace(
        request,
        corpus=corpus if corpus in named else str(Path(corpus).resolve()),
        alignments=None if alignments is None else str(Path(alignments).resolve()),
    )


def user() -> str:
    """Return who runs the command."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # In a container, a user may have no name.
        return "local"
