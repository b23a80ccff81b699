"""Which API server, and as whom: told by kubeconfig files or by the pod's service account. Nothing here asks the API server."""

import os
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
import yaml

from daytwo.api_server.exec_plugin import ExecPlugin, run_plugin
from daytwo.model.errors import UsageError, did_you_mean

SERVICE_ACCOUNT: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")
IN_CLUSTER: Final = "in-cluster"

# With hundreds of contexts the loader in Python takes a good part of a second.
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST: Final = 100
# Paths in a kubeconfig are relative to its own folder.
_PATHS: Final = ("certificate-authority", "client-certificate", "client-key", "tokenFile")


class _User(msgspec.Struct, frozen=True, rename="kebab"):
    exec: ExecPlugin | None = None
    impersonate_user: str = msgspec.field(default="", name="as")
    impersonate_uid: str = msgspec.field(default="", name="as-uid")
    impersonate_groups: tuple[str, ...] | None = msgspec.field(default=None, name="as-groups")


class _Server(msgspec.Struct, frozen=True, rename="kebab"):
    server: str = ""
    proxy_url: str = ""
    tls_server_name: str = ""
    insecure_skip_tls_verify: bool = False
    certificate_authority: str = ""
    certificate_authority_data: str = ""


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
    """As much of a kubeconfig as it takes to choose, and to say what is wrong with it."""

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
    plugin_folder: Path = Path()
    headers: tuple[tuple[str, str], ...] = ()
    """Whom to impersonate."""
    written: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The context as a kubeconfig of its own, for the library."""

    @property
    def origin(self) -> str:
        """Where this is written, for messages."""
        return ", ".join(map(str, self.files)) if self.files else "the pod's service account"


@dataclass(frozen=True, slots=True)
class Credentials:
    """The library's configuration of a target, and the authority that signs the API server's certificate (empty: the system's)."""

    configuration: Any
    server_authority: bytes = b""


def impersonating(target: Target, user: str) -> Target:
    """The same API server, where one acts as `user` by impersonation; as oneself for "", whatever the kubeconfig says."""
    return replace(target, headers=(("Impersonate-User", user),) if user else ())


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
    documents = {path: _read(path) for path in looked_at if path.exists()}
    found = {path: document for path, document in documents.items() if document is not None}
    if found:
        return _target(context, found)
    if kubeconfig is None and context is None and environment.get("KUBERNETES_SERVICE_HOST"):
        return _in_cluster(environment)
    if documents:
        raise UsageError(f"{', '.join(map(str, documents))}: the kubeconfig is empty; name another with --kubeconfig FILE")
    where = ", ".join(map(str, looked_at))
    raise UsageError(f"no kubeconfig at {where}, and this is not a pod; name one with --kubeconfig FILE or KUBECONFIG")


async def load_credentials(target: Target, timeout_seconds: float) -> Credentials:
    """Reads certificates, runs the exec plugin, refreshes the token: whatever the kubeconfig asks for. Raises UsageError."""
    import logging

    from kubernetes_asyncio import config
    from kubernetes_asyncio.client import Configuration

    library: Any = config
    # The library logs what it then raises; without a handler Python would print that on stderr, before our own line.
    logging.getLogger("kubernetes_asyncio").addHandler(logging.NullHandler())
    configuration = Configuration()
    written = await _with_plugin_credentials(target, timeout_seconds)
    try:
        if not target.files:
            server = urlsplit(target.server)
            library.load_incluster_config(
                client_configuration=configuration,
                token_filename=str(SERVICE_ACCOUNT / "token"),
                cert_filename=str(SERVICE_ACCOUNT / "ca.crt"),
                environ={"KUBERNETES_SERVICE_HOST": server.hostname or "", "KUBERNETES_SERVICE_PORT": str(server.port or 443)},
            )
        elif "auth-provider" in written["users"][0]["user"]:
            # Refreshed tokens must be written back where they came from: the old ones are void by then.
            files = os.pathsep.join(map(str, target.files))
            await library.load_kube_config(config_file=files, context=target.name, client_configuration=configuration)
        else:
            await library.load_kube_config_from_dict(written, context=target.name, client_configuration=configuration)
        authority = Path(configuration.ssl_ca_cert).read_bytes() if configuration.ssl_ca_cert else b""
    except (config.ConfigException, ImportError, OSError, ValueError, TypeError, KeyError, AttributeError, AssertionError) as error:
        why = str(error) or type(error).__name__
        raise UsageError(f'{target.origin}: cannot use context "{target.name}": {why}') from error
    # A token of a file may end with a line break. What the pod's token becomes later, a refusal makes us read.
    configuration.refresh_api_key_hook = None
    configuration.api_key = {name: key.strip() for name, key in configuration.api_key.items()}
    return Credentials(configuration, authority)


async def _with_plugin_credentials(target: Target, timeout_seconds: float) -> Mapping[str, Any]:
    """The context as a kubeconfig with the exec plugin's credentials in its place."""
    if target.plugin is None:
        return target.written
    of = f'user "{target.user}" in {target.origin}'
    cluster = target.written["clusters"][0]["cluster"]
    credential = await run_plugin(target.plugin, of, target.plugin_folder, cluster, timeout_seconds)
    user: dict[str, object] = {}
    if credential.token:
        user["token"] = credential.token
    if credential.client_certificate_data and credential.client_key_data:
        user["client-certificate-data"] = b64encode(credential.client_certificate_data.encode()).decode()
        user["client-key-data"] = b64encode(credential.client_key_data.encode()).decode()
    return {**target.written, "users": [{"name": target.user, "user": user}]}


def _read(path: Path) -> dict[str, Any] | None:
    """One kubeconfig file; None for an empty one."""
    try:
        document = _parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: not a kubeconfig: not UTF-8 text") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f":{mark.line + 1}:{mark.column + 1}" if mark is not None else ""
        raise UsageError(f"{path}{where}: not YAML: {getattr(error, 'problem', None) or 'unreadable character'}") from None
    except ValueError as error:
        raise UsageError(f"{path}: not a kubeconfig: {error}") from None
    if document is not None and not isinstance(document, dict):
        raise UsageError(f"{path}: not a kubeconfig: it holds a {type(document).__name__} instead of a mapping")
    return document


def _parse(text: str) -> Any:
    """YAML. ValueError when it is nested deeper than any kubeconfig: the loader in C would end the process."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise ValueError("nested too deeply")
    return yaml.load(text, Loader=_LOADER)


def _target(context: str | None, documents: Mapping[Path, dict[str, Any]]) -> Target:
    """As in kubectl the first file to name something wins, `current-context` included."""
    contexts: dict[str, _Context] = {}
    servers: dict[str, tuple[_Server, dict[str, Any]]] = {}
    users: dict[str, tuple[_User, dict[str, Any], Path]] = {}
    current = None
    for path, document in documents.items():
        try:
            config = msgspec.convert(document, _KubeConfig)
        except (msgspec.ValidationError, RecursionError) as error:
            raise UsageError(f"{path}: not a kubeconfig: {error}") from None
        current = current or config.current_context
        for named in config.contexts or ():
            contexts.setdefault(named.name, named.context)
        for cluster, raw in zip(config.clusters or (), document.get("clusters") or (), strict=True):
            servers.setdefault(cluster.name, (cluster.cluster, _with_whole_paths(raw["cluster"], path.parent)))
        for entry, raw in zip(config.users or (), document.get("users") or (), strict=True):
            users.setdefault(entry.name, (entry.user or _User(), _with_whole_paths(raw.get("user") or {}, path.parent), path.parent))

    origin = ", ".join(map(str, documents))
    name = context or current
    if not name:
        raise UsageError(f"{origin}: no current-context; choose one with --context: {_listed(contexts)}")
    found = contexts.get(name)
    if found is None:
        asked = f'no context "{name}"' if context else f'current-context is "{name}", which does not exist'
        raise UsageError(f"{origin}: {asked}{did_you_mean(name, contexts)}; contexts are: {_listed(contexts)}")
    if found.cluster not in servers:
        raise UsageError(f'{origin}: context "{name}" names cluster "{found.cluster}", which is not among: {_listed(servers)}')
    if found.user and found.user not in users:
        raise UsageError(f'{origin}: context "{name}" names user "{found.user}", which is not among: {_listed(users)}')
    server, raw_server = servers[found.cluster]
    if not _is_address(server.server, "https", "http"):
        raise UsageError(f'{origin}: cluster "{found.cluster}" has server "{server.server}"; write https://HOST:PORT')
    if server.proxy_url and not _is_address(server.proxy_url, "https", "http"):
        proxy = server.proxy_url.rpartition("@")[2]
        raise UsageError(f'{origin}: cluster "{found.cluster}" has proxy-url "{proxy}"; write http://HOST:PORT (socks is not supported)')
    user, raw_user, folder = users[found.user] if found.user else (_User(), {}, Path())
    named_user = found.user or "nobody"
    return Target(
        name=name,
        server=server.server.rstrip("/"),
        namespace=found.namespace or "default",
        user=found.user or "",
        files=tuple(documents),
        plugin=user.exec,
        plugin_folder=folder,
        headers=_impersonation(user),
        written={
            "current-context": name,
            "contexts": [{"name": name, "context": {"cluster": found.cluster, "user": named_user}}],
            "clusters": [{"name": found.cluster, "cluster": raw_server}],
            "users": [{"name": named_user, "user": raw_user}],
        },
    )


def _is_address(url: str, *schemes: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _with_whole_paths(written: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    return {key: str(folder / str(value)) if key in _PATHS and value else value for key, value in written.items() if value is not None}


def _impersonation(user: _User) -> tuple[tuple[str, str], ...]:
    headers = [("Impersonate-User", user.impersonate_user)] if user.impersonate_user else []
    headers += [("Impersonate-Uid", user.impersonate_uid)] if user.impersonate_uid else []
    headers += [("Impersonate-Group", group) for group in user.impersonate_groups or ()]
    return tuple(headers)


def _in_cluster(environment: Mapping[str, str]) -> Target:
    host, port = environment["KUBERNETES_SERVICE_HOST"], environment.get("KUBERNETES_SERVICE_PORT", "443")
    try:
        namespace = (SERVICE_ACCOUNT / "namespace").read_text(encoding="utf-8").strip()
    except OSError:
        namespace = "default"
    return Target(IN_CLUSTER, f"https://{f'[{host}]' if ':' in host else host}:{port}", namespace)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
