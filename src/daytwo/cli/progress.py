"""How far the reading is, on one line of a terminal's standard error; silent everywhere else."""

import sys
from types import TracebackType

from daytwo.model.progress import Progress


class ProgressLine:
    """Rewrites one line and takes it away again, also when interrupted."""

    def __init__(self, *, is_wanted: bool = True) -> None:
        self._is_shown = is_wanted and sys.stderr.isatty()
        self._is_dirty = False

    def __enter__(self) -> "ProgressLine":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.clear()

    def __call__(self, progress: Progress) -> None:
        if not self._is_shown:
            return
        gaps = f" · {progress.gaps:,} {'gap' if progress.gaps == 1 else 'gaps'}" if progress.gaps else ""
        text = f"reading {progress.kinds_read} of {progress.kinds} kinds · {progress.objects:,} objects{gaps}"
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()
        self._is_dirty = True

    def clear(self) -> None:
        if self._is_dirty:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._is_dirty = False
