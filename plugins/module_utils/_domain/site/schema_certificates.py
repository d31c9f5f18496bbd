# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of the JSON Schema of site.yml that says who signs certificates and for how long."""

from __future__ import annotations

from .schema_words import FILE_PATTERN, RENEW_PATTERN, mapping, text


def _pair(title: str, description: str, example: str) -> dict:
    where = "PEM, relative to the site file, or from `/`."
    return mapping(
        title,
        description,
        ["certificate", "key"],
        {
            "certificate": text("Certificate", "Certificate, then its chain. %s" % where, FILE_PATTERN, example),
            "key": text("Key", "Its private key without a password. %s" % where, FILE_PATTERN, "key-" + example),
        },
        examples=[{"certificate": example, "key": "key-" + example}],
    )


CERTIFICATES = mapping(
    "Certificates",
    "Who signs the certificates of the site and how long they are valid (docs/certificates.md).",
    [],
    {
        "days": {
            "type": "integer",
            "title": "Days",
            "description": "Days for which a new certificate is valid.",
            "minimum": 1,
            "maximum": 825,
            "default": 397,
            "examples": [90],
        },
        "renew": text(
            "Renewal",
            "When a certificate is renewed: the share of its life that is over, or days before its end.",
            RENEW_PATTERN,
            "66%",
            "30d",
            default="66%",
        ),
        "root": _pair("Root", "A root that was brought, instead of the site's own.", "root.pem"),
        "clouds": {
            "type": "object",
            "title": "Certificates of clouds",
            "description": "By cloud, the certificate that the edge shows for it, brought instead of one that the "
            "site signs. It has to cover `*.<cloud>.<domain>`.",
            "additionalProperties": _pair("Certificate of a cloud", "A pair that was brought.", "dev.pem"),
            "default": {},
            "examples": [{"dev": {"certificate": "dev.pem", "key": "key-dev.pem"}}],
        },
    },
    default={"days": 397, "renew": "66%", "clouds": {}},
    examples=[{"days": 90, "renew": "30d"}],
)
