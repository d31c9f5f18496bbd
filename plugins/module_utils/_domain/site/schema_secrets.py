# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of the JSON Schema of site.yml that says where the secrets of the site are kept.

It names files with credentials, never credentials. ``KEYS`` and ``AUTH_KEYS`` say what belongs to which choice,
``NEEDED`` and ``AUTH_NEEDED`` what it cannot do without.
"""

from __future__ import annotations

from .schema_words import FILE_PATTERN, SECRET_PREFIX_PATTERN, SERVER_PATTERN, VISIBLE_PATTERN, mapping, text, without

KEYS = {
    "file": ("backend",),
    "kv2": ("backend", "url", "mount", "prefix", "namespace", "auth", "ca_file"),
    "etcd": ("backend", "endpoints", "prefix", "user", "password_file", "ca_file", "certificate", "private_key"),
    "barbican": ("backend", "cloud", "clouds_file", "prefix"),
}
AUTH_KEYS = {
    "token": ("method", "token_file"),
    "approle": ("method", "mount", "role_id", "secret_id_file"),
}
AUTH_NEEDED = {"token": ("token_file",), "approle": ("role_id", "secret_id_file")}
# Options that name files, relative to the site file.
FILES = ("ca_file", "password_file", "certificate", "private_key", "clouds_file")
AUTH_FILES = ("token_file", "secret_id_file")


def _file(title: str, description: str, example: str) -> dict:
    described = "%s Relative to the site file, or from `/` or `~/`." % description
    return text(title, described, FILE_PATTERN, example)


_AUTH = mapping(
    "Login",
    "How the controller logs in to the KV-v2 server.",
    ["method"],
    {
        "method": {
            "type": "string",
            "title": "Method",
            "description": "`token`: a token that somebody issued. `approle`: role id and secret id, which the server "
            "exchanges for a token, once a run.",
            "enum": list(AUTH_KEYS),
            "examples": ["approle"],
        },
        "token_file": _file("Token file", "File with the token (`token` only).", "~/.vault-token"),
        "mount": text(
            "Mount",
            "Where the method is mounted (`approle` only).",
            SECRET_PREFIX_PATTERN,
            "approle",
            default="approle",
        ),
        "role_id": text("Role id", "Id of the role, which is no secret (`approle` only).", VISIBLE_PATTERN, "nextgen"),
        "secret_id_file": _file("Secret id file", "File with the secret id (`approle` only).", "secret-id"),
    },
    examples=[{"method": "approle", "role_id": "nextgen", "secret_id_file": "secret-id"}],
    allOf=[
        without("method", "token", "role_id", "secret_id_file", "mount", required=AUTH_NEEDED["token"]),
        without("method", "approle", "token_file", required=AUTH_NEEDED["approle"]),
    ],
)

_PROPERTIES = {
    "backend": {
        "type": "string",
        "title": "Backend",
        "description": "`file`: one encrypted file in the state directory. `kv2`: a KV-v2 server (HashiCorp Vault, "
        "OpenBao). `etcd`: etcd 3.4 or newer. `barbican`: OpenStack's key manager.",
        "enum": list(KEYS),
        "default": "file",
        "examples": ["kv2"],
    },
    "url": text("URL", "Where the server is (`kv2` only).", SERVER_PATTERN, "https://vault.example.test:8200"),
    "endpoints": {
        "type": "array",
        "title": "Endpoints",
        "description": "URLs of the members of the cluster; the first that answers is used (`etcd` only).",
        "minItems": 1,
        "uniqueItems": True,
        "items": text("Endpoint", "URL of a member.", SERVER_PATTERN, "https://etcd-1.example.test:2379"),
        "examples": [["https://etcd-1.example.test:2379", "https://etcd-2.example.test:2379"]],
    },
    "cloud": text(
        "Cloud",
        "Name of an entry of `clouds.yaml`, which has login and endpoints (`barbican` only).",
        VISIBLE_PATTERN,
        "production",
    ),
    "clouds_file": _file(
        "Clouds file",
        "The `clouds.yaml`; without it, where OpenStack's tools look (`barbican` only).",
        "~/.config/openstack/clouds.yaml",
    ),
    "mount": text(
        "Mount",
        "Where the KV-v2 engine is mounted (`kv2` only).",
        SECRET_PREFIX_PATTERN,
        "secret",
        default="secret",
    ),
    "prefix": text(
        "Prefix",
        "What the paths of this site's secrets begin with on the server; without it `nextgen/` and the site's name. "
        "One site per prefix (not for `file`).",
        SECRET_PREFIX_PATTERN,
        "nextgen/aio",
    ),
    "namespace": text("Namespace", "Namespace on the server (`kv2` only).", SECRET_PREFIX_PATTERN, "ops/clouds"),
    "auth": _AUTH,
    "user": text("User", "Account on the cluster; without it, no login (`etcd` only).", VISIBLE_PATTERN, "nextgen"),
    "password_file": _file("Password file", "File with the password of `user` (`etcd` only).", "etcd-password"),
    "ca_file": _file(
        "CA file",
        "Certificates that the server's must lead to; without it, those that the controller trusts (`kv2`, `etcd`).",
        "secrets-ca.pem",
    ),
    "certificate": _file("Certificate", "The controller's own certificate for TLS (`etcd` only).", "etcd-client.pem"),
    "private_key": _file("Private key", "The key of `certificate` (`etcd` only).", "etcd-client-key.pem"),
}

NEEDED = {"kv2": ("url", "auth"), "etcd": ("endpoints",), "barbican": ("cloud",)}


def _alone(backend: str) -> dict:
    absent = [key for key in _PROPERTIES if key not in KEYS[backend]]
    return without("backend", backend, *absent, required=NEEDED.get(backend, ()))


SECRETS = mapping(
    "Secrets",
    "Where the secrets of the site are kept (docs/secrets.md). Credentials stand in files of their own, not here.",
    ["backend"],
    _PROPERTIES,
    default={"backend": "file"},
    examples=[
        {"backend": "file"},
        {
            "backend": "kv2",
            "url": "https://vault.example.test:8200",
            "auth": {"method": "approle", "role_id": "nextgen", "secret_id_file": "secret-id"},
        },
    ],
    allOf=[_alone(backend) for backend in KEYS],
)
