// The pages of `kerasvgg ui`. What comes from the server is put into pages as text, never as HTML.
const page = document.body.dataset.page;
const run = document.body.dataset.run;
const by = (id) => document.getElementById(id);

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function say(words) {
  by("said").textContent = words;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => { by("said").textContent = ""; }, 8000);
}

async function answer(response) {
  const text = await response.text();
  let said;
  try { said = JSON.parse(text); } catch { said = { why: text }; }
  if (!response.ok) throw new Error(said.why || response.statusText);
  return said;
}

const ask = async (path) => answer(await fetch(path));
const tell = async (path, words = {}) => answer(await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(words) }));
const percent = (share) => share === null || share === undefined ? "" : `${(100 * share).toFixed(1)} %`;

function duration(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} seconds`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} minutes` : `${(seconds / 3600).toFixed(1)} hours`;
}

function listen(path, hear) {
  const source = new EventSource(path);
  source.onmessage = (event) => hear(JSON.parse(event.data), source);
  addEventListener("pagehide", () => source.close());
  return source;
}

function runsPage() {
  for (const cell of document.querySelectorAll(".time")) {
    cell.textContent = new Date(1000 * Number(cell.dataset.value)).toLocaleString();
  }
  const rows = [...document.querySelectorAll("#runs tbody tr")];
  by("filter")?.addEventListener("input", (event) => {
    const wanted = event.target.value.toLowerCase();
    for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
  });
  by("compare")?.addEventListener("change", () => {
    const count = document.querySelectorAll("#runs input:checked").length;
    by("compare-button").disabled = count < 2;
    by("ticked").textContent = count < 2 ? "Tick two runs to compare them." : `${count} runs`;
  });
  const known = new Set(rows.map((row) => row.dataset.run));
  const states = new Map(rows.map((row) => [row.dataset.run, row.querySelector(".state").textContent]));
  listen("/events", ({ runs, failed }) => {
    by("failed").replaceChildren(...failed.map((one) => make("div", { className: "notice bad" }, make("p", {}, `${one.name}, begun here, has failed:`), make("pre", {}, one.words))));
    if (runs.some((one) => !known.has(one.id) || (one.state === "finished") !== (states.get(one.id) === "finished"))) {
      location.reload();  // a run more, or one that has ended
      return;
    }
    for (const one of runs) {
      const row = rows.find((other) => other.dataset.run === one.id);
      const epoch = one.batch ? `, epoch ${one.batch.epoch} of ${one.batch.epochs}` : "";
      const left = one.seconds_left ? `, ${duration(one.seconds_left)} left` : "";
      row.querySelector(".state").textContent = one.state + epoch + left;
      states.set(one.id, one.state);
    }
  });
}

const SVG = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT, LEFT, BOTTOM] = [560, 300, 52, 40];

function shape(tag, look, attributes, text = "") {
  const element = document.createElementNS(SVG, tag);
  element.setAttribute("class", look);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  return element;
}

// Draws lines of [x, y] over epochs; the first is training, the second validation.
function draw(place, title, lines, isShare) {
  const points = lines.flat().filter(([, y]) => y !== null);
  if (!points.length) { place.textContent = "Nothing yet."; return; }
  const ys = points.map(([, y]) => y);
  let [low, high] = [Math.min(...ys), Math.max(...ys)];
  const room = 0.05 * (high - low) || 0.05 * (Math.abs(high) || 1);
  [low, high] = [Math.max(0, low - room), isShare ? Math.min(1, high + room) : high + room];
  const last = Math.max(...points.map(([x]) => x), 1);
  const across = (x) => LEFT + (WIDTH - LEFT - 14) * x / last;
  const up = (y) => HEIGHT - BOTTOM - (HEIGHT - BOTTOM - 12) * (y - low) / ((high - low) || 1);
  const chart = shape("svg", "chart", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": title });
  for (let step = 0; step <= 4; step += 1) {
    const y = low + step * (high - low) / 4;
    chart.append(shape("line", "grid", { x1: LEFT, x2: WIDTH - 14, y1: up(y), y2: up(y) }));
    chart.append(shape("text", "end quiet", { x: LEFT - 8, y: up(y) + 4 }, isShare ? `${(100 * y).toFixed(0)} %` : y.toPrecision(3)));
  }
  const every = Math.max(1, Math.ceil(last / 10));
  for (let epoch = 0; epoch <= last; epoch += every) {
    chart.append(shape("text", "middle quiet", { x: across(epoch), y: HEIGHT - BOTTOM + 16 }, String(epoch)));
  }
  chart.append(shape("text", "middle quiet", { x: (LEFT + WIDTH) / 2, y: HEIGHT - 6 }, "epochs that are over"));
  lines.forEach((line, number) => {
    const there = line.filter(([, y]) => y !== null).map(([x, y]) => `${across(x).toFixed(1)},${up(y).toFixed(1)}`);
    if (there.length) chart.append(shape("polyline", `line s${number + 1}`, { points: there.join(" ") }));
    if (number === 1 || there.length === 1) {
      for (const place of there) {
        const [cx, cy] = place.split(",");
        chart.append(shape("circle", `dot s${number + 1}`, { cx, cy, r: 2.6 }));
      }
    }
  });
  place.replaceChildren(chart);
}

function livePage() {
  let [state, asked] = ["", ""];  // once is enough: a process that is asked twice ends at once
  listen(`/run/${run}/events`, (now, source) => {
    if (now.state === "finished") { source.close(); location.reload(); return; }
    const running = now.state === "running";
    const { batch, stage } = now;
    const silent = running && now.updated && Date.now() / 1000 - now.updated > 120;
    let words = running ? "It is at work" : now.killed ? "Its process is gone without having ended it: it was killed, or the machine was switched off" : "It was stopped";
    if (running && batch) words += `: epoch ${batch.epoch} of ${batch.epochs} (${batch.phase}), batch ${batch.batch} of ${batch.batches}`;
    if (running && now.seconds_left) words += `, about ${duration(now.seconds_left)} of training left`;
    if (silent) words += ". It has said nothing for two minutes";
    by("state").textContent = `${words}.`;
    by("stage").textContent = stage ? `${stage.label}: ${stage.done.toLocaleString()} of ${stage.total.toLocaleString()}` : now.line?.text ?? "";
    const share = stage ? stage.done / stage.total : batch ? ((batch.epoch - 1) * batch.batches + batch.batch) / (batch.epochs * batch.batches) : null;
    by("bar").hidden = !running || share === null;
    if (share !== null) by("bar").value = share;
    by("warning").hidden = !now.warning;
    by("warning").textContent = now.warning?.text ?? "";
    by("stop").hidden = !running;
    by("stop").disabled = asked === "stop";
    by("resume").hidden = running || !now.may_go_on;
    by("resume").disabled = asked === "resume";
    if (now.state !== state) { state = now.state; asked = ""; }
    by("log").hidden = running || !now.log?.length;
    by("log").textContent = (now.log ?? []).join("\n");
    const over = now.history.length;
    const within = batch && batch.epoch === over + 1 ? (now.points ?? []) : [];
    const line = (column, index) => [
      ...now.history.map((row) => [row[0], row[column]]),
      ...(index ? within.map((point) => [over + point[0] / batch.batches, point[index]]) : []),
    ];
    draw(by("accuracy"), "accuracy", [line(2, 2), line(4)], true);
    draw(by("loss"), "loss", [line(3, 1), line(5)], false);
  });
  for (const what of ["stop", "resume"]) {
    by(what).addEventListener("click", () => {
      asked = what;
      by(what).disabled = true;
      tell(`/run/${run}/${what}`).then((said) => say(said.words), (error) => { asked = ""; say(error.message); });
    });
  }
}

// Only the tiles that can be seen are in the page, however many there are.
async function galleryPage() {
  const all = (await ask(`/run/${run}/predictions`)).rows.map((row, number) => ({ number, path: row[0], is: row[1], said: row[2], share: row[3] }));
  const place = by("gallery");
  const [tile, gap, words] = [152, 12, 52];
  const tiles = new Map();
  let shown = all;
  let columns = 1;
  let loading = 0;

  function choose() {
    const which = by("which").value;
    const orders = { sure: (a, b) => b.share - a.share, doubt: (a, b) => a.share - b.share, name: (a, b) => a.number - b.number };
    shown = all
      .filter((one) => which === "all" || (which === "wrong" ? one.is !== one.said : one.share < 0.8))
      .filter((one) => (!by("true").value || one.is.split("|").includes(by("true").value)) && (!by("predicted").value || one.said.split("|").includes(by("predicted").value)))
      .sort(orders[by("order").value]);
    by("count").textContent = shown.length ? `${shown.length.toLocaleString()} pictures` : "There is none of these.";
    for (const [, element] of tiles) element.remove();
    tiles.clear();
    layOut();
  }

  function layOut() {
    columns = Math.max(1, Math.floor((place.clientWidth + gap) / (tile + gap)));
    place.style.height = `${Math.ceil(shown.length / columns) * (tile + words + gap)}px`;
    see();
  }

  function see() {
    const step = tile + words + gap;
    const top = window.scrollY - place.offsetTop;
    const first = Math.max(0, Math.floor(top / step) - 2) * columns;
    const last = Math.min(shown.length, (Math.ceil((top + window.innerHeight) / step) + 2) * columns);
    for (const [at, element] of tiles) {
      if (at < first || at >= last) { element.remove(); tiles.delete(at); }
    }
    const fresh = document.createDocumentFragment();
    for (let at = first; at < last; at += 1) {
      if (!tiles.has(at)) {
        tiles.set(at, tileOf(shown[at], at));
        fresh.append(tiles.get(at));
      }
    }
    place.append(fresh);
    clearTimeout(loading);
    loading = setTimeout(load, 60);  // pictures that only fly past are not asked for
  }

  function load() {
    for (const [, element] of tiles) {
      const image = element.firstChild;
      if (!image.src) image.src = image.dataset.src;
    }
  }

  function tileOf(one, at) {
    const image = make("img", { alt: one.path, decoding: "async" });
    image.dataset.src = `/run/${run}/picture/${one.number}/small`;
    const said = make("span", { className: one.is === one.said ? "" : "wrong" }, `${one.said || "none"} ${percent(one.share)}`);
    const link = make("a", { href: `/run/${run}/picture/${one.number}` }, image, said, make("span", {}, `is ${one.is || "none"}`), make("span", { className: "quiet" }, one.path));
    link.style.width = `${tile}px`;
    link.style.left = `${(at % columns) * (tile + gap)}px`;
    link.style.top = `${Math.floor(at / columns) * (tile + words + gap)}px`;
    return link;
  }

  for (const id of ["which", "true", "predicted", "order"]) by(id).addEventListener("change", choose);
  let waiting = false;
  const soon = (work) => () => { if (!waiting) { waiting = true; requestAnimationFrame(() => { waiting = false; work(); }); } };
  addEventListener("scroll", soon(see), { passive: true });
  addEventListener("resize", soon(() => { for (const [, element] of tiles) element.remove(); tiles.clear(); layOut(); }));
  if (!all.some((one) => one.is !== one.said)) by("which").value = "all";
  choose();
  place.dataset.ready = "1";
}

function picturePage() {
  const here = by("picture");
  const number = Number(here.dataset.number);
  const link = (id, to) => { if (to >= 0 && to < Number(here.dataset.count)) by(id).href = `/run/${run}/picture/${to}`; else by(id).hidden = true; };
  link("before", number - 1);
  link("next", number + 1);
  if (!by("heat")) return;
  const base = `/run/${run}/picture/${number}`;
  const heat = () => {
    by("heat-words").textContent = "Computing …";
    by("heat").src = by("heat").dataset.src + by("class").value;
  };
  by("heat").addEventListener("load", () => { by("heat-words").textContent = "The hotter, the more it speaks for the class (Grad-CAM)."; });
  by("heat").addEventListener("error", async () => {
    try { await ask(by("heat").src); } catch (error) { by("heat-words").textContent = error.message; }
  });
  by("class").addEventListener("change", heat);
  heat();
  ask(`${base}/nearest`).then(({ of, found }) => {
    by("nearest").replaceChildren(
      make("div", { className: "neighbours" }, ...found.map((one) => make("figure", {}, make("img", { src: `/run/${run}/split/${one.place}`, alt: one.name }), make("figcaption", {}, `${one.label}, ${one.likeness.toFixed(2)}`, make("br"), one.name)))),
      make("p", { className: "quiet" }, `By the angle between features, 1 for the same; among ${of.toLocaleString()} training pictures.`));
  }, (error) => { by("nearest").textContent = error.message; });
  ask(`/run/${run}/layers`).then(({ layers }) => {
    by("layer").append(make("option", { value: "" }, "choose one"), ...layers.map((name, place) => make("option", { value: place }, name)));
  }, () => {});
  by("layer").addEventListener("change", () => {
    by("activations").hidden = by("layer").value === "";
    if (by("layer").value !== "") by("activations").src = `${base}/activations/${by("layer").value}`;
  });
}

function tryPage() {
  const drop = by("drop");
  async function look(file) {
    const card = make("section", { className: "card" }, make("p", {}, `${file.name || "picture"}: computing …`));
    by("answers").prepend(card);
    try {
      const said = await answer(await fetch(`/run/${run}/try`, { method: "POST", body: file }));
      const rows = Object.entries(said.probabilities).sort((a, b) => b[1] - a[1]).slice(0, 5);
      card.replaceChildren(
        make("h2", {}, `${said.predicted}${said.unsure ? ", unsure" : ""}`),
        said.unknown ? make("p", { className: "notice" }, "It is like nothing seen in training.") : "",
        make("p", {}, rows.map(([name, share]) => `${name} ${percent(share)}`).join(", ")),
        make("div", { className: "neighbours" }, make("img", { src: said.picture, alt: file.name || "the picture", className: "wide" }), make("img", { src: said.heat, alt: "where the evidence lies", className: "wide" })));
    } catch (error) {
      card.replaceChildren(make("p", { className: "notice bad" }, `${file.name || "picture"}: ${error.message}`));
    }
  }
  const lookAll = (files) => [...files].forEach(look);
  by("files").addEventListener("change", (event) => lookAll(event.target.files));
  drop.addEventListener("keydown", (event) => { if (event.target === drop && (event.key === "Enter" || event.key === " ")) by("files").click(); });
  drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => { event.preventDefault(); drop.classList.remove("over"); lookAll(event.dataTransfer.files); });
  addEventListener("paste", (event) => lookAll(event.clipboardData.files));
  const video = by("video");
  by("camera").addEventListener("click", async () => {
    try {
      video.srcObject = await navigator.mediaDevices.getUserMedia({ video: true });
      await video.play();
      video.hidden = by("shoot").hidden = false;
    } catch (error) { say(`The camera can't be used: ${error.message}`); }
  });
  by("shoot").addEventListener("click", () => {
    const canvas = make("canvas", { width: video.videoWidth, height: video.videoHeight });
    canvas.getContext("2d").drawImage(video, 0, 0);
    canvas.toBlob((blob) => look(new File([blob], "from the camera")), "image/jpeg", 0.95);
  });
}

function folders(choose) {
  let asked = 0;
  async function open(at) {
    const mine = asked += 1;
    choose("", null);
    try {
      const here = await ask(`/folders?at=${encodeURIComponent(at)}`);
      by("here").textContent = here.path;
      by("folders").replaceChildren(...here.folders.map((one) => {
        const button = make("button", { type: "button" }, one.name);
        button.addEventListener("click", () => open(one.id));
        return make("li", {}, button);
      }));
      by("about").replaceChildren(make("p", { className: "quiet" }, "Looking …"));
      const about = await ask(`/content?at=${encodeURIComponent(here.at)}`);
      if (mine !== asked) return;  // another folder was chosen meanwhile
      const classes = Object.entries(about.classes);
      by("about").replaceChildren(about.why_not
        ? make("p", { className: "quiet" }, about.why_not)
        : make("p", {}, `${about.files.toLocaleString()} files, ${classes.length} classes${about.is_split ? ", split already" : ""}: ${classes.slice(0, 12).map(([name, count]) => `${name} (${count})`).join(", ")}${classes.length > 12 ? " …" : ""}`));
      choose(here.at, about);
    } catch (error) { say(error.message); }
  }
  open("");
}

function startPage() {
  let at = "";
  folders((where, about) => { at = where; by("begin").disabled = !about || Boolean(about.why_not); });
  by("begin").addEventListener("click", async () => {
    by("begin").disabled = true;
    try {
      by("begun").textContent = (await tell("/start", { at, recipe: document.querySelector("[name=recipe]:checked").value })).words;
      setTimeout(() => { location.href = "/"; }, 1500);
    } catch (error) { by("begun").textContent = error.message; by("begin").disabled = false; }
  });
}

function chooseCheckPage() {
  let at = "";
  folders((where, about) => { at = where; by("look").disabled = !about || Boolean(about.why_not); });
  by("look").addEventListener("click", async () => {
    try { location.href = `/check/${(await tell("/check", { at, wrong_labels: by("wrong-labels").checked })).check}`; } catch (error) { say(error.message); }
  });
}

async function checkPage() {
  const base = `/check/${by("check").dataset.check}`;
  let found = await ask(`${base}/found`);
  while (found.state === "looking") {
    await new Promise((resolve) => setTimeout(resolve, 700));
    found = await ask(`${base}/found`);
  }
  if (found.state === "failed") { by("state").textContent = found.why; return; }
  const { items, classes, decided } = found;
  const counts = Object.entries(found.counts).map(([level, count]) => `${count.toLocaleString()} ${level}${count === 1 ? "" : "s"}`).join(", ");
  by("state").textContent = items.length ? `${counts}; ${items.length.toLocaleString()} to decide about.` : `${counts}; nothing to decide about.`;
  by("queue").hidden = !items.length;
  if (!items.length) return;
  by("file").textContent = found.file;
  by("classes").replaceChildren(...classes.slice(0, 9).map((name) => make("li", {}, name)));
  let [item, chosen] = [0, 0];

  const words = ([decision, label]) => ({ keep: "keep", aside: "put aside", move: `move to ${label}` })[decision];
  function show() {
    const one = items[item];
    by("place").textContent = `${item + 1} of ${items.length.toLocaleString()}`;
    by("decided").textContent = `${Object.keys(decided).length.toLocaleString()} pictures decided about`;
    by("kind").textContent = `${one.level}: ${one.kind}`;
    by("means").textContent = [one.means, one.text].filter(Boolean).join("; ");
    by("cards").replaceChildren(...one.paths.map((path, place) => {
      const button = (text, decision, label = "") => {
        const made = make("button", { type: "button" }, text);
        made.setAttribute("aria-pressed", String((decided[path] ?? []).join() === [decision, label].join()));
        made.addEventListener("click", () => { chosen = place; decide(decision, label, false); });
        return made;
      };
      const select = make("select", {}, make("option", { value: "" }, "move to …"), ...classes.map((name) => make("option", { value: name }, name)));
      select.setAttribute("aria-label", `move ${path} to a class`);
      select.addEventListener("change", () => { if (select.value) { chosen = place; decide("move", select.value, false); } });
      return make("figure", { className: place === chosen ? "chosen" : "" },
        make("img", { src: `${base}/picture/${one.places[place]}`, alt: path }),
        make("figcaption", {}, path, make("p", { className: "verdict" }, decided[path] ? words(decided[path]) : "")),
        make("p", { className: "tools" }, button("Keep", "keep"), button("Put aside", "aside"), select));
    }));
  }
  let last = Promise.resolve();  // decisions are told one after the other
  function decide(decision, label, goOn = true) {
    const path = items[item].paths[chosen];
    const before = decided[path];
    decided[path] = [decision, label];
    last = last.then(() => tell(`${base}/decide`, { path, decision, class: label })).catch((error) => {
      if (before) decided[path] = before; else delete decided[path];
      say(error.message);
      show();
    });
    if (goOn) go(1); else show();
  }
  function go(by) {
    item = Math.min(Math.max(item + by, 0), items.length - 1);
    chosen = 0;
    show();
  }
  addEventListener("keydown", (event) => {
    if (event.target.matches("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
    const count = items[item].paths.length;
    if (event.key === "n") go(1);
    else if (event.key === "p") go(-1);
    else if (event.key === "ArrowRight") { chosen = (chosen + 1) % count; show(); }
    else if (event.key === "ArrowLeft") { chosen = (chosen + count - 1) % count; show(); }
    else if (event.key === "k") decide("keep", "");
    else if (event.key === "x") decide("aside", "");
    else if (/^[1-9]$/.test(event.key) && classes[Number(event.key) - 1]) decide("move", classes[Number(event.key) - 1]);
    else return;
    event.preventDefault();
  });
  const finish = (id) => by(id).addEventListener("click", async () => {
    await last;
    try { by("done").textContent = (await tell(`${base}/${id}`)).words; } catch (error) { by("done").textContent = error.message; }
  });
  finish("apply");
  finish("undo");
  show();
}

({ runs: runsPage, live: livePage, gallery: galleryPage, picture: picturePage, try: tryPage, start: startPage, check: checkPage, "choose-check": chooseCheckPage })[page]?.();
document.body.dataset.ready = "1";
