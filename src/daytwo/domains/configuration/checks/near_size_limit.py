"""The check `configuration/near-size-limit`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.config import ConfigMap, Secret
from daytwo.model.finding import Hit
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot

_MOST = 1024 * 1024


@check(ConfigMap, Secret, heading=Heading.RELIABILITY, severity=Severity.MEDIUM, by_hand="what can be left out only its author knows")
def near_size_limit(subject: ConfigMap | Secret, snapshot: Snapshot) -> Iterator[Hit]:
    """A ConfigMap or Secret that nearly fills, or exceeds, the 1 MiB that one may hold.

    Why: the API server refuses the next change that adds a little; the rollout that needed it stops.
    Fix: split it, or keep the data in a volume or a bucket.
    Source: https://kubernetes.io/docs/concepts/configuration/configmap/
    """
    size = sum(len(key.encode()) + length for key, length in subject.sizes_bytes.items())
    if size > _MOST * 9 // 10:
        state = "exceeds" if size > _MOST else "nearly fills"
        yield Hit(f"holds {size // 1024:,} KiB, which {state} the 1,024 KiB that it may hold", path="data", fix="split it")
