"""The Markdown of the pages on models as HTML: headings, paragraphs, lists, tables and code, and nothing that runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

_RULES = (
    (r"`([^`]+)`", r"<code>\1</code>"),
    (r"\*\*([^*]+)\*\*", r"<strong>\1</strong>"),
    (r"(?<!\w)\*([^*\s][^*]*)\*(?!\w)", r"<em>\1</em>"),
    (r"!\[([^\]]*)\]\([^)]*\)", r"\1"),
    (r"\[([^\]]+)\]\((https?://[^)\s]+)\)", r'<a href="\2">\1</a>'),
    (r"\[([^\]]+)\]\([^)]*\)", r"\1"),  # a link to a file that is not beside this page
)


def html(text: str, level: int = 3) -> str:
    r"""Return a text as HTML.

    Parameters
    ----------
    level : int
        That the first heading below the section gets.

    Examples
    --------
    >>> html("A *b* <c>.\n\n- one\n- `two`")
    '<p>A <em>b</em> &lt;c&gt;.</p>\n<ul><li>one</li><li><code>two</code></li></ul>'
    """
    return "\n".join(_block(block, level) for block in _blocks(text))


def _blocks(text: str) -> Iterator[list[str]]:
    """Yield the lines of each block: what is between fences, or stands together."""
    lines: list[str] = []
    fenced = False
    for line in [*text.splitlines(), ""]:
        if line.startswith("```"):
            if fenced:
                yield ["```", *lines]
                lines = []
            elif lines:
                yield lines
                lines = []
            fenced = not fenced
        elif fenced or line.strip() and not (lines and _kind(line) != _kind(lines[0]) and _kind(line)):
            lines.append(line)
        else:
            if lines:
                yield lines
            lines = [line] if line.strip() else []
    if lines:
        yield lines


def _kind(line: str) -> str:
    mark = re.match(r"(#+ |\||[-*] |\d+\. )", line)
    return ("1" if mark.group(1)[0].isdigit() else mark.group(1)[0]) if mark else ""


def _block(lines: list[str], level: int) -> str:
    first = lines[0]
    if first == "```":
        return f"<pre>{escape(chr(10).join(lines[1:]))}</pre>"
    kind = _kind(first)
    if kind == "#":
        depth = min(6, level + len(first) - len(first.lstrip("#")) - 3)
        rest = f"\n{_block(lines[1:], level)}" if lines[1:] else ""
        return f"<h{depth}>{inline(first.lstrip('# '))}</h{depth}>{rest}"
    if kind == "|":
        return _table(lines)
    if kind in ("-", "*", "1"):
        tag = "ol" if kind == "1" else "ul"
        items = re.split(r"^(?:[-*]|\d+\.) ", "\n".join(lines), flags=re.MULTILINE)[1:]
        return f"<{tag}>" + "".join(f"<li>{inline(' '.join(item.split()))}</li>" for item in items) + f"</{tag}>"
    return f"<p>{inline(' '.join(line.strip() for line in lines))}</p>"


def _table(lines: list[str]) -> str:
    rows = [
        [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))] for line in lines
    ]
    has_head = len(rows) > 1 and all(re.fullmatch(r":?-+:?", cell) for cell in rows[1])
    head, body = (rows[0], rows[2:]) if has_head else ([], rows)
    parts = ["<table>"]
    if any(head):
        parts.append("<tr>" + "".join(f"<th>{inline(cell)}</th>" for cell in head) + "</tr>")
    parts += ["<tr>" + "".join(f"<td>{inline(cell)}</td>" for cell in row) + "</tr>" for row in body]
    return "".join([*parts, "</table>"])


def inline(text: str) -> str:
    """Return a line as HTML, without blocks."""
    result = escape(text)
    for pattern, replacement in _RULES:
        result = re.sub(pattern, replacement, result)
    return result
