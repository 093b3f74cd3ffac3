"""Pictures of every make, and files that only claim to be pictures."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from octolab.errors import BadInput, NotFound, TooLarge
from octolab.media import read_image

RED, GREEN, BLUE, GREY = (200, 30, 40), (30, 170, 60), (20, 60, 210), (128, 128, 128)


def quarters(size: int = 64) -> Image.Image:
    """Red and green above, blue and grey below."""
    pixels = np.empty((size, size, 3), np.uint8)
    half = size // 2
    pixels[:half, :half], pixels[:half, half:] = RED, GREEN
    pixels[half:, :half], pixels[half:, half:] = BLUE, GREY
    return Image.fromarray(pixels)


def encoded(image: Image.Image, kind: str, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def corners(pixels: np.ndarray) -> list[tuple[int, ...]]:
    """The colours in the middle of the four quarters, rounded to the nearest named one."""
    named = np.array([RED, GREEN, BLUE, GREY])
    height, width = pixels.shape[:2]
    places = [(1, 1), (1, 3), (3, 1), (3, 3)]
    found = [pixels[y * height // 4, x * width // 4].astype(int) for y, x in places]
    nearest = [named[np.abs(named - colour).sum(axis=1).argmin()] for colour in found]
    return [tuple(int(v) for v in colour) for colour in nearest]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF"])
def test_every_format_gives_the_same_picture(kind):
    pixels = read_image(encoded(quarters(), kind))
    assert pixels.shape == (64, 64, 3)
    assert pixels.dtype == np.uint8
    assert corners(pixels) == [RED, GREEN, BLUE, GREY]


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP"])
def test_formats_without_loss_are_exact(kind):
    np.testing.assert_array_equal(read_image(encoded(quarters(), kind)), np.asarray(quarters()))


def test_a_photo_is_read_like_pillow_reads_it(shared):
    path = shared / "data/vision/peanut/images/0225.jpg"
    with Image.open(path) as image:
        expected = np.asarray(image.convert("RGB"))
    assert np.abs(read_image(path).astype(int) - expected).max() <= 1


def test_the_name_does_not_matter(tmp_path):
    path = tmp_path / "leaf # 1%20'лист'.txt"
    path.write_bytes(encoded(quarters(), "PNG"))
    assert corners(read_image(path)) == [RED, GREEN, BLUE, GREY]
    assert corners(read_image(str(path))) == [RED, GREEN, BLUE, GREY]


# EXIF orientation: the transformation a camera asks for, and the stored picture that then
# has to be shown as red, green, blue, grey.
@pytest.mark.parametrize(
    ("orientation", "stored"),
    [
        (1, quarters()),
        (2, quarters().transpose(Image.Transpose.FLIP_LEFT_RIGHT)),
        (3, quarters().transpose(Image.Transpose.ROTATE_180)),
        (4, quarters().transpose(Image.Transpose.FLIP_TOP_BOTTOM)),
        (5, quarters().transpose(Image.Transpose.TRANSPOSE)),
        (6, quarters().transpose(Image.Transpose.ROTATE_90)),
        (7, quarters().transpose(Image.Transpose.TRANSVERSE)),
        (8, quarters().transpose(Image.Transpose.ROTATE_270)),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_exif_orientation_turns_the_picture_upright(orientation, stored, kind):
    exif = Image.Exif()
    exif[0x0112] = orientation
    wide = stored.resize((stored.width, stored.height // 2))
    pixels = read_image(encoded(wide, kind, exif=exif))
    assert corners(pixels) == [RED, GREEN, BLUE, GREY]
    assert pixels.shape[:2] == ((64, 32) if orientation >= 5 else (32, 64))


def test_cmyk_becomes_rgb():
    pixels = read_image(encoded(quarters().convert("CMYK"), "JPEG", quality=95))
    assert corners(pixels) == [RED, GREEN, BLUE, GREY]


def test_grey_becomes_three_equal_channels():
    pixels = read_image(encoded(quarters().convert("L"), "JPEG", quality=100))
    assert pixels.shape == (64, 64, 3)
    assert np.ptp(pixels, axis=2).max() == 0


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_keep_their_upper_byte(kind):
    values = np.arange(0, 65536, 257, dtype=np.uint16).reshape(16, 16)
    pixels = read_image(encoded(Image.fromarray(values), kind))
    np.testing.assert_array_equal(pixels[:, :, 0], values >> 8)


def test_transparency_lies_on_white():
    image = quarters().convert("RGBA")
    image.putalpha(0)
    assert read_image(encoded(image, "PNG")).min() == 255


def test_a_palette_with_a_transparent_colour_is_read():
    image = quarters().quantize(4)
    assert corners(read_image(encoded(image, "PNG"))) == [RED, GREEN, BLUE, GREY]
    image.info["transparency"] = 255
    assert read_image(encoded(image, "PNG")).shape == (64, 64, 3)


def test_an_animation_gives_its_first_picture():
    later = Image.new("RGB", (64, 64), "black")
    data = encoded(quarters(), "GIF", save_all=True, append_images=[later, later], duration=50)
    assert corners(read_image(data)) == [RED, GREEN, BLUE, GREY]


def test_black_and_white_bits_are_read():
    assert set(np.unique(read_image(encoded(quarters().convert("1"), "PNG")))) == {0, 255}


def test_junk_between_jpeg_markers_is_forgiven():
    data = encoded(quarters(), "JPEG")
    marker = data.index(b"\xff\xdb")
    assert corners(read_image(data[:marker] + b"\x00\x00" + data[marker:])) == [
        RED,
        GREEN,
        BLUE,
        GREY,
    ]


# --- what can't be read: one clear error each ---------------------------------------------


def test_an_empty_file_says_so(tmp_path):
    path = tmp_path / "empty.jpg"
    path.touch()
    with pytest.raises(BadInput, match=r"^empty\.jpg is empty \(0 bytes\)$"):
        read_image(path)
    with pytest.raises(BadInput, match=r"^the data is empty"):
        read_image(b"")


def test_text_named_jpg_is_not_a_picture(tmp_path):
    path = tmp_path / "notes.jpg"
    path.write_text("day 3: two leaves\n")
    with pytest.raises(BadInput, match=r"^notes\.jpg is not a picture OctoLab can read"):
        read_image(path)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.9])
def test_a_picture_that_is_cut_short_says_so(kind, share, tmp_path, shared):
    with Image.open(shared / "data/vision/photos/cat.bmp") as photo:
        data = encoded(photo, kind)
    path = tmp_path / f"cut.{kind.lower()}"
    path.write_bytes(data[: max(20, int(len(data) * share))])
    with pytest.raises(BadInput, match=r"is damaged or cut short$"):
        read_image(path)


def test_a_picture_with_garbage_inside_is_damaged(shared):
    with Image.open(shared / "data/vision/photos/cat.bmp") as photo:
        data = bytearray(encoded(photo, "PNG"))
    data[5000:6000] = bytes(1000)
    with pytest.raises(BadInput, match="damaged or cut short"):
        read_image(bytes(data))


def png_bomb(side: int) -> bytes:
    """A valid header of a gigantic picture and a few bytes of compressed zeros."""

    def chunk(name: bytes, data: bytes) -> bytes:
        whole = name + data
        return struct.pack(">I", len(data)) + whole + struct.pack(">I", zlib.crc32(whole))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1 << 20))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        [chunk(b"IHDR", header), chunk(b"IDAT", body), chunk(b"IEND", b"")]
    )


def test_an_image_bomb_is_refused_by_its_header():
    with pytest.raises(TooLarge, match=r"50000 x 50000 pixels; the limit is 100 megapixels"):
        read_image(png_bomb(50_000))


def test_the_limit_can_be_set():
    with pytest.raises(TooLarge, match=r"the limit is 0\.001 megapixels"):
        read_image(encoded(quarters(), "PNG"), max_pixels=1000)
    assert read_image(encoded(quarters(), "PNG"), max_pixels=64 * 64).shape == (64, 64, 3)


def test_a_file_of_gigabytes_is_refused_unread(tmp_path):
    path = tmp_path / "huge.png"
    with path.open("wb") as file:
        file.write(encoded(quarters(), "PNG"))
        file.truncate(2 << 30)
    with pytest.raises(TooLarge, match=r"huge\.png has 2048 MiB"):
        read_image(path)


def test_measured_values_are_no_picture():
    values = np.linspace(-3, 9, 64, dtype=np.float32).reshape(8, 8)
    with pytest.raises(BadInput, match="holds measured values"):
        read_image(encoded(Image.fromarray(values), "TIFF"))


def test_no_file_and_a_folder(tmp_path):
    with pytest.raises(NotFound, match=r"there is no file gone\.jpg"):
        read_image(tmp_path / "gone.jpg")
    with pytest.raises(BadInput, match="can't be read"):
        read_image(tmp_path)
    with pytest.raises(BadInput, match="can't be read"):
        read_image(Path("a\0b.jpg"))


def test_messages_hold_the_name_but_not_the_folder(tmp_path):
    path = tmp_path / "secret-folder" / "x.jpg"
    path.parent.mkdir()
    path.write_text("text")
    with pytest.raises(BadInput) as caught:
        read_image(path)
    assert "secret-folder" not in str(caught.value)
    assert str(caught.value.localized("en")).startswith("x.jpg ")
