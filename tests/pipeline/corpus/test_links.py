import pytest

from pipeline.corpus.links import refuse_link_out
from pipeline.errors import CorpusError


def test_a_file_and_a_link_inside_pass(tmp_path):
    file = tmp_path / "a"
    file.write_text("")
    link = tmp_path / "b"
    link.symlink_to(file)
    refuse_link_out(file, tmp_path)
    refuse_link_out(link, tmp_path)


def test_a_folder_that_is_itself_a_link_is_no_way_out(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    refuse_link_out(tmp_path / "link" / "a", tmp_path / "link")


@pytest.mark.parametrize("target", ["../outside", "/etc/hostname"])
def test_a_link_that_leads_out_is_refused(tmp_path, target):
    folder = tmp_path / "corpus"
    folder.mkdir()
    link = folder / "a"
    link.symlink_to(target)
    with pytest.raises(CorpusError, match=r"a is a link that leads out of .*corpus; copy the file"):
        refuse_link_out(link, folder)
