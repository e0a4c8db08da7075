import json
from dataclasses import replace

import pytest

from pipeline.analyses import AnalysisRequest
from pipeline.errors import SettingsError
from pipeline.request import ComparisonRequest
from pipeline.similarity.row_settings import RowSettings

COMPARISON = ComparisonRequest("demo", "a", "b", rows=RowSettings(controls=("mel",)))


@pytest.mark.parametrize("layers", [None, (2, 3)])
def test_a_request_survives_json(layers):
    request = AnalysisRequest(COMPARISON, "calibration", layers, "biased", {"seed": 4})
    assert AnalysisRequest.from_dict(json.loads(json.dumps(request.as_dict()))) == request


@pytest.mark.usefixtures("unchecked_types")
def test_an_estimator_that_is_not_there_is_refused():
    with pytest.raises(SettingsError, match="the estimator is 'exact'; choose debiased or biased"):
        replace(AnalysisRequest(COMPARISON, "calibration"), estimator="exact")
