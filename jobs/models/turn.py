"""The table of turns: when workers last served each person."""

from django.conf import settings
from django.db import models


class Turn(models.Model):
    """When a job of a person last got a worker. Workers go round persons by it.

    Jobs end and are deleted, so their leases cannot show this. A null `person` stands for
    everybody who was not logged in.
    """

    # Without a constraint: a worker must not wait for, or fail with, the removal of a user.
    person = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        related_name="+",
        db_constraint=False,
    )
    served_at = models.DateTimeField()
    """Later than that of every earlier turn, whatever the clocks say: for the order only."""

    def __str__(self) -> str:
        return f"{self.person_id}: {self.served_at}"
