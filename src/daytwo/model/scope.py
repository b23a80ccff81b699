"""How much of a cluster to look at, and of the findings to show."""

import msgspec

from daytwo.model.selector import Selector
from daytwo.model.severity import Severity


class Scope(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What to read. No namespaces means the whole cluster; cluster-scoped kinds are always read. No kinds means all that daytwo knows."""

    namespaces: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


class Filters(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What to judge and show. `only` and `skip` hold names of checks; `selector` picks workloads by label, members follow their owner."""

    namespaces: tuple[str, ...] = ()
    selector: Selector | None = None
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    min_severity: Severity = Severity.INFO
