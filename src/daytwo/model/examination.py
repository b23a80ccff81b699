"""What `daytwo doctor` finds: what of an installation, a kubeconfig and the user's rights works."""

from enum import StrEnum

import msgspec


class State(StrEnum):
    """How one part is. Failed parts hinder; lacking ones leave something unknown; unknown ones could not be examined."""

    OK = "ok"
    LACKING = "lacking"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Part(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One part: what was seen, and what to do about it where something is to be done."""

    name: str
    state: State
    seen: str
    advice: str = ""


class Examination(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """All parts, and as YAML the roles that would give what is lacking; the one for Secrets is apart, as few give it lightly."""

    parts: tuple[Part, ...]
    missing_role: str = ""
    secrets_role: str = ""
