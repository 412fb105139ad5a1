const SIDE = 320; // pixels of a picture that is shown
const TOP = 5; // classes that are listed
const find = (id) => document.getElementById(id);
const about = JSON.parse(find("about").textContent);
const names = about.class_names;
const results = [];

async function unpack(id) {
  const packed = Uint8Array.from(atob(find(id).textContent), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function start() {
  const runtime = new Blob([await unpack("runtime")], { type: "text/javascript" });
  const ort = await import(URL.createObjectURL(runtime));
  ort.env.wasm.numThreads = 1; // more would need headers that a file has not
  ort.env.wasm.wasmBinary = (await unpack("wasm")).buffer;
  const session = await ort.InferenceSession.create(await unpack("model"), { executionProviders: ["wasm"] });
  return { ort, session };
}

async function answer({ ort, session }, image, orientation) {
  const [height, width] = about.image_size;
  const taken = pixels(fitted(orientation ? reduced(image, about, orientation) : image, about), about.channels);
  const pictures = new ort.Tensor("float32", taken, [1, height, width, about.channels]);
  const given = await session.run({ pictures });
  const maps = given.class_maps && { data: given.class_maps.data, dims: given.class_maps.dims };
  return { probabilities: Array.from(given.probabilities.data), maps };
}

// As `kerasvgg predict --unsure` has them: as high as the model was often right on validation.
function calibrated(row) {
  if (about.temperature === 1 || about.thresholds) return row;
  const powers = row.map((p) => Math.exp(Math.log(Math.max(p, 1e-7)) / about.temperature));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((one) => one / sum);
}

function said(row) {
  if (about.thresholds) return names.filter((_, i) => row[i] >= about.thresholds[i]).sort().join("|");
  return names[row.indexOf(Math.max(...row))];
}

async function seen(blob) {
  const how = { colorSpaceConversion: "none", imageOrientation: "from-image", premultiplyAlpha: "none" };
  const bitmap = await createImageBitmap(blob, how);
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext("2d", { colorSpace: "srgb", willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

// 0 for what is no JPEG; damaged EXIF says nothing.
async function jpegOrientation(blob) {
  const start = await blob.slice(0, 1 << 17).arrayBuffer();
  if (new Uint8Array(start)[0] !== 0xff) return 0;
  try {
    return orientationOf(start);
  } catch {
    return 1;
  }
}

function make(parent, kind, text, name) {
  const made = parent.appendChild(document.createElement(kind));
  if (text !== undefined) made.textContent = text;
  if (name) made.className = name;
  return made;
}

function shownSmall(image) {
  const scale = Math.min(1, SIDE / Math.max(image.width, image.height));
  const size = [image.width, image.height].map((side) => Math.max(1, Math.round(side * scale)));
  const small = resample(image, [0, 0, image.width, image.height], ...size, "bilinear");
  for (let i = 3; i < small.data.length; i += 4) small.data[i] = 255;
  return new ImageData(small.data, ...size);
}

// The class activation map of one class over the picture: what speaks for it, strongest in red.
function heat(canvas, maps, place, mirror) {
  const [, high, wide, count] = maps.dims;
  const values = Array.from({ length: high * wide }, (_, i) => Math.max(0, maps.data[i * count + place]));
  const most = Math.max(...values) || 1;
  const coarse = new OffscreenCanvas(wide, high);
  const dots = new Uint8ClampedArray(values.flatMap((value) => [220, 40, 30, (170 * value) / most]));
  coarse.getContext("2d").putImageData(new ImageData(dots, wide, high), 0, 0);
  const context = canvas.getContext("2d");
  context.putImageData(mirror, 0, 0);
  context.imageSmoothingEnabled = true;
  context.drawImage(coarse, 0, 0, canvas.width, canvas.height);
}

function show(one) {
  const item = make(find("results"), "li");
  const canvas = make(item, "canvas");
  canvas.width = one.shown.width;
  canvas.height = one.shown.height;
  canvas.getContext("2d").putImageData(one.shown, 0, 0);
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", one.name);
  one.heading = make(item, "h2");
  one.doubt = make(item, "p", "", "doubt");
  make(item, "p", one.name);
  const list = make(item, "dl");
  const order = names.map((_, i) => i).sort((a, b) => one.probabilities[b] - one.probabilities[a]);
  for (const place of order.slice(0, TOP)) {
    make(list, "dt", names[place]);
    make(list, "dd", `${(100 * one.probabilities[place]).toFixed(1)} %`);
    make(list, "meter").value = one.probabilities[place];
    list.lastChild.setAttribute("aria-label", names[place]);
  }
  if (one.maps) choices(item, canvas, one, order.slice(0, TOP));
  item.dataset.probabilities = JSON.stringify(one.probabilities);
  judge(one);
}

function choices(item, canvas, one, order) {
  const label = make(item, "label", "what speaks for ");
  const select = make(label, "select");
  make(select, "option", "(the picture alone)").value = "";
  for (const place of order) make(select, "option", names[place]).value = place;
  select.addEventListener("change", () => {
    if (select.value === "") canvas.getContext("2d").putImageData(one.shown, 0, 0);
    else heat(canvas, one.maps, Number(select.value), one.shown);
  });
}

function judge(one) {
  const best = Math.max(...calibrated(one.probabilities));
  one.unsure = !about.thresholds && best < find("limit").value / 100;
  one.heading.textContent = said(one.probabilities) || "none of the classes";
  one.doubt.textContent = one.unsure ? `unsure: ${(100 * best).toFixed(0)} %, calibrated` : "";
}

function refuse(name, reason) {
  const item = make(find("results"), "li");
  make(item, "h2", "not a picture that this browser can show");
  make(item, "p", `${name}: ${reason}`);
}

const ready = start();
let queue = Promise.resolve();
let waiting = 0;

function add(name, blob) {
  waiting += 1;
  queue = queue.then(async () => {
    find("state").textContent = `${waiting} to look at ...`;
    const began = performance.now();
    try {
      const image = await seen(blob);
      const shown = shownSmall(image);
      const one = { name, shown, ...(await answer(await ready, image, await jpegOrientation(blob))) };
      one.milliseconds = performance.now() - began;
      results.push(one);
      show(one);
    } catch (error) {
      refuse(name, error.message);
    }
    waiting -= 1;
    tell();
    await new Promise((go) => setTimeout(go)); // lets the browser draw
  });
}

function tell() {
  find("csv").disabled = find("clear").disabled = !results.length;
  const milliseconds = results.map((one) => one.milliseconds).sort((a, b) => a - b);
  const middle = milliseconds[Math.floor(milliseconds.length / 2)];
  const time = results.length ? `, ${Math.round(middle)} ms each` : "";
  find("state").textContent = waiting ? `${waiting} to look at ...` : `Ready: ${results.length} looked at${time}`;
}

async function entries(entry, path) {
  if (entry.isFile) {
    entry.file((file) => add(path + entry.name, file));
    return;
  }
  const reader = entry.createReader();
  const next = () => new Promise((go, stop) => reader.readEntries(go, stop)); // at most 100 at once
  for (let some = await next(); some.length; some = await next()) {
    for (const one of some) await entries(one, `${path}${entry.name}/`);
  }
}

function table() {
  const quoted = (cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  const row = (one) => [one.name, one.unsure ? "unsure" : said(one.probabilities), ...one.probabilities.map(String)];
  const rows = [["path", "predicted", ...names], ...results.map(row)];
  return rows.map((cells) => cells.map(quoted).join(",")).join("\n") + "\n";
}

function save(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

const drop = find("drop");
const files = (list) => Array.from(list).forEach((file) => add(file.webkitRelativePath || file.name, file));
for (const id of ["files", "folder"]) {
  find(id).addEventListener("change", (event) => {
    files(event.target.files);
    event.target.value = "";
  });
}
document.addEventListener("dragover", (event) => {
  event.preventDefault();
  drop.classList.add("over");
});
document.addEventListener("dragleave", () => drop.classList.remove("over"));
document.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  const dropped = Array.from(event.dataTransfer.items, (item) => item.webkitGetAsEntry?.());
  if (dropped.every((entry) => !entry)) files(event.dataTransfer.files);
  else dropped.filter(Boolean).forEach((entry) => entries(entry, ""));
});
document.addEventListener("paste", (event) => files(event.clipboardData.files));
find("limit").addEventListener("input", () => {
  find("limit-shown").textContent = `${find("limit").value} %`;
  results.forEach(judge);
});
find("csv").addEventListener("click", () => save("predictions.csv", table()));
find("clear").addEventListener("click", () => {
  results.length = 0;
  find("results").replaceChildren();
  tell();
});
find("camera").addEventListener("click", async () => {
  try {
    const video = find("video");
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: true });
    find("stage").hidden = false;
    await video.play();
  } catch (error) {
    find("state").textContent = `No camera: ${error.message}`;
  }
});
find("shot").addEventListener("click", async () => {
  const video = find("video");
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  canvas.getContext("2d").drawImage(video, 0, 0);
  add(`camera ${results.length + 1}`, await canvas.convertToBlob({ type: "image/png" }));
});
ready.then(tell, (error) => {
  find("state").textContent = `This browser can't run the model: ${error.message}`;
});
