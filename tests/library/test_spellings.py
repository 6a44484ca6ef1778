"""Names are found composed and decomposed, and two files that differ only in that stay two."""

from unicodedata import normalize

import pytest

from jobs import services
from jobs.exceptions import UnknownFiles
from jobs.library.on_demand import find_keys
from jobs.library.queries import list_files, select_files
from jobs.library.spellings import MAX_SPELLINGS, spellings
from jobs.progress.items import select_items

COMPOSED, DECOMPOSED = "Größe/Café.txt", normalize("NFD", "Größe/Café.txt")
MIXED = normalize("NFD", "Größe") + "/" + "Café.txt"


def found(search):
    return list(select_files(search=search).order_by("path").values_list("path", flat=True))


@pytest.mark.parametrize("on_disk", [COMPOSED, DECOMPOSED, MIXED])
@pytest.mark.parametrize("typed", ["röße", "Café", "fé.", "é", "ö", "Größe/Café.txt"])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_search_finds_a_name_however_either_is_written(library, on_disk, typed, form):
    library.write(on_disk, "Cafe.txt", "Grosse/Caf.txt")
    library.scan()
    typed = normalize(form, typed)

    assert found(typed) == [on_disk]
    assert list_files(search=typed)[0] == 1


def test_search_finds_both_of_two_files_that_differ_only_in_writing(library):
    library.write("é", normalize("NFD", "é"))
    library.scan()

    assert len(found("é")) == len(found(normalize("NFD", "é"))) == 2


@pytest.mark.parametrize("on_disk", [COMPOSED, DECOMPOSED, MIXED])
@pytest.mark.parametrize("scanned", [True, False])
def test_job_takes_a_file_by_a_path_in_any_writing(library, on_disk, scanned):
    library.write(on_disk)
    if scanned:
        library.scan()

    job = services.start_job("verify", files=[COMPOSED, DECOMPOSED, MIXED])

    assert [item.key for item in job.items.all()] == [on_disk]


def test_job_takes_exactly_the_named_one_of_two_files(library):
    library.write(COMPOSED, DECOMPOSED)

    assert find_keys([DECOMPOSED]) == {DECOMPOSED: DECOMPOSED}
    assert find_keys([COMPOSED, DECOMPOSED]) == {COMPOSED: COMPOSED, DECOMPOSED: DECOMPOSED}
    assert find_keys([MIXED]) == {MIXED: COMPOSED}


def test_job_of_a_path_that_no_writing_names_is_refused(library):
    library.write("Cafe.txt")

    with pytest.raises(UnknownFiles, match="Café"):
        services.start_job("verify", files=["Café.txt"])


def test_search_in_the_items_of_a_job_finds_either_writing(library):
    library.write(DECOMPOSED, "Cafe.txt")
    job = services.start_job("verify", files=[DECOMPOSED, "Cafe.txt"])

    for form in ("NFC", "NFD"):
        items = select_items(job, search=normalize(form, "Café"))
        assert [item.key for item in items] == [DECOMPOSED]


def test_plain_text_has_one_spelling_and_long_paths_have_a_limited_number():
    assert spellings("a/b c") == ["a/b c"]
    assert spellings("日本") == ["日本"]
    assert len(spellings("é/" * 20)) == 2
    assert len(spellings("é/é")) == 4 <= MAX_SPELLINGS
