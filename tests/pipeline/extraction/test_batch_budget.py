from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extraction import batch_budget
from pipeline.extraction.batch_budget import BatchBudget, affordable_s, batches, budget_for
from pipeline.models import find_model
from tests.pipeline.extraction.doubles import Clock

DURATIONS = st.lists(st.floats(0.1, 40), max_size=30)


@given(DURATIONS, st.floats(0, 200))
def test_batches_hold_all_in_order_and_no_more_than_allowed_unless_it_is_one(durations, seconds):
    found = list(batches(durations, float, BatchBudget(seconds)))
    assert [each for batch in found for each in batch] == durations
    for batch, following in pairwise(found):
        assert len(batch) == 1 or len(batch) * max(batch) <= seconds
        more = [*batch, following[0]]
        assert len(more) * max(more) > seconds


@given(DURATIONS)
def test_without_a_budget_each_is_alone(durations):
    assert list(batches(durations, float, BatchBudget(0.0))) == [[each] for each in durations]


def test_a_budget_that_falls_holds_for_the_batches_that_follow():
    budget = BatchBudget(40.0)
    found = batches([10.0] * 8, float, budget)
    assert len(next(found)) == 4
    budget.lower([10.0] * 4)
    assert [len(batch) for batch in found] == [2, 2]
    budget.lower([10.0] * 9)
    assert budget.seconds == 20


def test_on_a_cpu_a_batch_is_one_recording(minilm_model):
    assert budget_for(Clock()).seconds == 0
    assert minilm_model.device == torch.device("cpu")
    assert budget_for(minilm_model).seconds == 0


def test_on_a_gpu_its_free_memory_decides(minilm_model, monkeypatch):
    monkeypatch.setattr(batch_budget, "free_bytes", lambda _device: 7 * 384 * 4 * 16 * 50 * 60)
    assert budget_for(minilm_model).seconds == pytest.approx(60)


def test_what_a_gpu_affords_grows_with_its_memory_up_to_what_is_of_use():
    spec = replace(find_model("untrained:wav2vec2-base"), stride_samples=640)
    row = 13 * 768 * 4 * 16
    assert affordable_s(spec, 25 * row) == pytest.approx(1)
    assert affordable_s(spec, 10**12) == 320
