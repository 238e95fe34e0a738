// The page: what is chosen, what is computed of it, what is shown.

import { decode, draw, PictureError, psnr, withNoise } from "./picture.js";

const SIGMA = 25 / 255;
const FOLDER = new URL("models/", import.meta.url);

const element = (id) => document.getElementById(id);
const main = element("main");

/**
 * What is chosen and what came of it; `window.demo` is for tests and the curious. `choice` counts the
 * pictures that were chosen, so that a slow one does not replace a later one.
 */
const state = {
  models: [],
  model: null,
  choice: 0,
  original: null,
  input: null,
  output: null,
  facts: null,
};
window.demo = state;

let worker = null;

function show(stage, status) {
  main.dataset.state = stage;
  element("status").textContent = status;
  element("working").hidden = stage !== "computing";
  element("save").hidden = stage !== "done";
}

function fail(message) {
  element("error").textContent = message;
  element("error").hidden = false;
  show("failed", "");
  element("error").scrollIntoView({ block: "nearest" });
}

function forget() {
  element("error").hidden = true;
  stop();
}

/** Ends what is being computed. Within a window nothing else would be heard, so the worker goes. */
function stop() {
  if (main.dataset.state !== "computing") return;
  worker?.terminate();
  worker = null;
}

async function open(source) {
  const mine = ++state.choice;
  forget();
  show("reading", "Reading the picture …");
  try {
    const picture = await decode(await source());
    if (mine !== state.choice) return;
    state.original = picture;
    compute();
  } catch (error) {
    if (mine !== state.choice) return;
    if (!(error instanceof PictureError)) console.error(error);
    fail(error.message);
  }
}

function compute() {
  const { model, original } = state;
  if (!original || !model) return;
  forget();
  const { width, height } = original;
  state.input = element("noise").checked ? withNoise(original, SIGMA) : original;
  state.output = state.facts = null;
  display(state.input);
  if (Math.min(width, height) < model.smallest_side) {
    const side = model.smallest_side;
    const found = `It has ${width} × ${height}.`;
    fail(`For this model a picture must be at least ${side} × ${side} pixels. ${found}`);
    return;
  }
  element("progress").removeAttribute("value");
  show("computing", "Loading the model …");
  element("status").scrollIntoView({ block: "nearest" }); // on a phone it is below all models
  worker ??= new Worker(new URL("worker.js", import.meta.url));
  worker.onmessage = ({ data }) => answer[data.kind](data);
  worker.onerror = (event) => answer.error({ message: event.message || "The worker did not start." });
  const tiles = model.tiles.map((tile) => ({ ...tile, file: new URL(tile.file, FOLDER).href }));
  worker.postMessage({ model: { ...model, tiles }, planes: state.input.planes, width, height });
}

const answer = {
  progress({ done, total }) {
    Object.assign(element("progress"), { max: total, value: done });
    element("status").textContent = `Computing window ${done + 1} of ${total} …`;
  },
  done({ planes, ...facts }) {
    state.output = { ...state.input, planes };
    state.facts = facts;
    draw(state.output, element("after"));
    main.classList.add("computed");
    show("done", report());
  },
  error({ message }) {
    worker?.terminate();
    worker = null;
    fail(`The model could not be run: ${message}`);
  },
};

/** What was computed, and how long it took, in a sentence or two. */
function report() {
  const { seconds, windows, size, exact } = state.facts;
  const { width, height, planes } = state.original;
  const kind = planes.length === 1 ? "grey" : "colour, channels one by one";
  const time = seconds < 10 ? seconds.toFixed(2) : seconds.toFixed(0);
  const count = windows === 1 ? "1 window" : `${windows} windows`;
  const said = [`${time} s for ${width} × ${height} pixels (${kind}), ${count} of ${size} × ${size}.`];
  if (state.input !== state.original) {
    const decibels = (picture) => psnr(picture, state.original).toFixed(1);
    const [before, after] = [state.input, state.output].map(decibels);
    said.push(`PSNR ${before} dB before, ${after} dB after.`);
  }
  if (!exact) said.push("The picture is so small that the result is approximate.");
  return said.join(" ");
}

/** Shows what the model is given; until there is a result, on both sides. */
function display(picture) {
  element("empty").hidden = true;
  element("result").hidden = false;
  main.classList.remove("computed");
  draw(picture, element("before"));
  element("after").width = picture.width;
  element("after").height = picture.height;
}

function divide(percent) {
  element("split").value = percent;
  const value = element("split").valueAsNumber;
  element("split").setAttribute("aria-valuetext", `${value} % before, ${100 - value} % after`);
  element("stage").style.setProperty("--split", `${value}%`);
}

function drag(event) {
  if (event.type === "pointerdown") element("stage").setPointerCapture(event.pointerId);
  else if (!element("stage").hasPointerCapture(event.pointerId)) return;
  const { left, width } = element("stage").getBoundingClientRect();
  divide((100 * (event.clientX - left)) / width);
}

function save() {
  element("after").toBlob((blob) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `${state.model.name}.png`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
}

function chooseModel(model) {
  state.model = model;
  element("licence").textContent = `Licence of ${model.name}: ${model.licence}.`;
}

function listModels() {
  element("models").append(
    ...state.models.map((model, k) => {
      const label = document.createElement("label");
      const input = document.createElement("input");
      Object.assign(input, { type: "radio", name: "model", value: model.name, checked: k === 0 });
      input.addEventListener("change", () => {
        chooseModel(model);
        compute();
      });
      const text = document.createElement("span");
      const [title, task] = [document.createElement("strong"), document.createElement("small")];
      title.textContent = model.title;
      task.textContent = `${model.task}.`;
      text.append(title, task);
      label.append(input, text);
      return label;
    }),
  );
}

function listExamples(examples) {
  element("examples").append(
    ...examples.map(({ title, file }) => {
      const [button, image] = [document.createElement("button"), document.createElement("img")];
      const address = new URL(file, FOLDER);
      Object.assign(image, { src: address, alt: "" });
      Object.assign(button, { type: "button", title });
      button.setAttribute("aria-label", `Example: ${title}`);
      button.append(image);
      button.addEventListener("click", () => open(async () => (await fetch(address)).blob()));
      return button;
    }),
  );
}

function listen() {
  element("file").addEventListener("change", ({ target }) => {
    const [file] = target.files;
    if (file) open(async () => file);
    target.value = ""; // so that the same file can be chosen again
  });
  element("noise").addEventListener("change", compute);
  element("cancel").addEventListener("click", () => {
    stop();
    show("cancelled", "Cancelled.");
  });
  element("save").addEventListener("click", save);
  element("split").addEventListener("input", ({ target }) => divide(target.value));
  for (const kind of ["pointerdown", "pointermove"]) element("stage").addEventListener(kind, drag);
  // Anywhere on the page: a picture that is dropped beside the field would else replace the page.
  const dropping = (over) => element("drop").classList.toggle("over", over);
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    dropping(true);
  });
  document.addEventListener("dragleave", () => dropping(false));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    dropping(false);
    const [file] = event.dataTransfer.files;
    if (file) open(async () => file);
    else fail("What was dropped is not a file.");
  });
}

async function start() {
  listen();
  divide(50);
  try {
    const response = await fetch(new URL("models.json", FOLDER));
    if (!response.ok) throw new Error(response.statusText);
    const { models, examples } = await response.json();
    state.models = models;
    chooseModel(models[0]);
    listModels();
    listExamples(examples);
    show("ready", "Choose a picture.");
  } catch {
    fail("There are no models yet: run `python docs/demo/prepare.py`, then load the page again.");
  }
}

start();
