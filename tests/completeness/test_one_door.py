"""Nothing changes the world but through the one door: what import contracts cannot see is looked for in the source."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import daytwo

SOURCE: Final = Path(daytwo.__file__).parent
FILES: Final = {str(path.relative_to(SOURCE)): path for path in sorted(SOURCE.rglob("*.py"))}

CHANGING: Final = ("PATCH", "PUT", "POST", "DELETE")
# Who may name a method that changes something, and why.
METHODS: Final = {
    "actions/forms/apply.py": "makes the request",
    "actions/forms/delete.py": "makes the request",
    "actions/forms/evict.py": "makes the request",
    "actions/forms/patch.py": "makes the request",
    "api_server/connection.py": "POST of a …Review, which stores nothing",
    "writers/kubernetes.py": "tells a DELETE apart",
}
# Who may start another program, and why.
PROGRAMS: Final = {
    "api_server/exec_plugin.py": "the kubeconfig's own program for credentials",
    "sources/manifests/rendering.py": "helm template and kubectl kustomize, which write to no cluster",
    "writers/process.py": "runs a foreign argv, sent by the door",
}
STARTERS: Final = frozenset({"subprocess", "pty", "multiprocessing"})
STARTING: Final = frozenset(
    {
        "create_subprocess_exec",
        "create_subprocess_shell",
        "subprocess_exec",
        "subprocess_shell",
        "system",
        "popen",
        "fork",
        "posix_spawn",
        "execv",
        "execve",
    }
)
# Who may hold a socket or an HTTP client.
CLIENTS: Final = {"api_server/transport.py", "api_server/exec_plugin.py", "api_server/configuration.py"}
NETWORK: Final = frozenset({"aiohttp", "kubernetes_asyncio", "socket", "http.client", "urllib.request", "requests", "httpx", "urllib3"})


TREES: Final = {file: ast.parse(path.read_text(encoding="utf-8")) for file, path in FILES.items()}


def nodes(file: str) -> Iterator[ast.AST]:
    return ast.walk(TREES[file])


def callers_of(method: str) -> set[str]:
    return {
        file
        for file in FILES
        for node in nodes(file)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == method
    }


def imported(file: str) -> set[str]:
    names: set[str] = set()
    for node in nodes(file):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_only_a_writer_delivers() -> None:
    """The bytes of a change leave by one call in one file."""
    assert callers_of("deliver") == {"writers/kubernetes.py"}


def test_only_the_door_asks_writers() -> None:
    """It is handed them by who builds everything; nobody else rehearses, or so much as imports one."""
    assert callers_of("rehearse") == {"engine/act.py"}
    users = {file for file in FILES if any(name.startswith("daytwo.writers") for name in imported(file))}
    assert {file for file in users if not file.startswith("writers/")} <= {"engine/act.py", "app.py"}


def test_the_door_sends_from_one_place() -> None:
    """Everything that is sent passes `Door.send`, which the durable engine calls after the intent is recorded."""
    functions = [node for node in nodes("engine/act.py") if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef)]
    senders = {
        function.name
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("send", "run")
        and isinstance(node.func.value, ast.Attribute)
        and node.func.value.attr in ("_writer", "_runner")
    }
    assert senders == {"send"}


def test_methods_that_change_something_are_named_where_requests_are_made() -> None:
    named = {file for file in FILES for node in nodes(file) if isinstance(node, ast.Constant) and node.value in CHANGING}
    assert named <= set(METHODS)


def test_programs_are_started_in_few_places() -> None:
    """A foreign argv goes through the door; what a kubeconfig calls for credentials does not change the cluster."""
    starting = {file for file in FILES for node in nodes(file) if isinstance(node, ast.Attribute) and node.attr in STARTING}
    assert starting | {file for file in FILES if any(name.partition(".")[0] in STARTERS for name in imported(file))} <= set(PROGRAMS)


def test_connections_are_opened_in_one_place() -> None:
    assert {file for file in FILES if any(is_network(name) for name in imported(file))} <= CLIENTS


def is_network(name: str) -> bool:
    """A machine's own name is no connection."""
    return name != "socket.gethostname" and any(name == one or name.startswith(f"{one}.") for one in NETWORK)


def test_whom_the_tables_name_is_there() -> None:
    """An allowance for a file that is gone would wait for another of that name."""
    assert set(METHODS) | set(PROGRAMS) | CLIENTS <= set(FILES)
