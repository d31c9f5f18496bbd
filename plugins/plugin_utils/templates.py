# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jinja2 behind the face of hydrate's renderer. Controller only; jinja2 is imported when a renderer is made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.nextgen.cloud.plugins.module_utils._domain.component.context import LookupProblem, RenderError

_WHOLE = re.compile(r"\{\{((?:(?!\{\{|\}\}).)*)\}\}", re.DOTALL)


class JinjaRenderer:
    """Sandboxed and strict: no access to Python's insides, and an undefined name is an error, never empty text."""

    def __init__(self) -> None:
        import jinja2
        import jinja2.sandbox

        self._jinja2 = jinja2
        self._environment = jinja2.sandbox.ImmutableSandboxedEnvironment(
            undefined=jinja2.StrictUndefined,
            keep_trailing_newline=True,
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=False,  # what is rendered is configuration, not HTML
        )

    def text(self, source: str, variables: Mapping[str, Any]) -> str:
        """Render a template; its line is in the error."""
        return self._guarded(lambda: self._environment.from_string(source).render(variables))

    def value(self, source: str, variables: Mapping[str, Any]) -> Any:
        """Render a short string; a single expression keeps its type (``"{{ parameters.instances }}"`` is a number)."""
        whole = _WHOLE.fullmatch(source.strip())
        if whole is None:
            return self.text(source, variables)
        return self._guarded(lambda: self._expression(whole.group(1), variables))

    def _expression(self, source: str, variables: Mapping[str, Any]) -> Any:
        result = self._environment.compile_expression(source, undefined_to_none=False)(**variables)
        if isinstance(result, self._jinja2.Undefined):
            str(result)  # a strict undefined raises what it knows about the missing name
        return result

    def _guarded(self, call: Any) -> Any:
        try:
            return call()
        except LookupProblem:
            raise
        except self._jinja2.UndefinedError as error:
            raise RenderError(str(error), _line_of(error), undefined=True) from error
        except self._jinja2.TemplateSyntaxError as error:
            raise RenderError(str(error.message), error.lineno) from error
        except Exception as error:  # an expression can raise anything Python can
            raise RenderError("%s: %s" % (type(error).__name__, error), _line_of(error)) from error


def _line_of(error: BaseException) -> int:
    """Line of the innermost template frame; Jinja2 rewrites tracebacks so that they name template lines."""
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
