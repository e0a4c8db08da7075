import datetime as dt
import ipaddress
import ssl

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pipeline.corpus.fetching.partial_file import PartialFile
from pipeline.corpus.fetching.receiving import InterruptionError, RefusalError, receive
from tests.pipeline.corpus.fetching.server import local_server


def attempt(url, part, size_bytes=10):
    receive(url, part, size_bytes, stall_s=0.2, progress=lambda _: None)


@pytest.fixture
def part(tmp_path):
    return PartialFile(tmp_path / "a.part")


def test_one_attempt_is_one_request(server, part):
    server.files["a"] = b"0123456789"
    attempt(server.url("a"), part)
    assert part.path.read_bytes() == b"0123456789"
    assert len(server.asked) == 1
    assert server.asked[0].headers["User-Agent"] == "LayerScope"


@pytest.fixture
def self_signed(tmp_path):
    """A certificate for this machine that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    pem, path = serialization.Encoding.PEM, tmp_path / "server.pem"
    private = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.write_bytes(key.private_bytes(pem, *private) + certificate.public_bytes(pem))
    return path


def secured(path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def test_a_certificate_is_verified(part, self_signed, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with local_server(secured(self_signed)) as server:
        server.files["a"] = b"0123456789"
        with pytest.raises(InterruptionError, match="certificate verify failed"):
            attempt(server.url("a"), part)
        assert server.asked == []
        assert part.size_bytes == 0
        monkeypatch.setenv("SSL_CERT_FILE", str(self_signed))
        attempt(server.url("a"), part)
    assert part.path.read_bytes() == b"0123456789"


def test_a_public_address_never_leads_to_this_machine(part, monkeypatch):
    """A stand-in for a public server: its answer sends the client to a service behind the wall."""

    def moved(request):
        assert request.url.host == "example.org"
        return httpx2.Response(302, headers={"Location": "http://127.0.0.1/secret"})

    real = httpx2.Client
    monkeypatch.setattr(
        httpx2, "Client", lambda **options: real(transport=httpx2.MockTransport(moved), **options)
    )
    with pytest.raises(RefusalError, match=r"leads to http://127.0.0.1/secret; expect"):
        attempt("https://example.org/a", part)
