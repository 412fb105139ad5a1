"""Every kind of trouble that a check knows, how bad it is, and what it means."""

from typing import Literal, NamedTuple

Level = Literal["error", "warning", "note"]
LEVELS: tuple[Level, ...] = ("error", "warning", "note")


class Kind(NamedTuple):
    """`level` says how bad it is; `means` what it does to training, or what becomes of it."""

    level: Level
    means: str


class Finding(NamedTuple):
    """Trouble of a kind in KINDS, at the paths it concerns, with what there is to say about this very case."""

    kind: str
    paths: tuple[str, ...]
    text: str = ""

    @property
    def level(self) -> Level:
        """How bad it is."""
        return KINDS[self.kind].level


KINDS: dict[str, Kind] = {
    "no-pictures": Kind("error", "there is nothing to train on"),
    "one-class": Kind("error", "a classifier needs two classes at least"),
    "classes-differ": Kind("error", "a class is not in every part of the split"),
    "same-file-across-parts": Kind("error", "the same file in two parts: what is tested was trained on"),
    "same-pixels-across-parts": Kind("error", "another file with the same pixels in two parts"),
    "group-across-parts": Kind("error", "pictures of one group in two parts: what is tested was nearly trained on"),
    "same-file-two-classes": Kind("error", "the same file in two classes: one of the labels is wrong"),
    "same-pixels-two-classes": Kind("error", "another file with the same pixels in two classes"),
    "alike-across-parts": Kind("warning", "resized, compressed again, cropped: what is tested was nearly trained on"),
    "mirrored-across-parts": Kind("warning", "one is the other's mirror image, in another part"),
    "alike-two-classes": Kind("warning", "resized, compressed again, cropped, in two classes: a label may be wrong"),
    "mirrored-two-classes": Kind("warning", "one is the other's mirror image, in another class"),
    "same-file": Kind("warning", "the same file twice in one class: it counts twice"),
    "same-pixels": Kind("warning", "another file with the same pixels in one class: it counts twice"),
    "suspicious-label": Kind("warning", "features of VGG16 speak for another class (only with --wrong-labels)"),
    "one-colour": Kind("warning", "there is nothing to see in it"),
    "tiny": Kind("warning", "under 32 pixels high or wide, and under half of what is usual here"),
    "truncated": Kind("warning", "left out: the file ends too early"),
    "damaged": Kind("warning", "left out: it does not decode to its end"),
    "empty-file": Kind("warning", "left out: nothing in it"),
    "not-a-picture": Kind("warning", "left out: a text, a film, an archive ..."),
    "unknown-format": Kind("warning", "left out: a picture, but of a format that is not read (HEIC, SVG, PDF ...)"),
    "too-many-pixels": Kind("warning", "left out: taken for a decompression bomb"),
    "no-agreed-black": Kind("warning", "left out: signed, float or 32-bit pixels"),
    "unreadable": Kind("warning", "left out: the file system refuses it"),
    "dead-link": Kind("warning", "left out: a link that leads nowhere"),
    "link-to-folder": Kind("warning", "left out: links to folders could loop"),
    "not-a-file": Kind("warning", "left out: a pipe, a socket or a device is never opened"),
    "empty-folder": Kind("warning", "left out: a folder without anything that could be a picture"),
    "empty-class": Kind("warning", "left out: a class folder without a picture"),
    "outside-classes": Kind("warning", "left out: it lies in no class folder"),
    "small-class": Kind("warning", "fewer than ten pictures in a class, or in a class of a part"),
    "unbalanced": Kind("warning", "the largest class has over three times the pictures of the smallest"),
    "class-names-alike": Kind("warning", "class names that differ in upper case, blanks or accents' writing alone"),
    "names-differ-in-case": Kind("warning", "two names that are one where upper and lower case are not told apart"),
    "format-tells-class": Kind("warning", "the file format alone gives the class away, and a model may learn that"),
    "size-tells-class": Kind("warning", "the size alone gives the class away, and a model may learn that"),
    "alike": Kind("note", "resized, compressed again or cropped, in one class and part"),
    "mirrored": Kind("note", "one is the other's mirror image, in one class and part"),
    "wrong-suffix": Kind("note", "its content is of another format than its name says; it is read by its content"),
    "cmyk": Kind("note", "four printing colours, converted as browsers do"),
    "many-bits": Kind("note", "more than 8 bits a channel, of which the upper 8 are kept"),
    "palette": Kind("note", "colours by number, looked up"),
    "black-or-white": Kind("note", "one bit a pixel"),
    "transparent": Kind("note", "transparency is dropped, and the colours under it appear"),
    "animated": Kind("note", "several pictures in one file, of which the first is taken"),
    "turned": Kind("note", "its EXIF orientation is undone"),
    "gray-among-colours": Kind("note", "a gray picture where most have colours"),
    "colour-profile": Kind("note", "a colour profile other than sRGB, which is not applied"),
    "huge": Kind("note", "over 20 megapixels, and ten times what is usual here: slow to decode"),
    "stretched": Kind("note", "over four times as wide as high, or the other way round: resizing loses much of it"),
    "hidden": Kind("note", "left out: a name with a dot in front"),
    "link-outside": Kind("note", "a link to a picture outside of the folder, lost when the folder is moved"),
    "odd-name": Kind("note", "a name with control characters, or not in UTF-8"),
}
