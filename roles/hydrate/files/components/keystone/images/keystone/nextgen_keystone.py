# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords as Keystone takes them, with a grace for the cloud's administrator.

Keystone keeps one password for a user. While the administrator's password is rotated, the one before is accepted as
well, whichever of the two the database has by then: servers are replaced one after another, and clients read the new
password when they can. The files hold what counts; without them only the database does.
"""

import copy
import hmac
import pathlib

from keystone import exception
from keystone.auth import plugins
from keystone.auth.plugins import password
from keystone.conf import CONF

FOLDER = pathlib.Path("/etc/keystone/admin-password")
ACCEPTED = ("current", "previous")
# The next one is known beforehand: the database may have it a moment before this server is replaced.
STORED = ("current", "previous", "staged")


class Password(password.Password):
    """The method ``password``."""

    def authenticate(self, auth_payload):
        """As Keystone does; raises Unauthorized."""
        for payload in self._payloads(auth_payload):
            try:
                return super().authenticate(payload)
            except exception.Unauthorized:
                continue
        return super().authenticate(auth_payload)

    @staticmethod
    def _payloads(auth_payload):
        """The administrator's request with each password that the database may have; nothing for other requests."""
        info = plugins.UserAuthInfo.create(auth_payload, password.METHOD_NAME)
        user = info.user_ref
        if (user["name"], user["domain_id"]) != ("admin", CONF.identity.default_domain_id):
            return
        given = (info.password or "").encode()
        # All are compared, so that the time it takes does not tell which one it was.
        matches = [hmac.compare_digest(given, value) for value in _values(ACCEPTED)]
        if not any(matches):
            return
        for value in _values(STORED):
            payload = copy.deepcopy(auth_payload)
            payload["user"]["password"] = value.decode()
            yield payload


def _values(names):
    """The passwords of these files, each once."""
    files = (FOLDER / name for name in names)
    return list(dict.fromkeys(file.read_bytes().strip() for file in files if file.exists()))
