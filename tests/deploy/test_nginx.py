"""The proxy's file: nginx itself reads it, where there is one."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from dashboard.serving.session_limit import DEFAULT_MOST

ROOT = Path(__file__).parents[2]
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin")


@pytest.fixture(scope="module")
def text(deploy):
    return (deploy / "nginx.conf").read_text(encoding="utf-8")


def test_nginx_accepts_it(text, tmp_path):
    if NGINX is None:
        pytest.skip("needs nginx; apt install nginx")
    key, certificate = tmp_path / "proxy.key", tmp_path / "proxy.pem"
    subject = ["-nodes", "-days", "2", "-subj", "/CN=localhost"]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", *subject]
    subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True)  # noqa: S603 - fixed words
    file = tmp_path / "nginx.conf"
    said = text.replace("web:8501", "[::1]:1").replace("/run/secrets/", "CERTIFICATES/")
    said = said.replace("/tmp/", f"{tmp_path}/").replace("CERTIFICATES/", f"{tmp_path}/")  # noqa: S108 - elsewhere
    file.write_text(said)
    done = subprocess.run([NGINX, "-t", "-c", file], capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr


def test_pages_are_served_by_tls_and_under_the_base_path_alone(text, example):
    base = example["STREAMLIT_SERVER_BASE_URL_PATH"]
    assert re.findall(r"location (/\S+) \{", text) == [f"/{base}/"]
    assert re.findall(r"listen (.+);", text) == ["8080", "8443 ssl"]
    assert re.search(r"listen 8080;\s+server_name _;\s+return 308 https://", text)
    assert "ssl_protocols TLSv1.2 TLSv1.3;" in text


def test_redirects_to_itself_name_neither_host_nor_port(text):
    # nginx would name the port that it listens on, which only the proxy's container has.
    assert re.search(r"^http \{[^}]*^    absolute_redirect off;", text, re.MULTILINE)
    ours = re.findall(r"return 30[1278] (\S+?);", text)
    assert [target for target in ours if not target.startswith("https://$host")] == [
        "/layerscope/",
        "/layerscope/$is_args$args",
    ]


def test_what_the_server_checks_comes_as_the_browser_said_it(text):
    for header in ("Host $http_host", "Upgrade $http_upgrade", "X-Request-ID $request_id"):
        assert f"proxy_set_header {header};" in text


def test_what_the_server_tells_of_itself_is_closed_before_the_pages_are_open(text):
    closed = re.search(r"location ~ (\S+) \{\s+return 404;", text)[1]
    for path in ("/layerscope/_stcore/metrics", "/layerscope/api/metrics", "/x/_stcore/agent/a"):
        assert re.search(closed, path)
    assert not re.search(closed, "/layerscope/_stcore/health")


def test_the_log_says_nothing_of_people(text):
    logged = re.search(r"log_format layerscope(.*?);", text, re.DOTALL)[1]
    variables = set(re.findall(r"\$(\w+)", logged))
    assert variables & {"remote_addr", "args", "request", "request_uri", "http_cookie"} == set()
    assert "request_id" in variables


def test_nobody_alone_takes_all_places_and_files_of_a_page_pass(text):
    assert int(re.search(r"limit_conn addresses (\d+);", text)[1]) < DEFAULT_MOST
    largest = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["server"]
    assert int(re.search(r"client_max_body_size (\d+)m;", text)[1]) > largest["maxUploadSize"]
