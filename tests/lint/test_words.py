"""The check that keeps retired words out."""

import pytest

from tests.lint.words import BEGIN, END, GLOSSARY, ROOT, find_words, is_checked, retired_words

TABLE = f"""
# Glossary
{BEGIN}
| retired | use instead |
| --- | --- |
| `\\bold(er)?word\\b` | newword |
| `is told` | is reported |
| `(?-i:Keeper)` | SupervisedProcess |
| `[kg]nome\\b` | dwarf |
{END}
"""


def found_in(text):
    return [(line, word) for line, word, _ in find_words(text, retired_words(TABLE))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("an Oldword here", [(1, "Oldword")]),
        ("an olderword here", [(1, "olderword")]),
        ("line one\nit is told", [(2, "is told")]),
        ("this is\n    told to nobody", [(1, "is told")]),
        ("class Keeper:\n    keeper", [(1, "Keeper")]),
        ("gnomes and Knome", [(1, "Knome")]),
        ("oldwords, a keeper, he told", []),
    ],
)
def test_retired_words_are_found_with_their_lines(text, found):
    assert found_in(text) == found


def test_a_found_word_comes_with_the_word_to_use_instead():
    assert [instead for *_, instead in find_words("oldword", retired_words(TABLE))] == ["newword"]


@pytest.mark.parametrize(
    "glossary", ["no table", f"{BEGIN}\n| `a` | b |", TABLE.replace("newword", "new | word")]
)
def test_a_glossary_with_a_broken_table_is_refused(glossary):
    with pytest.raises(ValueError, match=GLOSSARY):
        retired_words(glossary)


def test_an_expression_that_does_not_compile_is_refused():
    with pytest.raises(ValueError, match="unterminated"):
        retired_words(TABLE.replace("[kg]", "[kg"))


@pytest.mark.parametrize(
    ("path", "checked"),
    [
        ("jobs/models.py", True),
        ("README.md", True),
        ("docs/explanation.md", True),
        (GLOSSARY, False),
        ("docs/upgrading.md", False),
        ("CHANGELOG.md", False),
        ("jobs/migrations/0001_initial.py", False),
        ("docs/img/page.png", False),
    ],
)
def test_history_and_the_table_itself_are_not_checked(path, checked):
    assert is_checked(path) == checked


def test_the_glossary_of_this_project_has_a_table_of_retired_words():
    assert len(retired_words((ROOT / GLOSSARY).read_text())) > 10
