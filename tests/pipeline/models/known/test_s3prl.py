import pytest

from pipeline.errors import ModelError
from pipeline.models.known.s3prl import describe, listed


def test_every_listed_model_is_found_by_its_name():
    assert [describe(spec.name) for spec in listed()] == list(listed())


def test_an_unknown_upstream_gets_close_ones():
    with pytest.raises(ModelError, match="no upstream 's3prl:fbnk'; did you mean s3prl:fbank"):
        describe("s3prl:fbnk")
