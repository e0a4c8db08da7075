"""``models``: list the models, show all that is known of one, fetch, add or probe it."""

import argparse
from collections.abc import Sequence
from dataclasses import asdict

from pipeline.commands import options as shared
from pipeline.configuration import home
from pipeline.errors import AbsentModelError, ModelError
from pipeline.library import listed_models, register_model
from pipeline.models.catalogue import find_model
from pipeline.models.fetching import fetch_model
from pipeline.models.known.options import split_precision
from pipeline.models.listing import ModelSearch, cells, facts, fetch_command
from pipeline.models.opening import open_model
from pipeline.models.probing import (
    LONG_S,
    SHORT_S,
    LayerError,
    StrideProbe,
    probe_error,
    probe_stride,
)
from pipeline.models.registry import remove_model
from pipeline.models.spec import ModelSpec

NAME = "models"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the command's sub-commands."""
    actions = parser.add_subparsers(dest="action", required=True)
    listing = actions.add_parser("list", help="the models that can be named without a path")
    listing.add_argument("--family", help="only the models of this family, or so prefixed")
    listing.add_argument("--search", metavar="TEXT", help="only those whose row has this text")
    show = actions.add_parser("show", help="layers, rate, licence and source of a model")
    fetch = actions.add_parser("fetch", help="download a model, or what is missing of it")
    add = actions.add_parser("add", help="put a model of this machine into the lists and menus")
    remove = actions.add_parser("remove", help="take an added model off the lists and menus")
    probe = actions.add_parser(
        "probe", help="run a model on noise: its stride, and its error in less than float32"
    )
    probe.add_argument("--device", help="cpu or cuda (default: cuda where there is one)")
    for action in (show, fetch, add, remove, probe):
        action.add_argument("name", help="as listed, or of a kind: hf:ORG/NAME, hf:FOLDER, ...")
    for action in (listing, show, fetch, add, remove, probe):
        shared.add_json(action)


def run(options: argparse.Namespace) -> int:
    """Do what is asked."""
    actions = {
        "list": _list,
        "show": _show,
        "fetch": _fetch,
        "add": _add,
        "remove": _remove,
        "probe": _probe,
    }
    return actions[options.action](options)


def _list(options: argparse.Namespace) -> int:
    known = listed_models()
    shared.warn(known.unusable.values())
    search = ModelSearch(text=options.search or "", family=options.family)
    specs = [spec for spec in known.specs if search.finds(spec)]
    if not specs:
        families = ", ".join(dict.fromkeys(spec.family for spec in known.specs))
        raise ModelError(f"no model fits; families are {families}, and a search is of any text")
    heading = _row("name", "family", "reads", "layers", "dims", "here", "licence")
    text = "\n".join([heading, *(_row(*cells(spec)) for spec in specs)])
    shared.report(options, {"models": [asdict(spec) for spec in specs]}, text)
    return 0


def _row(*values: str) -> str:
    name, family, modality, layers, dims, here, licence = values
    return f"{name:30} {family:18} {modality:8} {layers:>6} {dims:>5}  {here:12} {licence}"


def _show(options: argparse.Namespace) -> int:
    try:
        spec = find_model(options.name)
    except AbsentModelError as error:
        return _show_absent(options, error)
    shared.report(options, asdict(spec), _facts(spec))
    return 0


def _show_absent(options: argparse.Namespace, error: AbsentModelError) -> int:
    known = {"name": error.name, "source": error.source, "on_disk": False}
    lines = [_fact("name", error.name), _fact("source", error.source)]
    lines.append(_fact("on disk", f"no; run: {fetch_command(error.name)}"))
    lines.append(_fact("layers", "known once it is here"))
    shared.report(options, known, "\n".join(lines))
    return 0


def _facts(spec: ModelSpec) -> str:
    lines = [_fact(name, value) for name, value in facts(spec).items()]
    return "\n".join([*lines, *(f"  {name}" for name in spec.layer_names)])


def _fact(name: str, value: object) -> str:
    return f"{name:16} {value}"


def _fetch(options: argparse.Namespace) -> int:
    spec = fetch_model(options.name)
    shared.report(options, asdict(spec), f"{spec.name} is on this machine: {spec.source}")
    return 0


def _add(options: argparse.Namespace) -> int:
    spec = register_model(options.name)
    shared.report(options, asdict(spec), f"{spec.name} is in the lists and menus: {spec.source}")
    return 0


def _remove(options: argparse.Namespace) -> int:
    remove_model(options.name, home())
    text = f"{options.name} was taken off the lists; its files stay where they are"
    shared.report(options, {"name": options.name}, text)
    return 0


def _probe(options: argparse.Namespace) -> int:
    model = open_model(options.name, options.device)
    plain, precision = split_precision(model.spec.name)
    texts: list[str] = []
    values: dict[str, object] = {"name": model.spec.name}
    # A model that has neither says that it has no stride.
    if model.spec.hears or precision == "fp32":
        found = probe_stride(model)
        texts.append(_stride_text(model.spec, found))
        values |= _stride_values(model.spec, found)
    if precision != "fp32":
        errors = probe_error(model, open_model(plain, options.device))
        texts.append(_errors_text(model.spec, precision, errors))
        values["errors"] = [asdict(error) for error in errors]
    shared.report(options, values, "\n".join(texts))
    return 0


def _stride_text(spec: ModelSpec, found: StrideProbe) -> str:
    fits = found.stride_samples == spec.stride_samples
    return (
        f"{spec.name}: measured {found.stride_samples:g} samples from row to row at "
        f"{found.sample_rate_hz} Hz ({found.few} in {SHORT_S} s, {found.many} in {LONG_S} s of "
        f"noise); configured {spec.stride_samples}{'' if fits else ': they differ'}"
    )


def _stride_values(spec: ModelSpec, found: StrideProbe) -> dict[str, object]:
    return {
        "measured_stride_samples": found.stride_samples,
        "configured_stride_samples": spec.stride_samples,
        "sample_rate_hz": found.sample_rate_hz,
        "rows": [found.few, found.many],
    }


def _errors_text(spec: ModelSpec, precision: str, errors: Sequence[LayerError]) -> str:
    given = f"{LONG_S} s of noise" if spec.hears else "a transcript"
    heading = f"{precision} against float32 on {given}, relative error of a row: largest, mean"
    lines = [f"  {each.largest:8.1e} {each.mean:8.1e}  {each.layer}" for each in errors]
    return "\n".join([heading, *lines])
