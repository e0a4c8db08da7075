import pytest

from dashboard.charts import repetition_curve, unrelated_curve
from pipeline.similarity.illustrations import repeated_words, unrelated_layers


def named(figure, name):
    (trace,) = [trace for trace in figure.data if trace.name == name]
    return trace


def test_both_estimators_and_the_closed_form_are_drawn_over_dimensions():
    found = unrelated_layers(20)
    figure = unrelated_curve(found, 64)
    assert list(named(figure, "biased").y) == [each.biased for each in found]
    assert list(named(figure, "debiased").y) == [each.debiased for each in found]
    closed = named(figure, "dimensions / (dimensions + rows)")
    assert closed.y == pytest.approx([each.dims / (each.dims + 20) for each in found])
    assert list(closed.x) == [each.dims for each in found]
    assert figure.layout.shapes[0].x0 == 64


def test_tokens_and_types_are_drawn_over_the_cap():
    found = repeated_words()
    figure = repetition_curve(found, 5)
    assert list(named(figure, "a row a token").y) == [each.over_tokens for each in found]
    assert list(named(figure, "a row a type").y) == [each.over_types for each in found]
    assert list(named(figure, "closed form").x) == [each.most_per_type for each in found]
    assert figure.layout.shapes[0].x0 == 5
