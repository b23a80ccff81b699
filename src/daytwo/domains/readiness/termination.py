"""For how long a container's preStop hook holds up its end, as far as its command says."""

import re
from typing import Final

from daytwo.model.pod_spec import Handler

_SLEEP: Final = re.compile(r"\bsleep\s+(\d+(?:\.\d+)?)([smh]?)(?![\w.])")
_SECONDS: Final = {"": 1, "s": 1, "m": 60, "h": 3600}


def sleep_seconds(handler: Handler) -> float:
    """The sleep of a hook: its own, or those of a command such as `sleep 20` or `sh -c "sleep 20; nginx -s quit"`; 0 where none is seen."""
    if handler.sleep is not None:
        return handler.sleep.seconds
    if handler.exec is None:
        return 0
    return sum(float(number) * _SECONDS[unit] for number, unit in _SLEEP.findall(" ".join(handler.exec.command)))
