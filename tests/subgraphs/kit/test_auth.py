"""Which tokens the subgraphs accept: a table of forged ones, and the good one beside it."""

from __future__ import annotations

import base64
import time
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, OKPKey

from subgraphs.kit.auth import FixedKeys, TokenVerifier, TrustedIssuer, bearer_token
from subgraphs.kit.errors import NotAuthenticated

KEY = OKPKey.generate_key("Ed25519", {"kid": "now", "use": "sig"})
OTHER_KEY = OKPKey.generate_key("Ed25519", {"kid": "now", "use": "sig"})
SUPABASE_SECRET = "legacy-secret-of-at-least-thirty-two-bytes"
USER_ID = uuid4()
VERIFIER = TokenVerifier(
    [
        TrustedIssuer("tandem", "tandem", ("EdDSA", "Ed25519", "ES256"), FixedKeys(KeySet([KEY]))),
        TrustedIssuer(
            "https://project.example/auth/v1",
            "authenticated",
            ("HS256",),
            FixedKeys.from_secret(SUPABASE_SECRET),
            roles_claim="app_metadata.roles",
            token_types=frozenset({"jwt"}),
        ),
    ]
)


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    values = {
        "iss": "tandem",
        "aud": "tandem",
        "sub": str(USER_ID),
        "exp": now + 600,
        "iat": now,
        "roles": ["user"],
        "sid": "s1",
    }
    return {name: value for name, value in {**values, **changes}.items() if value is not None}


def token(
    body: dict[str, Any], *, key: Any = KEY, alg: str = "Ed25519", typ: str | None = "at+jwt", kid: str | None = "now"
) -> str:
    header = {"alg": alg, **({"typ": typ} if typ else {}), **({"kid": kid} if kid else {})}
    return jwt.encode(header, body, key, algorithms=[alg])


def with_body_of(signed: str, other: str) -> str:
    """The head and signature of one token around the body of another."""
    head, _, signature = signed.split(".")
    return ".".join([head, other.split(".")[1], signature])


def unsigned(body: dict[str, Any]) -> str:
    parts = [{"alg": "none", "typ": "at+jwt"}, body]
    return ".".join(base64.urlsafe_b64encode(orjson.dumps(part)).decode().rstrip("=") for part in parts) + "."


async def test_a_good_token_tells_who_asks() -> None:
    viewer = await VERIFIER.verify(token(claims()))

    assert (viewer.user_id, viewer.roles, viewer.session_id) == (USER_ID, frozenset({"user"}), "s1")


@pytest.mark.parametrize(
    "forged",
    {
        "no signature": unsigned(claims()),
        "another key under the same kid": token(claims(), key=OTHER_KEY),
        "an unknown kid": token(claims(), key=OTHER_KEY, kid="never"),
        "HS256 with the public key as secret": token(
            claims(), key=OctKey.import_key({"kty": "oct", "k": str(KEY.as_dict(private=False)["x"])}), alg="HS256"
        ),
        "another curve's key": token(claims(), key=ECKey.generate_key("P-256", {"kid": "now"}), alg="ES256"),
        "another issuer": token(claims(iss="evil")),
        "Supabase's issuer with our key": token(claims(iss="https://project.example/auth/v1", aud="authenticated")),
        "no issuer": token(claims(iss=None)),
        "another audience": token(claims(aud="somebody-else")),
        "no audience": token(claims(aud=None)),
        "expired beyond the leeway": token(claims(exp=int(time.time()) - 31)),
        "no expiry": token(claims(exp=None)),
        "no subject": token(claims(sub=None)),
        "a subject that is no id": token(claims(sub="admin")),
        "a refresh token's type": token(claims(), typ="rt+jwt"),
        "an id token's type": token(claims(), typ="JWT"),
        "no type": token(claims(), typ=None),
        "a changed body": with_body_of(token(claims()), token(claims(sub=str(uuid4())))),
        "not a token at all": "hello",
        "two parts": "a.b",
        "binary noise": "\x00.\x01.\x02",
    }.items(),
    ids=lambda pair: pair[0].replace(" ", "-"),
)
async def test_forged_tokens_are_refused(forged: tuple[str, str]) -> None:
    with pytest.raises(NotAuthenticated):
        await VERIFIER.verify(forged[1])


async def test_a_token_within_the_leeway_is_accepted() -> None:
    assert (await VERIFIER.verify(token(claims(exp=int(time.time()) - 20)))).user_id == USER_ID


async def test_supabase_roles_come_from_app_metadata_and_never_from_user_metadata() -> None:
    body = claims(
        iss="https://project.example/auth/v1",
        aud="authenticated",
        roles=["admin"],
        app_metadata={"roles": ["moderator"]},
        user_metadata={"roles": ["admin"]},
    )
    signed = token(body, key=OctKey.import_key(SUPABASE_SECRET), alg="HS256", typ="JWT", kid=None)

    viewer = await VERIFIER.verify(signed)

    assert (viewer.user_id, viewer.roles) == (UUID(str(USER_ID)), frozenset({"moderator"}))


@pytest.mark.parametrize(
    ("header", "expected"), [(None, None), ("", None), ("Bearer abc", "abc"), ("bearer  abc ", "abc")]
)
def test_bearer_tokens_are_read_from_the_header(header: str | None, expected: str | None) -> None:
    assert bearer_token(header) == expected


@pytest.mark.parametrize("header", ["Basic abc", "Bearer", "Bearer  "])
def test_other_schemes_are_refused(header: str) -> None:
    with pytest.raises(NotAuthenticated, match="Bearer <token>"):
        bearer_token(header)
