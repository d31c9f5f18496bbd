# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a TLS endpoint shows of itself."""

from __future__ import annotations

import socket
import ssl

from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import refuse
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.report import ReportRow

from .library import x509
from .reading import names, serial
from .signing import moment

SECONDS = 5


def look_at(endpoint: str, bundle: str) -> ReportRow:
    """``host:port``, or ``name@host:port`` to ask for another name; what it shows, and whether ``bundle`` trusts it."""
    name, host, port = _parse(endpoint)
    try:
        shown = x509.load_der_x509_certificate(_certificate(name, host, port))
    except OSError as error:
        return ReportRow("endpoint", endpoint, (), "", "", 0, "", problem="does not answer: %s" % error)
    dns, ip = names(shown)
    issuer = shown.issuer.rfc4514_string().replace("CN=", "")
    problem = _distrust(name, host, port, bundle)
    end = moment(shown.not_valid_after_utc)
    return ReportRow("endpoint", endpoint, (*dns, *ip), issuer, serial(shown), end, "shown", problem)


def _parse(endpoint: str) -> tuple[str, str, int]:
    name, at, place = endpoint.rpartition("@")
    host, colon, port = place.rpartition(":")
    if not colon or not host or not port.isdigit():
        raise refuse("NXC-PKI-0002", text=endpoint, wanted="an endpoint such as host:443 or name@host:443")
    return name if at else host, host, int(port)


def _certificate(name: str, host: str, port: int) -> bytes:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection((host, port), SECONDS) as raw, context.wrap_socket(raw, server_hostname=name) as one:
        return one.getpeercert(binary_form=True) or b""


def _distrust(name: str, host: str, port: int, bundle: str) -> str:
    """Why a client with the bundle would not go on, else an empty string."""
    if not bundle:
        return ""
    context = ssl.create_default_context(cadata=bundle)
    try:
        with socket.create_connection((host, port), SECONDS) as raw, context.wrap_socket(raw, server_hostname=name):
            return ""
    except ssl.SSLCertVerificationError as error:
        return "not trusted: %s" % error.verify_message
    except OSError as error:
        return "does not answer: %s" % error
