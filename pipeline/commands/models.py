"""``models``: list the models, or show all that is known of one."""

import argparse
from dataclasses import asdict

from pipeline.commands import options as shared
from pipeline.configuration import extra_models
from pipeline.models.catalogue import catalogue, find_model

NAME = "models"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the command's sub-commands."""
    actions = parser.add_subparsers(dest="action", required=True)
    listing = actions.add_parser("list", help="the models that can be named without a path")
    listing.add_argument("--family", help="only the models of this family")
    show = actions.add_parser("show", help="layers, rate, licence and source of a model")
    show.add_argument("name")
    for action in (listing, show):
        shared.add_json(action)


def run(options: argparse.Namespace) -> int:
    """Do what is asked."""
    return _list(options) if options.action == "list" else _show(options)


def _list(options: argparse.Namespace) -> int:
    known = [*catalogue(), *map(find_model, extra_models())]
    specs = [spec for spec in known if options.family in (None, spec.family)]
    text = "\n".join(
        f"{spec.name:26} {spec.modality:8} {len(spec.layer_names):3} layers  {spec.description}"
        for spec in specs
    )
    shared.report(options, {"models": [asdict(spec) for spec in specs]}, text)
    return 0


def _show(options: argparse.Namespace) -> int:
    spec = find_model(options.name)
    facts = asdict(spec)
    layers = facts.pop("layer_names")
    lines = [f"{name.replace('_', ' '):16} {value}" for name, value in facts.items() if value]
    text = "\n".join([*lines, "layers", *(f"  {name}" for name in layers)])
    shared.report(options, asdict(spec), text)
    return 0
