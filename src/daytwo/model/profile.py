"""A production standard: which checks are asked, how bad each is, and the values that they go by."""

from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from daytwo.model.severity import Severity

EVERY: Final = "*"
CHECKS: Final = {"names": "checks"}
"""Marks what holds names of checks; a domain's name stands for all of its checks."""
OPTIONS: Final = {"names": "check names", "typed_by": "check names"}
"""Marks what holds the options of checks, each of the type that its check declares."""


class Without(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """A check that a profile leaves out, and why: what is contested is argued, not hidden."""

    check: Annotated[str, Meta(description="The check that is left out.", extra=CHECKS)]
    why: Annotated[str, Meta(description="Why: what speaks against asking for it.")]


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """What a profile file holds. What it does not say is taken from the one it extends."""

    about: Annotated[str, Meta(description="What the profile is for, in a sentence.")] = ""
    source: Annotated[str, Meta(description="Where its demands come from.")] = ""
    extends: Annotated[str, Meta(description="A profile by name or file, on which this one builds.")] = ""
    checks: Annotated[tuple[str, ...], Meta(description="Checks and domains that are asked; `*` is every check.", extra=CHECKS)] = ()
    without: Annotated[tuple[Without, ...], Meta(description="Of these, the ones left out.")] = ()
    severity: Annotated[dict[str, Severity], Meta(description="How bad a finding of a check is here.", extra=CHECKS)] = {}
    options: Annotated[dict[str, Any], Meta(description="Values of checks that take some.", extra=OPTIONS)] = {}
    name: Annotated[str, Meta(extra={"place": True})] = ""


ALL: Final = Profile(checks=(EVERY,))
"""Every check, as bad as it says of itself."""
