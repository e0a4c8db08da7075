from pipeline.demonstration import DEFAULT_REQUEST


def test_the_first_page_needs_no_download_and_shows_a_pretrained_model_beside_a_control(
    home, store
):
    plan = DEFAULT_REQUEST.plan(store)
    assert plan.corpus.name == "demo"
    assert plan.a.spec.name == "minilm"
    assert plan.b.spec.family == "untrained"
    assert home.exists()
