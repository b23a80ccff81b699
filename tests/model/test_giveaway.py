"""What counts as a credential for sure, and what only looks like one."""

import pytest

from daytwo.model.giveaway import gave_away
from daytwo.model.masking import mask_value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", "hunter2"),
        ("PGPASSWORD", "hunter2"),
        ("db.pass", "hunter2"),
        ("STRIPE_API_KEY", "rk1234567890"),
        ("clientSecret", "abcdefgh"),
        ("GITHUB_TOKEN", "anything"),
        ("PASSWORD_1", "hunter2"),
        ("DATABASE_URL", "postgres://app:hunter2@db/app"),
        ("JAVA_OPTS", "-Xmx1g -Ddb.password=hunter2"),
        ("NOTE", "ghp_0123456789abcdefghijABCDEFGHIJ012345"),
        ("HEADER", "Authorization: Bearer abcdef0123456789abcdef"),
    ],
)
def test_a_credential_is_known(name: str, value: str) -> None:
    assert gave_away(name, mask_value(name, value))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        # A path, a switch, a number, a name, a reference: what other auditors take for a secret.
        ("DB_PASSWORD_FILE", "/run/secrets/db"),
        ("PASSWORD_MIN_LENGTH", "12"),
        ("MAX_TOKENS", "4096"),
        ("MAX_TOKEN", "4096"),
        ("TOKENIZER", "gpt2"),
        ("TLS_SECRET", "shop-tls"),
        ("IMAGE_PULL_SECRET", "registry"),
        ("COOKIE_DOMAIN", "shop.example.com"),
        ("AUTH_MODE", "oidc"),
        ("TOKEN_URL", "https://login.example.com/token"),
        ("SECRETS_BACKEND", "vault-kv-2"),
        ("DB_PASSWORD", "$(OTHER)"),
        ("DB_PASSWORD", ""),
        ("DATABASE_URL", "postgres://app:$(DB_PASSWORD)@db/app"),
        ("DATABASE_URL", "postgres://app:${DB_PASSWORD}@db/app"),
        ("DATABASE_URL", "postgres://db/app"),
        ("JAVA_OPTS", "-Xmx1g -Dauth=basic"),
        ("CONFIG_B64", "eyBhOiAiYmNkZWZnaGlqa2xtbm9wIiB9"),
    ],
)
def test_what_is_none_is_left_alone(name: str, value: str) -> None:
    assert not gave_away(name, mask_value(name, value))
