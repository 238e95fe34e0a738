// Runs a model on a picture, window by window, beside the page, so that the page stays responsive.
//
// LiteRT loads its WebAssembly by `importScripts`, which only a classic worker has. And a worker
// knows no import map, so the one bare name in LiteRT's module is replaced before it is imported.

const modules = new URL("node_modules/@litertjs/", self.location);
let runtime = null;
let loaded = { file: null, model: null };

async function importRuntime() {
  const response = await fetch(new URL("core/dist/index.js", modules));
  if (!response.ok) {
    throw new Error("LiteRT is not in node_modules; run `npm ci` in docs/demo.");
  }
  const source = (await response.text()).replaceAll(
    '"@litertjs/wasm-utils"',
    JSON.stringify(new URL("wasm-utils/dist/index.js", modules).href),
  );
  const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const litert = await import(address);
  URL.revokeObjectURL(address);
  const folder = new URL("core/wasm/", modules);
  // In a worker, Emscripten looks for the .wasm file beside the worker.
  self.Module = { locateFile: (name) => new URL(name, folder).href };
  await litert.loadLiteRt(folder.href);
  return litert;
}

async function load(file) {
  // A failure is not kept: the next attempt loads anew.
  runtime ??= importRuntime().catch((error) => {
    runtime = null;
    throw error;
  });
  const litert = await runtime;
  if (loaded.file !== file) {
    loaded.model?.delete();
    loaded = { file: null, model: null };
    const response = await fetch(file);
    if (!response.ok) {
      throw new Error(`There is no model at ${file}; run prepare.py.`);
    }
    const bytes = new Uint8Array(await response.arrayBuffer());
    loaded = { file, model: await litert.loadAndCompile(bytes, { accelerator: "wasm" }) };
  }
  return { litert, model: loaded.model };
}

async function apply(litert, model, values, size) {
  const input = new litert.Tensor(values, [1, size, size, 1]);
  try {
    const [output] = await model.run([input]);
    const result = await output.data();
    output.delete();
    return result;
  } finally {
    input.delete();
  }
}

async function compute({ model, planes, width, height }) {
  const tiling = await import(new URL("tiling.js", self.location));
  const { size, file } = tiling.chooseTile(model, width, height);
  const { litert, model: compiled } = await load(file);
  const { alignment } = model;
  const rows = tiling.windows(height, size, model);
  const columns = tiling.windows(width, size, model);
  const total = planes.length * rows.length * columns.length;
  const results = planes.map((plane) => new Float32Array(plane.length));
  const begin = performance.now();
  let done = 0;
  for (const [k, plane] of planes.entries()) {
    for (const row of rows) {
      for (const column of columns) {
        self.postMessage({ kind: "progress", done, total });
        const window = tiling.cut(plane, width, height, row.start, column.start, size, alignment);
        const restored = await apply(litert, compiled, window, size);
        tiling.paste(restored, size, row, column, results[k], width);
        done += 1;
      }
    }
  }
  const seconds = (performance.now() - begin) / 1000;
  const exact = tiling.isExact(Math.min(width, height), size, model);
  self.postMessage({ kind: "done", planes: results, seconds, windows: total, size, exact });
}

self.onmessage = ({ data }) =>
  compute(data).catch((error) => {
    self.postMessage({ kind: "error", message: String(error.message ?? error) });
  });
