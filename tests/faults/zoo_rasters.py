"""TIFF, GIF, WEBP, BMP and PPM, and pictures that lie on their side."""

import numpy as np
from by_hand import bmp, encoded, exif, tiff, tiled_tiff
from zoo import HEIGHT, SIZE, WIDTH, Good, Kind, Refused, file
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
    gif,
    gray,
    inks,
    little,
    packed,
    printed,
)


def twelve_bits(values):
    """Two numbers in three bytes."""
    a, b = values.reshape(-1, 2).T.astype(np.uint16)
    return np.stack([a >> 4, (a & 15) << 4 | b >> 8, b & 255], axis=1).astype(np.uint8).tobytes()


def bgr(rgb):
    return rgb[..., ::-1].reshape(HEIGHT, -1)


def colours565(rgb):
    red, green, blue = (rgb[..., i].astype(np.uint16) >> bits_ for i, bits_ in enumerate((3, 2, 3)))
    return (red << 11 | green << 5 | blue).astype("<u2")


def widened565(rgb):
    parts = [np.round((rgb[..., i] >> (8 - n)) * 255.0 / (2**n - 1)) for i, n in enumerate((5, 6, 5))]
    return np.dstack(parts).astype(np.uint8)


def run_lengths(rgb):
    """RLE8: every pixel a run of one, every row ended, the file ended."""
    rows = [b"".join(bytes((1, value)) for value in row) + b"\0\0" for row in rgb[::-1, :, 0]]
    return [np.frombuffer(b"".join(rows) + b"\0\1", np.uint8)]


MASKS = np.array([0xF800, 0x07E0, 0x001F], "<u4").tobytes()
BMP_PALETTE = np.pad(PALETTE[:, ::-1], ((0, 0), (0, 1))).tobytes()

# How a picture that is to be seen as `rgb` is stored, by the number of its EXIF orientation.
STORED = {
    1: lambda rgb: rgb,
    2: lambda rgb: rgb[:, ::-1],
    3: lambda rgb: rgb[::-1, ::-1],
    4: lambda rgb: rgb[::-1],
    5: lambda rgb: rgb.transpose(1, 0, 2),
    6: lambda rgb: rgb.transpose(1, 0, 2)[::-1],
    7: lambda rgb: rgb[::-1, ::-1].transpose(1, 0, 2),
    8: lambda rgb: rgb.transpose(1, 0, 2)[:, ::-1],
}


def turned(format, number, **options):
    def content(rgb):
        stored = np.ascontiguousarray(STORED[number](rgb))
        if format == "TIFF":
            return tiff([stored.tobytes()], stored.shape[1], stored.shape[0], more={274: (number,)})
        return encoded(stored, format, exif=exif(number), **options)

    return content


def upright(format, suffix, within=0, **options):
    return [
        file(
            f"{format}, EXIF orientation {n}", f"turned{n}.{suffix}", turned(format, n, **options), Good(within=within)
        )
        for n in STORED
    ]


TIFFS: list[Kind] = [
    file("TIFF", "rgb.tif", lambda rgb: tiff([rgb.tobytes()], WIDTH, HEIGHT), Good()),
    file("TIFF, LZW", "lzw.tif", lambda rgb: encoded(rgb, "TIFF", compression="tiff_lzw"), Good()),
    file("TIFF, deflate", "deflate.tif", lambda rgb: encoded(rgb, "TIFF", compression="tiff_adobe_deflate"), Good()),
    file(
        "TIFF, JPEG inside", "jpeg.tif",
        lambda rgb: encoded(rgb, "TIFF", compression="jpeg", quality=98), Good(within=LOSSY),
    ),
    file("TIFF, tiled", "tiled.tif", tiled_tiff, Good()),
    file(
        "TIFF, a plane for each colour", "planes.tif",
        lambda rgb: tiff([rgb[..., i].tobytes() for i in range(3)], WIDTH, HEIGHT, more={284: (2,)}), Good(),
    ),
    file("BigTIFF", "big.tif", lambda rgb: encoded(rgb, "TIFF", big_tiff=True), Good()),
    file("TIFF, several pages", "pages.tif", lambda rgb: frames(rgb, "TIFF"), Good()),
    file(
        "TIFF whose second page is the first", "loop.tif",
        lambda rgb: tiff([rgb.tobytes()], WIDTH, HEIGHT, next_page=8 + rgb.size), Good(),
    ),
    file("TIFF, palette", "palette.tif", lambda rgb: encoded(coloured(rgb), "TIFF"), Good(coloured)),
    file(
        "TIFF, RGBA", "rgba.tif",
        lambda rgb: tiff([alpha(rgb).tobytes()], WIDTH, HEIGHT, (8,) * 4, more={338: (2,)}), Good(),
    ),
    file(
        "TIFF, CMYK", "cmyk.tif",
        lambda rgb: tiff([inks(rgb).tobytes()], WIDTH, HEIGHT, (8,) * 4, 5), Good(printed, 1),
    ),
    file(
        "TIFF, white is zero", "white.tif",
        lambda rgb: tiff([(255 - rgb[..., 0]).tobytes()], WIDTH, HEIGHT, (8,), 0), Good(gray),
    ),
    file(
        "TIFF, 1 bit", "bit.tif",
        lambda rgb: tiff([packed(bits(rgb)).tobytes()], WIDTH, HEIGHT, (1,), 1), Good(black_and_white),
    ),
    file(
        "TIFF, gray, 16 bits", "deep.tif",
        lambda rgb: tiff([little(deep(rgb)[..., 0])], WIDTH, HEIGHT, (16,), 1), Good(gray),
    ),
    file(
        "TIFF, gray, 16 bits, big-endian", "deep_mm.tif",
        lambda rgb: tiff([big(deep(rgb)[..., 0]).tobytes()], WIDTH, HEIGHT, (16,), 1, ">"), Good(gray),
    ),
    file(
        "TIFF, gray, 16 bits, white is zero", "deep_white.tif",
        lambda rgb: tiff([little(65535 - deep(rgb)[..., 0])], WIDTH, HEIGHT, (16,), 0), Good(gray),
    ),
    file(
        "TIFF, gray, 12 bits", "twelve.tif",
        lambda rgb: tiff([twelve_bits(deep(rgb)[..., 0] >> 4)], WIDTH, HEIGHT, (12,), 1), Good(gray),
    ),
    file("TIFF, RGB, 16 bits", "deep_rgb.tif", lambda rgb: tiff([little(deep(rgb))], WIDTH, HEIGHT, (16,) * 3), Good()),
    file(
        "TIFF, 32-bit float", "float.tif",
        lambda rgb: tiff([rgb[..., 0].astype("<f4").tobytes()], WIDTH, HEIGHT, (32,), 1, more={339: (3,)}),
        Refused("float"),
    ),
    file(
        "TIFF, 32-bit whole numbers", "int.tif",
        lambda rgb: tiff([rgb[..., 0].astype("<i4").tobytes()], WIDTH, HEIGHT, (32,), 1, more={339: (2,)}),
        Refused("32 bits"),
    ),
    file(
        "TIFF, signed 16-bit numbers", "signed.tif",
        lambda rgb: tiff([rgb[..., 0].astype("<i2").tobytes()], WIDTH, HEIGHT, (16,), 1, more={339: (2,)}),
        Refused("signed"),
    ),
    file(
        "TIFF, 64-bit float", "double.tif",
        lambda rgb: tiff([rgb[..., 0].astype("<f8").tobytes()], WIDTH, HEIGHT, (64,), 1, more={339: (3,)}),
        Refused("begins as TIFF"),
    ),
    file("TIFF cut in its pixels", "cut.tif", lambda rgb: encoded(rgb, "TIFF")[:-900], Refused("truncated")),
    file(
        "TIFF, LZW, cut", "cut_lzw.tif",
        lambda rgb: encoded(rgb, "TIFF", compression="tiff_lzw")[:-400], Refused("TIFF"),
    ),
    file(
        "TIFF without its directory", "no_directory.tif",
        lambda rgb: tiff([rgb.tobytes()], WIDTH, HEIGHT)[: 8 + rgb.size], Refused("begins as TIFF"),
    ),
    file(
        "TIFF whose pixels lie behind its end", "behind.tif",
        lambda rgb: tiff([rgb.tobytes()], WIDTH, HEIGHT, more={273: (1 << 30,)}), Refused("truncated"),
    ),
]  # fmt: skip


GIFS: list[Kind] = [
    file("GIF", "palette.gif", gif, Good(coloured)),
    file("GIF with transparency", "transparent.gif", lambda rgb: gif(rgb, transparency=40), Good(coloured)),
    file("GIF, interlaced", "interlaced.gif", lambda rgb: gif(rgb, interlace=1), Good(coloured)),
    file(
        "GIF, animated", "animated.gif",
        lambda rgb: frames(coloured(rgb) // 64 * 64, "GIF"), Good(lambda rgb: coloured(rgb) // 64 * 64),
    ),
    file("GIF cut in the middle", "cut.gif", lambda rgb: gif(rgb)[:-200], Refused("truncated")),
    file(
        "GIF that announces a screen of 65,535 x 65,535", "screen.gif",
        lambda rgb: gif(rgb)[:6] + b"\xff" * 4 + gif(rgb)[10:], Refused("pixels"),
    ),
    file("GIF with its head alone", "head.gif", lambda rgb: gif(rgb)[:13], Refused("begins as GIF")),
]  # fmt: skip

WEBPS: list[Kind] = [
    file("WEBP, lossless", "lossless.webp", lambda rgb: encoded(rgb, "WEBP", lossless=True), Good()),
    file("WEBP, lossy", "lossy.webp", lambda rgb: encoded(rgb, "WEBP", quality=98), Good(within=12)),
    file(
        "WEBP, transparency", "alpha.webp",
        lambda rgb: encoded(alpha(rgb), "WEBP", lossless=True, exact=True), Good(),
    ),
    file("WEBP, animated", "animated.webp", lambda rgb: frames(rgb, "WEBP", lossless=True), Good()),
    file("WEBP called .jpg", "a_webp.jpg", lambda rgb: encoded(rgb, "WEBP", lossless=True), Good()),
    file("WEBP cut in the middle", "cut.webp", lambda rgb: encoded(rgb, "WEBP", quality=98)[:-100], Refused("WEBP")),
]  # fmt: skip


BITMAPS: list[Kind] = [
    file("BMP", "rgb.bmp", lambda rgb: bmp(bgr(rgb)[::-1], WIDTH, HEIGHT, 24), Good()),
    file("BMP, top row first", "top.bmp", lambda rgb: bmp(bgr(rgb), WIDTH, -HEIGHT, 24), Good()),
    file(
        "BMP, 32 bits", "x.bmp",
        lambda rgb: bmp(np.dstack([rgb[::-1, :, ::-1], rgb[..., 0]]).reshape(HEIGHT, -1), WIDTH, HEIGHT, 32), Good(),
    ),
    file(
        "BMP, 16 bits", "565.bmp",
        lambda rgb: bmp(colours565(rgb)[::-1], WIDTH, HEIGHT, 16, 3, MASKS), Good(widened565, 1),
    ),
    file(
        "BMP, palette", "palette.bmp",
        lambda rgb: bmp(rgb[::-1, :, 0], WIDTH, HEIGHT, 8, 0, BMP_PALETTE), Good(coloured),
    ),
    file(
        "BMP, palette, run lengths", "rle.bmp",
        lambda rgb: bmp(run_lengths(rgb), WIDTH, HEIGHT, 8, 1, BMP_PALETTE), Good(coloured),
    ),
    file(
        "BMP, 1 bit", "bit.bmp",
        lambda rgb: bmp(packed(bits(rgb))[::-1], WIDTH, HEIGHT, 1, 0, b"\0\0\0\0\xff\xff\xff\0"), Good(black_and_white),
    ),
    file("BMP cut in the middle", "cut.bmp", lambda rgb: bmp(bgr(rgb), WIDTH, HEIGHT, 24)[:-500], Refused("truncated")),
    file("PPM", "rgb.ppm", lambda rgb: b"P6 %d %d 255\n" % SIZE[::-1] + rgb.tobytes(), Good()),
    file(
        "PPM as text", "text.ppm",
        lambda rgb: b"P3 %d %d 255\n" % SIZE[::-1] + b" ".join(b"%d" % v for v in rgb.flat), Good(),
    ),
    file("PGM", "gray.pgm", lambda rgb: b"P5 %d %d 255\n" % SIZE[::-1] + rgb[..., 0].tobytes(), Good(gray)),
    file(
        "PGM, 16 bits", "deep.pgm",
        lambda rgb: b"P5 %d %d 65535\n" % SIZE[::-1] + big(deep(rgb)[..., 0]).tobytes(), Good(gray),
    ),
    file(
        "PBM", "bit.pbm",
        lambda rgb: b"P4 %d %d\n" % SIZE[::-1] + packed(~bits(rgb)).tobytes(), Good(black_and_white),
    ),
    file(
        "PFM, float", "float.pfm",
        lambda rgb: b"Pf %d %d -1.0\n" % SIZE[::-1] + rgb[..., 0].astype("<f4").tobytes(), Refused("float"),
    ),
    file(
        "PPM cut in the middle", "cut.ppm",
        lambda rgb: b"P6 %d %d 255\n" % SIZE[::-1] + rgb.tobytes()[:-99], Refused("truncated"),
    ),
]  # fmt: skip

UPRIGHT: list[Kind] = [
    *upright("JPEG", "jpg", LOSSY, **FINE),
    *upright("PNG", "png"),
    *upright("TIFF", "tif"),
    *upright("WEBP", "webp", lossless=True),
    file(
        "PNG, EXIF orientation 9, which is none", "turned9.png",
        lambda rgb: encoded(rgb, "PNG", exif=exif(9)), Good(),
    ),
]  # fmt: skip
