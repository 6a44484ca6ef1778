"""Tasks of the host project beside jobs: a cluster runs them first."""

import os
import time

import pytest
from django_q.signals import post_execute_in_worker, pre_execute
from django_q.tasks import async_task

from jobs.cluster import host_tasks
from jobs.cluster.brokers import ORMBroker
from tests.support.waiting import wait_until

NOTE = "tests.testapp.host_tasks.note"


class Noted:
    """The times at which tasks of a site have run."""

    def __init__(self, site):
        self.path = site.folder / "noted"

    def send(self):
        async_task(NOTE, str(self.path), save=False)
        return time.monotonic()

    def times(self):
        return [float(line) for line in self.path.read_text().split()] if self.path.exists() else []

    def wait(self, count):
        wait_until(lambda: len(self.times()) >= count, seconds=20, what=f"{count} tasks have run")
        return self.times()


@pytest.mark.broker
@pytest.mark.parametrize("stack", ["sqlite", "postgres+valkey"])
def test_task_of_the_host_runs_within_two_seconds_beside_a_long_job(site_factory, stack):
    site = site_factory(stack, workers=1)
    site.start_cluster()
    noted = Noted(site)
    job = site.start_job(count=5_000, seconds=0.02)
    site.wait_for(job, processed=5)
    for count in range(1, 4):
        sent = noted.send()
        ran = noted.wait(count)[-1]
        assert ran - sent < 2
    processed = site.status(job)["progress"]["processed"]
    site.wait_for(job, processed=processed + 5)
    sent = [noted.send() for _ in range(20)]
    assert noted.wait(23)[-1] - sent[0] < 4
    site.wait_for(job, processed=site.status(job)["progress"]["processed"] + 5)


def test_task_of_the_host_does_not_wait_for_an_executor_that_waits_for_a_job(site_factory):
    site = site_factory("sqlite", workers=1, JOBS_LINGER_SECONDS="30")
    site.start_cluster()
    site.wait_for_end(site.start_job(count=1))
    noted = Noted(site)
    sent = noted.send()
    assert noted.wait(1)[-1] - sent < 10


def in_child(call):
    """Call it in a fork, as in another process of the cluster."""
    pid = os.fork()
    if pid == 0:
        call()
        os._exit(0)
    os.waitpid(pid, 0)


def begin(task_id, func=NOTE):
    """A worker takes this task out of the queue; another one than the last."""
    in_child(lambda: pre_execute.send(sender="django_q", func=None, task=task_of(task_id, func)))


def task_of(task_id, func=NOTE):
    return {"id": task_id, "func": func}


def test_work_period_is_finished_while_a_task_behind_its_notification_waits():
    before, _ = host_tasks.notification_put()
    period = host_tasks.WorkPeriod(before)
    assert not period.is_behind
    host_tasks.task_put("one")
    host_tasks.task_put("two")
    assert period.is_behind
    wait_until(period.is_finished)
    begin("two")
    assert not period.is_behind
    assert not period.is_finished()


def test_work_period_that_begins_behind_a_task_does_not_wait_for_it():
    host_tasks.task_put("lost by a worker that died")
    period = host_tasks.WorkPeriod(host_tasks.notification_put()[0])
    assert not period.is_behind


def test_notifications_that_no_worker_has_taken_are_counted():
    host_tasks.notification_taken(host_tasks.notification_put()[1])
    assert host_tasks.notifications_in_queue() == 0
    host_tasks.notification_put()
    _, last = host_tasks.notification_put()
    assert host_tasks.notifications_in_queue() == 2
    in_child(lambda: host_tasks.notification_taken(last))
    assert host_tasks.notifications_in_queue() == 0


def test_notification_that_died_with_its_worker_is_forgotten():
    host_tasks.notification_put()
    assert host_tasks.notifications_in_queue() > 0
    host_tasks.queue_counted(0)
    assert host_tasks.notifications_in_queue() == 0


def test_worker_with_a_task_of_the_host_is_known_until_the_task_ends():
    task = task_of("three")
    assert not host_tasks.any_runs([os.getpid()])
    pre_execute.send(sender="django_q", func=None, task=task)
    assert host_tasks.any_runs([1, os.getpid()])
    post_execute_in_worker.send(sender="django_q", func=None, task=task)
    assert not host_tasks.any_runs([os.getpid()])


def test_message_that_cannot_be_opened_is_left_to_django_q(site_factory):
    site_factory("sqlite")
    broker = ORMBroker()
    ack_id = broker.enqueue("no signed message")
    assert broker.dequeue() == [(ack_id, "no signed message")]
