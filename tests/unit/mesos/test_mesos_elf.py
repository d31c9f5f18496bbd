# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The patch of the library, on a small library made by hand (the real one is patched in the integration tests)."""

from __future__ import annotations

import hashlib
import http.server
import struct
import threading

import pytest
from nextgen_mesos import elf

HEADER, PROGRAM = 64, 56


def library(extra=(), without=()):
    """A minimal ELF with just the tables that the patch reads. Addresses equal file offsets."""
    names = [name for name in [*elf.SUCCESSORS, b"printf", *extra] if name not in without]
    strings, offsets = b"\0", {}
    for name in [*names, *elf.VERSIONED_LIBRARIES, b"OPENSSL_1.0.0", b"libc.so.6", b"GLIBC_2.17"]:
        offsets[name] = len(strings)
        strings += name + b"\0"
    symbols = b"\0" * 24 + b"".join(struct.pack("<IBBHQQ", offsets[name], 0x12, 0, 0, 0, 0) for name in names)
    # Version 2 is OpenSSL's, 3 the C library's.
    versions = struct.pack("<H", 0) + b"".join(struct.pack("<H", 3 if name == b"printf" else 2) for name in names)
    need = b""
    files = [*elf.VERSIONED_LIBRARIES, b"libc.so.6"]
    for number, name in enumerate(files):
        version, index = (b"GLIBC_2.17", 3) if name == b"libc.so.6" else (b"OPENSSL_1.0.0", 2)
        need += struct.pack("<HHIII", 1, 1, offsets[name], 16, 0 if number == len(files) - 1 else 32)
        need += struct.pack("<IHHII", 0, 0, index, offsets[version], 0)
    start = HEADER + 2 * PROGRAM
    at_symbols = start
    at_strings = at_symbols + len(symbols)
    at_versions = at_strings + len(strings) + (-len(strings)) % 8
    at_need = at_versions + len(versions) + (-len(versions)) % 8
    at_dynamic = at_need + len(need)
    dynamic = b"".join(
        struct.pack("<QQ", tag, value)
        for tag, value in (
            (5, at_strings), (6, at_symbols), (10, len(strings)), (0x6FFFFFF0, at_versions),
            (0x6FFFFFFE, at_need), (0x6FFFFFFF, len(files)), (0, 0),
        )
    )  # fmt: skip
    size = at_dynamic + len(dynamic)
    header = b"\x7fELF\x02\x01".ljust(32, b"\0") + struct.pack("<Q", HEADER).ljust(22, b"\0")
    header += struct.pack("<HH", PROGRAM, 2)
    header = header.ljust(HEADER, b"\0")
    programs = struct.pack("<IIQQQQQQ", 1, 5, 0, 0, 0, size, size, 0)
    programs += struct.pack("<IIQQQQQQ", 2, 5, at_dynamic, at_dynamic, 0, len(dynamic), len(dynamic), 0)
    body = symbols + strings.ljust(at_versions - at_strings, b"\0") + versions.ljust(at_need - at_versions, b"\0")
    return header + programs + body + need + dynamic, names


def read(content, names):
    """{symbol number: (name, version index)} and the names and flags of the version requirements."""
    image = elf._Image(content)
    symbols = {}
    for number in range(1, len(names) + 1):
        (name,) = struct.unpack_from("<I", content, image.symbols + 24 * number)
        (version,) = struct.unpack_from("<H", content, image.versions + 2 * number)
        symbols[names[number - 1]] = (image.name(name), version)
    need, files = image.offset(image.dynamic[0x6FFFFFFE]), {}
    for _number in range(image.dynamic[0x6FFFFFFF]):
        _version, _count, file, aux, following = struct.unpack_from("<HHIII", content, need)
        files[image.name(file)] = struct.unpack_from("<IHHII", content, need + aux)[1]
        need += following
    return symbols, files


def test_symbols_of_old_libraries_get_successors_and_lose_their_versions():
    content, names = library()
    patched = elf.patch(content)
    assert len(patched) == len(content)
    symbols, files = read(patched, names)
    for old, new in elf.SUCCESSORS.items():
        assert symbols[old] == (new, 1)
    assert symbols[b"printf"] == (b"printf", 3)
    assert files == {b"libssl.so.3": 2, b"libcrypto.so.3": 2, b"libcurl.so.4": 2, b"libc.so.6": 0}
    assert elf.patch(content) == patched


def test_a_library_that_does_not_use_what_we_replace_is_refused():
    content, _names = library(without=(b"SSL_state",))
    with pytest.raises(elf.ElfError, match="does not use SSL_state"):
        elf.patch(content)


def test_a_symbol_that_shares_a_name_we_overwrite_is_refused():
    content, names = library(extra=(b"stranger",))
    image = elf._Image(content)
    (shared,) = struct.unpack_from("<I", content, image.symbols + 24 * (names.index(b"SSL_library_init") + 1))
    changed = bytearray(content)
    struct.pack_into("<I", changed, image.symbols + 24 * (names.index(b"stranger") + 1), shared + 4)
    with pytest.raises(elf.ElfError, match="shares the name SSL_library_init"):
        elf.patch(bytes(changed))


def test_only_the_published_library_is_patched():
    content, _names = library()
    with pytest.raises(elf.ElfError, match="unknown library"):
        elf.patch_published(content)
    with pytest.raises(elf.ElfError, match="not a 64-bit"):
        elf.patch(b"MZ" + content[2:])


def test_the_archive_has_the_same_digest_for_the_same_files_and_another_for_others(embedded_archive):
    files = embedded_archive.program_files()
    names = [name for name, _mode, _content in files]
    assert "usr/sbin/mesos-master" in names and "usr/libexec/mesos/mesos-executor" in names
    assert embedded_archive.digest_of(files) == embedded_archive.digest_of(embedded_archive.program_files())
    name, mode, content = files[0]
    assert embedded_archive.digest_of([(name, mode, content + b"\n"), *files[1:]]) != embedded_archive.digest_of(files)


def test_a_wrong_or_missing_offer_of_the_index_has_a_code(embedded_archive, tmp_path, monkeypatch):
    monkeypatch.setattr(embedded_archive, "_pip", lambda: ["sh", "-c", "echo no such thing >&2; exit 1"])
    with pytest.raises(embedded_archive.ArchiveError, match="NXC-MESO-0001"):
        embedded_archive.artefact(tmp_path)
    says(embedded_archive, monkeypatch, "http://x/%s#sha256=%s does not" % (embedded_archive.ARTEFACT, "0" * 64))
    with pytest.raises(embedded_archive.ArchiveError, match="NXC-MESO-0002: the index offers another"):
        embedded_archive.artefact(tmp_path)
    assert list(tmp_path.iterdir()) == []


def says(embedded_archive, monkeypatch, text):
    """Let pip find something and end as it always does with this file."""
    monkeypatch.setattr(embedded_archive, "_pip", lambda: ["sh", "-c", "echo 'ERROR: it from %s' >&2; exit 1" % text])


@pytest.mark.parametrize("after", ["", " does not appear to be a Python project", "#egg=x does not"])
def test_an_index_without_checksums_will_do(embedded_archive, tmp_path, monkeypatch, after):
    """Indexes that answer with JSON leave pip nothing to say of it; what counts is the checksum we know."""
    offered = tmp_path / "index" / embedded_archive.ARTEFACT
    offered.parent.mkdir()
    offered.write_bytes(b"something else")
    says(embedded_archive, monkeypatch, "%s%s" % (offered.as_uri(), after))
    with pytest.raises(embedded_archive.ArchiveError, match="NXC-MESO-0002: the downloaded"):
        embedded_archive.artefact(tmp_path)
    monkeypatch.setattr(embedded_archive, "ARTEFACT_SHA256", hashlib.sha256(b"something else").hexdigest())
    assert embedded_archive.artefact(tmp_path).read_bytes() == b"something else"


@pytest.mark.parametrize("sent, code", [(5, "NXC-MESO-0002"), (None, "NXC-MESO-0001")], ids=["half", "nothing"])
@pytest.mark.parametrize("broken", [0, 2, 3])
def test_a_download_that_breaks_off_is_tried_again(embedded_archive, tmp_path, monkeypatch, broken, sent, code):
    """From a server that so often closes the connection in the middle of the file, or instead of an answer."""
    content, asked = b"the whole file", []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            if len(asked) <= broken and sent is None:
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: sent if len(asked) <= broken else None])

        def log_message(self, *_arguments):
            pass

    monkeypatch.setattr(embedded_archive, "ARTEFACT_SHA256", hashlib.sha256(content).hexdigest())
    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = "http://127.0.0.1:%d/%s" % (server.server_port, embedded_archive.ARTEFACT)
        says(embedded_archive, monkeypatch, url + " does not")
        try:
            if broken == 3:
                with pytest.raises(embedded_archive.ArchiveError, match=code):
                    embedded_archive.artefact(tmp_path)
            else:
                assert embedded_archive.artefact(tmp_path).read_bytes() == content
        finally:
            server.shutdown()
    assert len(asked) == min(broken + 1, 3)


def test_a_server_that_is_not_there_is_told(embedded_archive, tmp_path, monkeypatch):
    says(embedded_archive, monkeypatch, "http://127.0.0.1:1/%s does not" % embedded_archive.ARTEFACT)
    with pytest.raises(embedded_archive.ArchiveError, match="NXC-MESO-0001: cannot download"):
        embedded_archive.artefact(tmp_path)


def test_codes_of_programs_and_roles_are_in_the_catalogue():
    import re
    from pathlib import Path

    from ansible_collections.nextgen.cloud.plugins.module_utils._domain.catalogue import CATALOGUE

    roles = Path(__file__).resolve().parents[3] / "roles"
    used = set()
    for role in ("mesos", "mesos_master", "mesos_agent"):
        for path in [*(roles / role).rglob("*.yml"), *(roles / role / "files").glob("*.py")]:
            used |= set(re.findall(r"NXC-\w+-\d{4}", path.read_text()))
    assert used and used <= set(CATALOGUE)
