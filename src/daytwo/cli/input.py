"""What a path on the command line is: a recording, or manifests."""

import re
from pathlib import Path
from typing import Final

from daytwo.model.errors import UsageError

STDIN: Final = "-"
_GZIP: Final = b"\x1f\x8b"


def recording_among(paths: tuple[str, ...]) -> Path | None:
    """The recording that the paths are; None for manifests. UsageError for what is not there, and for a mixture."""
    for path in paths:
        if path != STDIN and not Path(path).exists():
            hint = "" if "/" in path or "." in path else f" (a kubeconfig context is named with --context {path})"
            raise UsageError(f"{path}: there is no such file{hint}")
    recordings = [path for path in paths if path != STDIN and is_recording(Path(path))]
    if not recordings:
        return None
    if len(paths) > 1:
        other = next((path for path in paths if path not in recordings), recordings[-1])
        raise UsageError(f"{recordings[0]} is a recording and is judged alone; leave out {other}")
    return Path(recordings[0])


def is_recording(path: Path) -> bool:
    """By its name, or by its first bytes."""
    if path.is_dir():
        return False
    if path.suffix == ".recording":
        return True
    try:
        with path.open("rb") as file:
            return file.read(len(_GZIP)) == _GZIP
    except OSError:
        return False


def kubernetes_version(text: str) -> str:
    """`v1.34` for 1.34, v1.34 or v1.34.2."""
    found = re.fullmatch(r"v?1\.(\d{1,3})(\.\d+)?", text)
    if found is None:
        raise UsageError(f'--kubernetes: "{text}" is no version; write one such as 1.36')
    return f"v1.{found[1]}{found[2] or ''}"
