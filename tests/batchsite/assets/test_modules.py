"""Modules joined into one script."""

import subprocess

import pytest

from batchsite.assets import catalogue
from batchsite.assets.modules import BadModule, bundle
from tests.support.requirements import require_program

MODULES = {
    "pages/main.js": """/** Comment. */

import * as sums from "../sums.js";
import { one, two as zwei } from "../numbers.js";
import "../effect.js";

const label = "main"; // the same name as in another module
console.log(label, sums.sum(one, zwei), globalThis.effects);
""",
    "sums.js": """import {
  one,
} from "./numbers.js";

const label = `
// a line of a text that is no comment of the module
`;
export const twice = (number) => number * (one + one);
export async function later() {}
export function sum(a, b) {
  return twice(a + b) / label.length ** 0;
}
""",
    "numbers.js": "globalThis.effects = 1;\nexport const one = 1;\nexport const two = 2;\n",
    "effect.js": "globalThis.effects += 1;\n",
}


def test_each_module_runs_once_and_before_those_that_import_it():
    text, members = bundle("pages/main.js", MODULES.__getitem__)
    assert members == ["numbers.js", "sums.js", "effect.js", "pages/main.js"]
    node = require_program("node")
    run = subprocess.run(
        [node, "--input-type=commonjs"], input=text, capture_output=True, text=True, check=True
    )
    assert run.stdout == "main 6 2\n"


@pytest.mark.parametrize(
    "text",
    [
        'import thing from "./numbers.js";\n',
        'import {one} from "./numbers.js"\n',
        "export default 1;\n",
        "export let count = 1;\n",
        'export { one } from "./numbers.js";\n',
        "export const { a, b } = {};\n",
    ],
)
def test_form_that_is_not_known_is_refused_with_the_name_of_the_module(text: str):
    with pytest.raises(BadModule, match=r"other\.js"):
        bundle("other.js", {**MODULES, "other.js": text}.__getitem__)


def test_modules_that_import_each_other_are_refused():
    circle = {"a.js": 'import "./b.js";\n', "b.js": 'import "./a.js";\n'}
    with pytest.raises(BadModule, match=r"a\.js imports itself"):
        bundle("a.js", circle.__getitem__)


@pytest.mark.parametrize("name", catalogue.SCRIPTS)
def test_bundle_of_a_page_is_a_valid_script(name: str):
    asset = catalogue.find(name)
    assert asset
    node = require_program("node")
    subprocess.run([node, "--check", "-"], input=asset.content, check=True)
