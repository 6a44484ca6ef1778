"""The books that the queue libraries keep, as small as the task allows: no engine is in them."""

from django.db import models


class BenchJob(models.Model):
    status = models.CharField(max_length=10, default="processing")

    objects: models.Manager["BenchJob"] = models.Manager()

    def __str__(self) -> str:
        return str(self.pk)


class BenchItem(models.Model):
    job = models.ForeignKey(BenchJob, models.CASCADE, db_index=False)
    kind = models.CharField(max_length=10)
    key = models.TextField()
    status = models.CharField(max_length=10, default="pending")
    result = models.JSONField(null=True)
    finished_at = models.FloatField(null=True)

    objects: models.Manager["BenchItem"] = models.Manager()

    class Meta:
        indexes = (models.Index(fields=["job", "status"], name="bench_item_status"),)

    def __str__(self) -> str:
        return self.key
