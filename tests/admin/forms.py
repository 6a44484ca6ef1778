"""The forms of the admin as a person uses them: choose, read what is asked, press yes."""

import re
from html import unescape

from django.urls import reverse

LIST = reverse("admin:jobs_job_changelist")


def form_of(answer):
    """The address and the hidden fields of the confirming form on this page; None without one."""
    text = answer.content.decode()
    form = re.search(r'<form method="post" action="([^"]+)">(.*?)</form>', text, re.S)
    if form is None:
        return None
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[2])
    return unescape(form[1]), {name: unescape(value) for name, value in fields}


def ask(client, action, *jobs, **more):
    """The page that asks, after an action was chosen for these jobs in the list."""
    data = {"action": f"{action}_jobs", "_selected_action": [str(job.pk) for job in jobs], **more}
    return client.post(LIST, {"index": 0, **data})


def confirm(client, asked, **more):
    """What the person sees after pressing yes."""
    address, fields = form_of(asked)
    return client.post(address, {**fields, **more}, follow=True)


def act(client, action, *jobs, **more):
    """What a person sees whose page that asked is older than what has happened since."""
    data = {"jobs": ",".join(str(job.pk) for job in jobs), "post": "yes", **more}
    return client.post(reverse("admin:jobs_job_act", args=[action]), data, follow=True)


def told(answer):
    return [str(message) for message in answer.context["messages"]]
