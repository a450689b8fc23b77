"""Which issuers a subgraph trusts, from its settings: the users subgraph, and the Supabase project where one is named."""

from __future__ import annotations

from .auth import ASYMMETRIC_ALGORITHMS, FixedKeys, RemoteKeys, TokenKeys, TokenVerifier, TrustedIssuer
from .settings import SubgraphSettings


def token_verifier(settings: SubgraphSettings, *, own_keys: TokenKeys | None = None) -> TokenVerifier:
    """The verifier of this process. The users subgraph passes its own keys; the others fetch them from its JWKS URL."""
    issuers = [
        TrustedIssuer(
            issuer=settings.jwt_issuer,
            audience=settings.jwt_audience,
            algorithms=tuple(ASYMMETRIC_ALGORITHMS),
            keys=own_keys or RemoteKeys(settings.token_keys_url),
        )
    ]
    if settings.supabase_url:
        issuers.extend(_supabase_issuers(settings, settings.supabase_url.rstrip("/")))
    return TokenVerifier(issuers)


def _supabase_issuers(settings: SubgraphSettings, url: str) -> list[TrustedIssuer]:
    issuer = f"{url}/auth/v1"
    headers = {"apikey": settings.supabase_key} if settings.supabase_key else {}
    # Roles come from app_metadata, which only the project's owner writes; user_metadata is the user's own and says nothing.
    shared = {"issuer": issuer, "audience": "authenticated", "roles_claim": "app_metadata.roles"}
    issuers = [
        TrustedIssuer(
            **shared,
            algorithms=("ES256", "RS256", "EdDSA"),
            keys=RemoteKeys(f"{issuer}/.well-known/jwks.json", headers=headers),
            token_types=frozenset({"jwt"}),
        )
    ]
    if settings.supabase_jwt_secret:
        issuers.append(
            TrustedIssuer(
                **shared,
                algorithms=("HS256",),
                keys=FixedKeys.from_secret(settings.supabase_jwt_secret),
                token_types=frozenset({"jwt"}),
            )
        )
    return issuers
