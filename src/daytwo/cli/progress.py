"""How far a reading or a run is, on one line of a terminal's standard error. Elsewhere a reading is silent, a run tells each change."""

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


class RunLine:
    """Where a run stands: rewritten on a terminal; elsewhere a line for each thing that is new."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._told = ""

    def __enter__(self) -> "RunLine":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._is_terminal and self._told:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def __call__(self, text: str) -> None:
        import shutil

        from daytwo.render.visible import visible

        text = visible(text)
        if text == self._told:
            return
        self._told = text
        if self._is_terminal:
            columns = shutil.get_terminal_size((100, 24)).columns
            text = text if len(text) < columns else f"{text[: columns - 2]}…"
            sys.stderr.write(f"\r\x1b[K{text}")
        else:
            sys.stderr.write(f"{text}\n")
        sys.stderr.flush()

    def done(self, text: str) -> None:
        """What stays on the screen."""
        from daytwo.render.visible import visible

        if self._is_terminal:
            sys.stderr.write("\r\x1b[K")
        if self._is_terminal or text != self._told:
            sys.stderr.write(f"{visible(text)}\n")
        sys.stderr.flush()
        self._told = ""
