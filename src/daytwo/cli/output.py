"""Where reports go: standard output, told how wide and colourful it is, or files that are written whole or not at all."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple, TextIO

from daytwo.model.errors import UsageError

NARROWEST: Final = 40


class Output(NamedTuple):
    """One `-o FORMAT[=FILE]`."""

    format: str
    path: Path | None = None


def parse_outputs(values: tuple[str, ...], formats: tuple[str, ...]) -> tuple[Output, ...]:
    """The outputs that `-o` asks for; text on standard output when it is not given."""
    outputs = [_output(value, formats) for value in values] or [Output("text")]
    if sum(output.path is None for output in outputs) > 1:
        raise UsageError("-o: only one report fits on standard output; give the others a file, such as -o json=review.json")
    return tuple(outputs)


def _output(value: str, formats: tuple[str, ...]) -> Output:
    format, equals, file = value.partition("=")
    if format not in formats:
        raise UsageError(f'-o: there is no format "{format}"; write one of {", ".join(formats)}, or FORMAT=FILE')
    if equals and not file:
        raise UsageError(f"-o: {value} names no file; write {format}=FILE, or {format} for standard output")
    return Output(format, Path(file) if equals and file != "-" else None)


def is_coloured() -> bool:
    """Colours stand on a terminal that has them, unless NO_COLOR says otherwise (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM", "") != "dumb"


def width() -> int | None:
    """How wide standard output is; None for pipes and files, where nothing is wrapped."""
    if not sys.stdout.isatty():
        return None
    return max(NARROWEST, shutil.get_terminal_size((100, 24)).columns)


def height() -> int | None:
    return shutil.get_terminal_size((100, 24)).lines if sys.stdout.isatty() else None


def show(text: str) -> None:
    """Writes to standard output as UTF-8. A reader that went away (`| head`) is no fault and changes no exit code."""
    try:
        sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
        sys.stdout.flush()
    except BrokenPipeError:
        silence_output()
    except OSError as error:
        silence_output()
        raise UsageError(f"standard output: {error.strerror or error}") from None


def silence_output() -> None:
    """Points standard output nowhere, so that Python's last flush does not fail as well."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def write_whole(path: Path, text: str, *, newline: str | None = None) -> None:
    """Writes a file whole or not at all: beside its place first, then moved there. With `newline` "" line ends stay as they are."""
    with written_whole(path, newline) as file:
        file.write(text)


@contextmanager
def written_whole(path: Path, newline: str | None = None) -> Iterator[TextIO]:
    """A file to write to, which takes its place when it is whole; nothing is left of one that is not. Its rights stay."""
    target = path.resolve()
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        if target.is_dir():
            raise UsageError(f"{path}: is a folder; name a file")
        if target.exists() and not target.is_file():
            # A pipe or /dev/stdout cannot be replaced, only written to.
            with target.open("w", encoding="utf-8", errors="backslashreplace", newline=newline) as file:
                yield file
            return
        try:
            with beside.open("w", encoding="utf-8", errors="backslashreplace", newline=newline) as file:
                if target.exists():
                    beside.chmod(target.stat().st_mode)
                yield file
                file.flush()
                os.fsync(file.fileno())
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from None
