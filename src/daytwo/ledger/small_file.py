"""A small file beside the database, which is there whole or not at all."""

import os
import threading
from contextlib import suppress
from pathlib import Path


def put_file(path: Path, text: str, *, is_durable: bool) -> None:
    """Puts `text` at `path` in one move. `is_durable`: it is there after a power loss too, which costs two waits for the disk."""
    beside = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            if is_durable:
                file.flush()
                os.fsync(file.fileno())
        beside.replace(path)
    except OSError:
        with suppress(OSError):
            beside.unlink()
        raise
    if is_durable:
        sync_folder(path.parent)


def remove_file(path: Path) -> bool:
    """Removes it, also from what a power loss would bring back. False when it was not there."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    sync_folder(path.parent)
    return True


def sync_folder(folder: Path) -> None:
    """Has the disk remember the names in a folder."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
