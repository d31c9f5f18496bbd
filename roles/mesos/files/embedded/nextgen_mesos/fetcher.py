# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""mesos-fetcher: bring the URIs of a task into its sandbox before it starts.

The agent passes one JSON document in MESOS_FETCHER_INFO. ``file://`` and absolute paths are
copied, ``http``, ``https`` and ``ftp`` are downloaded; archives are unpacked as asked. All that as the
user of the task, who thus gets no file that he could not read himself.
"""

from __future__ import annotations

import json
import os
import shutil
import sys

from .containerizer import user_switch

BYPASS = "BYPASS_CACHE"
_ARCHIVES = (".tar", ".tgz", ".tar.gz", ".tbz2", ".tar.bz2", ".txz", ".tar.xz", ".zip")
_DOWNLOAD_TIMEOUT = 60  # seconds without a byte
_DOWNLOADED = ("http://", "https://", "ftp://")


def main(_arguments: list[str]) -> int:
    info = json.loads(os.environ["MESOS_FETCHER_INFO"])
    try:
        become(info)
        for item in info.get("items", []):
            fetch(item, info["sandbox_directory"], info.get("cache_directory", ""))
    except (OSError, ValueError, shutil.ReadError) as error:
        sys.stderr.write("mesos-fetcher: %s\n" % error)
        return 1
    return 0


def become(info: dict) -> None:
    """Be the user of FetcherInfo, who owns his own cache directory. ``ValueError``: there is no such user."""
    try:
        switch = user_switch(info.get("user"))
    except KeyError:
        raise ValueError("no user %s on this agent" % info["user"]) from None
    cached = any(item.get("action", BYPASS) != BYPASS for item in info.get("items", []))
    if cached and info.get("cache_directory"):
        os.makedirs(info["cache_directory"], exist_ok=True)
        if info.get("user"):
            shutil.chown(info["cache_directory"], info["user"])
    switch()


def fetch(item: dict, sandbox: str, cache: str) -> None:
    """Do one item of FetcherInfo: {action, cache_filename, uri: {value, extract, executable, output_file}}."""
    uri = item["uri"]
    target = os.path.join(sandbox, local_name(uri))
    os.makedirs(os.path.dirname(target), exist_ok=True)
    action = item.get("action", BYPASS)
    if action == BYPASS:
        _obtain(uri["value"], target)
    else:
        cached = os.path.join(cache, item["cache_filename"])
        if action == "DOWNLOAD_AND_CACHE":
            _obtain(uri["value"], cached)
        shutil.copyfile(cached, target)
    if uri.get("executable"):
        os.chmod(target, 0o755)
    elif uri.get("extract", True) and target.endswith(_ARCHIVES):
        shutil.unpack_archive(target, sandbox)


def local_name(uri: dict) -> str:
    """The path below the sandbox; refuses to leave it."""
    value = uri["value"]
    if value.startswith(_DOWNLOADED):
        value = value.partition("://")[2].partition("?")[0].partition("/")[2]  # without host and query
    name = uri.get("output_file") or os.path.basename(value.rstrip("/"))
    if not name or os.path.isabs(name) or ".." in name.split("/"):
        raise ValueError("no usable file name for %s" % uri["value"])
    return name


def _obtain(source: str, target: str) -> None:
    """Copy or download, so that ``target`` appears whole or not at all."""
    partial = target + ".part"
    if source.startswith(_DOWNLOADED):
        import urllib.request  # costly to import, and rarely needed

        with urllib.request.urlopen(source, timeout=_DOWNLOAD_TIMEOUT) as response, open(partial, "wb") as file:
            shutil.copyfileobj(response, file)
    else:
        shutil.copyfile(source[len("file://") :] if source.startswith("file://") else source, partial)
    os.rename(partial, target)
