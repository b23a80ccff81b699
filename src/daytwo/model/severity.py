"""How bad, under which heading, how soon: the small scales that everything is sorted by."""

from enum import StrEnum


class Severity(StrEnum):
    """How bad; `rank` 0 is the worst."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def rank(self) -> int:
        return _SEVERITY_RANK[self]

    def at_least(self, other: "Severity") -> bool:
        return self.rank <= other.rank


_SEVERITY_RANK = {severity: rank for rank, severity in enumerate(Severity)}


class Horizon(StrEnum):
    """How soon: *today* hurts users now or within 24 h; *this week* is one ordinary event from hurt; *hygiene* is the rest."""

    TODAY = "today"
    WEEK = "this week"
    HYGIENE = "hygiene"

    @property
    def rank(self) -> int:
        return _HORIZON_RANK[self]


_HORIZON_RANK = {horizon: rank for rank, horizon in enumerate(Horizon)}


class Heading(StrEnum):
    """The six headings of a production readiness review."""

    RELIABILITY = "reliability"
    OBSERVABILITY = "observability"
    SECURITY = "security"
    RESOURCES = "resources"
    DELIVERY = "delivery"
    OPERATIONS = "operations"


class Harm(StrEnum):
    """What a finding says about users: a fault is active, one ordinary event would cause one, or neither."""

    ACTIVE = "active"
    ONE_EVENT_AWAY = "one event away"
    NONE = "none"


class Basis(StrEnum):
    """What a check judges: the *spec*, as it stands in a file or in the API, the *state* that only a cluster shows, or *both*.

    What judges both says less of a file than of a live object; it is no standard, but tells of faults.
    """

    SPEC = "spec"
    STATE = "state"
    BOTH = "spec and state"


class Verdict(StrEnum):
    """What a check concluded about one subject. A pass needs that everything asked for was seen."""

    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not applicable"
