"""For how long a container's preStop hook holds up its end."""

from daytwo.model.pod_spec import Container


def sleep_seconds(container: Container) -> float:
    """The sleep of its preStop hook, native or by a command; 0 where none is seen."""
    handler = container.lifecycle.pre_stop if container.lifecycle is not None else None
    if handler is None:
        return 0
    if handler.sleep is not None:
        return handler.sleep.seconds
    return handler.exec.sleep_seconds if handler.exec is not None else 0
