"""django-q2's own pages are not there; the Workers page shows its periodic and failed tasks."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone
from django_q.models import Schedule, Task
from picklefield import PickledObjectField

from batchsite.apps import register_pages
from tests.admin.people import superuser

pytestmark = pytest.mark.django_db

WORKERS = reverse("admin:jobs_cluster_changelist")


def task(name, *, success, minutes):
    stopped = timezone.now() - timedelta(minutes=minutes)
    return Task.objects.create(
        id=name.ljust(32, "0"), name=name, func=f"shop.{name}", success=success,
        started=stopped, stopped=stopped, result=ValueError("stored as a pickle"),
    )  # fmt: skip


@pytest.mark.parametrize("model", ["schedule", "success", "failure", "ormq"])
@pytest.mark.parametrize("page", ["", "add/"])
def test_a_superuser_finds_no_page_of_django_q(model, page):
    assert superuser().get(f"/admin/django_q/{model}/{page}").status_code == 404


def test_a_schedule_cannot_be_added_by_a_forged_form():
    before = Schedule.objects.count()
    form = {"func": "os.system", "args": "'id'", "schedule_type": "O", "repeats": -1}
    assert superuser().post("/admin/django_q/schedule/add/", form).status_code == 404
    assert Schedule.objects.count() == before


def test_no_registered_page_is_of_a_model_with_a_pickled_column():
    register_pages()
    pickled = {
        model
        for model in apps.get_models()
        if any(isinstance(field, PickledObjectField) for field in model._meta.get_fields())
    }
    assert pickled
    assert not pickled & set(admin.site._registry)


def test_the_workers_page_shows_periodic_tasks_with_their_last_run():
    Schedule.objects.all().delete()
    last = task("report", success=False, minutes=5)
    Schedule.objects.create(name="Send <report>", func="shop.report", task=last.pk)
    text = superuser().get(WORKERS).content.decode()
    assert "Send &lt;report&gt;" in text
    assert "Failed 5 min 0 s ago" in text


def test_the_workers_page_shows_the_newest_failed_tasks_and_reads_no_pickle(monkeypatch):
    task("works", success=True, minutes=1)
    for number in range(12):
        task(f"mail{number:02}", success=False, minutes=number)

    def unpickle(*args):
        raise AssertionError("A stored pickle was read.")

    monkeypatch.setattr(PickledObjectField, "from_db_value", unpickle)
    text = superuser().get(WORKERS).content.decode()
    shown = [f"mail{number:02}" for number in range(12) if f"shop.mail{number:02}" in text]
    assert shown == [f"mail{number:02}" for number in range(10)]
    assert "shop.works" not in text
