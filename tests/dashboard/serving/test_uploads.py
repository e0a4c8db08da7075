from types import SimpleNamespace

import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from dashboard.access import Access, Provider
from dashboard.serving import uploads
from dashboard.serving.uploads import MOST_BYTES, Uploads

OPEN, CLOSED = Access(), Access(mode="oidc", provider=Provider("https://a.example", "", "", ""))


@pytest.fixture
def files(monkeypatch):
    kept = MemoryUploadedFileManager("/_stcore/upload_file")
    monkeypatch.setattr(uploads, "get_instance", lambda: SimpleNamespace(uploaded_file_mgr=kept))
    return kept


def client(files, access=OPEN):
    async def keep(request):
        file = UploadedFileRec(request.path_params["file"], "a.json", "", await request.body())
        files.add_file(request.path_params["session"], file)
        return Response(status_code=204)

    path = "/_stcore/upload_file/{session}/{file}"
    app = Starlette(routes=[Route(path, keep, methods=["PUT", "DELETE"])])
    return TestClient(Uploads(app, access))


def put(client, session, file, content=b"[[1]]"):
    return client.put(f"/_stcore/upload_file/{session}/{file}", content=content)


def test_a_page_s_last_two_files_are_kept_however_many_come(files):
    opened = client(files)
    for number in range(50):
        assert put(opened, "ada", f"{number}").status_code == 204
    put(opened, "ben", "0")
    assert list(files.file_storage["ada"]) == ["48", "49"]
    assert list(files.file_storage["ben"]) == ["0"]


def test_a_stranger_uploads_nothing(files):
    answer = put(client(files, CLOSED), "ada", "0")
    assert (answer.status_code, answer.text) == (401, "Sign in first.")
    assert files.get_stats() == {}


def test_when_memory_for_files_is_taken_further_ones_are_refused_in_words(files, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_BYTES", 1000)
    opened = client(files)
    for session in ("ada", "ben", "eva"):
        assert put(opened, session, "0", bytes(400)).status_code == 204
    answer = put(opened, "dan", "0")
    assert answer.status_code == 503
    assert "all that this server keeps" in answer.text
    assert opened.delete("/_stcore/upload_file/ada/0").status_code == 204
    files.remove_session_files("ada")
    assert put(opened, "dan", "0").status_code == 204


def test_the_limit_of_all_is_above_that_of_one():
    assert MOST_BYTES > 10 * 2 * 2**20
