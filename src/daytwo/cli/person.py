"""Who sits at this machine, where no API server says who acts."""

import os


def machine_user() -> str:
    """The logged-in user; a container's user may have no name."""
    from getpass import getuser

    try:
        return getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"
