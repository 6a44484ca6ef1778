"""Command operations with real programs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from jobs.operations import Item, ItemFailed
from jobs.operations.command import Command, fill, shell_command, split
from jobs.processes.confined import is_available
from tests.support.requirements import require_or_skip
from tests.support.waiting import wait_until


@pytest.fixture
def perform(tmp_path):
    """Runs a command on a file of this name. Returns the item's output folder."""

    def performed(*command: str, name: str = "a.txt", content: bytes = b"content") -> Path:
        library = tmp_path / "library"
        library.mkdir(exist_ok=True)
        (library / name).write_bytes(content)
        item = Item(name, root=library, outputs=tmp_path / "outputs")
        Command("test", list(command), {}).process(item, {})
        return item.output_dir

    return performed


def python(script: str) -> list[str]:
    return [sys.executable, "-c", script]


def test_placeholders_are_filled_in(perform, tmp_path):
    outputs = perform(
        *python("import sys, json; json.dump(sys.argv[1:], open('args.json', 'w'))"),
        "{path}",
        "{key}",
        "{name}",
        "{output_dir}",
        "--out={output}.small",
        "{{literal}}",
    )
    assert outputs == tmp_path / "outputs" / "a.txt.out"
    assert json.loads((outputs / "args.json").read_text()) == [
        f"{tmp_path}/library/a.txt",
        "a.txt",
        "a.txt",
        f"{outputs}",
        f"--out={outputs}/a.txt.small",
        "{literal}",
    ]


def test_script_of_the_shell_finds_the_values_in_its_environment(perform, tmp_path):
    names = ["PATH", "KEY", "NAME", "OUTPUT_DIR", "OUTPUT"]
    script = "".join(f'echo "$BATCHSITE_{name}" >> values\n' for name in names) + "awk '{exit 1}' x"
    outputs = perform(*shell_command(f"{script} || true"), name="$(touch run) it's")
    assert (outputs / "values").read_text().splitlines() == [
        f"{tmp_path}/library/$(touch run) it's",
        "$(touch run) it's",
        "$(touch run) it's",
        str(outputs),
        f"{outputs}/$(touch run) it's",
    ]
    assert os.listdir(outputs) == ["values"]


def test_outputs_of_two_files_of_one_name_are_two_files(tmp_path):
    command = Command("copy", ["cp", "{path}", "{output_dir}/{name}"], {})
    for key in ("cam1/a.png", "cam2/a.png"):
        (tmp_path / "library" / key).parent.mkdir(parents=True)
        (tmp_path / "library" / key).write_text(key)
        item = Item(key, root=tmp_path / "library", outputs=tmp_path / "outputs")
        command.process(item, {})
    copies = [path for path in (tmp_path / "outputs").rglob("*") if path.is_file()]
    assert {path.read_text() for path in copies} == {"cam1/a.png", "cam2/a.png"}


@pytest.mark.parametrize(
    "name", ["-rf", "--help", "a b", "it's", '"', "$HOME", "`id`", "a;b", "a\nb", "{path}", "🎉"]
)
def test_file_name_is_never_an_option_or_run_by_a_shell(perform, name):
    outputs = perform("cp", "{path}", "{output_dir}/{name}", name=name, content=b"kept")
    assert os.listdir(outputs) == [name]
    assert (outputs / name).read_bytes() == b"kept"


def test_name_that_begins_an_argument_is_never_an_option():
    assert fill(split("{name}"), {"name": "-rf"}) == "./-rf"
    assert fill(split("{name}.bak"), {"name": "-rf"}) == "./-rf.bak"
    assert fill(split("-o{name}"), {"name": "-rf"}) == "-o-rf"
    assert fill(split("{name}"), {"name": "rf"}) == "rf"
    assert fill(split(""), {}) == ""


def test_exit_code_and_the_end_of_standard_error_are_the_message(perform):
    script = "import sys; print('not this'); sys.stderr.write('x' * 9000 + 'at last'); sys.exit(3)"
    with pytest.raises(ItemFailed) as caught:
        perform(*python(script))
    assert caught.value.message.startswith("Exit code 3: x")
    assert caught.value.message.endswith("at last")
    assert len(caught.value.message) < 2000
    assert not caught.value.finding, "many equal ones may be an outage"


def test_message_hides_the_path_of_the_library(perform):
    with pytest.raises(ItemFailed) as caught:
        perform("cat", "{path}/nothing")
    assert "a.txt/nothing" in caught.value.message
    assert "/library" not in caught.value.message


def test_message_of_a_crash_names_the_signal(perform):
    with pytest.raises(ItemFailed, match=r"^Killed by SIGSEGV$"):
        perform(*python("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"))


def test_program_that_cannot_start_fails_the_item(perform, tmp_path):
    (tmp_path / "tool").write_text("#!/nonexistent/interpreter\n")
    (tmp_path / "tool").chmod(0o755)
    with pytest.raises(ItemFailed, match="tool could not be started: No such file"):
        perform(str(tmp_path / "tool"), "{path}")


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_printing_without_end_fails_the_item(perform, stream):
    script = f"import sys\nwhile True: sys.{stream}.write('x' * 65536)"
    with pytest.raises(ItemFailed, match="Printed more than 10 MB, the limit for one file"):
        perform(*python(script))


def test_nine_megabytes_may_be_printed(perform):
    perform(*python("print('x' * 9_000_000)"))


def test_standard_input_is_empty(perform):
    perform(*python("import sys; assert sys.stdin.read() == ''"))


PRINT_ENVIRONMENT = "import os, json; json.dump(dict(os.environ), open('env.json', 'w'))"


def environment_of(outputs: Path) -> dict[str, str]:
    return json.loads((outputs / "env.json").read_text())


def test_program_gets_only_variables_that_hold_no_secret(perform, monkeypatch):
    for name in ("DJANGO_SECRET_KEY", "MAKEFLAGS", "MY_TOKEN", "DATABASE_URL", "PYTHONPATH"):
        monkeypatch.setenv(name, "hidden")
    for name in ("LC_TIME", "TZ", "BATCHSITE_OWN"):
        monkeypatch.setenv(name, "shown")
    found = environment_of(perform(*python(PRINT_ENVIRONMENT)))
    assert "hidden" not in found.values()
    assert {name for name, value in found.items() if value == "shown"} == {
        "LC_TIME",
        "TZ",
        "BATCHSITE_OWN",
    }
    assert found["PATH"] == os.environ["PATH"]


def test_program_gets_the_variables_that_the_setting_names(perform, monkeypatch, settings):
    settings.COMMAND_ENVIRONMENT = ["AWS_PROFILE", "MISSING"]
    monkeypatch.setenv("AWS_PROFILE", "archive")
    found = environment_of(perform(*python(PRINT_ENVIRONMENT)))
    assert found["AWS_PROFILE"] == "archive"
    assert "MISSING" not in found


def test_program_cannot_read_the_environment_of_its_ancestors(perform):
    if not is_available():
        require_or_skip("this kernel has no Landlock")
    script = "cat /proc/$PPID/environ /proc/*/environ 2> /dev/null | tr '\\0' '\\n' > found"
    variables = {"SOME_SECRET": "swordfish"}
    with subprocess.Popen(["sleep", "60"], env=variables) as other:
        try:
            wait_until(lambda: b"swordfish" in Path(f"/proc/{other.pid}/environ").read_bytes())
            found = (perform(*shell_command(script)) / "found").read_text()
        finally:
            other.kill()
    assert "BATCHSITE_PATH=" in found, "its own can be read"
    assert "swordfish" not in found


def test_relative_output_path_is_in_the_output_folder(perform, tmp_path):
    outputs = perform(*python("open('made', 'w').close()"))
    assert os.listdir(outputs) == ["made"]
    assert os.listdir(tmp_path / "library") == ["a.txt"]
