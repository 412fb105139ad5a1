// Resizing as Pillow does it, in two passes of 8 bits, because canvases resize each in a way of their own. Where the height
// shrinks most, Pillow passes down first, and a few levels are others then.
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
    let at = from - scale / 2; // added up step by step, as in Pillow, which decides where a place is a whole number
    return Array.from({ length: count }, () => [Math.min(length - 1, Math.floor((at += scale))), [1]]);
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
  return passedDown(passedAcross(image, across), windows(top, bottom, image.height, height, name));
}

function passedAcross(image, places) {
  const [width, height] = [places.length, image.height];
  const data = new Uint8ClampedArray(4 * width * height);
  return { data: along(image.data, places, 4, height, 4 * image.width, 4, 4 * width, data), width, height };
}

function passedDown(image, places) {
  const [width, height] = [image.width, places.length];
  const data = new Uint8ClampedArray(4 * width * height);
  return { data: along(image.data, places, 4 * width, width, 4, 4 * width, 4, data), width, height };
}

// Large JPEGs are decoded at an eighth, a quarter or a half where that leaves twice the model's size; the means of as
// many pixels are nearly that. They are counted from where the file begins, which EXIF may have turned away.
const TURNED = { 2: [true, false], 3: [true, true], 4: [false, true], 6: [true, false], 7: [true, true], 8: [false, true] };

function reduced(image, about, orientation) {
  const [height, width] = about.image_size;
  const enough = (scale) => Math.ceil(image.width / scale) >= 2 * width && Math.ceil(image.height / scale) >= 2 * height;
  const scale = about.interpolation === "nearest" ? undefined : [8, 4, 2].find(enough);
  if (!scale) return image;
  const [x, y] = TURNED[orientation] || [false, false];
  return passedDown(passedAcross(image, means(image.width, scale, x)), means(image.height, scale, y));
}

function means(length, scale, fromEnd) {
  const places = Array.from({ length: Math.ceil(length / scale) }, (_, i) => {
    const weights = new Array(Math.min(scale, length - i * scale)).fill(1 / scale);
    weights[weights.length - 1] += 1 - weights.length / scale; // beyond the edge its last pixel goes on
    return [i * scale, weights];
  });
  if (!fromEnd) return places;
  return places.map(([first, weights]) => [length - first - weights.length, weights.reverse()]).reverse();
}

// What EXIF says of a JPEG's way up, 1 to 8; 1 where it says nothing.
function orientationOf(bytes) {
  const view = new DataView(bytes);
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return 1;
  for (let at = 2; at + 4 < view.byteLength && view.getUint8(at) === 0xff; at += 2 + view.getUint16(at + 2)) {
    if (view.getUint16(at) === 0xffda) break;
    if (view.getUint16(at) === 0xffe1 && view.getUint32(at + 4) === 0x45786966) return tagged(view, at + 10);
  }
  return 1;
}

function tagged(view, start) {
  const little = view.getUint16(start) === 0x4949;
  const first = start + view.getUint32(start + 4, little);
  for (let i = 0; i < view.getUint16(first, little); i++) {
    const entry = first + 2 + 12 * i;
    if (view.getUint16(entry, little) === 0x0112) return view.getUint16(entry + 8, little);
  }
  return 1;
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
