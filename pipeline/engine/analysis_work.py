"""An analysis: the comparison that it is of, then the analysis itself."""

from collections.abc import Callable

from distributed import Client

from cache import Store
from pipeline.analyses import AnalysisRequest
from pipeline.analyses.running import analysis_key, check_request
from pipeline.engine import exchange, tasks
from pipeline.engine.calls import Call
from pipeline.engine.comparison_work import ComparisonWork, lost
from pipeline.engine.jobs import Job
from pipeline.planning import coverage


class AnalysisWork:
    """An analysis that is being made."""

    def __init__(self, job: Job, store: Store, chunk_s: float, note: Callable[[str], None]) -> None:
        self._request, self._store = AnalysisRequest.from_dict(job.task), store
        self._plan = self._request.comparison.plan(store)
        check_request(self._request, self._plan)
        self._comparison = ComparisonWork(self._plan, store, chunk_s, note)
        self.counts = self._comparison.counts
        self._analysing: Call | None = None

    def advance(self, client: Client) -> bool:
        """Compare; then analyse, unless the result is there."""
        if not self._comparison.advance(client):
            return False
        if self._analysing is None:
            if self._has_result():
                return True
            self._analysing = Call(tasks.analyse, self._request, self._plan)
        if not self._analysing.is_done(client):
            return False
        if not self._has_result():
            raise lost("the analysis", self._store)
        return True

    def _has_result(self) -> bool:
        found = [coverage(side, self._store) for side in self._plan.sides]
        key = analysis_key(self._request, self._plan, found)
        return not exchange.fetch(self._store, [key])

    def release(self) -> None:
        """Let go of what the workers do for it."""
        self._comparison.release()
        if self._analysing is not None:
            self._analysing.release()
