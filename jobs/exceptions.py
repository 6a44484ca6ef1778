"""Errors that people see. The docstring is the message; attributes are its data.

Keeping the sentence in the docstring is an idea of procrastinate.
"""

from inspect import cleandoc


class JobsError(Exception):
    """Something is wrong with this request."""

    def __init__(self, message: str | None = None, /, **data: object) -> None:
        template = message or " ".join(cleandoc(type(self).__doc__ or "").split())
        super().__init__(template.format(**data) if data and message is None else template)
        self.data = data

    @property
    def message(self) -> str:
        return str(self)


class FieldErrors(JobsError):
    """Some fields are not valid."""

    def __init__(
        self, message: str | None = None, /, *, fields: dict[str, list[str]], **data: object
    ) -> None:
        super().__init__(message, **data)
        self.fields = fields


class UnknownOperation(JobsError):
    """There is no operation named “{name}”. Choose one of: {known}."""


class BadParameters(FieldErrors):
    """The parameters of this operation are not valid."""


class BadLimits(FieldErrors):
    """The limits of the job are not valid."""


class BadOperationsFile(JobsError):
    """The operations file cannot be used."""


class BadSelection(JobsError):
    """Say which files to process: give exactly one of “files”, “all”, “unprocessed” or “search”."""


class OperationListsItems(JobsError):
    """The operation “{name}” lists its own items: start it without files."""


class NoFiles(JobsError):
    """There are no files to process."""


class TooManyJobs(JobsError):
    """There are {count} unfinished jobs already; one person may have {limit} on this site. Wait
    until some have finished, or cancel some, then try again."""


class UnknownFiles(JobsError):
    """Not in the library: {paths}. Refresh the file list and try again."""


class JobNotFound(JobsError):
    """Job not found"""


class JobNotActive(JobsError):
    """Job not found or already completed"""


class JobStillActive(JobsError):
    """The job is still active. Cancel it first, then delete it."""


class CannotPause(JobsError):
    """Only a queued or running job can be paused; this one is {status}."""


class CannotResume(JobsError):
    """Only a paused or finished job can be resumed; this one is {status}."""


class NothingToResume(JobsError):
    """Every file of this job was processed; nothing is left to resume."""


class CannotRetry(JobsError):
    """Only a paused or finished job can be retried; this one is {status}."""


class NothingToRetry(JobsError):
    """No file of this job has failed; there is nothing to retry."""


class NotPrepared(JobsError):
    """This job was still being prepared when it was stopped. Resume it first."""


class NoRepeatedError(JobsError):
    """This job was not paused because of equal errors. Resume it without “retry_failed”; retry it
    later to process all failed files again."""


class BadCursor(JobsError):
    """The cursor is not one that this job has issued. Start again without it."""


class BrokerUnavailable(JobsError):
    """The message broker does not answer: {reason}"""


class BadItems(JobsError):
    """The operation could not list its items: {reason}"""


class LibraryUnreadable(JobsError):
    """The library folder {root} cannot be read: {reason}. The list of files was not changed."""


class ScanRunning(JobsError):
    """The library is already being scanned. Wait until that scan has finished."""


class DataFolderUnusable(JobsError):
    """The file {file} cannot be created or opened: {reason}. Let this account write to DATA_DIR."""


class OtherVersion(JobsError):
    """The database {name} belongs to another version of batchsite; it was not changed. Set DATA_DIR
    (or DATABASE_URL) to a new one, or move the old one away. See docs/upgrading.md."""
