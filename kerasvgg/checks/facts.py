"""What a picture's head says of it, before it is decoded."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from PIL.Image import Image

ORIENTATION, BITS = 274, 258  # tags of EXIF and TIFF


class Facts(NamedTuple):
    """As Pillow names them: bits of a channel, EXIF's orientation (1 to 8), and the colour profile's name."""

    format: str = ""
    mode: str = ""
    bits: int = 8
    frames: int = 1
    orientation: int = 1
    transparent: bool = False
    profile: str = ""


def facts(picture: "Image") -> Facts:
    """Returns what an opened file says of its picture."""
    profile = picture.info.get("icc_profile")
    return Facts(
        "JPEG" if picture.format == "MPO" else picture.format or "",  # a JPEG with a second one behind it
        picture.mode,
        _bits(picture),
        _frames(picture),
        _orientation(picture),
        "A" in picture.getbands() or "transparency" in picture.info,
        _profile_name(profile) if isinstance(profile, bytes) else "",
    )


def _orientation(picture: "Image") -> int:
    told = picture.getexif().get(ORIENTATION, 1)
    return told if told in range(1, 9) else 1


def _bits(picture: "Image") -> int:
    if picture.mode.startswith("I"):
        return 16
    if picture.format == "PNG":  # Pillow's mode does not tell, the raw mode in its first tile does
        tile = getattr(picture, "tile", None) or [("", (), 0, "")]
        return 16 if "16" in str(tile[0][3]) else 8
    return max(getattr(picture, "tag_v2", {}).get(BITS, (8,)))


def _frames(picture: "Image") -> int:
    try:
        return getattr(picture, "n_frames", 1) if picture.format != "MPO" else 1
    except Exception:  # what lies behind the first picture is damaged, which is not taken
        return 1


def _profile_name(profile: bytes) -> str:
    """Returns the description in an ICC profile, "" for a profile without one."""
    for at in range(132, 132 + 12 * min(int.from_bytes(profile[128:132]), 100), 12):
        if profile[at : at + 4] == b"desc":
            start, size = (int.from_bytes(profile[place : place + 4]) for place in (at + 4, at + 8))
            text = profile[start + 12 : start + min(size, 200)]
            return "".join(chr(one) for one in text if 32 <= one < 127).strip()
    return ""
