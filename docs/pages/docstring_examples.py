"""Examples in docstrings as code on the site: an extension of griffe, which reads them.

The docstrings say `Example:`, one or many, with or without prompts. griffe knows `Examples:`, with
prompts only; what it does not know becomes a note with running text.
"""

import re
import textwrap

from griffe import Extension

SECTION = re.compile(r"^(?P<indent> *)Examples?:\n(?P<body>(?:(?P=indent) +.*\n|\n)+)", re.MULTILINE)


def as_code(docstring):
    """A docstring whose examples are sections of code."""

    def section(found):
        body = textwrap.dedent(found["body"]).strip("\n")
        if not body.lstrip().startswith(">>>"):
            body = f"```python\n{body}\n```"
        indent = found["indent"]
        return f"{indent}Examples:\n{textwrap.indent(body, indent + '    ')}\n"

    return SECTION.sub(section, f"{docstring}\n").rstrip("\n")


class DocstringExamples(Extension):
    """Changes each docstring when it is read."""

    def on_object(self, *, obj, **_):
        if obj.docstring:
            obj.docstring.value = as_code(obj.docstring.value)
