// Resizing as Pillow does it, in two passes of 8 bits, because canvases resize each in a way of their own.
const sinc = (x) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
const FILTERS = {
  box: [0.5, (x) => (x > -0.5 && x <= 0.5 ? 1 : 0)],
  bilinear: [1, (x) => Math.max(0, 1 - Math.abs(x))],
  hamming: [1, (x) => (Math.abs(x) < 1 ? sinc(x) * (0.54 + 0.46 * Math.cos(Math.PI * x)) : 0)],
  bicubic: [2, (x) => cubic(Math.abs(x))],
  lanczos: [3, (x) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0)],
};

function cubic(x) {
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

// For each place of the output: where its window begins, and the weights of what is in it.
function windows(from, to, length, count, name) {
  const scale = (to - from) / count;
  if (name === "nearest") {
    return Array.from({ length: count }, (_, i) => [Math.min(length - 1, Math.floor(from + (i + 0.5) * scale)), [1]]);
  }
  const [reach, filter] = FILTERS[name];
  const wide = Math.max(1, scale);
  return Array.from({ length: count }, (_, i) => {
    const centre = from + (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - reach * wide + 0.5));
    const last = Math.min(length, Math.trunc(centre + reach * wide + 0.5));
    const weights = Array.from({ length: last - first }, (_, k) => filter((first + k - centre + 0.5) / wide));
    const sum = weights.reduce((a, b) => a + b, 0) || 1;
    return [first, weights.map((one) => one / sum)];
  });
}

function along(pixels, places, stride, lines, lineStride, outStride, outLineStride, out) {
  for (let line = 0; line < lines; line++) {
    for (let i = 0; i < places.length; i++) {
      const [first, weights] = places[i];
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0;
        let at = line * lineStride + first * stride + channel;
        for (let k = 0; k < weights.length; k++, at += stride) sum += weights[k] * pixels[at];
        out[line * outLineStride + i * outStride + channel] = Math.round(sum);
      }
    }
  }
  return out;
}

// `image` has data (RGBA), width and height; `box` is left, top, right, bottom. Returns RGBA of the size asked for.
function resample(image, [left, top, right, bottom], width, height, name) {
  const across = windows(left, right, image.width, width, name);
  const down = windows(top, bottom, image.height, height, name);
  const narrow = new Uint8ClampedArray(4 * width * image.height);
  along(image.data, across, 4, image.height, 4 * image.width, 4, 4 * width, narrow);
  const small = new Uint8ClampedArray(4 * width * height);
  along(narrow, down, 4 * width, width, 4, 4 * width, 4, small);
  return { data: small, width, height };
}

// What the model takes of a picture, by how its training pictures were brought to its size.
function fitted(image, about) {
  const [height, width] = about.image_size;
  const whole = [0, 0, image.width, image.height];
  if (image.width === width && image.height === height) return image;
  if (about.fit === "squeeze") return resample(image, whole, width, height, about.interpolation);
  if (about.fit === "crop") {
    const left = Math.max(0, image.width - (image.height * width) / height) / 2;
    const top = Math.max(0, image.height - (image.width * height) / width) / 2;
    const box = [left, top, image.width - left, image.height - top];
    return resample(image, box, width, height, about.interpolation);
  }
  const wide = Math.max(1, Math.min(evenRound((image.width * height) / image.height), width));
  const high = Math.max(1, Math.min(evenRound((image.height * width) / image.width), height));
  const inner = resample(image, whole, wide, high, about.interpolation);
  const padded = new Uint8ClampedArray(4 * width * height).map((_, i) => [...about.filling, 255][i % 4]);
  const x = Math.floor((width - wide) / 2);
  const y = Math.floor((height - high) / 2);
  for (let row = 0; row < high; row++) {
    padded.set(inner.data.subarray(4 * wide * row, 4 * wide * (row + 1)), 4 * ((y + row) * width + x));
  }
  return { data: padded, width, height };
}

// Python rounds a half to the even neighbour.
function evenRound(x) {
  const near = Math.round(x);
  return Math.abs(x % 1) === 0.5 && near % 2 ? near - 1 : near;
}

// float32 of the pixels, red, green, blue after one another, or gray by the weights that Pillow takes.
function pixels(image, channels) {
  const count = image.width * image.height;
  const out = new Float32Array(count * channels);
  for (let i = 0; i < count; i++) {
    const [r, g, b] = image.data.subarray(4 * i, 4 * i + 3);
    if (channels === 3) out.set([r, g, b], 3 * i);
    else out[i] = (r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16;
  }
  return out;
}
