"""The shape of the house: tests mirror the tree, and the web process stays light."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("cache", "pipeline", "dashboard")
HEAVY = (
    *("torch", "torchaudio", "transformers", "librosa", "s3prl", "speechbrain"),
    *("distributed", "numba", "scipy", "pocketsphinx", "matplotlib"),
)
# What these do is shown from outside: by the command line's tests and in the browser.
SHOWN_ELSEWHERE = {
    "pipeline/corpus/listing.py": "tests/pipeline/corpus/test_ljspeech.py",
    "pipeline/commands/job_text.py": "tests/pipeline/commands/test_jobs.py",
    "pipeline/commands/jobs_start.py": "tests/pipeline/commands/test_jobs.py",
    "pipeline/commands/jobs_wait.py": "tests/pipeline/commands/test_jobs.py",
    "pipeline/commands/requests.py": "tests/pipeline/exports/test_reproducing.py",
    "pipeline/commands/scores_text.py": "tests/pipeline/commands/test_scores.py",
    "pipeline/engine/alignment_work.py": "tests/pipeline/engine/test_service.py",
    "pipeline/analyses/analysis.py": "tests/pipeline/analyses/test_running.py",
    "pipeline/engine/analysis_work.py": "tests/pipeline/engine/test_service.py",
    "pipeline/engine/calls.py": "tests/pipeline/engine/test_faults.py",
    "pipeline/engine/comparison_work.py": "tests/pipeline/engine/test_service.py",
    "pipeline/engine/exchange.py": "tests/pipeline/engine/test_service.py",
    "pipeline/engine/running.py": "tests/pipeline/engine/test_service.py",
    "pipeline/engine/care_work.py": "tests/pipeline/engine/test_service.py",
    "pipeline/engine/tasks.py": "tests/pipeline/engine/test_service.py",
    "pipeline/engine/view_work.py": "tests/pipeline/engine/test_service.py",
    "pipeline/engine/work.py": "tests/pipeline/engine/test_service.py",
    "pipeline/engine/__main__.py": "tests/pipeline/engine/test_service.py",
    "pipeline/corpus/fetching/progress.py": "tests/pipeline/corpus/fetching/test_download.py",
    "pipeline/models/spec.py": "tests/pipeline/models/test_catalogue.py",
    "pipeline/models/layer_names.py": "tests/pipeline/models/test_catalogue.py",
    "pipeline/models/extractor.py": "tests/pipeline/extraction/test_embedding.py",
    "dashboard/app.py": "tests/dashboard/app_pages/test_compare.py",
    "dashboard/server.py": "tests/e2e/test_server.py",
    "dashboard/parts/sign_in.py": "tests/e2e/test_sign_in.py",
    "pipeline/publishing/material.py": "tests/pipeline/publishing/test_publish.py",
    "pipeline/publishing/recordings.py": "tests/pipeline/publishing/test_publish.py",
    "pipeline/publishing/stripping.py": "tests/pipeline/publishing/test_publish.py",
    "dashboard/loading/bundled.py": "tests/dashboard/test_bundle_on_pages.py",
    "dashboard/parts/bundled.py": "tests/dashboard/test_bundle_on_pages.py",
    "dashboard/loading/base.py": "tests/dashboard/app_pages/test_compare.py",
    "dashboard/loading/comparisons.py": "tests/dashboard/app_pages/test_compare.py",
    "dashboard/loading/help.py": "tests/dashboard/app_pages/test_help.py",
    "dashboard/loading/jobs.py": "tests/dashboard/app_pages/test_jobs.py",
    "dashboard/loading/library.py": "tests/dashboard/app_pages/test_library.py",
    "dashboard/loading/overview.py": "tests/dashboard/app_pages/test_overview.py",
    "dashboard/loading/recordings.py": "tests/dashboard/app_pages/test_alignments.py",
    "dashboard/loading/storage.py": "tests/dashboard/app_pages/test_storage.py",
    "dashboard/selection/bound.py": "tests/dashboard/selection/test_rows.py",
    "dashboard/selection/help.py": "tests/dashboard/app_pages/test_help.py",
    "dashboard/selection/models.py": "tests/dashboard/app_pages/test_compare.py",
    "dashboard/parts/adding.py": "tests/dashboard/app_pages/test_library.py",
    "dashboard/parts/beside.py": "tests/dashboard/app_pages/test_beside.py",
    "dashboard/parts/beside_drawn.py": "tests/dashboard/app_pages/test_beside.py",
    "dashboard/parts/best_layers.py": "tests/dashboard/app_pages/test_compare.py",
    "dashboard/parts/measures.py": "tests/dashboard/app_pages/test_measures.py",
    "dashboard/selection/beside.py": "tests/dashboard/app_pages/test_beside.py",
    "dashboard/charts/whiskers.py": "tests/dashboard/charts/test_side_by_side.py",
    "dashboard/parts/comparison_cards.py": "tests/dashboard/app_pages/test_overview.py",
    "dashboard/parts/corpora.py": "tests/dashboard/app_pages/test_library.py",
    "dashboard/parts/corpus_problems.py": "tests/dashboard/app_pages/test_library.py",
    "dashboard/parts/corpus_report.py": "tests/dashboard/app_pages/test_library.py",
    "dashboard/parts/forced_alignment.py": "tests/dashboard/app_pages/test_library.py",
    "dashboard/parts/help_cell.py": "tests/dashboard/app_pages/test_help.py",
    "dashboard/parts/help_citing.py": "tests/dashboard/app_pages/test_help.py",
    "dashboard/parts/help_cka.py": "tests/dashboard/app_pages/test_help.py",
    "dashboard/parts/help_terms.py": "tests/dashboard/app_pages/test_help.py",
    "dashboard/parts/model_facts.py": "tests/dashboard/app_pages/test_library.py",
    "dashboard/parts/model_map.py": "tests/dashboard/app_pages/test_overview.py",
    "dashboard/parts/models.py": "tests/dashboard/app_pages/test_library.py",
    "dashboard/parts/analysis_status.py": "tests/dashboard/parts/test_calibration.py",
    "dashboard/parts/comparison_status.py": "tests/e2e/test_compare.py",
    "dashboard/parts/storage_care.py": "tests/dashboard/app_pages/test_storage.py",
    "dashboard/selection/pruning.py": "tests/dashboard/app_pages/test_storage.py",
    "dashboard/parts/layer_pair.py": "tests/e2e/test_compare.py",
    "dashboard/parts/messages.py": "tests/dashboard/app_pages/test_compare.py",
    "dashboard/parts/page.py": "tests/dashboard/app_pages/test_compare.py",
    "dashboard/parts/cell_analysis.py": "tests/dashboard/app_pages/test_words.py",
    "dashboard/parts/question.py": "tests/dashboard/app_pages/test_words.py",
    "dashboard/parts/recording_choice.py": "tests/dashboard/app_pages/test_alignments.py",
    "dashboard/parts/recording_flags.py": "tests/dashboard/app_pages/test_alignments.py",
    "dashboard/parts/recording_status.py": "tests/dashboard/app_pages/test_alignments.py",
    "dashboard/parts/recording_word.py": "tests/dashboard/app_pages/test_alignments.py",
    "dashboard/selection/recordings.py": "tests/dashboard/app_pages/test_alignments.py",
    "dashboard/parts/retrieval_examples.py": "tests/dashboard/app_pages/test_words.py",
    "dashboard/parts/row_curve.py": "tests/dashboard/app_pages/test_words.py",
    "dashboard/parts/word_map.py": "tests/dashboard/app_pages/test_words.py",
    "dashboard/parts/word_neighbours.py": "tests/dashboard/app_pages/test_words.py",
    "dashboard/parts/word_shares.py": "tests/dashboard/app_pages/test_words.py",
    "dashboard/parts/similarity.py": "tests/dashboard/app_pages/test_compare.py",
    "dashboard/loading/views.py": "tests/dashboard/app_pages/test_views.py",
    "dashboard/parts/saved_views.py": "tests/dashboard/app_pages/test_views.py",
    "dashboard/parts/saving.py": "tests/dashboard/app_pages/test_views.py",
    "dashboard/selection/saved.py": "tests/dashboard/app_pages/test_views.py",
    "dashboard/parts/sharing.py": "tests/e2e/test_compare.py",
    "dashboard/charts/profiles.py": "tests/dashboard/charts/test_heatmap.py",
    "dashboard/charts/base.py": "tests/dashboard/charts/test_heatmap.py",
    "dashboard/charts/cells.py": "tests/dashboard/charts/test_heatmap.py",
    "dashboard/charts/hover.py": "tests/dashboard/charts/test_heatmap.py",
    "dashboard/components/address.py": "tests/e2e/test_server.py",
}


def modules():
    found = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    return sorted(path.relative_to(ROOT) for path in found if path.name != "__init__.py")


def test_there_are_modules_to_look_at():
    assert len(modules()) > 50


@pytest.mark.parametrize("module", modules(), ids=str)
def test_every_module_has_its_tests(module):
    mirrored = Path("tests") / module.parent / f"test_{module.name}"
    shown = SHOWN_ELSEWHERE.get(str(module))
    assert (ROOT / mirrored).exists() != bool(shown), f"{module}: {mirrored} or an entry above"
    assert shown is None or (ROOT / shown).exists()


@pytest.mark.parametrize("router", ["", "import dashboard.app\n"], ids=["modules", "router"])
def test_the_web_process_loads_no_model_code(home, router):
    names = [
        ".".join(path.with_suffix("").parts)
        for path in modules()
        # Pages and the router are scripts that draw when they are imported.
        if path.parts[0] == "dashboard" and path.parts[1] not in ("app.py", "app_pages")
    ]
    assert "dashboard.server" in names
    code = (
        f"import sys, {', '.join(names)}\n"
        # The router draws its first page when it is imported.
        f"{router}"
        "from pipeline.models import catalogue\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert home.exists() == bool(router)
    assert done.stdout.strip().splitlines()[-1] == "[]"
