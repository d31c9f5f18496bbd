# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The scan of a node finds a value that was planted in each kind of place."""

from __future__ import annotations

import ctypes
import gzip
import io
import os
import secrets
import subprocess
import sys
import tarfile

import pytest
from ansible_collections.nextgen.cloud.tests.acceptance import node_leaks
from ansible_collections.nextgen.cloud.tests.acceptance.leaks import Search


@pytest.fixture
def value():
    return secrets.token_urlsafe(24)


@pytest.fixture
def scan(value):
    return node_leaks.Scan(Search({"planted": value, "another": secrets.token_urlsafe(24)}))


def zstd(data):
    """``data`` packed by the library itself."""
    library = ctypes.CDLL("libzstd.so.1")
    library.ZSTD_compressBound.restype = library.ZSTD_compress.restype = ctypes.c_size_t
    space = ctypes.create_string_buffer(library.ZSTD_compressBound(ctypes.c_size_t(len(data))))
    size = library.ZSTD_compress(space, ctypes.c_size_t(len(space)), data, ctypes.c_size_t(len(data)), 1)
    return space.raw[:size]


def layer(value, size):
    """A tar as layers of images are, with the value in a file between others."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, data in (("before", os.urandom(size)), ("etc/app.conf", value.encode()), ("after", bytes(size))):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return packed.getvalue()


def kinds(scan):
    return {(hit["kind"], hit["secret"]) for hit in scan.hits}


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstd], ids=["plain", "gzip", "zstd"])
@pytest.mark.parametrize("size", [10, 3 << 20, 9 << 20])
def test_layers_are_looked_into(scan, value, tmp_path, pack, size):
    (tmp_path / "blob").write_bytes(pack(layer(value, size)))
    (tmp_path / "other").write_bytes(pack(layer("nothing", size)))
    scan.layers(sorted(node_leaks.regular_files([str(tmp_path)])))
    assert [(hit["place"], hit["secret"]) for hit in scan.hits] == [(str(tmp_path / "blob"), "planted")]
    assert scan.looked == {"layer": 2}


@pytest.mark.parametrize("pack", [gzip.compress, zstd], ids=["gzip", "zstd"])
def test_packed_data_is_unpacked_whole(tmp_path, pack):
    data = os.urandom(5 << 20) + bytes(7 << 20) + b"end"
    (tmp_path / "blob").write_bytes(pack(data))
    assert b"".join(node_leaks.content(str(tmp_path / "blob"))) == data


def test_files_are_looked_into_with_their_modes(scan, value, tmp_path):
    (tmp_path / "folder").mkdir(mode=0o750)
    place = tmp_path / "folder" / "log"
    place.write_text("x" * 5_000_000 + value)
    place.chmod(0o640)
    (tmp_path / "skipped").mkdir()
    (tmp_path / "skipped" / "log").write_text(value)
    (tmp_path / "link").symlink_to(place)
    scan.files([str(tmp_path)], [str(tmp_path / "skipped")])
    [hit] = scan.hits
    assert (hit["place"], hit["mode"], hit["folder_mode"]) == (str(place), 0o640, 0o750)


def test_arguments_and_environments_of_processes_are_looked_into(scan, value):
    sleep = "import sys; print('up', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", sleep, value], env={"TOKEN": value}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout.readline() == b"up\n"
        scan.processes()
        process.stdin.close()
    mine = {hit["kind"] for hit in scan.hits if "/%d " % process.pid in hit["place"]}
    assert mine == {"cmdline", "environ"}
    assert scan.looked["cmdline"] > 1


def test_keys_that_were_made_on_the_node_are_looked_for(tmp_path):
    key = "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n" % secrets.token_hex(32)
    for name in ("key.pem", "combined.pem", "note"):
        (tmp_path / name).write_text("no key" if name == "note" else key)
    assert node_leaks.own_keys([str(tmp_path)]) == {"key:%s/combined.pem" % tmp_path: key}


def test_the_program_for_a_node_is_whole_in_itself(value, tmp_path):
    """As it is sent: the text of both files, then a call; nothing of this checkout is imported."""
    (tmp_path / "log").write_text(value)
    folder = os.path.dirname(node_leaks.__file__)
    texts = [open(os.path.join(folder, name), encoding="utf-8").read() for name in ("leaks.py", "node_leaks.py")]
    call = "scan = Scan(Search({'planted': %r}))\nscan.files([%r])\nprint(scan.hits[0]['secret'])" % (
        value,
        str(tmp_path),
    )
    program = "\n".join([*(text.replace("from __future__ import annotations\n", "") for text in texts), call])
    done = subprocess.run([sys.executable, "-I", "-"], input=program, capture_output=True, text=True, check=False)
    assert done.stdout == "planted\n", done.stderr
