"""The forms of the job list as a person uses them: choose an action, read the page, press yes."""

import re
from html import unescape

from django.urls import reverse

LIST = reverse("admin:jobs_job_changelist")


def choose(client, action, *jobs, query="", **more):
    """The answer after this action was chosen for these jobs: its confirmation page."""
    data = {"action": action, "_selected_action": [str(job.pk) for job in jobs], **more}
    return client.post(f"{LIST}{query}", {"index": 0, **data})


def submits(page):
    """Return True if the confirmation page offers to perform the action."""
    return '<input type="submit"' in page.content.decode()


def confirm(client, page, **more):
    """The page that a person sees after pressing yes."""
    text = page.content.decode()
    form = re.search(r'<form method="post">.*?</form>', text, re.S)[0]
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
    data = {name: unescape(value) for name, value in fields.items()}
    query = page.request["QUERY_STRING"]
    return client.post(f"{LIST}?{query}" if query else LIST, {**data, **more}, follow=True)


def perform(client, action, *jobs, **more):
    """The page after a confirmation that was made earlier, whatever has happened since."""
    ids = [str(job.pk) for job in jobs]
    data = {"action": action, "_selected_action": ids[0], "job_ids": ",".join(ids), **more}
    return client.post(LIST, {"confirmed": "yes", **data}, follow=True)


def messages(answer):
    return [str(message) for message in answer.context["messages"]]
