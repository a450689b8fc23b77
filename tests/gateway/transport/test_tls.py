"""HttpTransport over TLS: it trusts only what it was told to trust."""

from __future__ import annotations

import datetime
import ssl
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.errors import SubgraphUnreachable
from gateway.transport import HttpTransport, SubgraphRequest
from tests.gateway.transport.raw_server import RawServer, http_answer

ANSWER = b'{"data":{"a":1}}'


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A self-signed certificate for 127.0.0.1, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "certificate.pem"
    file.write_bytes(
        built.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return file


def server_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


async def test_a_subgraph_with_a_trusted_certificate_is_asked_over_tls(certificate: Path) -> None:
    trusted = ssl.create_default_context(cafile=str(certificate))
    async with RawServer(lambda *_: http_answer(ANSWER), tls=server_context(certificate)) as server:
        transport = HttpTransport("shop", server.url.replace("http:", "https:"), tls=trusted)
        for _ in range(2):
            assert (await transport.execute(SubgraphRequest("shop", b"{}", "query"))).body == ANSWER
        await transport.aclose()
    assert server.connections == 1


async def test_a_subgraph_with_an_unknown_certificate_is_unreachable(certificate: Path) -> None:
    async with RawServer(lambda *_: http_answer(ANSWER), tls=server_context(certificate)) as server:
        transport = HttpTransport("shop", server.url.replace("http:", "https:"))
        with pytest.raises(SubgraphUnreachable, match='No connection to subgraph "shop"'):
            await transport.execute(SubgraphRequest("shop", b"{}", "query"))
        await transport.aclose()
    assert server.requests == []
