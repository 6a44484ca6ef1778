"""Settings from the environment: the values, and the messages for people."""

import importlib
import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

from batchsite.settings import env
from batchsite.settings.database import database_from

BASE = settings.BASE_DIR

NAMES = [
    "DEBUG",
    "LOCAL_MODE",
    "LOGIN_REQUIRED",
    "HOST",
    "PORT",
    "WORKERS",
    "DATABASES",
    "Q_CLUSTER",
    "LIBRARY_ROOT",
    "OPERATIONS_FILE",
    "ALLOWED_HOSTS",
    "INSTALLED_APPS",
    "JOBS_LEASE_SECONDS",
    "JOBS_RETENTION_DAYS",
]


def run(code_or_args, tmp_path, **environment):
    return subprocess.run(
        [sys.executable, *code_or_args],
        cwd=BASE,
        env=environment_of(tmp_path, **environment),
        capture_output=True,
        text=True,
        timeout=60,
    )


def environment_of(tmp_path, **more):
    """The variables of a shell in which only these settings are given."""
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
    return {**kept, "DATA_DIR": str(tmp_path / "data"), **more}


def read(tmp_path, **environment):
    """The settings as a process with this environment reads them: a fork of this one."""
    found, result = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.chdir(BASE)
            os.environ.clear()
            os.environ.update(environment_of(tmp_path, **environment))
            for name in [name for name in sys.modules if name.startswith("batchsite.settings")]:
                del sys.modules[name]
            module = importlib.import_module("batchsite.settings")
            values = {name: getattr(module, name) for name in NAMES}
            os.write(result, json.dumps(values, default=str).encode())
        finally:
            os._exit(0)
    os.close(result)
    with open(found, "rb") as stream:
        text = stream.read()
    os.waitpid(pid, 0)
    return json.loads(text)


def test_defaults_suit_one_machine(tmp_path):
    found = read(tmp_path)
    assert found["PORT"] == 8000
    assert found["WORKERS"] == os.cpu_count() == found["Q_CLUSTER"]["workers"]
    assert found["LIBRARY_ROOT"] == str(tmp_path / "data/library")
    assert found["DATABASES"]["default"]["NAME"] == str(tmp_path / "data/db.sqlite3")
    assert found["OPERATIONS_FILE"] == ""
    assert found["INSTALLED_APPS"].index("jobs") < found["INSTALLED_APPS"].index("django_q")


@pytest.mark.parametrize(
    ("environment", "local", "login"),
    [
        ({}, False, True),
        ({"DJANGO_DEBUG": "true"}, True, False),
        ({"DJANGO_DEBUG": "true", "DJANGO_ALLOWED_HOSTS": "localhost"}, True, False),
        ({"DJANGO_DEBUG": "true", "DJANGO_ALLOWED_HOSTS": "localhost,nas.lan"}, False, True),
        ({"DJANGO_DEBUG": "true", "LOGIN_REQUIRED": "yes"}, True, True),
        ({"DJANGO_ALLOWED_HOSTS": "example.org", "LOGIN_REQUIRED": "0"}, False, False),
    ],
)
def test_nobody_logs_in_only_where_nobody_else_can_come(tmp_path, environment, local, login):
    found = read(tmp_path, **environment)
    assert (found["LOCAL_MODE"], found["LOGIN_REQUIRED"]) == (local, login)


@pytest.mark.parametrize(
    ("given", "expected"),
    [("0.0.0.0", "0.0.0.0"), ("::1", "::1"), ("x86_64-conda-linux-gnu", "127.0.0.1")],
)
def test_host_is_an_address_and_not_what_a_shell_calls_so(tmp_path, given, expected):
    assert read(tmp_path, HOST=given)["HOST"] == expected


def test_engine_settings_have_the_type_of_their_default(tmp_path):
    found = read(tmp_path, JOBS_LEASE_SECONDS="2.5", JOBS_RETENTION_DAYS="30")
    assert (found["JOBS_LEASE_SECONDS"], found["JOBS_RETENTION_DAYS"]) == (2.5, 30)


def test_home_and_relative_folders_become_absolute(tmp_path):
    assert read(tmp_path, LIBRARY_ROOT="~")["LIBRARY_ROOT"] == os.path.expanduser("~")
    assert read(tmp_path, LIBRARY_ROOT="pictures")["LIBRARY_ROOT"] == str(BASE / "pictures")


def test_the_broker_follows_redis_url(tmp_path):
    embedded = read(tmp_path)["Q_CLUSTER"]
    assert (embedded["broker_class"], embedded["orm"]) == (
        "jobs.cluster.brokers.ORMBroker",
        "default",
    )
    redis = read(tmp_path, REDIS_URL="redis://127.0.0.1:6379/1")["Q_CLUSTER"]
    assert redis["broker_class"] == "jobs.cluster.brokers.RedisBroker"
    assert redis["redis"] == "redis://127.0.0.1:6379/1"
    assert "orm" not in redis


def test_a_data_folder_with_odd_characters_is_taken_literally(tmp_path):
    odd = tmp_path / "50% off + more?"
    found = read(tmp_path, DATA_DIR=str(odd))
    assert found["DATABASES"]["default"]["NAME"] == str(odd / "db.sqlite3")


def test_sqlite_finds_a_data_folder_where_nothing_else_has_made_one(tmp_path):
    result = run(["manage.py", "migrate", "--check"], tmp_path, DJANGO_SECRET_KEY="x" * 50)
    assert "Traceback" not in result.stderr
    assert (tmp_path / "data" / "db.sqlite3").is_file()


CLUSTER = """
import sys, django
from django.core import checks
from django.core.management import load_command_class
django.setup()
for name in ("qcluster", "runcluster"):
    checks.run_checks(tags=load_command_class("jobs", name).requires_system_checks)
assert "django_q.cluster" in sys.modules
print("jobs.admin" in sys.modules)
"""


def test_a_cluster_starts_without_the_pages_of_the_admin(tmp_path):
    result = run(["-c", CLUSTER], tmp_path, DJANGO_SETTINGS_MODULE="batchsite.settings")
    assert (result.stdout, result.stderr) == ("False\n", "")


BROKEN = """
import django
from django.contrib import admin
from django.core import checks
django.setup()
assert not admin.site._registry
class Broken(admin.ModelAdmin):
    list_display = ["no such field"]
admin.site.register(django.apps.apps.get_model("contenttypes", "ContentType"), Broken)
print([message.id for message in checks.run_checks(tags=["admin"])], len(admin.site._registry) > 5)
"""


def test_the_checks_look_at_all_pages_of_the_admin(tmp_path):
    result = run(["-c", BROKEN], tmp_path, DJANGO_SETTINGS_MODULE="batchsite.settings")
    assert (result.stdout, result.stderr) == ("['admin.E108'] True\n", "")


def test_postgresql_on_a_unix_socket():
    found = database_from("postgres://me:p%40ss@/work?host=/tmp/a%20b&port=5433&sslmode=disable")
    assert found["ENGINE"] == "django.db.backends.postgresql"
    assert (found["HOST"], found["PORT"]) == ("/tmp/a b", "5433")
    assert (found["USER"], found["PASSWORD"], found["NAME"]) == ("me", "p@ss", "work")
    assert found["OPTIONS"]["sslmode"] == "disable"
    assert found["CONN_MAX_AGE"] is None


def test_the_settings_of_a_persons_own_sessions_come_after_ours():
    def options(query=""):
        return database_from(f"postgres://me@db/work{query}")["OPTIONS"]["options"]

    assert "-c idle_in_transaction_session_timeout=60s" in options()
    assert "-c tcp_user_timeout=20s" in options()
    theirs = "-c idle_in_transaction_session_timeout=5min"
    assert options(f"?options={theirs.replace(' ', '%20').replace('=', '%3D')}") == (
        f"{options()} {theirs}"
    )


def test_postgresql_on_a_host():
    found = database_from("postgresql://me:secret@db.example:5433/work")
    assert (found["HOST"], found["PORT"], found["NAME"]) == ("db.example", 5433, "work")


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"PORT": "abc"}, "PORT is “abc”, which is not a whole number."),
        ({"PORT": "99999"}, "PORT is “99999”, which is out of range."),
        ({"WORKERS": "0"}, "WORKERS is “0”"),
        ({"DJANGO_DEBUG": "maybe"}, "Set DJANGO_DEBUG to true or false."),
        ({"LOGIN_REQUIRED": "2"}, "LOGIN_REQUIRED is “2”"),
        ({"DATABASE_URL": "mysql://me:hush@db/work"}, "neither PostgreSQL nor SQLite"),
        ({"DATABASE_URL": "hush"}, "neither PostgreSQL nor SQLite"),
        ({"DATABASE_URL": "postgres://me:hush/y@db/work"}, "DATABASE_URL cannot be read."),
        ({"DATABASE_URL": "postgres://me:hush@db/"}, "does not name a database"),
        ({"REDIS_URL": "http://:hush@127.0.0.1"}, "REDIS_URL is not the URL"),
        ({"EXTRA_APPS": "nosuchapp"}, "names “nosuchapp”"),
        ({"EXTRA_APPS": "../app"}, "names “../app”"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL is “LOUD”"),
        ({"JOBS_LEASE_SECONDS": "-1"}, "JOBS_LEASE_SECONDS is “-1”"),
        ({"LIBRARY_ROOT": "~nobody-of-that-name/x"}, "Give LIBRARY_ROOT the whole path."),
        ({"DATA_DIR": "/proc/batchsite"}, "Set DATA_DIR to a folder"),
        ({"DATA_DIR": "/proc/x", "DJANGO_SECRET_KEY": "x" * 50}, "Set DATA_DIR to a folder"),
    ],
)
def test_a_malformed_setting_is_one_line_for_a_person(tmp_path, environment, words):
    result = run(["manage.py", "check"], tmp_path, **environment)
    assert result.returncode == 1
    assert result.stdout == ""
    assert words in result.stderr
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    assert "hush" not in result.stderr  # a password


@pytest.mark.parametrize("option", [["--settings", "no.such"], ["--settings=no.such"]])
def test_other_settings_can_be_named_on_the_command_line(tmp_path, option):
    result = run(["manage.py", "check", *option], tmp_path)
    assert result.returncode == 1
    assert result.stderr.endswith("ModuleNotFoundError: No module named 'no'\n")


@pytest.mark.parametrize(
    ("value", "wanted"), [("1", True), ("TRUE", True), (" on ", True), ("no", False), ("", True)]
)
def test_flags(monkeypatch, value, wanted):
    monkeypatch.setenv("SOME_FLAG", value)
    assert env.flag("SOME_FLAG", default=True) is wanted


def test_empty_entries_of_a_list_of_names_are_ignored(monkeypatch):
    monkeypatch.setenv("SOME_NAMES", " a, ,b,")
    assert env.names("SOME_NAMES") == ["a", "b"]


def test_programs_keep_their_data_and_their_secrets_to_themselves(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    data.chmod(0o755)
    environment = {"DJANGO_SECRET_KEY": "swordfish", "MAKEFLAGS": "-- ADMIN_PASSWORD=swordfish"}
    script = """
import subprocess, sys
import manage
sys.argv[1:] = ["migrate", "jobs", "zero", "--verbosity=0"]
manage.main()
if sys.platform == "linux":
    print(open("/proc/self/environ").read())
"""
    result = run(["-c", script], tmp_path, **environment)
    assert result.returncode == 0, result.stderr
    assert "swordfish" not in result.stdout
    assert data.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in data.rglob("*")} <= {0o600, 0o700}
    assert (data / "db.sqlite3").exists()
    data.chmod(0o755)
    (data / "db.sqlite3").chmod(0o644)
    result = run(["-c", "import batchsite.settings"], tmp_path)
    assert result.returncode == 0, result.stderr
    assert data.stat().st_mode & 0o777 == 0o700
    assert (data / "db.sqlite3").stat().st_mode & 0o777 == 0o600


def test_unknown_access_to_outputs_is_refused(tmp_path):
    result = run(["-c", "import batchsite.settings"], tmp_path, OUTPUTS_ACCESS="everybody")
    assert "OUTPUTS_ACCESS is “everybody”, which is unknown" in result.stderr
