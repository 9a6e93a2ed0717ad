"""Who a person is to identity providers, and who may act for them; the providers themselves."""

import string
from datetime import UTC, datetime
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from streams.directory.part import DirectoryPart, Line, Name, filled
from streams.hosts import is_this_machine

_ASCII_LOWER: Final = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)

Algorithm = Literal["RS256", "ES256", "EdDSA"]


def _issuer(text: str) -> str:
    """Return an issuer identifier: https without query or fragment (OpenID Connect Core, 2)."""
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        plain = not (parts.query or parts.fragment or parts.username)
    except ValueError:
        host, plain = "", False
    if not host or not plain or not (parts.scheme == "https" or _here(parts.scheme, host)):
        raise PydanticCustomError("issuer", "an issuer is an https address, as its tokens say it")
    return text


def _here(scheme: str, host: str) -> bool:
    return scheme == "http" and is_this_machine(host)


Issuer = Annotated[str, StringConstraints(max_length=256), AfterValidator(_issuer)]
Claim = Annotated[str, StringConstraints(pattern=r"^[!-~]+$", max_length=128)]


class Provider(DirectoryPart):
    """An identity provider whose ID tokens count, and what its groups mean here.

    `audience` is phigate's client id there. `jwks` names a file of the provider's public keys (RFC
    7517), relative to the directory's; without it they are fetched from the issuer. `groups` maps
    values of the claim `groups_claim` to groups of the policy; what is not mapped gives nothing.
    """

    issuer: Issuer
    audience: Claim
    jwks: Annotated[str, StringConstraints(max_length=512)] = ""
    algorithms: Annotated[tuple[Algorithm, ...], filled(tuple)] = ("RS256", "ES256")
    groups_claim: Claim = "groups"
    groups: Annotated[dict[Line, tuple[Name, ...]], filled(dict)] = Field(default_factory=dict)
    scopes: Annotated[tuple[Claim, ...], filled(tuple)] = ("openid",)

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if not self.algorithms or ("EdDSA" in self.algorithms and not self.jwks):
            raise PydanticCustomError(
                "algorithms", "name one or more algorithms; EdDSA only with keys pinned by `jwks`"
            )
        if "openid" not in self.scopes:
            raise PydanticCustomError("scopes", "without the scope openid there is no ID token")
        return self


class ProviderSubject(DirectoryPart):
    """A person as one provider knows them: by its `subject`, or by an `email` it has verified."""

    issuer: Issuer
    subject: Annotated[str, StringConstraints(max_length=255)] = ""
    email: Annotated[str, StringConstraints(max_length=254)] = ""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if bool(self.subject) == bool(self.email):
            raise PydanticCustomError("subject", "give either `subject` or `email`")
        return self

    @property
    def mark(self) -> tuple[str, str, str]:
        """What must be one person's alone."""
        return self.issuer, self.subject, _address(self.email)

    def fits(self, issuer: str, subject: str, email: str | None) -> bool:
        """Return whether a token of this issuer speaks of the person; None fits no address."""
        if self.issuer != issuer:
            return False
        if self.subject:
            return self.subject == subject
        return email is not None and _address(self.email) == _address(email)


def _address(email: str) -> str:
    """Return an address as it is compared: case counts in no ASCII letter, every other does.

    `str.lower` would make a Kelvin sign a `k`, and so one person's address another's.
    """
    return email.translate(_ASCII_LOWER)


class Delegation(DirectoryPart):
    """Whoever holds it acts for the person until then; ISO 8601 with a time zone."""

    to: Name
    until: str

    @model_validator(mode="after")
    def _dated(self) -> Self:
        try:
            aware = datetime.fromisoformat(self.until).tzinfo is not None
        except ValueError:
            aware = False
        if not aware:
            raise PydanticCustomError("until", "write a time such as 2026-12-24T18:00:00Z")
        return self

    @property
    def until_ms(self) -> int:
        """When it ends, milliseconds since 1970 UTC."""
        return int(datetime.fromisoformat(self.until).astimezone(UTC).timestamp() * 1000)
