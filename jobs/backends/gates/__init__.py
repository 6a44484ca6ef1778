"""Gates: small files through which workers start items without asking the database.

A start must be one atomic step against a fence. In the database it is an UPDATE of the worker's
lease row: on PostgreSQL a round trip and a commit for each item, on SQLite the only write lock.
So each worker starts the items of a batch through a file of its own, and the rare fence closes
the file: on SQLite the cancel does that itself, on PostgreSQL the worker, which acknowledges it.
"""

from jobs.backends.gates.folder import RUNNING_FIELDS, FenceTimeout, GateFolder, LeaseFields
from jobs.backends.gates.gate import Gate, Permit

__all__ = ["RUNNING_FIELDS", "FenceTimeout", "Gate", "GateFolder", "LeaseFields", "Permit"]
