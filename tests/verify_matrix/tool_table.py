"""The free tools for each kind, by the ending of the name.

The first is the one that people use; the others look deeper, and for another part of the content.
"""

from pathlib import Path

from tests.verify_matrix.tools import Tool

ERRORS = r"\berrors?\b"
FFMPEG = Tool(
    "ffmpeg -v error -err_detect crccheck+bitstream+buffer -i {file} -f null -", silent=True
)
SEVEN = Tool("7z t -bd -pnone {file}", words=r"^(ERRORS|WARNINGS|ERROR|WARNING|Warnings):")
IDENTIFY = Tool("identify -regard-warnings {file}")
UNZIP = Tool("unzip -tq {file}")
XMLLINT = Tool("xmllint --huge --noout {file}")
SOX = Tool("sox {file} -n", words=r"WARN|FAIL")
OPENJPEG = Tool("opj_decompress -i {file} -o {new}.ppm", words=r"\[ERROR\]|WARNING.*trunc")
TIFF = (
    Tool("tiffinfo -D {file}", words=r"error|not enough data|premature|corrupt|cannot"),
    Tool("gdalinfo -checksum {file}", words=r"ERROR \d|^Warning \d+: .*(trunc|corrupt|premature)"),
)
PACKED_TAR = Tool("tar -tf {file}")


def _reader(kind: str) -> Tool:
    return Tool(f"{{python}} {{readers}} {kind} {{file}}")


TOOLS: dict[str, tuple[Tool, ...]] = {
    "jpg": (
        Tool("jpeginfo -c {file}", words=r"WARNING|ERROR"),
        Tool("djpeg -outfile {new} {file}", silent=True),
        IDENTIFY,
    ),
    "png": (Tool("pngcheck -q {file}"), IDENTIFY),
    "gif": (
        Tool("giftext {file}", words=ERRORS),
        Tool("gifsicle --info {file} -o {new}", words=r"warning|error|missing|trunc"),
        IDENTIFY,
    ),
    "webp": (Tool("webpinfo -quiet {file}"), Tool("dwebp -quiet {file} -o {new}"), IDENTIFY),
    "bmp": (IDENTIFY, FFMPEG),
    "ico": (IDENTIFY, Tool("icotool -x -o . {file}")),
    "psd": (IDENTIFY, FFMPEG),
    "svg": (XMLLINT,),
    "svgz": (Tool("gzip -t -S .svgz {file}"),),
    "tif": TIFF,
    "dng": (Tool("dcraw_emu -Z - {file}", words=r"cannot|error|corrupt"), TIFF[0]),
    "heic": (Tool("heif-convert {file} {new}.png"), Tool("heif-info {file}")),
    "avif": (Tool("avifdec {file} {new}.png"), Tool("heif-info {file}")),
    "jp2": (OPENJPEG, Tool("gdalinfo -checksum {file}", words=r"ERROR \d|Warning \d+: .*trunc")),
    "jxl": (Tool("djxl --quiet {file} {new}.ppm"),),
    "mp3": (Tool("mp3val {file}", words=r"^WARNING(?!.*No supported tags)", status=False), FFMPEG),
    "flac": (Tool("flac -t -s {file}"), FFMPEG),
    "ogg": (Tool("ogginfo -q {file}", words=r"warning|error"), FFMPEG),
    "opus": (Tool("opusdec --quiet {file} {new}.wav", words=r"warning|error"), FFMPEG),
    "oga": (Tool("flac -t -s --ogg {file}"), FFMPEG),
    "wav": (SOX, FFMPEG),
    "aac": (FFMPEG,),
    "wv": (Tool("wvunpack -q -v {file}"), FFMPEG),
    "mkv": (FFMPEG, Tool("mkvmerge -q -o {new} {file}")),
    "pdf": (
        Tool("qpdf --check {file}"),
        Tool("pdftoppm -r 20 {file} {new}", words=ERRORS),
        Tool("gs -q -dNOPAUSE -dBATCH -dPDFSTOPONERROR -sDEVICE=nullpage {file}", words=ERRORS),
    ),
    "xls": (SEVEN,),
    "xml": (XMLLINT,),
    "json": (Tool("{python} -m json.tool {file} {new}"),),
    "jsonl": (Tool("{python} -m json.tool --json-lines {file} {new}"),),
    "zip": (UNZIP, SEVEN),
    "7z": (SEVEN, Tool("bsdtar -xOf {file}", words=ERRORS)),
    "rar": (SEVEN, Tool("lsar -t {file}", words=r"fail")),
    "gz": (Tool("gzip -t {file}"),),
    "tgz": (Tool("gzip -t {file}"), PACKED_TAR),
    "bz2": (Tool("bzip2 -t {file}"),),
    "xz": (Tool("xz -t {file}"),),
    "zst": (Tool("zstd -q -t {file}"),),
    "tar.zst": (Tool("zstd -q -t {file}"), PACKED_TAR),
    "lz4": (Tool("lz4 -q -t {file}"),),
    "lz": (Tool("lzip -q -t {file}"),),
    "br": (Tool("brotli -t {file}"),),
    "Z": (Tool("gzip -t {file}"),),
    "tar": (PACKED_TAR, Tool("bsdtar -xOf {file}", words=r"bsdtar: .*(error|damaged|trunc)")),
    "iso": (Tool("isovfy {file}", words=r"(?<!no )errors?\b|invalid|bad|cannot"), SEVEN),
    "sqlite": (
        Tool("sqlite3 -readonly {file} 'PRAGMA integrity_check'", words=r"^(?!ok\b).+"),
    ),
    "npy": (_reader("numpy"),),
    "h5": (Tool("h5dump -o {new} {file}", words=r"error|unable"), _reader("hdf5")),
    "fits": (_reader("fits"),),
    "parquet": (_reader("parquet"),),
    "ttf": (_reader("font"), Tool("fc-validate {file}")),
}  # fmt: skip
_LIKE = {
    "jpg": "jpeg jpe", "jp2": "j2k jph jpc jpx", "tif": "tiff", "ico": "cur", "xz": "lzma txz",
    "heic": "heif hif",
        "aac": "m4a wma wmv tta mp4 m4v mov 3gp webm avi ts mpg vob mpeg ogv w64 caf ac3 au voc",
    "wav": "aiff aif aifc", "npy": "npz", "ttf": "otf woff woff2 ttc", "h5": "hdf5",
    "zip": "docx xlsx pptx odt ods odp epub jar whl cbz apk", "sqlite": "db sqlite3",
    "xls": "doc ppt msi", "xml": "xsd xsl rdf", "fits": "fit", "bz2": "tbz2",
}  # fmt: skip
TOOLS |= {ending: TOOLS[kind] for kind, endings in _LIKE.items() for ending in endings.split()}
_OF_KIND = {
    "jpeg": "jpg", "tiff": "tif", "gzip": "gz", "bzip2": "bz2", "zstd": "zst", "matroska": "mkv",
    "wavpack": "wv", "mpegts": "ts", "mpegps": "mpg", "asf": "wma", "ole": "xls", "tar": "tar",
}  # fmt: skip
BY_LOWER = {ending.lower(): tools for ending, tools in TOOLS.items()}


def tools_for(path: Path, kind: str = "") -> tuple[Tool, ...]:
    """Return the installed tools for a file, by the longest known ending of its name.

    If the name says nothing, the kind that `verify` found decides.
    """
    parts = path.name.lower().split(".")[1:]
    endings = [".".join(parts[start:]) for start in range(len(parts))]
    for ending in (*endings, _OF_KIND.get(kind, kind)):
        if ending in BY_LOWER:
            return tuple(tool for tool in BY_LOWER[ending] if tool.is_there())
    return ()


def missing_tools() -> list[str]:
    """Return the programs that are not installed, each once."""
    programs = {
        tool.command.split()[0] for tools in TOOLS.values() for tool in tools if not tool.is_there()
    }
    return sorted(programs)
