import json

import pytest

from jobs.exceptions import BadOperationsFile
from jobs.operations import Item
from jobs.operations.operations_file import load_operations_file

SHRINK = """
[shrink]
label = "Shrink"
description = "Makes it small"
command = ["cp", "{path}", "{output_dir}/small-{name}"]
timeout = 60
attempts = 2
max_workers = 1
environment = ["AWS_PROFILE"]

[list]
command = ["ls", "-l", "{path}"]
"""


@pytest.fixture
def load(tmp_path):
    """Loads a file with this text."""

    def loaded(text: str):
        path = tmp_path / "ops.toml"
        path.write_bytes(text.encode(errors="surrogateescape"))
        return load_operations_file(path)

    return loaded


def test_sections_become_operations(load):
    shrink, other = load(SHRINK)
    assert (shrink.name, shrink.label, shrink.description) == (
        "shrink",
        "Shrink",
        "Makes it small",
    )
    assert (shrink.timeout, shrink.attempts, shrink.max_workers) == (60, 2, 1)
    assert (other.name, other.timeout, other.attempts, other.max_workers) == ("list", 300, 3, None)
    assert (shrink.environment, other.environment) == (["AWS_PROFILE"], ())
    assert shrink.uses_library


def test_empty_file_has_no_operations(load):
    assert load("") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[a", "ops.toml is not valid TOML: Expected ']'"),
        ("name = 'x\udcff'", "ops.toml is not valid TOML"),
        ("[a]\ncommand = ['ls']\n[a]\ncommand = ['ls']", "is not valid TOML"),
        ("a = 5", r"ops.toml, \[a\]: write a section"),
        ("[a]", r"\[a\]: give the command as a list of strings"),
        ("[a]\ncommand = 'ls {path}'", "give the command as a list of strings"),
        ("[a]\ncommand = []", "give the command as a list of strings"),
        ("[a]\ncommand = ['ls', 5]", "give the command as a list of strings"),
        ('[a]\ncommand = ["ls", "a\\u0000b"]', "give the command as a list of strings"),
        ("[a]\ncommand = ['ls', '{file}']", r"“{file}” is not a placeholder. Use {path}, {key}"),
        ("[a]\ncommand = ['ls', '{path.parent}']", "is not a placeholder"),
        ("[a]\ncommand = ['ls', '{path!r}']", "is not a placeholder"),
        ("[a]\ncommand = ['ls', '{path:>9}']", "is not a placeholder"),
        ("[a]\ncommand = ['ls', '{}']", "is not a placeholder"),
        ("[a]\ncommand = ['ls', 'a}']", r"\[a\]: Single '}'"),
        ("[a]\ncommand = ['{path}']", "the program must be a name"),
        ("[a]\ncommand = ['']", "the program must be a name"),
        ("[a]\ncommand = ['no-such-program-9']", "“no-such-program-9” is not installed"),
        ("[a]\ncommand = ['ls']\nexec = true", "there is no “exec”. Use: command or shell, label"),
        ("[a]\ncommand = ['ls']\nshell = 'ls'", "give either command or shell, not both"),
        ("[a]\nshell = ['ls']", "give the script as text"),
        ("[a]\nshell = ' '", "give the script as text"),
        ("[a]\nshell = 'cat {path}'", r'Write "\$BATCHSITE_PATH" in the place of {path}'),
        ("[a]\ncommand = ['ls']\ntimeout = 'long'", "`timeout` must be a number"),
        ("[a]\ncommand = ['ls']\nattempts = 0", "`attempts` must be"),
        ("[a]\ncommand = ['ls']\nlabel = 5", "“label” must be text"),
        ("[a]\ncommand = ['ls']\nenvironment = 'A'", "“environment” must be a list of names"),
        ("[a]\ncommand = ['ls']\nenvironment = ['A=1']", "“environment” must be a list of names"),
        ("['a b']\ncommand = ['ls']", "`name` must be"),
    ],
)
def test_mistake_is_reported_with_its_section(load, text, said):
    with pytest.raises(BadOperationsFile, match=said):
        load(text)


def test_missing_operations_file_is_reported(tmp_path):
    with pytest.raises(BadOperationsFile, match="cannot be read: No such file"):
        load_operations_file(tmp_path / "missing.toml")


SCRIPTS = [
    ["sh", "-c", "cat {path}"],
    ["bash", "-lc", "cat {path}"],
    ["bash", "-o", "errexit", "-c", "cat '{path}'"],
    ["timeout", "5", "sh", "-c", "cat {path}"],
    ["env", "sh", "-c", "cat<{path}"],
    ["nice", "sh", "-c", "cat {output_dir}/x"],
    ["xargs", "sh", "-c", "cat;{name}"],
    ["python3", "-c", "open('{path}')"],
    ["perl", "-e", "unlink '{key}'"],
    ["awk", "BEGIN {{ print {name} }}"],
    ["sh", "-c", "$({name})"],
    ["sh", "-c", "{name}`id`"],
    ["sh", "-c", "~{name}"],
    ["sh", "-c", "{path}\n"],
    ["env", "-S", "cat {path}"],
]


@pytest.mark.parametrize("command", SCRIPTS, ids=str)
def test_placeholder_in_a_script_is_refused_whatever_runs_it(load, command):
    with pytest.raises(BadOperationsFile, match=r'[Ww]rite shell = .*"\$BATCHSITE_'):
        load(f"[a]\ncommand = {json.dumps(command)}")


@pytest.mark.parametrize(
    "argument", ["{path}", "--to={output}.webp", "{output_dir}/{name}", "file:{path},x_1@2x+a%20"]
)
def test_placeholder_beside_plain_characters_is_accepted(load, argument):
    assert load(f"[a]\ncommand = ['ls', '{argument}']")


def test_file_name_as_an_argument_of_a_script_is_allowed(load):
    (operation,) = load("""[a]\ncommand = ['sh', '-c', 'cat "$1"', 'sh', '{path}']""")
    assert operation.name == "a"


def test_shell_of_a_section_is_a_script(load, tmp_path):
    (operation,) = load("""[a]\nshell = 'wc -c < "$BATCHSITE_PATH" > "${BATCHSITE_OUTPUT}.size"'""")
    (tmp_path / "a b").write_text("four")
    item = Item("a b", root=tmp_path, outputs=tmp_path / "outputs")
    operation.process(item, {})
    assert item.output_path(".size").read_text().strip() == "4"
