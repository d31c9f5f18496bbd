# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images: manifests, what is missing, the base; and the recipes that are shipped."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ansible_collections.nextgen.cloud.plugins.module_utils._domain import images
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError

COMPONENTS = Path(__file__).resolve().parents[3] / "roles" / "hydrate" / "files" / "components"
RECIPES = sorted(COMPONENTS.glob("*/images/*/Containerfile"))


def manifest(**changes):
    row = {
        "schema": 1,
        "kind": "image",
        "name": "keystone",
        "tag": "22.0.2-1a2b3c4d5e6f",
        "files": [{"path": "Containerfile", "mode": "0644", "content": "ARG BASE\n"}],
    }
    return {**row, **changes}


def test_manifests_become_images_sorted_and_once():
    found = images.parse([manifest(), manifest(name="base.x"), manifest()])
    assert [image.reference for image in found] == ["base.x:22.0.2-1a2b3c4d5e6f", "keystone:22.0.2-1a2b3c4d5e6f"]
    assert found[1].files == (images.File("Containerfile", 0o644, "ARG BASE\n"),)


@pytest.mark.parametrize(
    "change, words",
    [
        ({"schema": 2}, "schema 1"),
        ({"kind": "service"}, "image manifest"),
        ({"name": "Key stone"}, "name of an image"),
        ({"name": "a/../b"}, "name of an image"),
        ({"tag": "a b"}, "tag of an image"),
        ({"tag": ""}, "tag of an image"),
        ({"files": "x"}, "list of files"),
        ({"files": []}, "Containerfile"),
        ({"files": [{"path": "Containerfile"}]}, "no text"),
        ({"files": [{"path": "../Containerfile", "content": ""}]}, "leads out"),
        ({"files": [{"path": "/etc/x", "content": ""}]}, "leads out"),
        ({"files": [{"path": "Containerfile", "mode": "9", "content": ""}]}, "mode"),
    ],
)
def test_manifests_that_cannot_be_used(change, words):
    with pytest.raises(CloudError, match=words) as caught:
        images.parse([manifest(**change)])
    assert {problem.code for problem in caught.value.problems} == {"NXC-IMAGE-0001"}


def test_all_problems_are_told_at_once():
    with pytest.raises(CloudError) as caught:
        images.parse([manifest(tag=""), manifest(name=""), 7])
    assert len(caught.value.problems) == 3


def test_only_what_the_registry_lacks_is_missing():
    wanted = images.parse([manifest(), manifest(name="mariadb")])
    there = {"keystone:22.0.2-1a2b3c4d5e6f", "keystone:older"}
    assert [image.name for image in images.missing(wanted, there)] == ["mariadb"]
    assert images.difference(wanted, there) == (
        "keystone:22.0.2-1a2b3c4d5e6f\n",
        "keystone:22.0.2-1a2b3c4d5e6f\nmariadb:22.0.2-1a2b3c4d5e6f\n",
    )


def test_the_base_is_named_by_all_that_is_in_it(monkeypatch):
    one = images.base("bookworm", ["b", "a", "a"])
    assert one == images.base("bookworm", ["a", "b"])
    assert one.packages == ("a", "b")
    assert len({one.tag, images.base("trixie", ["a", "b"]).tag, images.base("bookworm", ["a"]).tag}) == 3
    monkeypatch.setattr(images, "BASE_FILES", {"etc/x": (0o644, "y")})
    assert images.base("bookworm", ["a", "b"]).tag != one.tag


def test_the_end_of_the_output_is_kept():
    assert images.tail("a\n\nb\nc  \n", 2) == "b\nc"
    assert images.tail("", 2) == ""


@pytest.mark.parametrize("path", RECIPES, ids=[path.parent.name for path in RECIPES])
def test_recipes_are_lean_and_run_as_somebody(path):
    text = path.read_text(encoding="utf-8")
    instructions = re.findall(r"^[A-Z]+\b.*", text, re.MULTILINE)
    assert instructions[:2] == ["ARG BASE", "FROM ${BASE}"]
    uid, gid = re.fullmatch(r"USER (\d+):(\d+)", instructions[-1]).groups()
    assert uid == gid
    assert "--uid %s" % uid in text
    assert "apt-get update" not in text, "package lists are mounted"
    assert text.rstrip().splitlines()[-2].strip() == "clean-image"


def test_the_users_of_the_components_are_those_of_their_images():
    users = {
        path.parent.name: re.search(r"^USER (\d+:\d+)", path.read_text(), re.MULTILINE).group(1) for path in RECIPES
    }
    assert users == {
        "keystone": "42425:42425",
        "mariadb": "42434:42434",
        "memcached": "42457:42457",
        "rabbitmq": "42439:42439",
    }
