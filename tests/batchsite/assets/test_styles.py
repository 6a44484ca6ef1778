"""Style sheets joined into one, with the rules of the library that can apply."""

import re

from batchsite.assets import catalogue
from batchsite.assets.styles import quoted_words, subset

SHEET = """@charset "utf-8";/* a } comment */
:root{--a:1}
a:not(.plain){color:red}
.btn,.card>.btn{color:blue}
.card{content:"}"}
.btn.active:is(.btn,.other){top:0}
@media (width<9rem){.card{top:1px}.btn{top:2px}}
@media print{.card{top:1px}}
@keyframes turn{from{top:0}to{top:1px}}
@keyframes unused{to{top:1px}}
.btn{animation:1s linear turn}
"""


def test_only_rules_whose_classes_exist_are_kept():
    assert subset(SHEET, {"btn", "plain"}) == (
        '@charset "utf-8";:root{--a:1}a:not(.plain){color:red}.btn{color:blue}'
        "@media (width<9rem){.btn{top:2px}}.btn{animation:1s linear turn}"
        "@keyframes turn{from{top:0}to{top:1px}}"
    )


def test_words_are_those_in_quotation_marks():
    text = """<p class="btn btn-sm">table</p> h("li", {class: `is-${name}`}, 'form')"""
    assert quoted_words(text) == {"btn", "btn-sm", "li", "is-", "name", "form"}


def test_every_class_of_a_page_that_bootstrap_has_is_in_the_bundle():
    """By another way than the bundle's: each class name that stands in a class attribute."""
    bundle = catalogue.find("bundles/site.css")
    whole = catalogue.find("bootstrap/css/bootstrap.min.css")
    assert bundle
    assert whole
    named = {
        name
        for file in catalogue._files_with_classes()
        for names in re.findall(r"""class(?:Name)?(?:=|: ?)"([\w -]+)["\s]""", file.read_text())
        for name in names.split()
    }
    missing = [
        name
        for name in sorted(named)
        if re.search(rf"\.{name}[^\w-]", whole.content.decode())
        and not re.search(rf"\.{name}[^\w-]", bundle.content.decode())
    ]
    assert missing == []
    assert "btn-outline-secondary" in named
    assert len(bundle.compressed or b"") < 20_000
