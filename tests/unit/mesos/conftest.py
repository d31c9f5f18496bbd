# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make the programs of the role importable, as they are on a node."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

FILES = Path(__file__).resolve().parents[3] / "roles" / "mesos" / "files"
sys.path.insert(0, str(FILES / "embedded"))


def load(name):
    """A program of the role as a module."""
    spec = importlib.util.spec_from_file_location(name, FILES / (name + ".py"))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def mesos_init():
    return load("mesos_init")


@pytest.fixture(scope="session")
def embedded_archive():
    return load("embedded_archive")


@pytest.fixture(scope="session")
def mesos_gate():
    return load("mesos_gate")
