"""What people write that is no JSON, and what they are told to write."""

from __future__ import annotations

from dtwin_plugin.translate import mark

# by how it begins
HINTS = {
    "/": mark("JSON has no comments: put it in a text"),
    "#": mark("JSON has no comments: put it in a text"),
    "'": mark('put texts between double quotes: "'),
    "\u201c": mark('put texts between straight double quotes: "'),
    "\u201d": mark('put texts between straight double quotes: "'),
    "+": mark("write a number without a plus"),
    ".": mark("write a number with a digit before its point, as 0.5"),
}
NAMES = {
    "nan": mark("write null where there is no number"),
    "-infinity": mark("write null where there is no number"),
    "infinity": mark("write null where there is no number"),
    "true": mark("write true and false in small letters"),
    "false": mark("write true and false in small letters"),
    "none": mark("write null"),
    "null": mark("write null in small letters"),
}
COMMA = mark("write the decimals of a number behind a point and not a comma, as 11.5")
ZERO = mark("write a number without zeros in front")
LAST = mark("take away the comma before it")
MISSING = mark("a comma is missing before it, or a closing bracket behind what comes before")
QUOTE = mark("put the name of a key between double quotes")
COLON = mark("a colon must stand between a key and its value")
OPEN = mark("the file ends before all brackets are closed: it may be cut off")
TEXT = mark("close the text by a double quote on the line where it begins; write a line break as \\n")
ESCAPE = mark("write a backslash as two")
HALF = mark("half a character of two parts; write the character itself")
BEHIND = mark("nothing may stand behind the last bracket")
NO_VALUE = mark("a value is expected: a text, a number, true, false, null, a list or an object")
LONG = mark("a number of so many digits is none that was measured; shorten it")
DEEP = mark("brackets stand more than 32 deep within brackets")
