"""Certificates, reduced to their public facts. Imported only where a bundle is at hand, since the library behind it is heavy."""

import re
import warnings

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.utils import CryptographyDeprecationWarning

from daytwo.model.certificate import Certificate

_BLOCK = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


def read_bundle(pem: bytes) -> tuple[Certificate, ...]:
    """Every certificate of a PEM bundle, in order. ValueError when it holds none or one cannot be read."""
    blocks = _BLOCK.findall(pem)
    if not blocks:
        raise ValueError("holds no PEM certificate")
    return tuple(_read(block) for block in blocks)


def _read(block: bytes) -> Certificate:
    with warnings.catch_warnings():
        # Old authorities issue serial numbers that are zero or negative; they still expire.
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        try:
            found = x509.load_pem_x509_certificate(block)
            return Certificate(
                not_after=found.not_valid_after_utc,
                not_before=found.not_valid_before_utc,
                subject=found.subject.rfc4514_string(),
                issuer=found.issuer.rfc4514_string(),
                names=_names(found),
                serial=f"{found.serial_number:x}",
            )
        except (ValueError, OverflowError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
            raise ValueError("holds a certificate that cannot be read") from error


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    """The alternative names; none where the extensions cannot be read, since the dates still can."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return tuple(str(name.value) for name in names)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType, ValueError, UnsupportedAlgorithm):
        return ()
