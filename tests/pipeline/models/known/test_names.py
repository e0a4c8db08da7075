from pipeline.models.known.names import did_you_mean


def test_the_nearest_names_are_offered_and_none_that_is_far():
    assert did_you_mean("hubrt", ["hubert", "wavlm"]) == "did you mean hubert? "
    assert did_you_mean("zzz", ["hubert", "wavlm"]) == ""
    assert did_you_mean("a", []) == ""
