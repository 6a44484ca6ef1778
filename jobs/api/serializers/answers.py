"""What answers about jobs hold; `library` has the others. Nothing is converted here:
`progress` and the views make the values.

They are the source of the schema, and every answer in the tests is checked against it.
"""

from rest_framework import serializers as s

from jobs.api.serializers.fields import AnyJson
from jobs.states import ItemStatus, JobStatus


class Error(s.Serializer):
    error = s.CharField(help_text="A sentence for a person.")

    def get_fields(self) -> dict[str, s.Field]:
        # `fields` means something else as an attribute of this class.
        sentences = s.DictField(child=s.ListField(child=s.CharField()), required=False)
        return {**super().get_fields(), "fields": sentences}


class Success(s.Serializer):
    success = s.BooleanField(help_text="Always true.")


class CancelledAll(Success):
    cancelled = s.IntegerField(help_text="How many jobs this call has ended.")


class Progress(s.Serializer):
    """succeeded + failed + in_flight + pending + skipped == total, at every moment."""

    total = s.IntegerField(help_text="Items; while the job is prepared, those so far.")
    processed = s.IntegerField(help_text="succeeded + failed.")
    succeeded = s.IntegerField()
    failed = s.IntegerField()
    in_flight = s.IntegerField(help_text="Being processed now.")
    pending = s.IntegerField()
    skipped = s.IntegerField(help_text="Not processed, and the job has ended or left them out.")
    percent = s.IntegerField(help_text="floor(100 × processed / total).")


class Running(s.Serializer):
    path = s.CharField(allow_null=True)
    seconds = s.FloatField(help_text="For how long.")


class Status(s.Serializer):
    id = s.UUIDField()
    operation = s.CharField()
    status = s.ChoiceField(JobStatus.choices)
    error = s.CharField(allow_null=True, help_text="Why the job itself has failed.")
    progress = Progress()
    items_per_second = s.FloatField(allow_null=True)
    eta_seconds = s.FloatField(allow_null=True)
    notice = s.CharField(allow_null=True, help_text="What keeps the job from moving.")
    active_seconds = s.FloatField(
        allow_null=True,
        help_text="How long it was worked on, without pauses and the time until a resume.",
    )
    created_at = s.DateTimeField(help_text="UTC, as all times.")
    started_at = s.DateTimeField(allow_null=True)
    finished_at = s.DateTimeField(allow_null=True)
    created_by = s.CharField(allow_null=True, help_text="A user name.")
    cancelled_by = s.CharField(allow_null=True)
    current = Running(many=True, help_text="What is being processed now, the longest first.")

    def get_fields(self) -> dict[str, s.Field]:
        return {**super().get_fields(), "label": s.CharField(help_text="What people call it.")}


class StartedJob(Status):
    job_id = s.UUIDField(help_text="The same as `id`.")
    total_items = s.IntegerField(help_text="The same as `progress.total`.")


class ProcessedItem(s.Serializer):
    path = s.CharField()
    status = s.ChoiceField(["succeeded", "failed"])
    message = s.CharField()


class JobStatusAnswer(Status):
    items = ProcessedItem(
        many=True, required=False, help_text="With `after`: processed since, at most 500."
    )
    cursor = s.CharField(required=False, help_text="With `after`: what to send next time.")


class JobPage(s.Serializer):
    count = s.IntegerField(help_text="Jobs that match, on all pages.")
    page = s.IntegerField()
    pages = s.IntegerField(help_text="At least 1.")
    jobs = Status(many=True, help_text="Newest first.")


class ActiveJob(s.Serializer):
    job = Status(allow_null=True)


class Item(s.Serializer):
    path = s.CharField()
    status = s.ChoiceField(ItemStatus.choices)
    message = s.CharField()
    result = AnyJson(help_text="What the operation has found out: an object, or null.")
    attempts = s.IntegerField(help_text="How often it was tried.")
    started_at = s.DateTimeField(allow_null=True)
    finished_at = s.DateTimeField(allow_null=True)


class ItemPage(s.Serializer):
    count = s.IntegerField(help_text="Items that match, on all pages.")
    items = Item(many=True)
    next = s.CharField(allow_null=True, help_text="Path and query of the next page.")


class Event(s.Serializer):
    at = s.DateTimeField()
    kind = s.CharField(help_text="start, cancel, pause, resume, retry, complete, fail, …")
    actor = s.CharField(allow_null=True, help_text="A user name; null: nobody logged in.")
    message = s.CharField()

    def get_fields(self) -> dict[str, s.Field]:
        words = ["page", "api", "admin", "command", "engine"]
        return {**super().get_fields(), "source": s.ChoiceField(words, help_text="From where.")}


class EventPage(s.Serializer):
    events = Event(many=True, help_text="Oldest first, at most 500.")
    next = s.CharField(allow_null=True, help_text="Path and query of what came later.")


class FailureGroup(s.Serializer):
    message = s.CharField(help_text="“…” stands for the item's own name.")
    count = s.IntegerField()
    example = s.CharField(help_text="The path of the first item with this message.")


class Failures(s.Serializer):
    failures = FailureGroup(many=True, help_text="The most frequent first, at most 100.")
    looked_at = s.IntegerField(help_text="Failed items that were counted, at most 100,000.")
    complete = s.BooleanField(help_text="Every failure was counted and every group is here.")


class Changes(s.Serializer):
    count = s.IntegerField(help_text="Items that would be processed.")
    changed = s.IntegerField(help_text="Files among them that were written since the job was made.")
    vanished = s.IntegerField(help_text="Files that are not there any more: deleted or moved.")
    examples = s.ListField(child=s.CharField(), help_text="Paths of at most 10 of those two.")
    checked = s.IntegerField(help_text="Files that were looked at.")
    complete = s.BooleanField(help_text="These are all; else it is a sample.")


class Health(s.Serializer):
    status = s.ChoiceField(["ok", "error"])
    checks = s.DictField(
        child=s.CharField(), help_text="database, broker, cluster, library: “ok” or a sentence."
    )
