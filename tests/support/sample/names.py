"""Names that real libraries hold and programs stumble over."""

_ODD_NAMES = (
    "two  spaces and a trailing space ",
    'it\'s "quoted" & <b>bold.txt',
    "100%25 sure?.txt",
    "percent %s %(name)s {path} {{}}.txt",
    "semicolon; rm -rf $HOME `id`.txt",
    "--help",
    "-rf.txt",
    "line one\nline two.txt",
    "tab\there.txt",
    "back\\slash and \\x41.txt",
    "=1+1 formula.txt",
    "Ünïcödé – Straße.txt",
    "cafe\u0301 (two code points).txt",
    "日本語のファイル.txt",
    "שלום עולם.txt",
    "right\u202eot-tfel.txt",
    "👩‍👩‍👧 family 🎉.txt",
    "latin-1 \udce9t\udce9.txt",
    ".hidden",
    "very long " + "name " * 47 + ".txt",
)


def oddly_named(whole: dict[str, bytes]) -> dict[str, bytes]:
    """Files in the folder `Odd names`; a lone surrogate stands for a byte that is no UTF-8."""
    content = whole["Documents/Text/note-00.txt"]
    files = {f"Odd names/{name}": content for name in _ODD_NAMES}
    files["Odd names/a/b/c/d/e/f/deep.txt"] = content
    files["Odd names/photo ’n’ 100 %.jpg"] = whole["Pictures/Holiday/Dawn 03.jpg"]
    return files
