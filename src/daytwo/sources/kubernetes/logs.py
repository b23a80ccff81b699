"""The last lines that a container wrote before it died: what answers the want `logs`."""

from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

import msgspec

from daytwo.api_server.connection import Connection, NoAnswer
from daytwo.api_server.transport import Answer
from daytwo.model.answer import Answers
from daytwo.model.gap import Gap, Want
from daytwo.model.masked import MASK
from daytwo.model.masking import mask
from daytwo.model.occurrence import Occurrence
from daytwo.model.ref import Ref

LINES: Final = 20
_LONGEST_LINE: Final = 500
_LONGEST_LOG_BYTES: Final = 1024 * 1024
_KEY_BEGINS, _KEY_ENDS = "-----BEGIN ", "-----END "


async def read_log(connection: Connection, want: Want) -> Answers:
    """The last lines of the container's previous run, or of this one if it never ran before."""
    namespace, pod, container = want.query.split("/")
    path = f"/api/v1/namespaces/{quote(namespace, safe='')}/pods/{quote(pod, safe='')}/log"
    lines: tuple[tuple[datetime | None, str], ...] = ()
    for previous in ("true", "false"):
        query = [
            ("container", container),
            ("previous", previous),
            ("tailLines", str(LINES)),
            ("limitBytes", str(_LONGEST_LOG_BYTES)),
            ("timestamps", "true"),
        ]
        try:
            lines = await connection.get(path, _lines, query, accept="*/*")
        except NoAnswer as failure:
            # 400 says that this run does not exist: there was none before, or it has not started. Then nothing was written.
            if failure.status == 400:
                continue
            return Answers(gaps=(Gap(want.source, f"logs of {want.query}", failure.reason, want=want),))
        break
    subject = Ref("Pod", namespace, pod)
    occurrences = (Occurrence(at, "log", subject, line, want.source, container) for at, line in lines)
    return Answers(frozenset({want}), tuple(occurrences))


def _lines(answer: Answer) -> tuple[tuple[datetime | None, str], ...]:
    """Each line with its time, masked and cut."""
    text = answer.body.decode(errors="replace")
    if text.startswith("unable to retrieve container logs"):
        # Kubelets say so with status 200 when the runtime has removed the container's files.
        raise NoAnswer(mask(text.strip()[:_LONGEST_LINE]))
    # Only a line feed ends a line here: other separators are control characters of the line.
    stamped = [_stamped(line) for line in text.removesuffix("\n").split("\n") if text][-LINES:]
    shown = _without_keys([line for _, line in stamped])
    return tuple((at, _cut(mask(line))) for (at, _), line in zip(stamped, shown, strict=True))


def _stamped(line: str) -> tuple[datetime | None, str]:
    stamp, _, rest = line.partition(" ")
    try:
        return msgspec.convert(stamp, datetime).astimezone(UTC), rest
    except (msgspec.ValidationError, OverflowError):
        return None, line


def _without_keys(lines: list[str]) -> list[str]:
    """Private keys span lines, and the first ones may have scrolled away."""
    inside = False
    for line in lines:
        if "PRIVATE KEY-----" in line:
            inside = _KEY_BEGINS not in line
            break
    shown = []
    for line in lines:
        begins, ends = (mark in line and "PRIVATE KEY-----" in line for mark in (_KEY_BEGINS, _KEY_ENDS))
        shown.append(MASK if inside or begins or ends else line)
        inside = (inside or begins) and not ends
    return shown


def _cut(line: str) -> str:
    return line if len(line) <= _LONGEST_LINE else line[: _LONGEST_LINE - 1] + "…"
