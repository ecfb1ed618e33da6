"""Every text that a user can see is there in Dutch."""

import string

from dtwin_plugin.translate import set_language, texts, tr
from scripts.texts import collect, missing


def test_every_text_has_a_dutch_one():
    assert len(collect()) > 150
    assert not missing("nl")


def test_no_translation_is_left_over():
    assert not set(texts("nl")) - set(collect())


def test_placeholders_are_the_same_in_both_languages():
    def names(text):
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for english, dutch in texts("nl").items():
        assert names(english) == names(dutch), english


def test_language_follows_the_locale_and_falls_back_to_english():
    set_language("nl_NL")
    assert tr("Terrain") == "Terrein" and tr("no such text") == "no such text"
    set_language("en_GB")
    assert tr("Terrain") == "Terrain"
