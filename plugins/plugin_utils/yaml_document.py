# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""YAML text → ``Document``: plain data and the place of every key and value, or coded problems.

The file is read event by event, so nothing is constructed, no tag runs anything and a
hostile file cannot exhaust the stack or the memory. Plain scalars follow the core schema of
YAML 1.2, as editors do: ``no`` and ``12:30`` stay text.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field

import yaml
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import (
    CloudError,
    Place,
    Problem,
    refuse,
)
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.site.document import (
    Document,
    Mark,
    Path,
    describe,
    show,
)

MAX_BYTES = 1024 * 1024
MAX_VALUES = 50_000
MAX_DEPTH = 40

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FORBIDDEN = yaml.reader.Reader.NON_PRINTABLE
_NULL = re.compile("(~|null|Null|NULL)?")
_BOOL = re.compile("true|True|TRUE|false|False|FALSE")
_INT = re.compile("[-+]?[0-9]{1,18}")
_BASED = re.compile("0x[0-9a-fA-F]{1,15}|0o[0-7]{1,20}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]{1,18}|[0-9]{1,18}(\.[0-9]{0,18})?)([eE][-+]?[0-9]{1,2})?")


@dataclass
class _Node:
    """A finished value. ``size`` and ``depth`` count what aliases stand for as often as they stand for it."""

    mark: Mark
    value: t.Any  # a scalar; list of nodes; or dict: key → (mark of the key, node)
    text: str | None = None  # how a scalar was written; None for the others
    size: int = 1
    depth: int = 1

    def children(self) -> t.Iterator[tuple[t.Any, Mark | None, _Node]]:
        if isinstance(self.value, dict):
            for key, (mark, node) in self.value.items():
                yield key, mark, node
        elif isinstance(self.value, list):
            for index, node in enumerate(self.value):
                yield index, None, node


@dataclass
class _Frame:
    """A list or mapping that is still being read."""

    node: _Node
    anchor: str | None
    key: tuple[str, Mark] | None = None


@dataclass
class _Builder:
    """Takes parser events, keeps the tree and what is wrong with it."""

    file: str
    root: _Node | None = None
    problems: list[Problem] = field(default_factory=list)
    frames: list[_Frame] = field(default_factory=list)
    anchors: dict[str, _Node] = field(default_factory=dict)
    seen: int = 0

    def problem(self, code: str, mark: Mark, **values: t.Any) -> None:
        self.problems.append(Problem(code, values, Place(self.file, *mark)))

    def take(self, event: yaml.Event) -> None:
        """One event. Raises CloudError where reading on makes no sense."""
        mark = _mark(event.start_mark)
        if isinstance(event, yaml.DocumentStartEvent):
            if self.root is not None:
                raise refuse("NXC-SITE-0007", place=Place(self.file, *mark))
        elif isinstance(event, yaml.AliasEvent):
            self.alias(event.anchor, mark)
        elif isinstance(event, yaml.ScalarEvent):
            self.tag(event, mark)
            value = resolve(event.value) if event.implicit[0] and not event.tag else event.value
            self.add(_Node(mark, value, text=event.value), event.anchor)
        elif isinstance(event, yaml.CollectionStartEvent):
            self.tag(event, mark)
            value = {} if isinstance(event, yaml.MappingStartEvent) else []
            self.frames.append(_Frame(_Node(mark, value), event.anchor))
            self.limit(len(self.frames), MAX_DEPTH, "levels", mark)
        elif isinstance(event, yaml.CollectionEndEvent):
            frame = self.frames.pop()
            self.add(frame.node, frame.anchor)

    def tag(self, event: yaml.NodeEvent, mark: Mark) -> None:
        if event.tag:
            self.problem("NXC-SITE-0012", mark, tag=show(event.tag))

    def limit(self, count: int, limit: int, unit: str, mark: Mark) -> None:
        if count > limit:
            raise refuse("NXC-SITE-0010", place=Place(self.file, *mark), limit=limit, unit=unit)

    def alias(self, name: str, mark: Mark) -> None:
        target = self.anchors.get(name)
        if target is None:
            self.problem("NXC-SITE-0011", mark, name=show(name))
            target = _Node(mark, None, text="")
        self.add(_Node(mark, target.value, target.text, target.size, target.depth), None)

    def add(self, node: _Node, anchor: str | None) -> None:
        """Put a finished value where it belongs: under the pending key, into the list, or at the top."""
        if anchor:
            self.anchors[anchor] = node
        self.seen += 1
        self.limit(self.seen, MAX_VALUES, "values", node.mark)
        if not self.frames:
            self.root = node
            return
        frame = self.frames[-1]
        if isinstance(frame.node.value, list):
            frame.node.value.append(node)
        elif frame.key is None:
            frame.key = self.as_key(node), node.mark
            return
        else:
            self.set_key(frame, node)
        parent = frame.node
        parent.size += node.size
        parent.depth = max(parent.depth, node.depth + 1)
        self.limit(parent.size, MAX_VALUES, "values", node.mark)
        self.limit(parent.depth, MAX_DEPTH, "levels", node.mark)

    def as_key(self, node: _Node) -> str:
        if node.text is None:
            self.problem("NXC-SITE-0013", node.mark, actual=describe(node.value))
            return ""
        return node.text

    def set_key(self, frame: _Frame, node: _Node) -> None:
        key, mark = frame.key or ("", node.mark)
        frame.key = None
        if key in frame.node.value:
            first = Place(self.file, *frame.node.value[key][0])
            self.problem("NXC-SITE-0009", mark, key=show(key), first=first)
            return
        frame.node.value[key] = (mark, node)


def parse_document(raw: bytes, file: str) -> Document:
    """The only document in ``raw``, a mapping at the top. Raises CloudError with all that is wrong with the text."""
    document = parse_leniently(raw, file)
    if document.problems:
        raise CloudError(document.problems)
    return document


def parse_leniently(raw: bytes, file: str) -> Document:
    """As ``parse_document``, but what leaves the text readable is only noted in ``problems`` of the document."""
    builder = _Builder(file)
    text = _decode(raw, file)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
        if builder.root is None or builder.root.text == "":
            raise refuse("NXC-SITE-0006", place=Place(file, 1, 1))
        if not isinstance(builder.root.value, dict):
            place = Place(file, *builder.root.mark)
            raise refuse("NXC-SITE-0008", place=place, actual=describe(builder.root.value))
    except yaml.YAMLError as error:
        raise CloudError([*builder.problems, _syntax_problem(error, text, file)]) from error
    except CloudError as error:
        raise CloudError([*builder.problems, *error.problems]) from error
    return _document(builder.root, file, builder.problems)


def resolve(text: str) -> t.Any:
    """What a plain scalar means: None, bool, int, float or the text itself. Never infinite, never not-a-number."""
    if _NULL.fullmatch(text):
        return None
    if _BOOL.fullmatch(text):
        return text.lower() == "true"
    if _INT.fullmatch(text):
        return int(text)
    if _BASED.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


def _decode(raw: bytes, file: str) -> str:
    if len(raw) > MAX_BYTES:
        raise refuse("NXC-SITE-0010", place=Place(file, 1, 1), limit=MAX_BYTES, unit="bytes")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # in error.object the mark of byte order, if any, is already gone
        start = int(error.start)
        before = bytes(error.object[:start]).decode("utf-8")
        byte = "0x%02x" % error.object[start]
        raise refuse("NXC-SITE-0002", place=Place(file, *_end_of(before)), byte=byte) from error
    found = _FORBIDDEN.search(text)
    if found:
        place = Place(file, *_end_of(text[: found.start()]))
        raise refuse("NXC-SITE-0003", place=place, character="U+%04X" % ord(found.group()))
    return text


def _end_of(text: str) -> Mark:
    """Line and column of what follows ``text``."""
    return text.count("\n") + 1, len(text) - (text.rfind("\n") + 1) + 1


def _mark(mark: t.Any) -> Mark:
    return mark.line + 1, mark.column + 1


def _syntax_problem(error: yaml.YAMLError, text: str, file: str) -> Problem:
    at = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line, column = _mark(at) if at else (1, 1)
    lines = text.split("\n")
    indent = re.match(" *\t", lines[line - 1] if line <= len(lines) else "")
    if indent:
        return Problem("NXC-SITE-0005", {}, Place(file, line, indent.end()))
    reason = getattr(error, "problem", None) or str(error)
    context, start = getattr(error, "context", None), getattr(error, "context_mark", None)
    if context and start and _mark(start) != (line, column):
        reason += " %s that starts at %s" % (context, Place(file, *_mark(start)))
    return Problem("NXC-SITE-0004", {"reason": " ".join(reason.split())}, Place(file, line, column))


def _document(root: _Node, file: str, problems: list[Problem]) -> Document:
    keys: dict[Path, Mark] = {}
    values: dict[Path, Mark] = {}

    def plain(node: _Node, path: Path) -> t.Any:
        values[path] = node.mark
        result: t.Any = {} if isinstance(node.value, dict) else []
        if node.text is not None:
            return node.value
        for step, mark, child in node.children():
            under = (*path, step)
            if mark:
                keys[under] = mark
                result[step] = plain(child, under)
            else:
                result.append(plain(child, under))
        return result

    return Document(file, plain(root, ()), keys, values, tuple(problems))
