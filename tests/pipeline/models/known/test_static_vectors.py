from pipeline.models.known.static_vectors import describe, listed


def test_the_spec_says_what_the_first_lines_say(tmp_path):
    file = tmp_path / "v.txt"
    file.write_text("2 3\na 1 2 3\nb 4 5 6\n")
    spec = describe(f"glove:{file}?case=keep")
    assert (spec.dims, spec.modality, spec.hears, len(spec.layer_names)) == (3, "text", False, 1)
    assert spec.name == f"glove:{file}?case=keep"
    assert spec.source == str(file)
    assert listed() == ()
