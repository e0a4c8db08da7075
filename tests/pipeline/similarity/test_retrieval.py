import json
from collections import Counter

import numpy as np
import pytest

from pipeline.errors import MatrixError, SettingsError
from pipeline.similarity.retrieval import RetrievalSettings, held_out_rows, retrieve


def normal(rows, dim, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, dim))


def material(tokens=120, types=30, noise=0.6):
    """Return two models of noisy tokens, of common and of rare words."""
    rng = np.random.default_rng(0)
    kind = np.sort(np.minimum(rng.geometric(0.12, size=tokens) - 1, types - 1))[::-1].copy()
    rng.shuffle(kind)
    words = [f"word{number:02d}" for number in kind]
    meaning = rng.normal(size=(types, 8))
    a = meaning[kind] @ rng.normal(size=(8, 6)) + noise * rng.normal(size=(tokens, 6))
    b = meaning[kind] @ rng.normal(size=(8, 9)) + noise * rng.normal(size=(tokens, 9))
    return a, b, words


def described(rows, anchors, settings):
    rows, anchors = rows.astype(float), anchors.astype(float)
    if settings.unit_length:
        rows, anchors = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (rows, anchors))
    products = rows @ anchors.T
    limits = np.sort(products, axis=1)[:, [-settings.k]]
    return np.where(products >= limits, products, 0) ** settings.p


def by_definition(a, b, words, settings):
    """Follow the original study's script, with dense matrices and sorted lists."""
    words = np.array(words)
    out = np.random.RandomState(settings.seed).choice(
        len(a), int(len(a) * settings.held_out), replace=False
    )
    kept = np.delete(np.arange(len(a)), out)
    queries, totals = described(a[out], a[kept], settings), {}
    for name, candidates in (("anchors", kept), ("all", np.arange(len(a)))):
        texts = described(b[candidates], b[kept], settings)
        texts /= np.linalg.norm(texts, axis=1, keepdims=True)
        hits1, hits5, best = [], [], []
        for query, word in zip(queries, words[out], strict=True):
            order = words[candidates][np.argsort(-(texts @ query))]
            distinct = list(dict.fromkeys(order.tolist()))
            best.append(distinct[0])
            hits1.append(distinct[0] == word)
            hits5.append(word in distinct[:5])
        totals[name] = np.array(hits1), np.array(hits5), best
    return out, kept, totals


SETTINGS = [
    RetrievalSettings(k=10, p=4),
    RetrievalSettings(k=20, p=1, held_out=0.3, seed=5),
    RetrievalSettings(k=6, p=3, unit_length=True),
    RetrievalSettings(k=102, p=2),
]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_accuracies_are_those_of_the_original_script(settings, dtype):
    a, b, words = material()
    a, b = a.astype(dtype), b.astype(dtype)
    out, kept, totals = by_definition(a, b, words, settings)
    found = retrieve(a, b, words, settings)
    truth, anchor_words = np.array(words)[out], np.array(words)[kept]
    seen = np.isin(truth, anchor_words)
    assert found.held_out.tolist() == out.tolist()
    assert found.named == tuple(totals["anchors"][2])
    assert (found.anchors, found.unseen) == (len(kept), int(np.sum(~seen)))
    for name, accuracy in (("anchors", found.among_anchors), ("all", found.among_all)):
        hits1, hits5, _ = totals[name]
        assert (accuracy.top1, accuracy.top5) == (np.mean(hits1), np.mean(hits5))
        for hits, macro in ((hits1, accuracy.macro_top1), (hits5, accuracy.macro_top5)):
            by_type = [np.mean(hits[truth == word]) for word in set(truth.tolist())]
            assert macro == pytest.approx(np.mean(by_type))
        assert accuracy.seen_top1 == np.mean(hits1[seen])
        if not seen.all():
            assert accuracy.unseen_top1 == np.mean(hits1[~seen])
    (commonest, _), (_, second) = Counter(anchor_words.tolist()).most_common(2)
    assert Counter(anchor_words.tolist())[commonest] > second
    assert found.majority == np.mean(truth == commonest)


def test_a_type_without_anchors_is_found_only_among_all_candidates():
    meaning = normal(60, 8)
    words = [f"word{number:02d}" for number in range(60)]
    found = retrieve(
        meaning, meaning @ np.linalg.qr(normal(8, 8, 1))[0], words, RetrievalSettings(k=20, p=3)
    )
    assert found.unseen == len(found.held_out) == 9
    assert found.among_anchors.top5 == 0
    assert found.among_all.unseen_top1 == found.among_all.top1 > 0.8
    assert np.isnan(found.among_all.seen_top1)
    assert found.majority == 0


def test_unrelated_models_find_no_more_than_chance():
    _, b, words = material(tokens=600)
    found = retrieve(normal(600, 6, 9), b, words, RetrievalSettings(k=50, p=4))
    assert found.among_anchors.top1 < 0.25
    assert found.among_anchors.macro_top1 < 0.1


def test_the_original_study_held_these_tokens_out(shared):
    """7,035 tokens, of which 89.9 % have their type among the anchors; 3.5 % of these are "the"."""
    listed = json.loads((shared / "thesis" / "words_in_order1.json").read_text(encoding="utf-8"))
    words = np.array([word for utterance in listed.values() for word in utterance])
    out = held_out_rows(len(words), RetrievalSettings())
    assert len(out) == 7035
    anchors = np.delete(words, out)
    assert np.isin(words[out], anchors).mean() == pytest.approx(0.899, abs=5e-4)
    (_, count), *_ = Counter(anchors.tolist()).most_common(1)
    assert count / len(anchors) == pytest.approx(0.035, abs=5e-4)


def test_what_cannot_be_looked_up_is_refused():
    a, b, words = material()
    with pytest.raises(MatrixError, match="a has 120 rows, b 119, and there are 120 words"):
        retrieve(a, b[1:], words)
    with pytest.raises(MatrixError, match=r"of 6 rows, a share of 0\.15 is none"):
        retrieve(a[:6], b[:6], words[:6])
    with pytest.raises(SettingsError, match="k is 103, but there are 102 anchors"):
        retrieve(a, b, words, RetrievalSettings(k=103))
    b[77, 2] = np.nan
    with pytest.raises(MatrixError, match=r"b, row 77 \(counted from 0\)"):
        retrieve(a, b, words)


@pytest.mark.parametrize("wrong", [{"k": 0}, {"p": 0}, {"held_out": 1.0}, {"held_out": -0.1}])
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(SettingsError, match="expected k > 0, p > 0 and a share held out between"):
        RetrievalSettings(**wrong)
