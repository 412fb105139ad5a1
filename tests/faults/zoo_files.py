"""Files that are no pictures, or must not be taken for ones."""

import json
import struct
import zlib
from pathlib import Path

import numpy as np
from by_hand import chunk, encoded, interlaced_png, rgb_png
from zoo import HEIGHT, WIDTH, Kind, Refused, file

ONE_GIB = 1 << 30


def sparse(path: Path, rgb: np.ndarray) -> None:
    with path.open("wb") as hollow:
        hollow.truncate(ONE_GIB)


def cut(file_: bytes, share: float) -> bytes:
    return file_[: int(len(file_) * share)]


def deflated(size: int) -> bytes:
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(size >> 20)) + packer.flush()


def flipped(file_: bytes) -> bytes:
    """One bit of its compressed pixels is another."""
    at = file_.index(b"IDAT") + 30
    return file_[:at] + bytes((file_[at] ^ 16,)) + file_[at + 1 :]


def ftyp(brand: bytes) -> bytes:
    return struct.pack(">I", 24) + b"ftyp" + brand + bytes(4) + b"mif1" + brand + bytes(400)


def gray_bomb(rgb: np.ndarray) -> bytes:
    """A PNG of 30,000 x 30,000 pixels in less than a megabyte."""
    return rgb_png(rgb[:1], idat=deflated(30_000 * 30_001), height=30_000, width=30_000)


BROKEN: list[Kind] = [
    file("empty file", "empty.jpg", b"", Refused("the file is empty")),
    file("file of one byte", "one_byte.jpg", b"\xff", Refused("not a picture")),
    Kind("1 GiB of nothing (sparse)", "zoo/sparse.jpg", sparse, Refused("not a picture")),
    file("PNG cut in the middle", "cut.png", lambda rgb: cut(rgb_png(rgb), 0.5), Refused("truncated")),
    file(
        "PNG whose rows end properly after half of them", "half.png",
        lambda rgb: rgb_png(rgb[: len(rgb) // 2], height=len(rgb)), Refused("truncated"),
    ),
    file(
        "PNG, interlaced, without its last rows", "half_interlaced.png",
        lambda rgb: interlaced_png(rgb, without=400), Refused("truncated"),
    ),
    file("PNG with its head alone", "head.png", lambda rgb: rgb_png(rgb)[:33], Refused("PNG")),
    file(
        "PNG with a flipped bit in its pixels", "flipped.png",
        lambda rgb: flipped(rgb_png(rgb)), Refused("broken data"),
    ),
    file(
        "PNG whose head has a wrong checksum", "head_crc.png",
        lambda rgb: rgb_png(rgb)[:29] + b"junk" + rgb_png(rgb)[33:], Refused("begins as PNG"),
    ),
    file(
        "PNG with a wrong checksum of a remark", "text_crc.png",
        lambda rgb: rgb_png(rgb, before=chunk(b"tEXt", b"a\0b", 1)), Refused("begins as PNG"),
    ),
    file("PNG of no height", "no_height.png", lambda rgb: rgb_png(rgb, height=0), Refused("begins as PNG")),
    file(
        "PNG with a text that inflates to 100 MB (zTXt)", "ztxt.png",
        lambda rgb: rgb_png(rgb, before=chunk(b"zTXt", b"a\0\0" + deflated(100 << 20))), Refused("too large"),
    ),
    file(
        "PNG with a text that inflates to 100 MB (iTXt)", "itxt.png",
        lambda rgb: rgb_png(rgb, before=chunk(b"iTXt", b"a\0\1\0\0\0" + deflated(100 << 20))), Refused("too large"),
    ),
    file(
        "PNG with an ICC profile that inflates to 100 MB", "iccp.png",
        lambda rgb: rgb_png(rgb, before=chunk(b"iCCP", b"a\0\0" + deflated(100 << 20))), Refused("too large"),
    ),
    file("PNG of 30,000 x 30,000 pixels", "bomb.png", lambda rgb: png_of(30_000, 30_000), Refused("more than")),
    file("PNG of 89,478,485 x 1 pixels", "wide.png", lambda rgb: png_of(89_478_485, 1), Refused("more than memory")),
    file("PNG of 2,147,483,647 x 1 pixels", "long.png", lambda rgb: png_of(2**31 - 1, 1), Refused("more than")),
    file(
        "BMP of 60,000 x 60,000 pixels", "bomb.bmp",
        lambda rgb: b"BM" + struct.pack("<IHHIIiiHHIIiiII", 54, 0, 0, 54, 40, 60_000, 60_000, 1, 24, 0, 0, 0, 0, 0, 0),
        Refused("more than"),
    ),
    file("text in front of a JPEG", "front.jpg", lambda rgb: b"\r\n" + encoded(rgb, "JPEG"), Refused("not a picture")),
    file(
        "JPEG that is all zeros behind its head", "zeros.jpg",
        lambda rgb: encoded(rgb, "JPEG")[:300] + bytes(9_000), Refused("JPEG"),
    ),
]  # fmt: skip


def png_of(width: int, height: int) -> bytes:
    from by_hand import png

    return png(np.empty((0, 0), np.uint8), width, height=height, idat=deflated(64 << 20))


OTHERS: list[Kind] = [
    file(
        "web page called .jpg", "page.jpg",
        b"<!DOCTYPE html>\n<html><title>404</title></html>", Refused("a web page"),
    ),
    file("JSON called .jpg", "answer.jpg", json.dumps({"error": "no such file"}).encode(), Refused("not a picture")),
    file("text", "notes.txt", b"taken in May", Refused("not a picture")),
    file("HEIC", "photo.heic", ftyp(b"heic"), Refused("HEIC")),
    file("HEIC called .jpg", "photo.jpg", ftyp(b"heic"), Refused("HEIC")),
    file("AVIF", "photo.avif", lambda rgb: encoded(rgb, "AVIF"), Refused("AVIF")),
    file("JPEG 2000", "photo.jp2", lambda rgb: encoded(rgb, "JPEG2000"), Refused("JPEG 2000")),
    file("SVG", "drawing.svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>', Refused("SVG")),
    file("PDF", "paper.pdf", b"%PDF-1.7\n1 0 obj", Refused("PDF")),
    file(
        "PostScript (Ghostscript is never started)", "figure.eps",
        lambda rgb: encoded(rgb, "EPS"), Refused("PostScript"),
    ),
    file("PostScript called .jpg", "figure.jpg", lambda rgb: encoded(rgb, "EPS"), Refused("PostScript")),
    file(
        "Photoshop", "layers.psd",
        b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, HEIGHT, WIDTH, 8, 3), Refused("Photoshop"),
    ),
    file("icon", "page.ico", lambda rgb: encoded(rgb, "ICO"), Refused("an icon")),
    file("film (MP4)", "film.mp4", ftyp(b"isom"), Refused("a film")),
    file("film called .jpg", "film.jpg", ftyp(b"mp42"), Refused("a film")),
    file("ZIP archive called .png", "archive.png", b"PK\3\4" + bytes(60), Refused("a ZIP archive")),
    file("TGA", "old.tga", lambda rgb: encoded(rgb, "TGA"), Refused("not a picture")),
    file("NumPy array", "pixels.npy", b"\x93NUMPY\1\0" + bytes(120), Refused("not a picture")),
    file("Thumbs.db", "Thumbs.db", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), Refused("not a picture")),
    file("desktop.ini", "desktop.ini", b"[.ShellClassInfo]\r\n", Refused("not a picture")),
]  # fmt: skip
