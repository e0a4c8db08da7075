import numpy as np

from dashboard.charts import row_curve
from pipeline.analyses.curve import CellCurve

FOUND = CellCurve(
    capped=np.array([False, False, False, True]),
    at=np.array([50, 50, 100, 1]),
    draw=np.array([0, 1, 0, 0]),
    rows=np.array([50, 50, 100, 30]),
    debiased=np.array([0.1, 0.3, 0.25, 0.05]),
    biased=np.array([0.5, 0.6, 0.4, 0.7]),
    sampled_from=100,
    row_digest="",
)


def test_lines_are_means_over_draws_and_points_are_the_draws():
    line, samples, biased, _ = row_curve(FOUND, capped=False).data
    assert list(line.x) == [50, 100]
    np.testing.assert_allclose(line.y, [0.2, 0.25])
    assert (list(samples.x), list(samples.y)) == ([50, 50, 100], [0.1, 0.3, 0.25])
    assert (line.name, biased.name) == ("debiased", "biased")
    assert line.hovertext[0].startswith("<b>debiased CKA 0.2000</b>")
    assert line.line.color == samples.marker.color != biased.line.color


def test_caps_are_another_chart():
    figure = row_curve(FOUND, capped=True)
    assert list(figure.data[0].x) == [1]
    assert figure.layout.xaxis.title.text == "tokens a type at most"
