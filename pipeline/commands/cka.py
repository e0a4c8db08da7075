"""``cka``: the similarity of all layers of two models, or of one pair, as JSON."""

import argparse
from pathlib import Path

from pipeline.commands import options as shared
from pipeline.comparison import load_result
from pipeline.configuration import open_store
from pipeline.errors import MatrixError
from pipeline.models.catalogue import find_model
from pipeline.planning import coverage, fitting_warnings, make_plan
from pipeline.presets import PRESETS
from pipeline.run import run_plan
from pipeline.similarity.export import as_json, as_plain_values
from pipeline.similarity.measure import MEASURES
from pipeline.similarity.result import SimilarityResult, select_layers
from pipeline.similarity.result_text import measured_text
from pipeline.similarity.thesis_layout import thesis_file_name, thesis_json

NAME = "cka"
LAYOUTS = ("full", "thesis")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    shared.add_corpus(parser)
    parser.add_argument("--model1", required=True, help="its layers are the rows")
    parser.add_argument("--model2", required=True, help="its layers are the columns")
    parser.add_argument("--layer1", type=int, help="only this layer of model1")
    parser.add_argument("--layer2", type=int, help="only this layer of model2")
    shared.add_settings(parser)
    shared.add_rows(parser)
    shared.add_measure(parser)
    shared.add_preset(parser)
    parser.add_argument(
        "--layout",
        choices=LAYOUTS,
        default=LAYOUTS[0],
        help="full: all that is known; thesis: the original study's, rows of model2's layers, with "
        "FILE.full.json beside it",
    )
    parser.add_argument(
        "--out", type=Path, required=True, help="FILE.json, or a folder for cka_A_B.json"
    )
    parser.add_argument("--device", help="cpu or cuda (default: cuda where there is one)")
    shared.add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Compute what is missing and write the scores."""
    corpus, settings = shared.corpus_from(options), shared.settings_from(options)
    specs = find_model(options.model1), find_model(options.model2)
    shared.report_problems(corpus)
    with open_store() as store:
        plan = make_plan(
            *(corpus, *specs, settings, store),
            rows=shared.rows_from(options),
            measure=MEASURES[options.measure],
        )
        for side in plan.sides:
            shared.warn(fitting_warnings(side.spec, settings))
        done = run_plan(plan, store, progress=shared.show_progress, device=options.device)
        for side in plan.sides:
            shared.report_failures(coverage(side, store).failed.values())
        result = load_result(plan, store, options.estimator)
    if result is None:
        raise MatrixError("the store lost embeddings while they were compared; try again")
    asked = [
        _layers(options, names, layer)
        for names, layer in (
            (result.layer_names_a, options.layer1),
            (result.layer_names_b, options.layer2),
        )
    ]
    result = select_layers(result, *asked)
    out = options.out
    if out.is_dir():
        out /= thesis_file_name(result.model_a, result.model_b)
    _write(result, out, options.layout)
    computed = f"{done['computed']} embeddings computed, {done['cached']} were in the cache"
    if not done["computed"] and not done["results"]:
        computed = f"nothing to compute: {done['cached']} embeddings and the result were cached"
    rows, columns = result.scores.shape
    text = f"{out}: {rows} x {columns} layers over {measured_text(result)}; {computed}"
    shared.report(options, as_plain_values(result) | {"done": done}, text)
    return 0


def _write(result: SimilarityResult, out: Path, layout: str) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    full = out
    if layout == "thesis":
        out.write_text(thesis_json(result) + "\n", encoding="utf-8")
        full = out.with_suffix(".full.json")
    full.write_text(as_json(result), encoding="utf-8")


def _layers(
    options: argparse.Namespace, names: tuple[str, ...], layer: int | None
) -> tuple[int, ...] | None:
    """Return the layers asked for: one, those of the preset, or (None) all."""
    if layer is not None:
        return (layer,)
    return None if options.preset is None else PRESETS[options.preset].layers(names)
