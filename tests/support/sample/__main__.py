from jobs.library.sample import ARCHIVE
from tests.support.sample.files import write_archive

print(write_archive(ARCHIVE), "files in", ARCHIVE)
