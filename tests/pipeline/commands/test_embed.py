import pytest


def test_the_first_run_computes_and_the_second_finds_everything(run_json):
    status, first = run_json("embed", "--corpus", "demo", "--model", "s3prl:fbank")
    assert status == 0
    assert (first["computed"], first["cached"], first["failed"]) == (80, 0, 0)
    _, second = run_json("embed", "--corpus", "demo", "--model", "s3prl:fbank")
    assert (second["computed"], second["cached"]) == (0, 80)


def test_settings_that_do_not_fit_are_warned_of(run):
    status, _, err = run("embed", "--corpus", "demo", "--model", "control:onehot")
    assert (status, err) == (0, "")
    _, _, err = run(
        "embed", "--corpus", "demo", "--model", "s3prl:mfcc", "--stride", "20", "--pooling", "first"
    )
    assert "warning: s3prl:mfcc gives a frame every 10 ms" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--corpus", "demo", "--model", "s3prl:fbnk"], "did you mean s3prl:fbank"),
        (["--corpus", "nowhere", "--model", "minilm"], "neither a folder nor a registered corpus"),
        (["--corpus", "demo", "--model", "minilm", "--unit", "phone"], "has no phones"),
    ],
)
def test_a_mistake_is_one_clear_line_and_a_non_zero_exit(run, arguments, message):
    status, out, err = run("embed", *arguments)
    assert status == 1
    assert out == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert message in err
