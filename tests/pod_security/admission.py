"""What the API server's own PodSecurity admission says of pods: dry runs in namespaces that enforce a level in a version."""

import asyncio
import json
import re
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import aiohttp

from tests.servers.client import Client
from tests.servers.control_plane import ControlPlane

Object = dict[str, Any]

LEVELS: Final = ("baseline", "restricted")
# Each version since which a rule is another.
OLDER: Final = ("v1.22", "v1.23", "v1.24", "v1.25", "v1.27", "v1.29", "v1.31", "v1.32", "v1.34", "v1.35")
VERSIONS: Final = ("latest", *OLDER)
_AT_ONCE: Final = 24
_REFUSAL: Final = re.compile(r'violates PodSecurity "[^"]+": (.*)$', re.DOTALL)
# `reason (detail), reason (detail)`; no detail has parentheses.
_REASON: Final = re.compile(r"(?:^|\), )([^()]+?) \(")


@dataclass(frozen=True)
class Question:
    """A pod, and the standard it is asked to meet."""

    pod: Object
    level: str
    version: str

    @property
    def namespace(self) -> str:
        return f"{self.level}-{self.version.replace('.', '-')}"


@dataclass(frozen=True)
class Answer:
    """The reasons why a pod is refused; none when it is let in. `invalid` says why it is no pod at all."""

    reasons: frozenset[str] = frozenset()
    invalid: str = ""


def make_namespaces(client: Client, versions: Iterable[str]) -> None:
    """One for each level and version, in which pods may be tried."""
    names = []
    for level in LEVELS:
        for version in versions:
            name = Question({}, level, version).namespace
            prefix = "pod-security.kubernetes.io"
            labels = {f"{prefix}/enforce": level, f"{prefix}/enforce-version": version}
            client.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}})
            names.append(name)
    for name in names:
        client.wait_for("ServiceAccount", "default", name, bool)


def ask(control_plane: ControlPlane, questions: list[Question]) -> list[Answer]:
    """The answers, in order; nothing is stored."""
    return asyncio.run(_ask(control_plane, questions))


async def _ask(control_plane: ControlPlane, questions: list[Question]) -> list[Answer]:
    tls = ssl.create_default_context(cafile=str(control_plane.ca_file))
    headers = {"Authorization": f"Bearer {control_plane.token()}", "Content-Type": "application/json"}
    connector = aiohttp.TCPConnector(limit=_AT_ONCE, ssl=tls)
    async with aiohttp.ClientSession(control_plane.url, connector=connector, headers=headers) as session:
        return list(await asyncio.gather(*(_ask_one(session, question) for question in questions)))


async def _ask_one(session: aiohttp.ClientSession, question: Question) -> Answer:
    path = f"/api/v1/namespaces/{question.namespace}/pods"
    async with session.post(path, params={"dryRun": "All"}, data=json.dumps(question.pod)) as response:
        status = await response.json()
        return answer_of(response.status, status.get("message", ""))


def answer_of(code: int, message: str) -> Answer:
    """What a status code and message mean. A 403 of another kind than PodSecurity's is as good as an invalid pod."""
    refusal = _REFUSAL.search(message)
    if code == 403 and refusal is not None:
        return Answer(frozenset(_REASON.findall(refusal[1])))
    return Answer() if code < 300 else Answer(invalid=message or str(code))
