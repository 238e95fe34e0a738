// A picture in windows of the size that a model was exported for: the counterpart of zoo/tiling.py.

/**
 * Where windows start on an axis, and which part of each is kept, as in zoo/tiling.py.
 *
 * A picture that is smaller than a window is extended by its mirror image. If the model takes this
 * for what it does at a border itself, and sees no further than the extension, one window is enough.
 * Otherwise there are two, each of which ends at one border of the picture and keeps the half there.
 *
 * @param {number} length Side of the picture, in px.
 * @param {number} size Side of a window, in px.
 * @param {{halo: number, alignment: number, mirrors: boolean}} model How many pixels away an input
 *     pixel can change the output; windows start at multiples of `alignment`.
 * @returns {{start: number, from: number, to: number}[]} Empty if windows of this size cannot do it.
 */
export function windows(length, size, { halo, alignment, mirrors }) {
  // The last window ends at the border, or a little beyond where it would then be misaligned.
  const last = roundUp(length - size, alignment);
  if (last === 0 || (mirrors && -last >= halo)) return [{ start: 0, from: 0, to: length }];
  if (last < 0) {
    const middle = Math.floor(length / 2);
    if (size < 2 * halo) return [];
    return [
      { start: 0, from: 0, to: middle },
      { start: last, from: middle, to: length },
    ];
  }
  const step = Math.floor((size - 2 * halo) / alignment) * alignment;
  if (step <= 0) return [];
  const starts = [];
  for (let start = 0; start < last; start += step) starts.push(start);
  starts.push(last);
  let done = 0;
  return starts.map((start, k) => {
    const from = done;
    done = k === starts.length - 1 ? length : start + size - halo;
    return { start, from, to: done };
  });
}

function roundUp(number, multiple) {
  return Math.ceil(number / multiple) * multiple + 0; // + 0: not −0
}

/** The exported size of a model that computes the fewest pixels for a picture. */
export function chooseTile(model, width, height) {
  const cost = ({ size }) =>
    size * size * windows(height, size, model).length * windows(width, size, model).length;
  return model.tiles.filter((tile) => cost(tile) > 0).sort((a, b) => cost(a) - cost(b))[0];
}

/** Whether windows give the result of the whole picture, see `windows`. */
export function isExact(length, size, { halo, mirrors }) {
  return mirrors || length >= Math.min(size, 2 * halo);
}

/** The pixel that is seen at `index`: half-sample mirroring, after the last pixel is repeated up to
 * a multiple of `multiple`, as the models do at the border of a picture. */
export function mirrored(index, length, multiple) {
  const whole = roundUp(length, multiple);
  const phase = ((index % (2 * whole)) + 2 * whole) % (2 * whole);
  return Math.min(phase < whole ? phase : 2 * whole - 1 - phase, length - 1);
}

/** A window of a picture, `size` × `size` numbers. */
export function cut(plane, width, height, top, left, size, multiple) {
  const window = new Float32Array(size * size);
  const columns = Int32Array.from({ length: size }, (_, j) => mirrored(left + j, width, multiple));
  for (let i = 0; i < size; i++) {
    const row = mirrored(top + i, height, multiple) * width;
    for (let j = 0; j < size; j++) window[i * size + j] = plane[row + columns[j]];
  }
  return window;
}

/** Writes the part of a computed window that is kept into the result. */
export function paste(window, size, row, column, plane, width) {
  for (let i = row.from; i < row.to; i++) {
    const start = (i - row.start) * size - column.start;
    plane.set(window.subarray(start + column.from, start + column.to), i * width + column.from);
  }
}
