"""JPEG and PNG: what a decoder must take, with the pixels they hold, and what it must refuse."""

import base64
import io
import struct
import zlib

import numpy as np
from by_hand import chunk, encoded, in_frame, interlaced_png, png, rgb_png, segment, with_segment, without_segments
from PIL import Image
from zoo import HEIGHT, WIDTH, Good, Kind, Refused, file
from zoo_pixels import (
    FINE,
    LOSSY,
    PALETTE,
    alpha,
    big,
    bits,
    black_and_white,
    coloured,
    deep,
    frames,
    gray,
    inks,
    packed,
    printed,
)


def jpeg(rgb, **more):
    return encoded(rgb, "JPEG", **{**FINE, **more})


def cmyk_jpeg(rgb):
    data = io.BytesIO()
    Image.fromarray(inks(rgb), "CMYK").save(data, "JPEG", **FINE)
    return data.getvalue()


def ycck_jpeg(rgb):
    """Adobe's YCCK: cyan, magenta and yellow, inverted, told as luma and two colours; black beside them."""
    inverted = 255 - inks(rgb)
    ycc = np.asarray(Image.fromarray(255 - inverted[..., :3]).convert("YCbCr"))
    data = io.BytesIO()
    # Pillow writes the numbers of CMYK 255 - x; the marker's last byte tells that they are YCCK.
    Image.fromarray(255 - np.dstack([ycc, inverted[..., 3]]), "CMYK").save(data, "JPEG", **FINE)
    file_ = data.getvalue()
    place = file_.index(b"Adobe") + 11
    return file_[:place] + b"\2" + file_[place + 1 :]


def slope(rgb):
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    return np.repeat((20 + 5 * x + 3 * y)[..., None], 3, axis=2).astype(np.uint8)


# `slope`, written once by libjpeg with arith_code = TRUE, which Pillow can't say.
ARITHMETIC = base64.b64decode(
    "/9j/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpRUk//yQAL"
    "CAAYACABAREA/8wABgAQEAX/2gAIAQEAAD8A/wCcjuoCDY3MvbBXs6U+h+SWpA4idr70t+EqPPSPGaNPxwAv+RH+QP/Z"
)
ICC = b"ICC_PROFILE\0" + bytes((9, 1)) + b"no profile at all"
TORN_EXIF = b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\x01\x12\0\x03\0\0\0\x01"


def transparent(rgb):
    return chunk(b"PLTE", PALETTE.tobytes()) + chunk(b"tRNS", bytes(range(256)))


JPEGS: list[Kind] = [
    file("JPEG", "baseline.jpg", jpeg, Good(within=LOSSY)),
    file("JPEG, progressive", "progressive.jpg", lambda rgb: jpeg(rgb, progressive=True), Good(within=LOSSY)),
    file("JPEG, 4:2:0", "420.jpg", lambda rgb: jpeg(rgb, subsampling=2), Good(within=12)),
    file("JPEG, gray", "gray.jpg", lambda rgb: jpeg(rgb[..., 0]), Good(gray, LOSSY)),
    file("JPEG, arithmetic coding", "arithmetic.jpg", ARITHMETIC, Good(slope, 3)),
    file("JPEG with RGB inside (Adobe)", "adobe_rgb.jpg", lambda rgb: jpeg(rgb, keep_rgb=True), Good(within=LOSSY)),
    file("JPEG with restart markers", "restart.jpg", lambda rgb: jpeg(rgb, restart_marker_rows=1), Good(within=LOSSY)),
    file("JPEG, CMYK, Adobe", "cmyk.jpg", cmyk_jpeg, Good(printed, LOSSY)),
    file(
        "JPEG, CMYK without Adobe's marker",
        "cmyk_plain.jpg",
        lambda rgb: without_segments(cmyk_jpeg(rgb), 0xEE),
        Good(printed, LOSSY),
    ),
    file("JPEG, YCCK, Adobe", "ycck.jpg", ycck_jpeg, Good(printed, 10)),
    file("JPEG without JFIF", "no_jfif.jpg", lambda rgb: without_segments(jpeg(rgb), 0xE0), Good(within=LOSSY)),
    file("JPEG with more bytes behind it", "tail.jpg", lambda rgb: jpeg(rgb) + b"junk" * 999, Good(within=LOSSY)),
    file("JPEG with a second picture (MPO)", "mpo.jpg", lambda rgb: frames(rgb, "MPO", **FINE), Good(within=LOSSY)),
    file("JPEG with torn EXIF", "exif.jpg", lambda rgb: with_segment(jpeg(rgb), 0xE1, TORN_EXIF), Good(within=LOSSY)),
    file(
        "JPEG with a broken ICC profile", "icc.jpg",
        lambda rgb: with_segment(jpeg(rgb), 0xE2, ICC), Good(within=LOSSY),
    ),
    file(
        "JPEG with 2 MB of comments",
        "comments.jpg",
        lambda rgb: jpeg(rgb)[:2] + segment(0xFE, b"c" * 65_000) * 32 + jpeg(rgb)[2:],
        Good(within=LOSSY),
    ),
    file("JPEG called .png", "a_jpeg.png", jpeg, Good(within=LOSSY)),
    file("JPEG cut in the middle", "cut.jpg", lambda rgb: jpeg(rgb)[:-120], Refused("truncated")),
    file(
        "progressive JPEG cut in the middle", "cut_progressive.jpg",
        lambda rgb: jpeg(rgb, progressive=True)[:-300], Refused("truncated"),
    ),
    file("JPEG without its last two bytes", "no_end.jpg", lambda rgb: jpeg(rgb)[:-2], Refused("truncated")),
    file(
        "JPEG with bytes before its end", "stuffed.jpg",
        lambda rgb: jpeg(rgb)[:-2] + b"\0\1\xff\xd9", Good(within=LOSSY),
    ),
    file("JPEG whose rows end properly", "half.jpg", lambda rgb: jpeg(rgb)[:-120] + b"\xff\xd9", Refused("truncated")),
    file(
        "progressive JPEG whose passes end properly", "half_progressive.jpg",
        lambda rgb: jpeg(rgb, progressive=True)[:-300] + b"\xff\xd9", Refused("truncated"),
    ),
    file(
        "small JPEG that says 9,400 x 9,400 pixels", "says_more.jpg",
        lambda rgb: in_frame(jpeg(rgb), 5, struct.pack(">HH", 9400, 9400)), Refused("truncated"),
    ),
    file("JPEG of 12 bits", "twelve.jpg", lambda rgb: in_frame(jpeg(rgb), 4, b"\x0c"), Refused("begins as JPEG")),
    file("JPEG, lossless process", "lossless.jpg", lambda rgb: in_frame(jpeg(rgb), 1, b"\xc3"), Refused("broken data")),
    file("JPEG of no height", "no_height.jpg", lambda rgb: in_frame(jpeg(rgb), 5, b"\0\0"), Refused("begins as JPEG")),
    file("JPEG of no width", "no_width.jpg", lambda rgb: in_frame(jpeg(rgb), 7, b"\0\0"), Refused("begins as JPEG")),
]  # fmt: skip


PNGS: list[Kind] = [
    file("PNG", "rgb.png", rgb_png, Good()),
    file("PNG called .jpg", "a_png.jpg", rgb_png, Good()),
    file("PNG, interlaced", "interlaced.png", interlaced_png, Good()),
    file("PNG, gray", "gray.png", lambda rgb: png(rgb[..., 0], WIDTH, colour=0), Good(gray)),
    file("PNG, gray, 1 bit", "bit.png", lambda rgb: png(packed(bits(rgb)), WIDTH, 1, 0), Good(black_and_white)),
    file(
        "PNG, gray, 4 bits", "four.png",
        lambda rgb: png(rgb[:, ::2, 0] & 240 | rgb[:, 1::2, 0] >> 4, WIDTH, 4, 0),
        Good(lambda rgb: gray(rgb) // 16 * 17),
    ),
    file("PNG, gray, 16 bits", "deep.png", lambda rgb: png(big(deep(rgb)[..., 0]), WIDTH, 16, 0), Good(gray)),
    file("PNG, RGB, 16 bits", "deep_rgb.png", lambda rgb: png(big(deep(rgb)), WIDTH, 16, 2), Good()),
    file(
        "PNG, gray and alpha, 16 bits", "deep_la.png",
        lambda rgb: png(big(deep(rgb)[..., :2]), WIDTH, 16, 4), Good(gray),
    ),
    file("PNG, RGBA, 16 bits", "deep_rgba.png", lambda rgb: png(big(deep(alpha(rgb))), WIDTH, 16, 6), Good()),
    file(
        "PNG, RGBA: transparency is dropped", "rgba.png",
        lambda rgb: png(alpha(rgb).reshape(HEIGHT, -1), WIDTH, 8, 6), Good(),
    ),
    file(
        "PNG, gray and alpha", "la.png",
        lambda rgb: png(alpha(rgb)[..., [0, 3]].reshape(HEIGHT, -1), WIDTH, 8, 4), Good(gray),
    ),
    file(
        "PNG, palette", "palette.png",
        lambda rgb: png(rgb[..., 0], WIDTH, 8, 3, chunk(b"PLTE", PALETTE.tobytes())), Good(coloured),
    ),
    file(
        "PNG, palette with transparency", "trns.png",
        lambda rgb: png(rgb[..., 0], WIDTH, 8, 3, transparent(rgb)), Good(coloured),
    ),
    file(
        "PNG, palette of 2 colours", "palette2.png",
        lambda rgb: png(packed(bits(rgb)), WIDTH, 1, 3, chunk(b"PLTE", PALETTE[:2].tobytes())),
        Good(lambda rgb: PALETTE[bits(rgb) * 1]),
    ),
    file(
        "PNG, RGB with a transparent colour", "trns_rgb.png",
        lambda rgb: rgb_png(rgb, before=chunk(b"tRNS", bytes(6))), Good(),
    ),
    file("PNG, animated", "animated.png", lambda rgb: frames(rgb, "PNG"), Good()),
    file(
        "PNG with 5 MB of plain text", "text.png",
        lambda rgb: rgb_png(rgb, before=chunk(b"tEXt", b"a\0" + b"x" * 5_000_000)), Good(),
    ),
    file(
        "PNG with a broken ICC profile", "icc.png",
        lambda rgb: rgb_png(rgb, before=chunk(b"iCCP", b"a\0\0junk")), Good(),
    ),
    file("PNG with a wrong checksum of whole pixels", "crc.png", lambda rgb: rgb_png(rgb, checksum=1), Good()),
    file("PNG without its end mark", "no_end.png", lambda rgb: rgb_png(rgb)[:-12], Good()),
    file("PNG with more bytes behind it", "tail.png", lambda rgb: rgb_png(rgb) + b"junk" * 999, Good()),
    file(
        "PNG whose pixels inflate to 300 MB more", "inflates.png",
        lambda rgb: rgb_png(
            rgb, idat=zlib.compress(b"".join(b"\0" + row.tobytes() for row in rgb) + bytes(300_000_000), 1)
        ),
        Good(),
    ),
    file("PNG of 1 x 1", "one.png", lambda rgb: rgb_png(rgb[:1, :1]), Good(lambda rgb: rgb[:1, :1])),
    file(
        "PNG of 9,600 x 1", "oblong.png",
        lambda rgb: rgb_png(np.tile(rgb[:1], (1, 300, 1))), Good(lambda rgb: np.tile(rgb[:1], (1, 300, 1))),
    ),
    file(
        "PNG of 1 x 9,600", "tall.png",
        lambda rgb: rgb_png(np.tile(rgb[:, :1], (400, 1, 1))), Good(lambda rgb: np.tile(rgb[:, :1], (400, 1, 1))),
    ),
]  # fmt: skip
