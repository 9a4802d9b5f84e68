// Runs the programs that build/tests/make_programs wrote in onnxruntime and compares with what okng's interpreter made of
// them. A line each: the name, and the largest difference beside the largest number; exits with 1 where one is too far.
// Usage: node onnx_programs.mjs NODE_MODULES FOLDER TOLERANCE
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { read } from './npy.mjs';

const [modules, folder, tolerance] = process.argv.slice(2);
const ort = createRequire(path.join(path.resolve(modules), 'x.js'))('onnxruntime-node');
let failed = 0;

function difference(got, expected) {
  if (got.dims.join() !== expected.dims.join() || got.data.length !== expected.data.length) return Infinity;
  let most = 0, largest = 0;
  for (let i = 0; i < expected.data.length; i++) {
    const a = Number(got.data[i]), b = Number(expected.data[i]);
    if (Number.isNaN(a) && Number.isNaN(b)) continue;
    most = Math.abs(a - b) >= 0 ? Math.max(most, Math.abs(a - b)) : Infinity;
    largest = Math.max(largest, Math.abs(b));
  }
  return most / Math.max(largest, 1e-30) || 0;
}

for (const file of fs.readdirSync(folder).filter((name) => name.endsWith('.onnx')).sort()) {
  const name = file.slice(0, -5);
  const session = await ort.InferenceSession.create(path.join(folder, file), { logSeverityLevel: 3 });
  const feeds = {};
  for (const input of session.inputNames) {
    const { type, dims, data } = read(path.join(folder, name, `${input}.npy`));
    feeds[input] = new ort.Tensor(type, data, dims);
  }
  const got = await session.run(feeds);
  let worst = 0, where = '';
  for (const output of session.outputNames) {
    const off = difference(got[output], read(path.join(folder, name, `${output}.npy`)));
    if (!(off <= worst)) [worst, where] = [off, output];
  }
  if (!(worst <= Number(tolerance))) failed = 1;
  console.log(`${name} ${worst.toExponential(1)} ${where}`);
}
process.exit(failed);
