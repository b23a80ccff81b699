"""What looks like a credential is masked, what the API says in plain words stays, and masked text masks to itself."""

import base64
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daytwo.model.credentials import is_secret_name
from daytwo.model.masked import MASK
from daytwo.model.masking import mask, mask_annotations, mask_arguments, mask_image, mask_value

# Messages of the API server, the controllers, the kubelet, container runtimes and registries, as checks and problems match them.
MESSAGES = (Path(__file__).parent / "messages.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("message", [message for message in MESSAGES if message and not message.startswith("# ")])
def test_evidence_stays_as_it_was_said(message: str) -> None:
    assert mask(message) == message


SECRET = "hunter2-S3cret!"  # the only thing that must not be left in each text below

TEXTS = [
    # assignments
    "password={}",
    "password: {}",
    "PASSWORD : {}",
    "db.password = {}",
    "spring.datasource.password={}",
    "--set db.password={}",
    "--from-literal=password={}",
    "-Djavax.net.ssl.keyStorePassword={} -jar app.jar",
    "export DB_PASSWORD={}; ./run",
    "login failed for app with password {!r}: password={!r}".replace("password {!r}: ", ""),
    "connecting with pwd={} user=app",
    "MYSQL_ROOT_PASSWORD_2={}",
    "api_key={}",
    "apiKey: {}",
    "X-Api-Key: {}",
    "aws_secret_access_key = {}",
    "AccountKey={};EndpointSuffix=core.windows.net",
    "Server=tcp:db;User ID=app;Password={};Encrypt=True",
    "client_secret={}&grant_type=password",
    "token={}",
    "token: {}",
    "token := {}",
    "auth_token={}",
    "secret={}",
    "SECRET_KEY_BASE={}",
    "smtp pass={}",
    "salt={}",
    "dsn={}",
    "passphrase is set, passphrase={}",
    "map[password:{} user:bob]",
    "{{Name:DB_PASSWORD Value:{} ValueFrom:nil}}",
    "kennwort={}",
    # JSON and YAML
    '{{"password":"{}"}}',
    '{{"password" : "{}"}}',
    '{{"a":{{"dbPassword": "{}", "b": 1}}}}',
    "{{'password': '{}'}}",
    '"{{\\"password\\":\\"{}\\"}}"',
    '{{"auths":{{"ghcr.io":{{"auth":"{}"}}}}}}',
    '{{"name":"DB_PASSWORD","value":"{}"}}',
    '{{"name": "DB_PASSWORD", "value": "{}"}}',
    "- name: DB_PASSWORD\n  value: {}",
    'token: "{}"',
    "client-key-data: {}",
    "<password>{}</password>",
    # URLs
    "postgres://app:{}@db:5432/shop",
    "https://:{}@host/",
    "amqp://app:a/b@{}@mq",
    "app:{}@tcp(db:3306)/shop",
    "git clone https://x-access-token:{}@github.com/shop/shop",
    "https://hook/x?token={}&b=c",
    "https://hook/x?b=c&sig={}",
    "GET /callback?code={} 200",
    "password%3D{}",
    "https://maps/api?key={}",
    # flags and programs
    "--password {}",
    "--password '{}' --verbose",
    "app --api-key {} serve",
    "redis-server --requirepass {}",
    "mysqladmin ping -uroot -p{}",
    "sh -c 'mysql -h db -u root -p{} -e select'",
    "redis-cli -h cache -a {} ping",
    "curl -s -u admin:{} http://x/health",
    "sshpass -p {} ssh host",
    # headers
    "Cookie: session={}; theme=dark",
    "Authorization: Bearer {}",
    "authorization: Token {}",
    "Authorization: ApiKey {}",
    # odd quoting
    'password="{}',
    "password='{} and more'",
    'password=\\"{}\\"',
]


@pytest.mark.parametrize("text", TEXTS)
def test_credential_is_masked(text: str) -> None:
    masked = mask(text.format(SECRET))
    assert MASK in masked
    for part in ("hunter2", "S3cret"):
        assert part not in masked, masked
    assert mask(masked) == masked


FORMS = [
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_" + "a1B2" * 9,
    "github_pat_" + "11ABCDEFG0" * 4,
    "glpat-abcDEF123456789_xyz",
    "xoxb-123456789012-abcdefGHIJKL",
    "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc",
    "sk-proj-" + "Abc123" * 6,
    "AIza" + "SyA1234567890abcdefghijklmnopqrstu",
    "npm_" + "a1B2c3" * 6,
    "SG." + "a1B2c3D4e5F6g7H8i9" + "." + "a1B2c3D4e5F6g7H8i9J0",
    "hvs." + "CAESIJ1234567890abcdefghij",
    "dckr_pat_" + "aBcDeFgHiJkLmNoPqRs",
    "123456789:AA" + "Hdqt1234567890abcdefghijklmnopqrstu",
    "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlcm5ldGVzIn0.c2lnbmF0dXJl",
    "$2b$12$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ0123",
    base64.b64encode(b"a sentence that nobody should read").decode(),
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("text", ["{}", "error: {} was refused", '"x":"{}"', "a={}", "x {}, y"])
def test_token_is_masked_by_its_own_form(form: str, text: str) -> None:
    masked = mask(text.format(form))
    assert form not in masked
    assert form[8:] not in masked


def test_private_key_is_masked_whole_or_cut_short() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\nabc\n-----END RSA PRIVATE KEY-----"
    assert mask(f"a\n{key}\nb") == f"a\n{MASK}\nb"
    assert mask(f"a\n{key[:50]}") == f"a\n{MASK}"
    assert mask('{"k":"' + key.replace("\n", "\\n") + '"}') == '{"k":"' + MASK + '"}'
    assert "MIIE" not in mask(f"CONFIG={base64.b64encode(key.encode()).decode()}")


def test_webhook_addresses_are_secret_by_their_path() -> None:
    assert mask("POST https://hooks.slack.com/services/T0/B0/abcDEF") == f"POST https://hooks.slack.com/{MASK}"
    assert mask("https://discord.com/api/webhooks/12345/abc-DEF") == f"https://discord.com/api/webhooks/{MASK}"


@pytest.mark.parametrize(
    "name",
    [
        *("PASSWORD", "DB_PASSWORD", "DB_PASS", "PGPASSWORD", "dbPassword", "MYSQL_PWD", "SMTP_PW", "PASSPHRASE", "KENNWORT"),
        *("SECRET", "CLIENT_SECRET", "clientSecret", "SECRET_KEY_BASE", "JWT_SECRET", "TOKEN", "GH_TOKEN", "accessToken", "VAULT_TOKEN"),
        *("API_KEY", "APIKEY", "api-key", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "PRIVATE_KEY", "SIGNING_KEY", "APP_KEY"),
        *("DOCKER_AUTH_CONFIG", "BASIC_AUTH", "AUTHORIZATION", "COOKIE_SECRET", "SENTRY_DSN", "DATABASE_CONNECTION_STRING", "SALT"),
        *("SLACK_WEBHOOK_URL", "GITHUB_PAT", "CREDENTIALS", "GOOGLE_CREDENTIALS_JSON", "PASSWORD_HASH", "HMAC_SECRET", "MASTER_KEY"),
    ],
)
def test_variable_of_secret_name_is_masked_whole(name: str) -> None:
    assert mask_value(name, "correct horse") == MASK
    assert mask_value(name, "$(FROM_SECRET)") == "$(FROM_SECRET)"


@pytest.mark.parametrize(
    "name",
    [
        *("PASSWORD_FILE", "TOKEN_PATH", "SECRET_NAME", "SECRET_NAMESPACE", "TOKEN_TTL", "PASSWORD_LENGTH", "AUTH_ENABLED", "AUTH_TYPE"),
        *("TOKEN_ENDPOINT", "TOKEN_URL", "AUTHOR", "KEYBOARD", "COMPASS", "PASSENGERS", "PATH", "PATTERN", "PORT", "KEY", "PARTITION_KEY"),
        *("USERNAME", "CONNECTION_TIMEOUT", "ASSIGNEE", "LOG_LEVEL", "MAX_TOKENS_COUNT", "BYPASSED"),
    ],
)
def test_variable_of_ordinary_name_is_shown(name: str) -> None:
    assert not is_secret_name(name)
    assert mask_value(name, "/etc/shop/value-1") == "/etc/shop/value-1"


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("REQUIRE_AUTH", "true", "true"),
        ("AUTH", "none", "none"),
        ("STRIPE_KEY", "a8f5f167f44f4964e6c998dee827110c", MASK),
        ("PARTITION_KEY", "customer_id", "customer_id"),
        ("TLS_KEY", "/etc/tls/tls.key", "/etc/tls/tls.key"),
        ("DATABASE_URL", "postgres://app:pw@db:5432/shop", f"postgres://{MASK}@db:5432/shop"),
        ("DATABASE_URL", "postgres://app@db:5432/shop", "postgres://app@db:5432/shop"),
        ("BACKEND", "http://auth-service.shop.svc:8080/v1", "http://auth-service.shop.svc:8080/v1"),
        ("JAVA_OPTS", "-Xmx256m -Ddb.password=pw -Dx=y", f"-Xmx256m -Ddb.password={MASK} -Dx=y"),
        ("PASSWORD", "$ecret", MASK),
        ("PASSWORD", "", ""),
    ],
)
def test_value_of_variable(name: str, value: str, shown: str) -> None:
    assert mask_value(name, value) == shown


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (("--password", "pw", "--port", "80"), ("--password", MASK, "--port", "80")),
        (("--password=pw",), (f"--password={MASK}",)),
        (("--token-file", "/etc/token"), ("--token-file", "/etc/token")),
        (("--auth", "--port", "80"), ("--auth", "--port", "80")),
        (("mysqladmin", "ping", "-uroot", "-ppw"), ("mysqladmin", "ping", "-uroot", f"-p{MASK}")),
        (("/usr/bin/redis-cli", "-a", "pw", "ping"), ("/usr/bin/redis-cli", "-a", MASK, "ping")),
        (("curl", "-u", "admin:pw", "http://x"), ("curl", "-u", MASK, "http://x")),
        (("ls", "-a", "folder"), ("ls", "-a", "folder")),
        (("--password", "$(DB_PASSWORD)"), ("--password", "$(DB_PASSWORD)")),
        (("sh", "-c", "echo $DB_PASSWORD | psql --password=$PW"), ("sh", "-c", "echo $DB_PASSWORD | psql --password=$PW")),
        (("sh", "-c", "redis-cli -a pw ping"), ("sh", "-c", f"redis-cli -a {MASK} ping")),
    ],
)
def test_arguments(arguments: tuple[str, ...], shown: tuple[str, ...]) -> None:
    assert mask_arguments(arguments) == shown
    assert mask_arguments(shown) == shown


@pytest.mark.parametrize(
    ("image", "shown"),
    [
        ("ghcr.io/shop/auth:3f9a2c1@sha256:" + "0a" * 32, "ghcr.io/shop/auth:3f9a2c1@sha256:" + "0a" * 32),
        ("auth:3f9a2c1@sha256:" + "0a" * 32, "auth:3f9a2c1@sha256:" + "0a" * 32),
        ("reg:5000/app@sha256:" + "0a" * 32, "reg:5000/app@sha256:" + "0a" * 32),
        ("bob:pw@registry.io/app:1", f"{MASK}@registry.io/app:1"),
        ("https://bob:pw@registry.io/app:1", f"https://{MASK}@registry.io/app:1"),
        (f"bob:pw@reg:5000/app@sha256:{'0a' * 32}", f"{MASK}@reg:5000/app@sha256:{'0a' * 32}"),
    ],
)
def test_image_keeps_tag_and_digest(image: str, shown: str) -> None:
    assert mask_image(image) == shown
    assert mask_image(shown) == shown
    assert mask(f'Failed to pull image "{image}": not found') == f'Failed to pull image "{shown}": not found'


def test_annotations() -> None:
    """A manifest is reduced to its apiVersion whoever keeps it; what is too long is left out; a checksum of a Secret is none."""
    manifest = '{"apiVersion":"v1","data":{"x":"aHVudGVyMg=="},"kind":"Secret","metadata":{"name":"db"}}'
    annotations = {
        "kubectl.kubernetes.io/last-applied-configuration": manifest,
        "kapp.k14s.io/original": manifest,
        "other.io/copy": "apiVersion: v1\nkind: Secret\ndata:\n  x: aHVudGVyMg==\n",
        "other.io/escaped": '"' + manifest.replace('"', '\\"') + '"',
        "other.io/blob": "H4sI" * 500,
        "checksum/secret": "0a" * 32,
        "checksum/other": "password=pw",
        "other.io/password": "pw",
        "other.io/empty-token": "",
        "kubernetes.io/change-cause": "kubectl set env deployment/web PASSWORD=pw",
        "deployment.kubernetes.io/revision": "4",
        "nginx.ingress.kubernetes.io/auth-type": "basic",
    }
    shown = {
        "kubectl.kubernetes.io/last-applied-configuration": '{"apiVersion":"v1"}',
        "kapp.k14s.io/original": '{"apiVersion":"v1"}',
        "other.io/copy": '{"apiVersion":"v1"}',
        "other.io/escaped": '{"apiVersion":"v1"}',
        "other.io/blob": "‹2000 characters›",
        "checksum/secret": "0a" * 32,
        "checksum/other": f"password={MASK}",
        "other.io/password": MASK,
        "other.io/empty-token": "",
        "kubernetes.io/change-cause": f"kubectl set env deployment/web PASSWORD={MASK}",
        "deployment.kubernetes.io/revision": "4",
        "nginx.ingress.kubernetes.io/auth-type": "basic",
    }
    mask_annotations(annotations)
    assert annotations == shown
    mask_annotations(annotations)
    assert annotations == shown


def test_long_text_is_cut() -> None:
    masked = mask("word " * 100_000 + "password=pw")
    assert len(masked) <= 8_192
    assert masked.endswith("…")
    assert mask(masked) == masked


# -- masked text masks to itself --------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        *(
            "password",
            "PASSWORD",
            "token",
            "secret",
            "api_key",
            "key",
            "auth",
            "name",
            "value",
            "cookie",
            "authorization",
            "basic",
            "bearer",
        ),
        *(
            "=",
            ":",
            ": ",
            " = ",
            ":=",
            "%3D",
            " ",
            "\n",
            ",",
            ";",
            "&",
            "?",
            '"',
            "'",
            '\\"',
            "\\",
            "@",
            "/",
            "://",
            "-",
            "--",
            ".",
            "<",
            ">",
            "</",
        ),
        *(
            "mysql",
            "redis-cli",
            " -p",
            " -a ",
            "curl -u ",
            "$(X)",
            "$X",
            "$2b$12$",
            MASK,
            "‹",
            "›",
            "masked",
            "abc",
            "a1b2c3",
            "80",
            "x509:",
        ),
        *("AKIAIOSFODNN7EXAMPLE", "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJr.c2ln", "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"),
        *("aHVudGVyMiBodW50ZXIy", "sha256:", "not found", "https", "hooks.slack.com/services/T/B/x", "(combined from similar events): "),
    ]
)
MIXED = st.lists(st.one_of(PIECES, PIECES, PIECES, st.text(max_size=4)), max_size=14).map("".join)


@settings(max_examples=300, deadline=None)
@given(MIXED)
def test_masked_text_masks_to_itself(text: str) -> None:
    assert mask(mask(text)) == mask(text)


@settings(max_examples=300, deadline=None)
@given(MIXED, MIXED)
def test_masked_value_masks_to_itself(name: str, value: str) -> None:
    masked = mask_value(name, value)
    assert mask_value(name, masked) == masked


@settings(max_examples=300, deadline=None)
@given(st.lists(MIXED, max_size=5).map(tuple))
def test_masked_arguments_mask_to_themselves(arguments: tuple[str, ...]) -> None:
    masked = mask_arguments(arguments)
    assert mask_arguments(masked) == masked
    assert len(masked) == len(arguments)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(MIXED, MIXED, max_size=3))
def test_masked_annotations_mask_to_themselves(annotations: dict[str, str]) -> None:
    mask_annotations(annotations)
    once = dict(annotations)
    mask_annotations(annotations)
    assert annotations == once


@settings(max_examples=300, deadline=None)
@given(st.from_regex(re.compile(r"[A-Z][a-z ]{0,60}\.?"), fullmatch=True))
def test_plain_sentences_stay(sentence: str) -> None:
    assert mask(sentence) == sentence


@pytest.mark.deep
@settings(max_examples=50_000, deadline=None)
@given(MIXED)
def test_much_masked_text_masks_to_itself(text: str) -> None:
    assert mask(mask(text)) == mask(text)
