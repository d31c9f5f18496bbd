# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tags of images: the version people read and the digest of the recipe that makes it exact."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from .model import Component, RecipeFile

_DIGITS = 12


def recipe_digest(files: Sequence[RecipeFile]) -> str:
    """sha256 over names, modes and contents, hex."""
    rows = sorted([item.path, item.mode, item.content] for item in files)
    return hashlib.sha256(json.dumps(rows, separators=(",", ":")).encode()).hexdigest()


def tag_of(component: Component, image: str) -> str:
    """``22.0.2-1a2b3c4d5e6f``."""
    version = component.section("images")[image]["version"]
    return "%s-%s" % (version, recipe_digest(component.recipes[image])[:_DIGITS])


def image_manifest(component: Component, image: str) -> dict[str, Any]:
    """The manifest of one image of the site: its tag and its whole recipe."""
    files = sorted(component.recipes[image], key=lambda item: item.path)
    return {
        "schema": 1,
        "kind": "image",
        "name": image,
        "tag": tag_of(component, image),
        "files": [{"path": item.path, "mode": item.mode, "content": item.content} for item in files],
    }
