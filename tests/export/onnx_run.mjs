// Runs an exported model in onnxruntime on the samples that `okng export --samples DIR` wrote, and compares what comes out
// with okng's own results there. Prints one line of JSON.
// Usage: node onnx_run.mjs NODE_MODULES MODEL.onnx SAMPLES [--nan] [--batch] [--prepacking] [--threads N]
//   --nan         one number of each input is NaN: score and map must be NaN everywhere, the label NG, the mask full
//   --batch       all pictures in one run
//   --prepacking  leave onnxruntime's prepacking on
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { read } from './npy.mjs';

const [modules, model, samples, ...flags] = process.argv.slice(2);
const require = createRequire(path.join(path.resolve(modules), 'x.js'));
const ort = require('onnxruntime-node');
const flag = (name) => flags.includes(name);
const threads = flag('--threads') ? Number(flags[flags.indexOf('--threads') + 1]) : 2;
const resident = () => process.memoryUsage.rss() / 2 ** 20;

const options = { intraOpNumThreads: threads, interOpNumThreads: 1, logSeverityLevel: 3 };
if (!flag('--prepacking')) options.extra = { session: { disable_prepacking: '1' } };
const began = performance.now();
const before = resident();
const session = await ort.InferenceSession.create(model, options);
const result = { load_ms: performance.now() - began, load_mb: resident() - before };

let score = 0, map = 0, labels = 0, masks = 0, nan = 0, run = Infinity;
const scores = [];
const names = fs.readdirSync(samples).filter((name) => /^\d+$/.test(name)).sort((a, b) => a - b);
// What the model makes of the input: outputs by name.
async function run_on(type, data, dims) {
  const start = performance.now();
  const got = await session.run({ input: new ort.Tensor(type, data, dims) });
  run = Math.min(run, (performance.now() - start) / dims[0]);
  return got;
}

// All pictures at once; the outputs of picture i are a part of each.
async function all_at_once(inputs) {
  const size = inputs[0].data.length;
  const joined = new inputs[0].data.constructor(size * inputs.length);
  inputs.forEach((input, i) => joined.set(input.data, i * size));
  const got = await run_on(inputs[0].type, joined, [inputs.length, ...inputs[0].dims.slice(1)]);
  return inputs.map((_, i) => Object.fromEntries(Object.entries(got).map(([name, { data }]) => {
    const part = data.length / inputs.length;
    return [name, { data: data.slice(i * part, (i + 1) * part) }];
  })));
}

const inputs = names.map((name) => read(path.join(samples, name, 'input.npy')));
if (flag('--nan')) for (const { data } of inputs) data[Math.floor(data.length / 3)] = NaN;
const together = flag('--batch') ? await all_at_once(inputs) : [];
for (const [i, name] of names.entries()) {
  const own = (what) => read(path.join(samples, name, `${what}.npy`));
  const got = together[i] ?? (await run_on(inputs[i].type, inputs[i].data, inputs[i].dims));
  if (flag('--nan')) {
    const bad = [...got.anomaly_map.data, ...got.pred_score.data].every((value) => Number.isNaN(value));
    if (bad && got.pred_label.data[0] === 1 && got.pred_mask.data.every((value) => value === 1)) nan++;
    continue;
  }
  const expected = own('pred_score').data[0];
  const found = got.pred_score.data[0];
  scores.push(found);
  score = Math.max(score, Math.abs(found - expected) / Math.max(Math.abs(expected), 1e-30));
  if (!(Math.abs(found - expected) >= 0)) score = Infinity;
  const wanted = own('anomaly_map').data;
  let low = Infinity, high = -Infinity, worst = 0;
  for (let i = 0; i < wanted.length; i++) {
    low = Math.min(low, wanted[i]);
    high = Math.max(high, wanted[i]);
    const off = Math.abs(wanted[i] - got.anomaly_map.data[i]);
    worst = off >= 0 ? Math.max(worst, off) : Infinity; // NaN is the worst
  }
  if (wanted.length !== got.anomaly_map.data.length) worst = Infinity;
  map = Math.max(map, worst / Math.max(high - low, 1e-30));
  if (got.pred_label.data[0] !== own('pred_label').data[0]) labels++;
  const mask = own('pred_mask').data;
  for (let i = 0; i < mask.length; i++) if (mask[i] !== got.pred_mask.data[i]) masks++;
}
Object.assign(result, { pictures: names.length, run_ms: run, score, map, labels, masks, peak_mb: process.resourceUsage().maxRSS / 1024, scores });
if (flag('--nan')) result.nan = nan;
console.log(JSON.stringify(result, (key, value) => (value === Infinity ? 'infinite' : value)));
