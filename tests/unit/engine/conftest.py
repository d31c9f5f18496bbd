# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The program container-task as a module, and a container's description."""

from __future__ import annotations

import copy
import importlib.machinery
import importlib.util
from pathlib import Path

import pytest

ENGINE = Path(__file__).resolve().parents[3] / "roles" / "engine"
PROGRAM = ENGINE / "files" / "usr" / "libexec" / "nextgen.cloud" / "container-task"

SPEC = {
    "schema": 1,
    "site": "aio",
    "cloud": "dev",
    "name": "keystone",
    "kind": "service",
    "task": "dev.keystone.1a2b3c4d.x7f3",
    "image": "registry.aio.test:5000/keystone:22.0.2-1a2b3c4d5e6f",
    "command": ["uwsgi_python3", "--ini", "/etc/keystone/uwsgi.ini"],
    "user": "42425:42425",
    "environment": {"LEVEL": "9"},
    "ports": [{"name": "api", "container": 5000, "host": 20105, "address": "10.77.0.10"}],
    "files": [
        {"path": "/etc/keystone/keystone.conf", "mode": "0400", "content": "a"},
        {"path": "/etc/keystone/uwsgi.ini", "mode": "0444", "content": "b"},
    ],
    "volumes": [{"name": "data", "path": "/var/lib/data", "source": "data"}],
    "resources": {"cpus": 0.15, "mem": 384},
    "stop_grace": 8,
}


def load(name, path):
    """A program, loaded without running it and without leaving compiled code beside it."""
    loader = importlib.machinery.SourceFileLoader(name, str(path))
    loader.set_data = lambda *_arguments, **_options: None
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def container_task():
    """The program that runs containers."""
    return load("container_task", PROGRAM)


@pytest.fixture(scope="session")
def container_door():
    """The program that checks what users of clouds ask for."""
    return load("container_door", PROGRAM.with_name("container-door"))


@pytest.fixture
def spec():
    """A fresh description to change."""
    return copy.deepcopy(SPEC)
