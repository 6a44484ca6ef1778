"""Sound and film."""

from pathlib import Path
from typing import Any

from tests.verify_matrix import subjects
from tests.verify_matrix.producers.recipe import Recipe, library, program


def _soundfile(form: str, subtype: str) -> Any:
    def make(out: Path, number: int) -> None:
        import soundfile

        soundfile.write(out, subjects.sound(number), subjects.RATE, format=form, subtype=subtype)

    return make


def _ffmpeg(kind: str, suffix: str, options: str, source: str = "wav") -> Recipe:
    return program(kind, suffix, f"ffmpeg -v error -i {{{source}}} {options} {{out}}")


def _film(kind: str, suffix: str, options: str) -> Recipe:
    """Picture and sound."""
    line = f"ffmpeg -v error -i {{y4m}} -i {{wav}} -shortest {options} {{out}}"
    return program(kind, suffix, line)


RECIPES: list[Recipe] = [
    program("MP3", "mp3", "lame --quiet -V 3 {wav} {out}"),
    program("MP3", "mp3", "lame --quiet --cbr -b 128 --tt Title --ta Artist {wav} {out}"),
    program("MP3", "mp3", "sox {wav} {out}"),
    _ffmpeg("MP3", "mp3", "-b:a 160k"),
    _ffmpeg("MP3", "mp3", "-b:a 96k -ac 1 -write_xing 0 -id3v2_version 0"),
    library("MP3", "mp3", "soundfile", _soundfile("MP3", "MPEG_LAYER_III"), "soundfile"),
    program("FLAC", "flac", "flac --silent -8 -o {out} {wav}"),
    program("FLAC", "flac", "flac --silent -0 --no-seektable -o {out} {wav}"),
    program("FLAC", "flac", "sox {wav} -b 24 {out}"),
    _ffmpeg("FLAC", "flac", ""),
    library("FLAC", "flac", "soundfile", _soundfile("FLAC", "PCM_24"), "soundfile"),
    program("Ogg, Opus", "ogg", "oggenc -Q -q 6 -o {out} {wav}"),
    program("Ogg, Opus", "opus", "opusenc --quiet --bitrate 128 {wav} {out}"),
    program("Ogg, Opus", "ogg", "sox {wav} {out}"),
    _ffmpeg("Ogg, Opus", "opus", "-c:a libopus"),
    program("Ogg, Opus", "oga", "flac --silent --ogg -o {out} {wav}"),
    _film("Ogg, Opus", "ogv", "-c:v libtheora -q:v 7"),
    _ffmpeg("AAC, M4A", "aac", "-b:a 128k"),
    _ffmpeg("AAC, M4A", "m4a", "-b:a 160k"),
    _ffmpeg("AAC, M4A", "m4a", "-c:a alac"),
    _ffmpeg("AAC, M4A", "m4a", "-b:a 128k -movflags +faststart"),
    program("WAV", "wav", "sox {wav} -b 24 {out}"),
    _ffmpeg("WAV", "wav", "-c:a pcm_f32le"),
    _ffmpeg("WAV", "wav", "-rf64 always"),
    _ffmpeg("WAV", "wav", "-c:a adpcm_ms"),
    library("WAV", "wav", "soundfile", _soundfile("WAV", "PCM_16"), "soundfile"),
    program("AIFF, W64", "aiff", "sox {wav} {out}"),
    _ffmpeg("AIFF, W64", "aiff", ""),
    _ffmpeg("AIFF, W64", "w64", ""),
    library("AIFF, W64", "aifc", "soundfile", _soundfile("AIFF", "PCM_16"), "soundfile"),
    program("WavPack, TTA", "wv", "wavpack -q {wav} -o {out}"),
    _ffmpeg("WavPack, TTA", "wv", ""),
    _ffmpeg("WavPack, TTA", "tta", ""),
    _ffmpeg("WMA, WMV", "wma", "-c:a wmav2"),
    _film("WMA, WMV", "wmv", "-c:v wmv2 -q:v 3 -c:a wmav2"),
    _film("MP4", "mp4", "-c:v libx264 -crf 18 -c:a aac"),
    _film("MP4", "mp4", "-c:v libx265 -x265-params log-level=none -crf 20 -c:a aac -tag:v hvc1"),
    _film("MP4", "mp4", "-c:v libx264 -crf 18 -movflags +frag_keyframe+empty_moov -g 10"),
    _film("MP4", "mp4", "-c:v libx264 -crf 18 -c:a aac -movflags +faststart -bf 3"),
    _film("MP4", "mp4", "-c:v libsvtav1 -crf 20 -c:a libopus"),
    _film("MOV, 3GP", "mov", "-c:v prores_ks -c:a pcm_s16le"),
    _film("MOV, 3GP", "mov", "-c:v mjpeg -q:v 3 -c:a aac"),
    _film("MOV, 3GP", "3gp", "-c:v h263 -s 176x144 -c:a aac -b:v 400k"),
    _film("MOV, 3GP", "mov", "-c:v libx264 -crf 18 -c:a alac"),
    _film("MKV, WebM", "mkv", "-c:v libx264 -crf 18 -c:a flac"),
    _film("MKV, WebM", "webm", "-c:v libvpx-vp9 -crf 20 -b:v 0 -cpu-used 8 -c:a libopus"),
    _film("MKV, WebM", "webm", "-c:v libvpx -crf 8 -b:v 1M -cpu-used 8 -c:a libvorbis"),
    program("MKV, WebM", "mkv",
        "ffmpeg -v error -i {y4m} -i {wav} -shortest -c:v libx264 -crf 18 {dir}/{number}.mp4",
            "mkvmerge -q -o {out} {dir}/{number}.mp4"),
    _film("MKV, WebM", "mkv", "-c:v ffv1 -level 3 -slicecrc 1 -c:a pcm_s16le"),
    _film("AVI", "avi", "-c:v mpeg4 -q:v 3 -c:a libmp3lame"),
    _film("AVI", "avi", "-c:v mjpeg -q:v 3 -c:a pcm_s16le"),
    _film("AVI", "avi", "-c:v ffv1 -c:a pcm_s16le"),
    _film("MPEG streams", "ts", "-c:v libx264 -crf 18 -c:a aac"),
    _film("MPEG streams", "mpg", "-c:v mpeg2video -q:v 3 -c:a mp2"),
    _film("MPEG streams", "vob", "-c:v mpeg2video -q:v 3 -c:a ac3"),
]  # fmt: skip
