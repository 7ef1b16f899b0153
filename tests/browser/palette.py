"""Makes a picture light enough for a README: at most 256 colours, those that are missed most."""

import base64
import struct
import zlib
from typing import Final

from playwright.sync_api import BrowserContext

_HEAD: Final = b"\x89PNG\r\n\x1a\n"
# The browser reads its own picture and counts: colours that differ in the last two bits are one to the eye.
_COUNT: Final = """async (source) => {
  const image = await createImageBitmap(await (await fetch("data:image/png;base64," + source)).blob());
  const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
  canvas.drawImage(image, 0, 0);
  const { data } = canvas.getImageData(0, 0, image.width, image.height);
  const keys = new Uint32Array(data.length / 4);
  const bins = new Map();
  for (let n = 0, at = 0; n < keys.length; n++, at += 4) {
    const [r, g, b] = [data[at], data[at + 1], data[at + 2]];
    const key = (keys[n] = ((r >> 2) << 12) | ((g >> 2) << 6) | (b >> 2));
    const bin = bins.get(key);
    if (bin) { bin[0]++; bin[1] += r; bin[2] += g; bin[3] += b; } else bins.set(key, [1, r, g, b]);
  }
  const colours = [...bins].map(([key, [n, r, g, b]]) => ({ key, n, at: [r / n, g / n, b / n], best: 0, far: Infinity }));
  const palette = [];
  // The next colour is the one whose lack is seen most: how often it occurs, times how far off the nearest is.
  while (palette.length < Math.min(256, colours.length)) {
    const next = colours.reduce((a, b) => (b.n * Math.min(b.far, 1e6) > a.n * Math.min(a.far, 1e6) ? b : a)).at;
    for (const each of colours) {
      const far = (each.at[0] - next[0]) ** 2 + (each.at[1] - next[1]) ** 2 + (each.at[2] - next[2]) ** 2;
      if (far < each.far) [each.far, each.best] = [far, palette.length];
    }
    palette.push(next);
  }
  const index = new Map(colours.map(({ key, best }) => [key, best]));
  let pixels = "";
  for (let n = 0; n < keys.length; n += 4096)
    pixels += String.fromCharCode(...Array.from(keys.subarray(n, n + 4096), (key) => index.get(key)));
  return { palette: palette.map((colour) => colour.map(Math.round)), pixels: btoa(pixels) };
}"""


def size_of(picture: bytes) -> tuple[int, int]:
    """Return the width and height of a PNG."""
    width, height = struct.unpack(">II", picture[16:24])
    return width, height


def few_colours(context: BrowserContext, picture: bytes) -> bytes:
    """Return a PNG with a palette instead of true colours."""
    page = context.new_page()
    found = page.evaluate(_COUNT, base64.b64encode(picture).decode())
    page.close()
    width, height = size_of(picture)
    pixels = base64.b64decode(found["pixels"])
    rows = b"".join(b"\0" + pixels[at : at + width] for at in range(0, len(pixels), width))
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    colours = bytes(part for colour in found["palette"] for part in colour)
    parts = ((b"IHDR", head), (b"PLTE", colours), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return _HEAD + b"".join(_part(kind, body) for kind, body in parts)


def _part(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
