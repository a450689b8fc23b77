"""Tokens: which are taken, which are refused, and how keys change. No network: keys come from a fake source."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

import pytest
from joserfc import jwk, jws

from gateway.server.auth import Authenticator
from gateway.server.refusals import Unauthenticated
from gateway.server.request import Caller
from gateway.server.settings_safety import JwtSettings
from gateway.server.token_issuer import TokenIssuer

ED = jwk.OKPKey.generate_key("Ed25519", {"kid": "ed", "use": "sig"})
EC = jwk.ECKey.generate_key("P-256", {"kid": "ec"})
RSA = jwk.RSAKey.generate_key(2048, {"kid": "rsa"})
STRANGER = jwk.OKPKey.generate_key("Ed25519", {"kid": "ed"})
SECRET = "a-shared-secret-of-more-than-32-characters"


class FakeSource:
    """Publishes the keys it holds, and counts how often it is asked."""

    def __init__(self, *keys: Any) -> None:
        self.keys = list(keys)
        self.reads = 0
        self.is_down = False

    async def read(self) -> Mapping[str, Any]:
        self.reads += 1
        if self.is_down:
            raise OSError("down")
        return {"keys": [key.as_dict(private=False) for key in self.keys]}


def token(key: Any = ED, algorithm: str = "EdDSA", header: Mapping[str, Any] | None = None, **claims: Any) -> str:
    protected = {"alg": algorithm, "kid": key.kid, "typ": "JWT", **(header or {})}
    protected = {name: value for name, value in protected.items() if value is not None}
    body = {"sub": "ada", "iss": "https://users", "aud": "gateway", "exp": int(time.time()) + 600, **claims}
    body = {name: value for name, value in body.items() if value is not None}
    return jws.serialize_compact(protected, json.dumps(body).encode(), key, algorithms=[algorithm])


def unsigned(header: Mapping[str, Any], **claims: Any) -> str:
    body = {"sub": "ada", "iss": "https://users", "aud": "gateway", "exp": int(time.time()) + 600, **claims}
    parts = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, body))
    return ".".join([*parts, ""])


class Clock:
    """Goes when it is told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def authenticator(source: FakeSource | None = None, clock: Clock | None = None, **settings: Any) -> Authenticator:
    options = JwtSettings.model_validate({"issuer": "https://users", "audience": "gateway", **settings})
    issuer = TokenIssuer(options, source if source is not None else FakeSource(ED, EC, RSA), clock or Clock())
    return Authenticator(options, [issuer])


@pytest.mark.parametrize(("key", "algorithm"), [(ED, "EdDSA"), (EC, "ES256"), (RSA, "RS256")])
async def test_a_token_of_each_accepted_algorithm_is_taken(key: Any, algorithm: str) -> None:
    assert (await authenticator().verify(token(key, algorithm)))["sub"] == "ada"


async def test_a_token_with_the_shared_secret_is_taken_where_one_is_set() -> None:
    key = jwk.OctKey.import_key(SECRET)
    given = token(key, "HS256", {"kid": None})
    assert (await authenticator(secret=SECRET).verify(given))["sub"] == "ada"


def _hs256_with_the_public_key() -> str:
    public = RSA.as_pem(private=False)
    _, body, _ = token(RSA, "RS256").split(".")
    protected = base64.urlsafe_b64encode(json.dumps({"alg": "HS256", "kid": "rsa", "typ": "JWT"}).encode())

    signed = protected.rstrip(b"=") + b"." + body.encode()
    signature = base64.urlsafe_b64encode(hmac.new(public, signed, hashlib.sha256).digest()).rstrip(b"=")
    return (signed + b"." + signature).decode()


def _with_other_claims(given: str) -> str:
    header, _, signature = given.split(".")
    body = base64.urlsafe_b64encode(
        json.dumps({"sub": "root", "iss": "https://users", "aud": "gateway", "exp": 9_999_999_999}).encode()
    )
    return ".".join([header, body.rstrip(b"=").decode(), signature])


NOW = int(time.time())
FORGED = {
    "algorithm none": unsigned({"alg": "none", "typ": "JWT"}),
    "algorithm None in capitals": unsigned({"alg": "NONE", "typ": "JWT", "kid": "ed"}),
    "no algorithm": unsigned({"typ": "JWT", "kid": "ed"}),
    "algorithm is a list": unsigned({"alg": ["EdDSA"], "typ": "JWT", "kid": "ed"}),
    "HS256 with the public key as the secret": _hs256_with_the_public_key(),
    "HS256 without a shared secret being set": token(jwk.OctKey.import_key(SECRET), "HS256", {"kid": "ed"}),
    "signed by a stranger under our key's name": token(STRANGER),
    "claims exchanged": _with_other_claims(token()),
    "signature cut off": token().rpartition(".")[0] + ".",
    "signature of another token": token().rpartition(".")[0] + "." + token(sub="bob").rpartition(".")[2],
    "unknown key": token(header={"kid": "nobody"}),
    "key of another algorithm": token(EC, "ES256", {"kid": "rsa"}),
    "wrong issuer": token(iss="https://evil"),
    "no issuer": token(iss=None),
    "wrong audience": token(aud="somebody"),
    "no audience": token(aud=None),
    "audience list without us": token(aud=["a", "b"]),
    "expired beyond the leeway": token(exp=NOW - 60),
    "no expiry": token(exp=None),
    "expiry is text": token(exp="9999999999"),
    "not valid yet": token(nbf=NOW + 3600),
    "issued in the future": token(iat=NOW + 3600),
    "another type": token(header={"typ": "dpop+jwt"}),
    "a refresh token": token(header={"typ": "refresh+jwt"}),
    "critical extension": unsigned({"alg": "EdDSA", "kid": "ed", "typ": "JWT", "crit": ["exp"]}),
    "not a token": "nonsense",
    "four parts": token() + ".x",
    "empty parts": "..",
    "very long": "x" * 9000,
}


@pytest.mark.parametrize("name", FORGED)
async def test_a_forged_token_is_refused(name: str) -> None:
    with pytest.raises(Unauthenticated):
        await authenticator().verify(FORGED[name])


async def test_a_remembered_token_still_expires() -> None:
    options, clock = JwtSettings.model_validate({"issuer": "https://users", "leeway": 0}), Clock()
    clock.now = time.time()
    checks = Authenticator(options, [TokenIssuer(options, FakeSource(ED))], clock)
    given = token(exp=int(clock.now) + 60)
    await checks.verify(given)
    clock.now += 61
    with pytest.raises(Unauthenticated, match="expired"):
        await checks.verify(given)


async def test_the_leeway_forgives_a_clock_that_goes_wrong_by_less() -> None:
    checks = authenticator()
    assert await checks.verify(token(exp=int(time.time()) - 20))
    assert await checks.verify(token(nbf=int(time.time()) + 20))


async def test_keys_are_read_once_for_many_tokens() -> None:
    source = FakeSource(ED)
    checks = authenticator(source)
    for number in range(20):
        await checks.verify(token(sub=str(number)))
    assert source.reads == 1


async def test_a_new_key_is_found_and_the_old_one_goes_on_until_it_is_withdrawn() -> None:
    source, clock = FakeSource(ED), Clock()
    checks = authenticator(source, clock)
    await checks.verify(token())
    new = jwk.OKPKey.generate_key("Ed25519", {"kid": "new"})
    source.keys.append(new)
    # Not sooner than the pause allows: a stranger must not make us ask without end.
    with pytest.raises(Unauthenticated, match="not known"):
        await checks.verify(token(new))
    assert source.reads == 1
    clock.now += 11
    assert await checks.verify(token(new))
    assert await checks.verify(token())
    source.keys.remove(ED)
    clock.now += 301
    # Also a token that was verified before, and is the first to come after the keys have grown old.
    with pytest.raises(Unauthenticated, match="not known"):
        await checks.verify(token())
    with pytest.raises(Unauthenticated, match="not known"):
        await checks.verify(token(sub="bob"))


async def test_a_source_that_is_down_leaves_the_known_keys_in_use() -> None:
    source, clock = FakeSource(ED), Clock()
    checks = authenticator(source, clock)
    await checks.verify(token())
    source.is_down = True
    clock.now += 301
    assert await checks.verify(token(sub="bob"))
    assert source.reads == 2


async def test_several_issuers_each_vouch_for_their_own_tokens_only() -> None:
    """Ours with published keys, and Supabase with published keys and the legacy secret."""
    supabase = "https://project.supabase.co/auth/v1"
    legacy = jwk.OctKey.import_key(SECRET)
    options = JwtSettings.model_validate(
        {
            "issuers": [
                {"issuer": "https://users", "audience": "gateway", "jwks_url": "http://users/jwks"},
                {"issuer": supabase, "audience": "authenticated", "jwks_url": "http://supabase/jwks", "secret": SECRET},
            ]
        }
    )
    sources = (FakeSource(ED), FakeSource(EC))
    checks = Authenticator(options, [TokenIssuer(*pair) for pair in zip(options.all_issuers, sources, strict=True)])
    theirs: dict[str, Any] = {"iss": supabase, "aud": "authenticated"}
    assert (await checks.verify(token()))["sub"] == "ada"
    assert (await checks.verify(token(EC, "ES256", **theirs)))["iss"] == supabase
    assert (await checks.verify(token(legacy, "HS256", {"kid": None}, **theirs)))["iss"] == supabase
    for forged in (
        token(ED, "EdDSA", **theirs),  # ours, signed under their name
        token(EC, "ES256"),  # theirs, under ours
        token(legacy, "HS256", {"kid": None}),  # the secret is theirs alone
        token(EC, "ES256", iss=supabase),  # for another audience
        token(iss="https://nobody"),
        token(iss=None),
        token(iss=["https://users"]),
    ):
        with pytest.raises(Unauthenticated):
            await checks.verify(forged)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"issuers": [{"issuer": "https://a"}]}, "needs `issuer`, and `jwks_url` or `secret`"),
        ({"issuers": [{"secret": SECRET}]}, "needs `issuer`, and `jwks_url` or `secret`"),
        ({"secret": SECRET, "issuers": [{"issuer": "a", "secret": SECRET}]}, "an `issuer` of its own"),
        ({"secret": SECRET, "issuer": "a", "issuers": [{"issuer": "a", "secret": SECRET}]}, "an `issuer` of its own"),
    ],
)
def test_issuers_that_cannot_be_told_apart_or_verified_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        JwtSettings.model_validate(settings)


async def test_a_request_without_a_token_is_anonymous_unless_one_is_required() -> None:
    caller = Caller("1")
    await authenticator().authenticate(caller, {})
    assert caller.claims is None
    with pytest.raises(Unauthenticated, match="needs a token"):
        await authenticator(required=True).authenticate(caller, {})


@pytest.mark.parametrize("value", [b"Basic YTpi", b"Bearer", b"Bearer ", b"x"])
async def test_an_authorization_header_that_is_no_bearer_token_is_refused(value: bytes) -> None:
    with pytest.raises(Unauthenticated):
        await authenticator().authenticate(Caller("1"), {b"authorization": value})


async def test_the_caller_gets_claims_and_expiry() -> None:
    caller = Caller("1")
    await authenticator().authenticate(caller, {b"authorization": b"bearer " + token(exp=2_000_000_000).encode()})
    assert caller.claims is not None
    assert caller.claims["sub"] == "ada"
    assert caller.expires_at == 2_000_000_000
