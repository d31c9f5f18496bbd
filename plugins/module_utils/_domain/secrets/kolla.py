# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the names in kolla's ``passwords.yml`` are called here, for the components that there are."""

from __future__ import annotations

from .importing import Target

# Name there → component and name here. Kolla keeps Fernet keys in a volume and not in this file.
NAMES = {
    "database_password": ("mariadb/root_password", "password"),
    "keystone_admin_password": ("keystone/admin_password", "password"),
    "keystone_database_password": ("keystone/database_password", "password"),
    "memcache_secret_key": ("memcached/password", "password"),
    "rabbitmq_password": ("rabbitmq/password", "password"),
}


def targets(cloud: str) -> dict[str, Target]:
    """Where the names of kolla come in the store for a cloud."""
    return {
        name: Target("clouds/%s/%s" % (cloud, path), kind, optional=True)
        for name, (path, kind) in sorted(NAMES.items())
    }
