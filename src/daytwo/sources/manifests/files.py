"""Files as they lie on disk."""

from pathlib import Path
from typing import Final

from daytwo.model.errors import UsageError

SUFFIXES: Final = (".yaml", ".yml", ".json")


def text_of_file(path: Path) -> str:
    """The text of a file, without the mark that some editors put before it. UsageError says why it cannot be read."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{path}: is no text in UTF-8") from None
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from None
