"""Kubeconfigs and exec plugins: found as kubectl finds them, and mistakes said plainly."""

import asyncio
import json
import os
import socket
import ssl
import threading
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID

from daytwo.api_server import configuration
from daytwo.api_server.configuration import Target, find_target, load_credentials
from daytwo.api_server.connection import Connection
from daytwo.api_server.transport import environment_proxy
from daytwo.model.errors import UsageError
from tests.servers.certificates import Authority, Pair, new_key, private_pem
from tests.sources.kubernetes.looking import QUICK, look

Document = dict[str, Any]

LACKS = ": not a kubeconfig: Object missing required field"


def kubeconfig(folder: Path, name: str = "config", **changes: Any) -> Path:
    """A kubeconfig with contexts shop-prod and shop-test."""
    document: Document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "shop-prod",
        "clusters": [{"name": "shop", "cluster": {"server": "https://127.0.0.1:1"}}],
        "users": [{"name": "ann", "user": {"token": "t0ken-of-ann"}}],
        "contexts": [
            {"name": "shop-prod", "context": {"cluster": "shop", "user": "ann", "namespace": "shop"}},
            {"name": "shop-test", "context": {"cluster": "shop", "user": "ann"}},
        ],
        **changes,
    }
    path = folder / name
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path


def with_plugin(folder: Path, script: str, **fields: Any) -> Path:
    """A kubeconfig whose user's credentials come from this shell script."""
    plugin = folder / "get-token"
    plugin.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    plugin.chmod(0o755)
    user = {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "./get-token", "interactiveMode": "IfAvailable", **fields}}
    return kubeconfig(folder, users=[{"name": "ann", "user": user}])


def mistake(path: Path | None, context: str | None = None, **environment: str) -> str:
    """What a person is told."""
    with pytest.raises(UsageError) as caught:
        look(path, context=context, environment=environment)
    return str(caught.value)


def credential(**status: str) -> str:
    return json.dumps({"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status})


def token_of(path: Path) -> str:
    loaded = asyncio.run(load_credentials(find_target(None, path, {}), 10))
    key: str = loaded.configuration.api_key["BearerToken"]
    return key


class TestWhichKubeconfig:
    """`--kubeconfig`, KUBECONFIG, ~/.kube/config, the pod."""

    def test_the_current_context_is_taken(self, tmp_path: Path) -> None:
        """With its namespace and user."""
        target = find_target(None, kubeconfig(tmp_path), {})

        assert (target.name, target.server, target.namespace, target.user) == ("shop-prod", "https://127.0.0.1:1", "shop", "ann")

    def test_a_named_context_is_taken(self, tmp_path: Path) -> None:
        """`--context` counts more than current-context."""
        assert find_target("shop-test", kubeconfig(tmp_path), {}).namespace == "default"

    def test_the_home_folder_is_the_last_resort(self, tmp_path: Path) -> None:
        """~/.kube/config."""
        (tmp_path / ".kube").mkdir()
        path = kubeconfig(tmp_path / ".kube")

        assert find_target(None, None, {"HOME": str(tmp_path)}).files == (path,)

    def test_the_first_file_to_name_something_wins(self, tmp_path: Path) -> None:
        """KUBECONFIG is a list; files that do not exist or are empty are passed over, as kubectl does."""
        (tmp_path / "empty").write_text("", encoding="utf-8")
        first = kubeconfig(tmp_path, "first", **{"current-context": "shop-test"})
        second = kubeconfig(
            tmp_path,
            "second",
            clusters=[{"name": "shop", "cluster": {"server": "https://other:1"}}],
            contexts=[{"name": "extra", "context": {"cluster": "shop", "user": "ann"}}],
        )
        paths = os.pathsep.join(map(str, [tmp_path / "missing", tmp_path / "empty", first, second]))

        assert find_target(None, None, {"KUBECONFIG": paths}).name == "shop-test"
        assert find_target("extra", None, {"KUBECONFIG": paths}).server == "https://127.0.0.1:1"

    def test_a_pod_needs_none(self, tmp_path: Path) -> None:
        """In a pod the service account is used when there is no kubeconfig."""
        target = find_target(None, None, {"HOME": str(tmp_path), "KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"})

        assert (target.name, target.server) == ("in-cluster", "https://[fd00::1]:443")
        assert target.origin == "the pod's service account"

    def test_paths_are_relative_to_the_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Not to where daytwo was started."""
        folder = tmp_path / "elsewhere"
        folder.mkdir()
        (folder / "token").write_text("t0ken\n", encoding="utf-8")
        monkeypatch.chdir(tmp_path)

        assert token_of(kubeconfig(folder, users=[{"name": "ann", "user": {"tokenFile": "token"}}])) == "Bearer t0ken"


class TestMistakes:
    """Each says what is wrong, where, and what to write instead."""

    def test_no_such_file(self, tmp_path: Path) -> None:
        """The one that was named."""
        assert mistake(tmp_path / "nowhere") == f"{tmp_path}/nowhere: no such kubeconfig file"

    def test_no_kubeconfig_at_all(self, tmp_path: Path) -> None:
        """Where it was looked for."""
        where = tmp_path / ".kube" / "config"
        message = f"no kubeconfig at {where}, and this is not a pod; name one with --kubeconfig FILE or KUBECONFIG"
        assert mistake(None, HOME=str(tmp_path)) == message

    def test_an_empty_file(self, tmp_path: Path) -> None:
        """Is said to be empty."""
        (tmp_path / "config").write_text("# later\n", encoding="utf-8")
        assert mistake(tmp_path / "config") == f"{tmp_path}/config: the kubeconfig is empty; name another with --kubeconfig FILE"

    def test_a_context_that_does_not_exist(self, tmp_path: Path) -> None:
        """Names the near one, and all."""
        path = kubeconfig(tmp_path)
        assert mistake(path, "shop-prd") == (
            f'{path}: no context "shop-prd"; did you mean "shop-prod"?; contexts are: shop-prod, shop-test'
        )

    def test_no_current_context(self, tmp_path: Path) -> None:
        """Says which there are."""
        path = kubeconfig(tmp_path, **{"current-context": ""})
        assert mistake(path) == f"{path}: no current-context; choose one with --context: shop-prod, shop-test"

    def test_a_current_context_that_does_not_exist(self, tmp_path: Path) -> None:
        """It is the file's fault, not the person's."""
        path = kubeconfig(tmp_path, **{"current-context": "gone"})
        assert mistake(path) == f'{path}: current-context is "gone", which does not exist; contexts are: shop-prod, shop-test'

    def test_a_cluster_or_user_that_does_not_exist(self, tmp_path: Path) -> None:
        """A context may name what nobody defines."""
        path = kubeconfig(tmp_path, clusters=[])
        assert mistake(path) == f'{path}: context "shop-prod" names cluster "shop", which is not among: none'
        path = kubeconfig(tmp_path, users=None)
        assert mistake(path) == f'{path}: context "shop-prod" names user "ann", which is not among: none'

    @pytest.mark.parametrize("server", ["10.0.0.1", "ftp://shop", "https://", "https://[::1", "https://shop:99999", "https://shop:0"])
    def test_a_server_that_is_no_address(self, tmp_path: Path, server: str) -> None:
        """Says what a server looks like."""
        path = kubeconfig(tmp_path, clusters=[{"name": "shop", "cluster": {"server": server}}])
        assert mistake(path) == f'{path}: cluster "shop" has server "{server}"; write https://HOST:PORT'

    def test_a_proxy_of_another_kind(self, tmp_path: Path) -> None:
        """Said before anything is tried, and without the password."""
        cluster = {"server": "https://shop.test", "proxy-url": "socks5://ann:hunter2@proxy.test:1080"}
        path = kubeconfig(tmp_path, clusters=[{"name": "shop", "cluster": cluster}])
        message = f'{path}: cluster "shop" has proxy-url "proxy.test:1080"; write http://HOST:PORT (socks is not supported)'
        assert mistake(path) == message

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"a: [1, 2", ":2:1: not YAML: did not find expected ',' or ']'"),
            (b"\xff\xfe\x00", ": not a kubeconfig: not UTF-8 text"),
            (b"- a\n- b\n", ": not a kubeconfig: it holds a list instead of a mapping"),
            (b"contexts: 3\n", ": not a kubeconfig: Expected `array | null`, got `int` - at `$.contexts`"),
            (b"contexts: [{context: {}}]\n", f"{LACKS} `name` - at `$.contexts[0]`"),
            (
                b"users: [{name: a, user: {exec: {}}}]",
                ": not a kubeconfig: Object missing required field `command` - at `$.users[0].user.exec`",
            ),
            (b"a: &a [*a]", ": no current-context; choose one with --context: none"),
            (b"a: 2026-99-99T00:00:00Z", ": not a kubeconfig: month must be in 1..12"),
            (b"[" * 5000 + b"]" * 5000, ": not a kubeconfig: nested too deeply"),
        ],
        ids=lambda value: value[:20] if isinstance(value, bytes) else "",
    )
    def test_a_file_that_is_no_kubeconfig(self, tmp_path: Path, content: bytes, message: str) -> None:
        """With the place, where there is one."""
        path = tmp_path / "config"
        path.write_bytes(content)
        assert mistake(path) == f"{path}{message}"

    def test_a_file_that_may_not_be_read(self, tmp_path: Path) -> None:
        """A folder, for example."""
        (tmp_path / "config").mkdir()
        assert mistake(tmp_path / "config") == f"{tmp_path}/config: cannot be read: Is a directory"

    def test_a_certificate_authority_that_is_missing(self, tmp_path: Path) -> None:
        """Names the file."""
        cluster = {"server": "https://127.0.0.1:1", "certificate-authority": "ca.crt"}
        path = kubeconfig(tmp_path, clusters=[{"name": "shop", "cluster": cluster}])
        assert mistake(path) == f'{path}: cannot use context "shop-prod": File does not exists: {tmp_path}/ca.crt'

    @pytest.mark.parametrize("data", ["not base64!", b64encode(b"not a certificate").decode()])
    def test_a_certificate_authority_that_is_none(self, tmp_path: Path, data: str) -> None:
        """Neither base64 nor PEM may end in a traceback."""
        cluster = {"server": "https://127.0.0.1:1", "certificate-authority-data": data}
        path = kubeconfig(tmp_path, clusters=[{"name": "shop", "cluster": cluster}])
        assert mistake(path).startswith(f"{path}: ")

    def test_a_client_key_that_is_none(self, tmp_path: Path) -> None:
        """The library reads it only when it connects."""
        junk = b64encode(b"junk").decode()
        path = kubeconfig(tmp_path, users=[{"name": "ann", "user": {"client-certificate-data": junk, "client-key-data": junk}}])
        assert mistake(path).startswith(f'{path}: context "shop-prod" holds an unusable certificate or key: ')

    def test_an_auth_provider_that_is_not_installed(self, tmp_path: Path) -> None:
        """Old kubeconfigs name providers that are gone."""
        provider = {"name": "oidc", "config": {"idp-issuer-url": "https://127.0.0.1:1", "client-id": "x"}}
        path = kubeconfig(tmp_path, users=[{"name": "ann", "user": {"auth-provider": provider}}])
        message = f'{path}: cannot use context "shop-prod": oidc: No valid id-token, and cannot refresh without refresh-token'
        assert mistake(path) == message


class TestPlugins:
    """Exec plugins that fail, print or hang: the plugin, its exit and what it wrote are named."""

    def test_its_token_is_used(self, tmp_path: Path) -> None:
        """The plugin is looked up beside its kubeconfig and told what kubectl tells it."""
        script = 'echo "$KUBERNETES_EXEC_INFO $WHO $1" > told; cat credential'
        fields = {"args": ["login"], "env": [{"name": "WHO", "value": "ann"}], "provideClusterInfo": True}
        path = with_plugin(tmp_path, f"cd {tmp_path}; {script}", **fields)
        (tmp_path / "credential").write_text(credential(token="t0ken"), encoding="utf-8")

        assert token_of(path) == "Bearer t0ken"
        told = (tmp_path / "told").read_text(encoding="utf-8")
        assert told.endswith(" ann login\n")
        info = json.loads(told.partition("} ")[0] + "}")
        assert info["kind"] == "ExecCredential"
        assert info["spec"]["cluster"]["server"] == "https://127.0.0.1:1"

    def test_its_client_certificate_is_used(self, tmp_path: Path) -> None:
        """Instead of a token a plugin may bring a certificate."""
        pair = Authority.create("users").issue("ann")
        (tmp_path / "credential").write_text(
            credential(clientCertificateData=pair.certificate.decode(), clientKeyData=pair.key.decode()), encoding="utf-8"
        )
        path = with_plugin(tmp_path, f"cat {tmp_path}/credential")

        loaded = asyncio.run(load_credentials(find_target(None, path, {}), 10))

        assert Path(loaded.configuration.cert_file).read_bytes() == pair.certificate
        assert Path(loaded.configuration.key_file).read_bytes() == pair.key

    def test_a_plugin_that_fails(self, tmp_path: Path) -> None:
        """Exit code and stderr, on one line, without control characters or credentials."""
        path = with_plugin(tmp_path, r"printf 'token expired\n\033[31mlog in with password=hunter2\n' >&2; exit 7")

        assert mistake(path) == (
            f'exec plugin "./get-token" of user "ann" in {path} failed with exit code 7: '
            "on stderr: token expired / ·[31mlog in with password=‹masked›"
        )

    def test_a_plugin_that_fails_silently(self, tmp_path: Path) -> None:
        """Then that is said."""
        path = with_plugin(tmp_path, "exit 1")

        assert mistake(path) == f'exec plugin "./get-token" of user "ann" in {path} failed with exit code 1: nothing more on stderr'

    @pytest.mark.parametrize(
        ("script", "what"),
        [
            ("echo Welcome; echo s3cret", "is not JSON (a plugin may print nothing else on stdout); on stderr: oh"),
            ("true", "is nothing; on stderr: oh"),
            ("echo '[]'", "is no ExecCredential: Expected `object`, got `array`; on stderr: oh"),
            (f"echo Notice; echo '{credential(token='s3cret')}'", "is not JSON (a plugin may print nothing else on stdout); on stderr: oh"),
        ],
    )
    def test_a_plugin_that_prints_something_else(self, tmp_path: Path, script: str, what: str) -> None:
        """What it printed may be secret, and is not repeated."""
        path = with_plugin(tmp_path, f"{script}; echo oh >&2")

        said = mistake(path)

        assert said == f'exec plugin "./get-token" of user "ann" in {path} exited with 0 but what it printed {what}'
        assert "s3cret" not in said

    @pytest.mark.parametrize("status", [{}, {"clientCertificateData": "x"}])
    def test_a_plugin_that_brings_nothing(self, tmp_path: Path, status: dict[str, str]) -> None:
        """Going on without credentials would look like a cluster where nothing may be read."""
        path = with_plugin(tmp_path, f"echo '{credential(**status)}'")

        assert "printed an ExecCredential without token or client certificate" in mistake(path)

    def test_a_plugin_of_another_version(self, tmp_path: Path) -> None:
        """Asked for v1, it answers in v1beta1."""
        path = with_plugin(tmp_path, f"echo '{credential(token='x').replace('/v1', '/v1beta1')}'")

        wanted = "where ExecCredential client.authentication.k8s.io/v1 was asked for"
        assert f"printed ExecCredential client.authentication.k8s.io/v1beta1 {wanted}" in mistake(path)

    def test_a_plugin_that_is_not_installed(self, tmp_path: Path) -> None:
        """With the hint that the kubeconfig holds."""
        fields = {"command": "daytwo-no-such-plugin", "installHint": "brew install it"}
        path = with_plugin(tmp_path, "true", **fields)

        assert mistake(path) == (
            f'exec plugin "daytwo-no-such-plugin" of user "ann" in {path} cannot be run: No such file or directory; brew install it'
        )

    def test_a_plugin_that_hangs(self, tmp_path: Path) -> None:
        """It is ended, and not left behind."""
        path = with_plugin(tmp_path, f"echo $$ > {tmp_path}/pid; echo open https://login.test >&2; exec tail -f /dev/null")

        with pytest.raises(UsageError) as caught:
            asyncio.run(load_credentials(find_target(None, path, {}), 0.5))

        assert str(caught.value) == (
            f'exec plugin "./get-token" of user "ann" in {path} did not finish within 0.5 s: '
            "on stderr: open https://login.test; log in with kubectl first, then try again"
        )
        with pytest.raises(ProcessLookupError):
            os.kill(int((tmp_path / "pid").read_text(encoding="utf-8")), 0)

    def test_a_plugin_that_leaves_something_running(self, tmp_path: Path) -> None:
        """Helpers that stay in the background do not hold us up."""
        path = with_plugin(tmp_path, f"tail -f /dev/null & echo $! > {tmp_path}/pid; echo '{credential(token='t0ken')}'")

        try:
            assert token_of(path) == "Bearer t0ken"
        finally:
            os.kill(int((tmp_path / "pid").read_text(encoding="utf-8")), 9)


class TestServers:
    """Servers that cannot be reached or trusted."""

    def test_a_server_that_is_not_there(self, tmp_path: Path) -> None:
        """Which context, which address, what was tried."""
        port = free_port()
        path = kubeconfig(tmp_path, clusters=[{"name": "shop", "cluster": {"server": f"https://127.0.0.1:{port}"}}])

        where = f'the API server of context "shop-prod", https://127.0.0.1:{port}'
        assert mistake(path) == f"cannot reach {where}: connection refused (3 tries)"

    def test_a_name_that_cannot_be_resolved(self, tmp_path: Path) -> None:
        """A VPN that is off, mostly."""
        path = kubeconfig(tmp_path, clusters=[{"name": "shop", "cluster": {"server": "https://shop.invalid"}}])

        assert "https://shop.invalid: the name shop.invalid cannot be resolved (3 tries)" in mistake(path)

    def test_a_token_that_cannot_be_sent(self, tmp_path: Path) -> None:
        """A file that is no token, say; what is in it is not shown."""
        authority = Authority.create("ours")
        cluster = {"certificate-authority-data": b64encode(authority.pair.certificate).decode()}
        with ApiServer(authority.issue("server", ["127.0.0.1"]), tmp_path) as url:
            user = {"token": "s3cret\r\nX-Evil: 1"}
            clusters = [{"name": "shop", "cluster": {"server": url, **cluster}}]
            said = mistake(kubeconfig(tmp_path, clusters=clusters, users=[{"name": "ann", "user": user}]))

        assert "the request cannot be sent" in said
        assert "s3cret" not in said

    def test_proxies_of_the_environment_count_as_with_kubectl(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """HTTPS_PROXY, but not for this machine, nor for what NO_PROXY lists by name, by suffix or by network."""
        monkeypatch.setenv("HTTPS_PROXY", "proxy.test:3128")
        monkeypatch.setenv("NO_PROXY", "10.0.0.0/8,.svc,kubernetes.default, 192.0.2.7")

        assert environment_proxy("https://shop.test:6443") == "http://proxy.test:3128"
        for direct in ("127.0.0.1:6443", "localhost", "[::1]:1", "10.1.2.3", "kubernetes.default.svc", "kubernetes.default", "192.0.2.7"):
            assert environment_proxy(f"https://{direct}") is None, direct

    def test_a_proxy_that_is_not_there(self, tmp_path: Path) -> None:
        """The proxy is named, without its password."""
        cluster = {"server": "https://shop.test", "proxy-url": f"http://ann:hunter2@127.0.0.1:{free_port()}"}
        path = kubeconfig(tmp_path, clusters=[{"name": "shop", "cluster": cluster}])

        said = mistake(path)

        assert "through proxy http://127.0.0.1:" in said
        assert "hunter2" not in said

    def test_a_certificate_of_somebody_else(self, tmp_path: Path) -> None:
        """It is asked once: trying again would not help."""
        authority = Authority.create("theirs")
        with ApiServer(authority.issue("server", ["127.0.0.1"]), tmp_path) as url:
            said = mistake(trusting(tmp_path, url, Authority.create("ours").pair.certificate))

        assert "its certificate is not trusted (" in said
        assert "correct clusters[].cluster.certificate-authority-data" in said
        assert "tries" not in said

    def test_a_certificate_for_another_name(self, tmp_path: Path) -> None:
        """`tls-server-name` is the way out."""
        authority = Authority.create("ours")
        with ApiServer(authority.issue("server", ["kubernetes.default"]), tmp_path) as url:
            said = mistake(trusting(tmp_path, url, authority.pair.certificate))
            named = trusting(tmp_path, url, authority.pair.certificate, **{"tls-server-name": "kubernetes.default"})
            version = asyncio.run(contact(named))

        assert "its certificate is for another name" in said
        assert version == "v1.36.2"

    def test_a_certificate_that_has_expired(self, tmp_path: Path) -> None:
        """Old clusters forget theirs."""
        authority = Authority.create("ours")
        yesterday = datetime.now(UTC) - timedelta(days=1)
        pair = authority.issue("server", ["127.0.0.1"], not_before=yesterday - timedelta(days=365), not_after=yesterday)
        with ApiServer(pair, tmp_path) as url:
            said = mistake(trusting(tmp_path, url, authority.pair.certificate))

        assert said.endswith("its certificate has expired")

    def test_a_server_without_tls(self, tmp_path: Path) -> None:
        """https to a port that speaks http."""
        with ApiServer(None, tmp_path) as url:
            said = mistake(trusting(tmp_path, url.replace("http:", "https:"), Authority.create("ours").pair.certificate))

        assert "it does not speak TLS as asked" in said

    def test_an_authority_of_an_old_style_is_trusted(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Authorities of old clusters lack extensions that OpenSSL's strict mode, Python's default since 3.13, insists on."""
        pair, authority = old_style()

        def as_in_python_313(*arguments: Any, **options: Any) -> ssl.SSLContext:
            context = create_default_context(*arguments, **options)
            context.verify_flags |= ssl.VERIFY_X509_STRICT
            return context

        create_default_context = ssl.create_default_context
        monkeypatch.setattr(ssl, "create_default_context", as_in_python_313)
        with ApiServer(pair, tmp_path) as url:
            path = trusting(tmp_path, url, authority)
            strict = as_in_python_313(cadata=authority.decode())
            plain = socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])))
            with plain, pytest.raises(ssl.SSLCertVerificationError):
                strict.wrap_socket(plain, server_hostname="127.0.0.1")

            assert asyncio.run(contact(path)) == "v1.36.2"

    def test_an_entry_in_netrc_is_no_obstacle(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Logins for web servers have nothing to do with the cluster."""
        (tmp_path / ".netrc").write_text("default login ann password hunter2\n", encoding="utf-8")
        (tmp_path / ".netrc").chmod(0o600)
        monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
        authority = Authority.create("ours")
        server = ApiServer(authority.issue("server", ["127.0.0.1"]), tmp_path)
        with server as url:
            assert asyncio.run(contact(trusting(tmp_path, url, authority.pair.certificate))) == "v1.36.2"

        assert server.authorizations == ["Bearer t0ken-of-ann"]

    def test_in_a_pod_the_token_is_read_again(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A service account's token is replaced every hour; a refusal makes us look for the new one."""
        authority = Authority.create("ours")
        server = ApiServer(authority.issue("server", ["127.0.0.1"]), tmp_path, accepts="Bearer new")
        account = tmp_path / "account"
        account.mkdir()
        (account / "ca.crt").write_bytes(authority.pair.certificate)
        (account / "token").write_text("old", encoding="utf-8")
        (account / "namespace").write_text("shop", encoding="utf-8")
        monkeypatch.setattr(configuration, "SERVICE_ACCOUNT", account)
        with server as url:
            host, _, port = url.removeprefix("https://").partition(":")
            environment = {"HOME": str(tmp_path), "KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port}
            target = find_target(None, None, environment)

            async def renewed() -> str:
                async with Connection(target, QUICK) as connection:
                    (account / "token").write_text("new", encoding="utf-8")
                    return await connection.first_contact()

            assert asyncio.run(renewed()) == "v1.36.2"
        assert target.namespace == "shop"
        assert server.authorizations == ["Bearer old", "Bearer new"]


class ApiServer:
    """As much of an API server as first contact takes, with a certificate of one's choice."""

    def __init__(self, pair: Pair | None, folder: Path, accepts: str = "") -> None:
        self.authorizations: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                authorization = self.headers.get("Authorization", "")
                outer.authorizations.append(authorization)
                body = json.dumps({"gitVersion": "v1.36.2"}).encode()
                self.send_response(200 if accepts in authorization else 401)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *arguments: object) -> None:
                """Quiet."""

        class Server(ThreadingHTTPServer):
            def handle_error(self, request: Any, client_address: Any) -> None:
                """Clients refuse us here, as they should."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self._scheme = "http"
        if pair is not None:
            (folder / "server.pem").write_bytes(pair.key + pair.certificate)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(folder / "server.pem")
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
            self._scheme = "https"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    def __enter__(self) -> str:
        self._thread.start()
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}"

    def __exit__(self, *problem: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


async def contact(path: Path) -> str:
    target: Target = find_target(None, path, {})
    async with Connection(target, QUICK) as connection:
        return await connection.first_contact()


def trusting(folder: Path, url: str, authority: bytes, **more: str) -> Path:
    cluster = {"server": url, "certificate-authority-data": b64encode(authority).decode(), **more}
    return kubeconfig(folder, clusters=[{"name": "shop", "cluster": cluster}])


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def old_style() -> tuple[Pair, bytes]:
    """A server's certificate and its authority, without key identifiers and key usage, as ten-year-old tools made them."""
    now = datetime.now(UTC)

    def build(subject: str, issuer: str, public: Any, key: Any, extension: x509.ExtensionType) -> bytes:
        from cryptography.hazmat.primitives.serialization import Encoding

        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(extension, critical=False)
            .sign(key, hashes.SHA256())
            .public_bytes(Encoding.PEM)
        )

    from ipaddress import ip_address

    authority_key, key = new_key(), new_key()
    authority = build("old-ca", "old-ca", authority_key.public_key(), authority_key, x509.BasicConstraints(ca=True, path_length=None))
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = build("server", "old-ca", key.public_key(), authority_key, names)
    return Pair(certificate, private_pem(key)), authority
