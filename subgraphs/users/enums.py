"""The closed choices of rules, declared to GraphQL. Types and inputs import them from here, so that each is declared once."""

from __future__ import annotations

import strawberry

from .repository import UserOrder
from .rules import AccountStatus, Language, Role, SkillLevel

__all__ = ["AccountStatus", "Language", "Role", "SkillLevel", "UserOrder"]

strawberry.enum(Role, description="What a person may do; each role may all that those before it may.")
strawberry.enum(SkillLevel, description="How a rating is shown to people.")
strawberry.enum(Language, description="A language that solutions can be written in.")
strawberry.enum(AccountStatus, description="What has become of an account.")
strawberry.enum(UserOrder, description="How a list of accounts is sorted.")
