"""Where daytwo keeps on this machine what is the user's own."""

import os
from pathlib import Path


def state_folder() -> Path:
    """For what is the user's own and no setting: XDG_STATE_HOME/daytwo."""
    base = os.environ.get("XDG_STATE_HOME", "")
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".local" / "state") / "daytwo"
