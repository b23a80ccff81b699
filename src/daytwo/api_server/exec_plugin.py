"""Credentials from the command that a kubeconfig names, by the client.authentication.k8s.io protocol.

Run here and not by the library: its errors name neither the plugin nor what it wrote, and a plugin that hangs would be left behind.
"""

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from subprocess import DEVNULL, Popen, TimeoutExpired
from tempfile import TemporaryFile
from typing import IO, Final

import msgspec

from daytwo.model.errors import UsageError
from daytwo.model.masking import mask

_LONGEST_OUTPUT_BYTES: Final = 1024 * 1024
_STDERR_LINES: Final = 5
_LONGEST_STDERR: Final = 500


class Variable(msgspec.Struct, frozen=True):
    name: str
    value: str


class ExecPlugin(msgspec.Struct, frozen=True, rename="camel"):
    """`users[].user.exec` of a kubeconfig."""

    command: str
    api_version: str = "client.authentication.k8s.io/v1"
    args: tuple[str, ...] | None = None
    env: tuple[Variable, ...] | None = None
    install_hint: str | None = None
    provide_cluster_info: bool = False
    interactive_mode: str | None = None


class ExecCredential(msgspec.Struct, frozen=True, rename="camel"):
    """What the plugin brought: a token, or a client certificate with its key as PEM."""

    token: str | None = None
    client_certificate_data: str | None = None
    client_key_data: str | None = None


class _Output(msgspec.Struct, frozen=True, rename="camel"):
    kind: str
    api_version: str
    status: ExecCredential | None = None


async def run_plugin(plugin: ExecPlugin, of: str, folder: Path, cluster: Mapping[str, object], timeout_seconds: float) -> ExecCredential:
    """Runs it and reads the credential. `of` names user and file for messages, `folder` is where a relative command is looked up.

    Raises UsageError with the plugin's name, its exit code and what it wrote on stderr.
    """
    name = f'exec plugin "{plugin.command}" of {of}'
    # As in kubectl a path is relative to the kubeconfig; a bare name is looked up in PATH.
    command = str(folder / plugin.command) if "/" in plugin.command else plugin.command
    # At a terminal it may ask its person something, and stderr is where it does.
    is_interactive = plugin.interactive_mode != "Never" and _is_terminal(sys.stdin) and _is_terminal(sys.stderr)
    environment = dict(os.environ)
    environment.update({variable.name: variable.value for variable in plugin.env or ()})
    environment["KUBERNETES_EXEC_INFO"] = msgspec.json.encode(_info(plugin, cluster, is_interactive)).decode()
    # Files and not pipes: what a plugin leaves running in the background may keep a pipe open for ever.
    with TemporaryFile() as output, TemporaryFile() as errors:
        try:
            process = Popen(
                [command, *(plugin.args or ())],
                stdin=None if is_interactive else DEVNULL,
                stdout=output,
                stderr=None if is_interactive else errors,
                env=environment,
            )
        except (OSError, ValueError) as error:
            hint = (plugin.install_hint or "").strip() or "install it, or correct users[].user.exec.command"
            raise UsageError(f"{name} cannot be run: {getattr(error, 'strerror', None) or error}; {hint}") from None
        try:
            code = await asyncio.to_thread(process.wait, timeout_seconds)
        except TimeoutExpired:
            late = f"{name} did not finish within {timeout_seconds:g} s"
            raise UsageError(f"{late}: {_wrote(errors)}; log in with kubectl first, then try again") from None
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if code != 0:
            how = f"failed with exit code {code}" if code > 0 else f"was ended by signal {-code}"
            raise UsageError(f"{name} {how}: {_wrote(errors)}")
        output.seek(0)
        return _read(plugin, name, output.read(_LONGEST_OUTPUT_BYTES), _wrote(errors))


def _is_terminal(stream: IO[str] | None) -> bool:
    """A stream that was closed, or never opened, is none."""
    return stream is not None and not stream.closed and stream.isatty()


def _info(plugin: ExecPlugin, cluster: Mapping[str, object], is_interactive: bool) -> dict[str, object]:
    spec: dict[str, object] = {"interactive": is_interactive}
    if plugin.provide_cluster_info:
        spec["cluster"] = dict(cluster)
    return {"apiVersion": plugin.api_version, "kind": "ExecCredential", "spec": spec}


def _read(plugin: ExecPlugin, name: str, output: bytes, stderr: str) -> ExecCredential:
    """The credential. What was printed instead may hold one too, so it is never repeated in a message."""
    try:
        found = msgspec.json.decode(output, type=_Output)
    except msgspec.ValidationError as error:
        raise UsageError(f"{name} exited with 0 but what it printed is no ExecCredential: {error}; {stderr}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        what = "is not JSON (a plugin may print nothing else on stdout)" if output.strip() else "is nothing"
        raise UsageError(f"{name} exited with 0 but what it printed {what}; {stderr}") from None
    if found.kind != "ExecCredential" or found.api_version != plugin.api_version:
        printed = f"{found.kind} {found.api_version}"
        raise UsageError(f"{name} printed {mask(printed)} where ExecCredential {plugin.api_version} was asked for; {stderr}")
    credential = found.status or ExecCredential()
    if not credential.token and not (credential.client_certificate_data and credential.client_key_data):
        raise UsageError(f"{name} printed an ExecCredential without token or client certificate; {stderr}")
    return credential


def _wrote(errors: IO[bytes]) -> str:
    """The last lines of stderr, fit for one line of a message."""
    errors.seek(0)
    lines = [line.strip() for line in errors.read(_LONGEST_OUTPUT_BYTES).decode(errors="replace").splitlines() if line.strip()]
    text = "".join(character if character.isprintable() else "·" for character in " / ".join(lines[-_STDERR_LINES:]))
    return f"on stderr: {mask(text)[-_LONGEST_STDERR:]}" if text else "nothing more on stderr"
