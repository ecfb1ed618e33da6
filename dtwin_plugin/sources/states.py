"""The states in which a source of the catalogue can be found."""

from dtwin_plugin.translate import mark

STATES = {
    "ok": mark("works"),
    "moved": mark("has moved"),
    "slow": mark("slow"),
    "key": mark("needs a key"),
    "dead": mark("dead"),
    "wrong": mark("is not what it says"),
    "unclear": mark("unclear"),
    "skipped": mark("not tested"),
}
