"""What the users subgraph can be told beyond the common settings."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from ..kit.settings import SubgraphSettings


class MailDriver(StrEnum):
    """How mail leaves the house."""

    CONSOLE = "console"
    SMTP = "smtp"


class UsersSettings(SubgraphSettings):
    """Settings of the users subgraph, with the seed's port."""

    port: int = Field(default=4001, ge=0, le=65535)

    access_token_lifetime: timedelta = Field(default=timedelta(minutes=15), gt=timedelta(), le=timedelta(hours=1))
    refresh_token_lifetime: timedelta = Field(
        default=timedelta(days=30), gt=timedelta(), description="Since its last use."
    )
    session_lifetime: timedelta = Field(
        default=timedelta(days=180), gt=timedelta(), description="Since the log-in, used or not."
    )
    signing_key_lifetime: timedelta = Field(
        default=timedelta(days=30), gt=timedelta(hours=2), description="Then a new key signs."
    )
    signing_key_secret: str | None = Field(
        default=None, min_length=16, description="Encrypts the signing keys in the database; needed in production."
    )

    hashing_concurrency: int = Field(default=2, ge=1, le=64, description="Passwords hashed at the same time.")
    login_limit_per_pair: int = Field(default=5, ge=1, description="Log-ins a minute, one account and address.")
    login_limit_per_account: int = Field(default=30, ge=1, description="Log-ins a minute, one account.")
    login_limit_per_address: int = Field(default=120, ge=1, description="Log-ins a minute, one address.")
    sign_up_limit_per_address: int = Field(default=300, ge=1, description="Sign-ups an hour, one address.")
    mail_limit_per_account: int = Field(default=5, ge=1, description="Mails an hour that anyone can cause.")

    email_confirmation_required: bool | None = Field(
        default=None,
        description="True: sign-up answers the same for new and known addresses, and a mail decides; unset: in production.",
    )
    mail_driver: MailDriver = MailDriver.CONSOLE
    mail_from: str = "Tandem <no-reply@localhost>"
    smtp_host: str = "localhost"
    smtp_port: int = Field(default=25, ge=1, le=65535)
    smtp_user: str | None = None
    smtp_password: str | None = None
    smtp_tls: bool = Field(default=False, description="TLS from the first byte (port 465).")
    smtp_starttls: bool | None = Field(default=None, description="True: insist; unset: when offered; False: never.")
    web_url: str = Field(default="http://localhost:3000", description="The web client, for links in mails.")

    @model_validator(mode="after")
    def _production_encrypts_keys(self) -> Self:
        if self.is_production and not self.signing_key_secret:
            raise ValueError(
                "SIGNING_KEY_SECRET must be set in production: it encrypts the keys that sign access tokens"
            )
        return self

    @property
    def confirms_addresses(self) -> bool:
        """Whether a mail must be answered before the first log-in: as it was set, and else in production only."""
        wanted = self.email_confirmation_required
        return self.is_production if wanted is None else wanted
