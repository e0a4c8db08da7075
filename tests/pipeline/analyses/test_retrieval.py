from dataclasses import asdict, replace

import numpy as np
import pytest

from pipeline.analyses import AnalysisRequest, compute_analysis, load_analysis
from pipeline.errors import SettingsError
from pipeline.matrices import build_matrices
from pipeline.similarity.retrieval import RetrievalSettings, retrieve


def retrieved(comparison, store, **settings):
    plan = comparison.plan(store)
    request = AnalysisRequest(comparison, "retrieval", (0, 0), settings=settings)
    compute_analysis(request, plan, store)
    return load_analysis(request, plan, store)


def test_what_is_found_is_the_retrieval_of_the_matrices(lookups, store):
    settings = {"k": 30, "p": 2, "held_out": 0.2, "seed": 7, "unit_length": True}
    found = retrieved(replace(lookups, model_b="control:duration"), store, **settings)
    a, b = build_matrices(replace(lookups, model_b="control:duration").plan(store), store)
    rows = a.rows
    expected = retrieve(a.layers[0], b.layers[0], rows.words, RetrievalSettings(**settings))
    for name in ("among_anchors", "among_all"):
        assert getattr(found, name) == asdict(getattr(expected, name))
    assert (found.majority, found.anchors) == (expected.majority, expected.anchors)
    assert found.unseen == expected.unseen > 0
    assert found.named == list(expected.named)
    assert found.words == [rows.words[row] for row in expected.held_out]
    assert found.indices.tolist() == rows.indices[expected.held_out].tolist()
    assert found.row_digest == rows.digest
    hits = np.array(found.named) == np.array(found.words)
    assert found.among_anchors["top1"] == hits.mean()


def test_of_no_unseen_types_there_is_no_accuracy(lookups, store):
    found = retrieved(lookups, store, k=20, held_out=0.005)
    assert found.unseen == 0
    assert found.among_all["unseen_top1"] is None
    assert found.among_all["seen_top1"] is not None


def test_settings_that_make_no_sense_are_refused(lookups, store):
    with pytest.raises(SettingsError, match="a share held out between 0 and 1"):
        retrieved(lookups, store, held_out=2.0)
