"""Access tokens that must be refused (RFC 8725): each row forges one thing about a token that is good otherwise."""

from __future__ import annotations

import base64
import hmac
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import orjson
import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey, RSAKey

from subgraphs.users.context import Services

from .conftest import UsersClient

Forge = Callable[["Forger"], str]


class Forger:
    """Holds the real key, and makes tokens that are good but for what a row changes."""

    def __init__(self, key: ECKey, claims: dict[str, Any]) -> None:
        self.key = key
        self.claims = claims
        self.header = {"alg": "ES256", "typ": "at+jwt", "kid": key.kid}

    def token(
        self,
        header: dict[str, Any] | None = None,
        claims: dict[str, Any] | None = None,
        without: str | None = None,
        key: Any = None,
    ) -> str:
        all_claims = {**self.claims, **(claims or {})}
        all_claims.pop(without or "", None)
        algorithms = ["ES256", "HS256", "RS256", "none"]
        all_header = {**self.header, **(header or {})}
        return jwt.encode(
            {k: v for k, v in all_header.items() if v is not None}, all_claims, key or self.key, algorithms
        )


def encoded(value: Any) -> str:
    return base64.urlsafe_b64encode(value if isinstance(value, bytes) else orjson.dumps(value)).decode().rstrip("=")


def unsigned(forger: Forger, algorithm: str) -> str:
    return f"{encoded({**forger.header, 'alg': algorithm})}.{encoded(forger.claims)}."


def changed_after_signing(forger: Forger) -> str:
    head, _, signature = forger.token().split(".")
    return f"{head}.{encoded({**forger.claims, 'sub': str(uuid4())})}.{signature}"


def signed_with_public_key_as_secret(forger: Forger) -> str:
    """The classic: HMAC with the public key, which everybody has, as its secret."""
    signed = f"{encoded({**forger.header, 'alg': 'HS256'})}.{encoded(forger.claims)}"
    secret = forger.key.as_pem(private=False)
    return f"{signed}.{encoded(hmac.digest(secret, signed.encode(), 'sha256'))}"


def signed_with_key_in_header(forger: Forger) -> str:
    own = ECKey.generate_key("P-256")
    registry = jws.JWSRegistry(algorithms=["ES256"], strict_check_header=False)
    header = {**forger.header, "jwk": own.as_dict(private=False)}
    return jws.serialize_compact(header, orjson.dumps(forger.claims), own, registry=registry)


def signed_with_key_at_url_in_header(forger: Forger) -> str:
    own = ECKey.generate_key("P-256")
    registry = jws.JWSRegistry(algorithms=["ES256"], strict_check_header=False)
    header = {**forger.header, "jku": "https://evil.example/jwks.json", "kid": "evil"}
    return jws.serialize_compact(header, orjson.dumps(forger.claims), own, registry=registry)


FORGERIES: dict[str, Forge] = {
    "no signature, alg none": lambda f: unsigned(f, "none"),
    "no signature, alg None": lambda f: unsigned(f, "None"),
    "no signature, alg as it should be": lambda f: unsigned(f, "ES256"),
    "claims changed after signing": changed_after_signing,
    "signature of zeros": lambda f: f.token().rpartition(".")[0] + "." + encoded(bytes(64)),
    "signature cut short": lambda f: f.token()[:-4],
    "HMAC with the public key as secret": signed_with_public_key_as_secret,
    "another key of the same kind": lambda f: f.token(key=ECKey.generate_key("P-256")),
    "an RSA key under our kid": lambda f: f.token({"alg": "RS256"}, key=RSAKey.generate_key(2048)),
    "a key of its own in the header": signed_with_key_in_header,
    "a key of its own at a URL": signed_with_key_at_url_in_header,
    "an unknown kid": lambda f: f.token({"kid": "unknown"}),
    "a kid that is a path": lambda f: f.token({"kid": "../../../../dev/null"}),
    "another audience": lambda f: f.token(claims={"aud": "somebody-else"}),
    "no audience": lambda f: f.token(without="aud"),
    "another issuer": lambda f: f.token(claims={"iss": "https://evil.example"}),
    "an issuer that only begins like ours": lambda f: f.token(claims={"iss": "tandem.evil.example"}),
    "no issuer": lambda f: f.token(without="iss"),
    "an ID token's type": lambda f: f.token({"typ": "JWT"}),
    "no type": lambda f: f.token({"typ": None}),
    "expired beyond the leeway": lambda f: f.token(claims={"exp": int(time.time()) - 31}),
    "no expiry": lambda f: f.token(without="exp"),
    "an expiry that is text": lambda f: f.token(claims={"exp": "tomorrow"}),
    "not valid yet": lambda f: f.token(claims={"nbf": int(time.time()) + 120}),
    "no subject": lambda f: f.token(without="sub"),
    "a subject that is no id": lambda f: f.token(claims={"sub": "admin"}),
    "not a token": lambda f: "nonsense",
    "five parts, as if encrypted": lambda f: f.token() + ".a.b",
    "a token with a line break": lambda f: f.token() + "%0A",
}


@pytest.fixture
async def forger(users: UsersClient) -> Forger:
    ada = await users.signed_up("Ada")
    services: Services = users.services
    body = ada.person["accessToken"].split(".")[1]
    claims = orjson.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return Forger(await services.keys.current(), claims)


async def test_the_forger_makes_good_tokens_when_nothing_is_changed(users: UsersClient, forger: Forger) -> None:
    answer = await users.with_token(forger.token()).post("{ me { name } }")
    assert (answer.status_code, answer.json()["data"]) == (200, {"me": {"name": "Ada"}})


async def test_every_forged_token_is_refused_before_any_resolver_runs(users: UsersClient, forger: Forger) -> None:
    answers = {}
    for name, forge in FORGERIES.items():
        answer = await users.with_token(forge(forger)).post("{ me { name } }")
        body = answer.json()
        answers[name] = (answer.status_code, body["data"], body["errors"][0]["extensions"]["code"])
    assert answers == dict.fromkeys(FORGERIES, (401, None, "UNAUTHENTICATED"))
    assert len(FORGERIES) >= 20


async def test_a_role_that_is_only_in_the_token_opens_nothing(users: UsersClient, forger: Forger) -> None:
    """Even with our own key: what an account may do stands in its row."""
    client = users.with_token(forger.token(claims={"roles": ["admin"]}))
    answer = await client.execute("{ users { totalCount } }")
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_a_session_that_is_not_the_persons_own_opens_nothing(users: UsersClient, forger: Forger) -> None:
    bob = await users.signed_up("Bob")
    client = users.with_token(forger.token(claims={"sub": bob.user_id}))
    answer = await client.execute("{ me { name } }")
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_an_authorization_header_of_another_form_is_refused(users: UsersClient) -> None:
    for header in ("Basic YWRhOmxvdmVsYWNl", "Bearer", "Bearer  ", "Token abc"):
        answer = await users.with_headers(authorization=header).post("{ me { name } }")
        assert answer.status_code == 401, header


async def test_nobody_is_a_service_without_the_shared_secret(users: UsersClient) -> None:
    for secret in ("", "guess", "the-services-know-each-other "):
        client = users.with_headers(x_tandem_service="matching", x_gateway_secret=secret)
        answer = await client.execute("{ skillLevels(userIds: []) { userId } }")
        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN", secret
