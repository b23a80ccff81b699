"""Which API server, and as whom: told by kubeconfig files or by the pod's service account. Nothing here asks the API server."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml

from daytwo.model.errors import UsageError, did_you_mean

SERVICE_ACCOUNT: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")
IN_CLUSTER: Final = "in-cluster"


class ExecPlugin(msgspec.Struct, frozen=True, rename="camel"):
    """The command that brings a user's credentials."""

    command: str
    args: tuple[str, ...] | None = None
    install_hint: str | None = None


class _User(msgspec.Struct, frozen=True):
    exec: ExecPlugin | None = None


class _Server(msgspec.Struct, frozen=True, rename="kebab"):
    server: str = ""


class _Context(msgspec.Struct, frozen=True):
    cluster: str = ""
    user: str | None = None
    namespace: str | None = None


class _NamedContext(msgspec.Struct, frozen=True):
    name: str
    context: _Context


class _NamedServer(msgspec.Struct, frozen=True):
    name: str
    cluster: _Server


class _NamedUser(msgspec.Struct, frozen=True):
    name: str
    user: _User | None = None


class _KubeConfig(msgspec.Struct, frozen=True, rename="kebab"):
    """As much of a kubeconfig as it takes to say what is wrong with it; the library behind reads the rest."""

    current_context: str | None = None
    contexts: tuple[_NamedContext, ...] | None = None
    clusters: tuple[_NamedServer, ...] | None = None
    users: tuple[_NamedUser, ...] | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """One API server as one user. `files` are the kubeconfigs it comes from; none means the pod's service account."""

    name: str
    server: str
    namespace: str = "default"
    user: str = ""
    files: tuple[Path, ...] = ()
    plugin: ExecPlugin | None = None

    @property
    def origin(self) -> str:
        """Where this is written, for messages."""
        return ", ".join(map(str, self.files)) if self.files else "the pod's service account"


@dataclass(slots=True)
class Credentials:
    """What the library made of a target: its configuration, and its loader where credentials can be fetched anew."""

    configuration: Any
    loader: Any = None
    server_authority: bytes = field(default=b"", repr=False)


def find_target(context: str | None, kubeconfig: Path | None, environment: Mapping[str, str]) -> Target:
    """The API server that `--context` and `--kubeconfig` name, found as kubectl finds it. Raises UsageError.

    `--kubeconfig`, else the files of KUBECONFIG, else ~/.kube/config, else the service account of the pod it runs in.
    """
    if kubeconfig is not None:
        if not kubeconfig.exists():
            raise UsageError(f"{kubeconfig}: no such kubeconfig file")
        looked_at = [kubeconfig]
    elif environment.get("KUBECONFIG"):
        looked_at = [Path(part).expanduser() for part in environment["KUBECONFIG"].split(os.pathsep) if part]
    else:
        looked_at = [Path(environment.get("HOME", "~")).expanduser() / ".kube" / "config"]
    read = {path: _read(path) for path in looked_at if path.exists()}
    configs = {path: config for path, config in read.items() if config is not None}
    if not configs:
        if kubeconfig is None and context is None and environment.get("KUBERNETES_SERVICE_HOST"):
            return _in_cluster(environment)
        if kubeconfig is None and not read:
            where = ", ".join(map(str, looked_at))
            raise UsageError(f"no kubeconfig at {where}, and this is not a pod; name one with --kubeconfig FILE or KUBECONFIG")
        raise UsageError(f"{', '.join(map(str, read))}: the kubeconfig is empty; name another with --kubeconfig FILE")
    return _target(context, configs)


async def load_credentials(target: Target) -> Credentials:
    """Reads certificates and runs the exec plugin or the token refresh that the kubeconfig asks for. Raises UsageError."""
    import logging

    from kubernetes_asyncio import config
    from kubernetes_asyncio.client import Configuration

    library: Any = config
    # The library logs what it then raises; without a handler Python would print that on stderr, before our own line.
    logging.getLogger("kubernetes_asyncio").addHandler(logging.NullHandler())
    configuration = Configuration()
    configuration.connection_pool_maxsize = 16
    loader = None
    try:
        if target.files:
            files = os.pathsep.join(map(str, target.files))
            loader = await library.load_kube_config(config_file=files, context=target.name, client_configuration=configuration)
        else:
            library.load_incluster_config(client_configuration=configuration)
        authority = Path(configuration.ssl_ca_cert).read_bytes() if configuration.ssl_ca_cert else b""
    except (config.ConfigException, OSError, ValueError, TypeError, KeyError, AttributeError, AssertionError) as error:
        raise UsageError(_why_no_credentials(target, error)) from error
    if target.plugin is not None and not configuration.api_key and not configuration.cert_file:
        command = target.plugin.command
        raise UsageError(f'{target.origin}: exec plugin "{command}" of user "{target.user}" printed neither a token nor a certificate')
    # Authorities of old clusters lack the extensions that Python 3.13 began to insist on.
    configuration.disable_strict_ssl_verification = bool(authority)
    return Credentials(configuration, loader, authority)


def _read(path: Path) -> _KubeConfig | None:
    """One kubeconfig file; None for an empty one."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: not a kubeconfig: not UTF-8 text") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f":{mark.line + 1}:{mark.column + 1}" if mark is not None else ""
        raise UsageError(f"{path}{where}: not YAML: {getattr(error, 'problem', None) or 'unreadable character'}") from None
    except RecursionError:
        raise UsageError(f"{path}: not a kubeconfig: nested too deeply") from None
    if document is None:
        return None
    try:
        return msgspec.convert(document, _KubeConfig)
    except msgspec.ValidationError as error:
        raise UsageError(f"{path}: not a kubeconfig: {error}") from None


def _target(context: str | None, configs: Mapping[Path, _KubeConfig]) -> Target:
    """As in kubectl the first file to name something wins, `current-context` included."""
    files = tuple(configs)
    origin = ", ".join(map(str, files))
    last_first = tuple(configs.values())[::-1]
    contexts = {entry.name: entry.context for config in last_first for entry in config.contexts or ()}
    servers = {entry.name: entry.cluster for config in last_first for entry in config.clusters or ()}
    users = {entry.name: entry.user for config in last_first for entry in config.users or ()}
    name = context or next((config.current_context for config in configs.values() if config.current_context), None)
    if name is None:
        raise UsageError(f"{origin}: no current-context; choose one with --context: {_listed(contexts)}")
    found = contexts.get(name)
    if found is None:
        asked = f'no context "{name}"' if context else f'current-context is "{name}", which does not exist'
        raise UsageError(f"{origin}: {asked}{did_you_mean(name, contexts)}; contexts are: {_listed(contexts)}")
    server = servers.get(found.cluster)
    if server is None:
        raise UsageError(f'{origin}: context "{name}" names cluster "{found.cluster}", which is not among: {_listed(servers)}')
    if not server.server.startswith(("https://", "http://")):
        raise UsageError(f'{origin}: cluster "{found.cluster}" has server "{server.server}"; write https://HOST:PORT')
    if found.user and found.user not in users:
        raise UsageError(f'{origin}: context "{name}" names user "{found.user}", which is not among: {_listed(users)}')
    user = users.get(found.user or "")
    return Target(name, server.server, found.namespace or "default", found.user or "", files, user.exec if user is not None else None)


def _in_cluster(environment: Mapping[str, str]) -> Target:
    host, port = environment["KUBERNETES_SERVICE_HOST"], environment.get("KUBERNETES_SERVICE_PORT", "443")
    try:
        namespace = (SERVICE_ACCOUNT / "namespace").read_text(encoding="utf-8").strip()
    except OSError:
        namespace = "default"
    return Target(IN_CLUSTER, f"https://{f'[{host}]' if ':' in host else host}:{port}", namespace)


def _why_no_credentials(target: Target, error: Exception) -> str:
    about = str(error)
    if target.plugin is not None:
        plugin = f'{target.origin}: exec plugin "{target.plugin.command}" of user "{target.user}"'
        if isinstance(error, OSError) and error.filename == target.plugin.command:
            hint = (target.plugin.install_hint or "").strip() or "install it, or correct users[].user.exec.command"
            return f"{plugin} cannot be run: {error.strerror}; {hint}"
        if about.startswith("exec: process returned "):
            code, _, stderr = about.removeprefix("exec: process returned ").partition(". ")
            return f"{plugin} failed with exit code {code}: {stderr.strip() or 'it printed nothing on stderr'}"
        if about.startswith("exec: ") or isinstance(error, TypeError | KeyError | AttributeError):
            # What it printed may be a credential, so that is not repeated here.
            return f"{plugin} exited with 0 but printed no ExecCredential: {about.removeprefix('exec: ')}"
    return f'{target.origin}: cannot use context "{target.name}": {about or type(error).__name__}'


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
