#!/usr/bin/python

# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keep pairs of key and certificate on a node."""

from __future__ import annotations

DOCUMENTATION = r"""
module: pki_pairs
short_description: Look at, ask for and install pairs of key and certificate
version_added: 0.2.0
description:
  - The part of M(nextgen.cloud.pki_certificates) that runs on a node; use that one in playbooks.
  - Keys are made here, mode 0600, and never leave. What leaves is a signing request.
  - A pair is a symbolic link to a folder with C(key.pem), C(cert.pem) (certificate and chain), C(combined.pem) (both)
    and C(ca.pem) (the trust bundle). It is replaced by renaming the link, after certificate and key were found to
    belong together.
author:
  - the nextgen.cloud authors (!UNKNOWN)
extends_documentation_fragment:
  - nextgen.cloud.attributes
attributes:
  diff_mode:
    support: none
    details: M(nextgen.cloud.pki_certificates) shows what differs.
requirements:
  - cryptography (38 or newer) on the node
options:
  step:
    description:
      - With V(look) says why each pair needs a certificate, and makes keys and requests for those that do.
      - With V(install) puts certificates in place. With V(remove) takes pairs away.
    type: str
    choices: [look, install, remove]
    required: true
  pairs:
    description:
      - Specifications as M(nextgen.cloud.pki_certificates) makes them.
      - With O(step=install) each may have C(certificate) with its chain; without it the present certificate is kept
        and only what stands beside it is put right, with O(chain) after it.
    type: list
    elements: dict
    required: true
  keys:
    description: Private keys that were brought, in PEM, by name of the pair.
    type: dict
    default: {}
  chain:
    description: What follows certificates that are kept, in PEM. Empty to leave that as it is.
    type: str
    default: ""
  issuer:
    description: The certificate of the authority that signs, in PEM. Empty if there is none yet.
    type: str
    default: ""
  bundle:
    description: The trust bundle, in PEM.
    type: str
    default: ""
  trust:
    description: Paths at which the node keeps the trust bundle by itself.
    type: list
    elements: path
    default: []
  revoked:
    description: Serial numbers that must not be used any more.
    type: list
    elements: str
    default: []
  now:
    description: The moment to decide for, in seconds since 1970.
    type: int
    required: true
seealso:
  - module: nextgen.cloud.pki_certificates
"""

EXAMPLES = r"""
- name: See what is there
  nextgen.cloud.pki_pairs:
    step: look
    pairs: []
    now: "{{ now().timestamp() | int }}"
  check_mode: true
"""

RETURN = r"""
pairs:
  description:
    - With O(step=look), by name, C(reason), C(facts), C(request), and C(kept), false if what stands beside the
      certificate differs.
  returned: success
  type: dict
  sample: {}
trust:
  description: Paths of O(trust) that are out of date, or were.
  returned: success
  type: list
  elements: str
  sample: []
"""

import contextlib
import datetime
import traceback
import typing as t

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.nextgen.cloud.plugins.module_utils._adapters.pair_directory import (
    CERTIFICATE,
    KEY,
    Access,
    Pair,
    install_pairs,
    locked,
    read_bundle,
    write_bundle,
)
from ansible_collections.nextgen.cloud.plugins.module_utils._ansible.failure import fail_from_exception
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError, refuse
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.reasons import Facts, reason
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.pki.specification import Specification

try:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
except ImportError:
    WHY_NOT: str | None = traceback.format_exc()
else:
    WHY_NOT = None

END = b"-----END CERTIFICATE-----\n"
# Pairs that are installed together. Each may be in a folder of its own, whose lock is an open file.
BATCH = 500


def make_key(kind: str) -> tuple[t.Any, bytes]:
    """A new private key, and its PKCS8 PEM."""
    if kind == "rsa_3072":
        key: t.Any = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    else:
        key = ec.generate_private_key(ec.SECP384R1() if kind == "ec_p384" else ec.SECP256R1())
    form = serialization.PrivateFormat.PKCS8
    return key, key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def kind_of(key: t.Any) -> str:
    """The kind of a key as specifications name it, else how it calls itself."""
    if isinstance(key, ec.EllipticCurvePublicKey):
        return {"secp256r1": "ec_p256", "secp384r1": "ec_p384"}.get(key.curve.name, key.curve.name)
    if isinstance(key, rsa.RSAPublicKey):
        return "rsa_%d" % key.key_size
    return type(key).__name__


def load_key(pem: bytes | None) -> t.Any:
    """The private key, None if it is none."""
    try:
        return serialization.load_pem_private_key(pem, None) if pem else None
    except (ValueError, TypeError):
        return None


def public_bytes(key: t.Any) -> bytes:
    """A public key in the form that is compared."""
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def request(specification: Specification, key: t.Any) -> str:
    """A signing request. It proves that the key is here; names and usages are set by who signs."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, specification.name.replace("/", " ")[:64])])
    made = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM).decode("ascii")


def first(pem: bytes) -> t.Any:
    """The first certificate of a chain, None if there is none."""
    try:
        return x509.load_pem_x509_certificate(pem.partition(END)[0] + END)
    except ValueError:
        return None


def facts(specification: Specification, certificate: t.Any, key: t.Any, issuer: t.Any) -> Facts:
    """What the decision needs to know of a certificate."""
    names = extension(certificate, x509.SubjectAlternativeName)
    usages = extension(certificate, x509.ExtendedKeyUsage) or ()
    authority = extension(certificate, x509.AuthorityKeyIdentifier)
    words = {ExtendedKeyUsageOID.SERVER_AUTH: "server", ExtendedKeyUsageOID.CLIENT_AUTH: "client"}
    own = certificate.public_key()
    return Facts(
        serial="%x" % certificate.serial_number,
        not_before=moment(certificate, "not_valid_before"),
        not_after=moment(certificate, "not_valid_after"),
        dns=tuple(names.get_values_for_type(x509.DNSName)) if names else (),
        ip=tuple(str(one) for one in names.get_values_for_type(x509.IPAddress)) if names else (),
        usages=tuple(words.get(one, one.dotted_string) for one in usages),
        issuer=(authority.key_identifier or b"").hex() if authority else "",
        signed=issuer is not None and signed(certificate, issuer.public_key()),
        paired=key is not None and public_bytes(key.public_key()) == public_bytes(own),
        profile=profile(certificate, kind_of(own), specification.key_type),
    )


def profile(certificate: t.Any, kind: str, wanted: str) -> str:
    """What is unusual in the certificate, else an empty string."""
    basic, usage = extension(certificate, x509.BasicConstraints), extension(certificate, x509.KeyUsage)
    if basic is None or basic.ca:
        return "authority"
    if usage is None or not usage.digital_signature or usage.key_cert_sign:
        return "key usage"
    return "" if kind == wanted else kind


def extension(certificate: t.Any, kind: t.Any) -> t.Any:
    """The value of an extension, None if it is missing."""
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def moment(certificate: t.Any, name: str) -> int:
    """A date of a certificate; cryptography before 42 has it without a time zone only."""
    found = getattr(certificate, name + "_utc", None) or getattr(certificate, name)
    return int(found.replace(tzinfo=datetime.timezone.utc).timestamp())


def signed(certificate: t.Any, key: t.Any) -> bool:
    """Did this key make the certificate's signature?"""
    scheme = (padding.PKCS1v15(),) if isinstance(key, rsa.RSAPublicKey) else ()
    algorithm = certificate.signature_hash_algorithm
    last = ec.ECDSA(algorithm) if isinstance(key, ec.EllipticCurvePublicKey) else algorithm
    try:
        key.verify(certificate.signature, certificate.tbs_certificate_bytes, *scheme, last)
    except (InvalidSignature, TypeError, ValueError):
        return False
    return True


def key_id(certificate: t.Any) -> str:
    """The key id of an authority."""
    found = extension(certificate, x509.SubjectKeyIdentifier)
    return found.digest.hex() if found else ""


def access(row: dict[str, t.Any]) -> Access:
    """Who may read a pair's key."""
    return Access(row["owner"], row["group"], row["mode"])


def look(module: AnsibleModule, rows: list[dict[str, t.Any]]) -> dict[str, t.Any]:
    """Why each pair needs a certificate; keys and requests are made for those that do, unless this is a check."""
    params = module.params
    issuer = first(params["issuer"].encode("ascii"))
    bundle = params["bundle"].encode("ascii")
    found = {}
    for row in rows:
        specification = Specification.from_dict(row)
        pair = Pair(specification.path, access(row))
        files = pair.read()
        certificate, key = first(files.get(CERTIFICATE, b"")), load_key(files.get(KEY))
        seen = facts(specification, certificate, key, issuer) if certificate else None
        why = reason(specification, seen, key_id(issuer) if issuer else "", params["revoked"], params["now"])
        result: dict[str, t.Any] = {"reason": why, "facts": seen.as_dict() if seen else None, "request": ""}
        # A pair without its certificate is made anew as a whole, so nothing has to be said about the rest.
        result["kept"] = seen is not None and bool(files.get(KEY)) and pair.is_kept(files, bundle)
        if why and not module.check_mode and not specification.serial:
            result["request"] = ask(pair, specification)
        found[specification.name] = result
    stale = [path for path in params["trust"] if bundle and read_bundle(path) != bundle]
    return {"changed": any(one["request"] for one in found.values()), "pairs": found, "trust": stale}


def ask(pair: Pair, specification: Specification) -> str:
    """The request for a pair, with the key that waits already or a new one."""
    with locked(pair.folder):
        key = load_key(pair.waiting_key())
        if key is None or kind_of(key.public_key()) != specification.key_type:
            key, pem = make_key(specification.key_type)
            pair.keep_waiting(pem)
    return request(specification, key)


def install(module: AnsibleModule, rows: list[dict[str, t.Any]]) -> dict[str, t.Any]:
    """Put what was signed in place."""
    for begin in range(0, len(rows), BATCH):
        install_batch(module.params, rows[begin : begin + BATCH])
    bundle = module.params["bundle"].encode("ascii")
    for path in module.params["trust"]:
        if bundle and read_bundle(path) != bundle:
            write_bundle(path, bundle)
    return {"changed": True, "pairs": {}, "trust": module.params["trust"]}


def install_batch(params: dict[str, t.Any], rows: list[dict[str, t.Any]]) -> None:
    """All of these or, where one cannot be, none."""
    pairs = [Pair(row["path"], access(row)) for row in rows]
    with contextlib.ExitStack() as locks:
        # In order, so that two runs never wait for each other.
        for folder in sorted({pair.folder for pair in pairs}):
            locks.enter_context(locked(folder))
        install_pairs([(pair, *content(params, row, pair)) for row, pair in zip(rows, pairs)])


def content(params: dict[str, t.Any], row: dict[str, t.Any], pair: Pair) -> tuple[bytes, bytes, bytes]:
    """Key, certificate with its chain, and bundle that a pair is to have."""
    certificate = row.get("certificate", "").encode("ascii")
    brought = params["keys"].get(row["name"], "").encode("ascii")
    pair.access.ids(row["name"])
    files = pair.read()
    chain = certificate or kept(files.get(CERTIFICATE, b""), "" if row["serial"] else params["chain"])
    key = fitting(row["name"], chain, [brought, pair.waiting_key(), files.get(KEY)])
    return key, chain, params["bundle"].encode("ascii")


def kept(present: bytes, chain: str) -> bytes:
    """The present certificate with the chain of now."""
    return present.partition(END)[0] + END + chain.encode("ascii") if chain else present


def fitting(name: str, chain: bytes, keys: list[bytes | None]) -> bytes:
    """The key that belongs to the certificate; NXC-PKI-0013 if none does."""
    certificate = first(chain)
    for pem in keys:
        key = load_key(pem)
        if pem and key and certificate and public_bytes(key.public_key()) == public_bytes(certificate.public_key()):
            return pem
    raise refuse("NXC-PKI-0013", name=name)


def remove(module: AnsibleModule, rows: list[dict[str, t.Any]]) -> dict[str, t.Any]:
    """Take pairs away."""
    present = [row for row in rows if Pair(row["path"], access(row)).leftovers()]
    if not module.check_mode:
        for row in present:
            pair = Pair(row["path"], access(row))
            with locked(pair.folder):
                pair.remove()
    return {"changed": bool(present), "pairs": {row["name"]: {} for row in present}, "trust": []}


def main() -> None:
    """Entry point."""
    module = AnsibleModule(
        argument_spec={
            "step": {"type": "str", "choices": ["look", "install", "remove"], "required": True},
            "pairs": {"type": "list", "elements": "dict", "required": True},
            "keys": {"type": "dict", "default": {}, "no_log": True},
            "chain": {"type": "str", "default": ""},
            "issuer": {"type": "str", "default": ""},
            "bundle": {"type": "str", "default": ""},
            "trust": {"type": "list", "elements": "path", "default": []},
            "revoked": {"type": "list", "elements": "str", "default": []},
            "now": {"type": "int", "required": True},
        },
        supports_check_mode=True,
    )
    if WHY_NOT and module.check_mode and module.params["step"] == "look":
        # What would install the library has not run; nothing of ours can be here yet.
        nothing = {"reason": "missing", "kept": False, "facts": None, "request": ""}
        pairs = {row["name"]: nothing for row in module.params["pairs"]}
        module.exit_json(changed=False, pairs=pairs, trust=module.params["trust"])
    if WHY_NOT:
        module.fail_json(msg=missing_required_lib("cryptography"), exception=WHY_NOT)
    step = {"look": look, "install": install, "remove": remove}[module.params["step"]]
    try:
        module.exit_json(**step(module, module.params["pairs"]))
    except CloudError as error:
        fail_from_exception(module, error)


if __name__ == "__main__":
    main()
