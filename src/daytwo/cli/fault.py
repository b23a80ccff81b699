"""A fault of daytwo itself: one line for the person, the traceback into a file."""

import os
import sys
import tempfile
import traceback
from datetime import datetime
from pathlib import Path

from daytwo import __version__
from daytwo.folders import state_folder
from daytwo.render.visible import visible


def report_fault(error: BaseException, at: datetime) -> str:
    """Writes the traceback away and says where it is and how to report it."""
    told = "".join(traceback.format_exception(error))
    text = f"daytwo {__version__}, Python {sys.version.split()[0]} on {sys.platform}, {at.isoformat(timespec='seconds')}\n\n{told}"
    kind = visible(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)
    kind = kind if len(kind) <= 200 else f"{kind[:200]}…"
    path = _written(text, f"fault-{at:%Y%m%dT%H%M%SZ}.txt")
    if path is None:
        return f"daytwo: a fault of daytwo itself, not of your cluster: {kind}; its traceback could not be written\n\n{visible_lines(told)}"
    return f"daytwo: a fault of daytwo itself, not of your cluster: {kind}; please open an issue with the traceback in {path}"


def visible_lines(text: str) -> str:
    return "\n".join(visible(row) for row in text.splitlines())


def _written(text: str, name: str) -> Path | None:
    for folder in (state_folder(), Path(tempfile.gettempdir())):
        path = folder / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text)
        except OSError:
            continue
        return path
    return None
