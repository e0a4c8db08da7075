"""What several commands do before they compare: embed what is missing, and say what failed."""

from collections.abc import Mapping

from cache import Store
from pipeline.commands import options as shared
from pipeline.planning import Plan, coverage, fitting_warnings
from pipeline.run import embed_missing


def embed_sides(plan: Plan, store: Store, device: str | None) -> set[str]:
    """Embed what is missing of all models; return the utterances that failed."""
    failed: set[str] = set()
    for side in plan.sides:
        shared.warn(fitting_warnings(side.spec, plan.settings))
        embed_missing(
            side, plan.corpus, plan.settings, store, progress=shared.show_progress, device=device
        )
        reasons: Mapping[str, str] = coverage(side, store).failed
        shared.report_failures(reasons.values())
        failed |= set(reasons)
    return failed
