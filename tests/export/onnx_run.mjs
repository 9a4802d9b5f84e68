// Runs an exported model in onnxruntime on the samples that `okng export --samples DIR` wrote, and compares what comes out
// with okng's own results there. Prints one line of JSON.
// Usage: node onnx_run.mjs NODE_MODULES MODEL.onnx SAMPLES [--nan] [--prepacking] [--threads N]
//   --nan         one number of each input is NaN: score and map must be NaN, the label NG
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
for (const name of names) {
  const own = (what) => read(path.join(samples, name, `${what}.npy`));
  const input = own('input');
  if (flag('--nan')) input.data[Math.floor(input.data.length / 3)] = NaN;
  const start = performance.now();
  const got = await session.run({ input: new ort.Tensor(input.type, input.data, input.dims) });
  run = Math.min(run, performance.now() - start);
  if (flag('--nan')) {
    const bad = (values) => values.every((value) => Number.isNaN(value));
    if (bad([...got.pred_score.data]) && got.anomaly_map.data.some(Number.isNaN) && got.pred_label.data[0] === 1) nan++;
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
    worst = off <= worst ? worst : off; // NaN is the worst
  }
  if (wanted.length !== got.anomaly_map.data.length || Number.isNaN(worst)) worst = Infinity;
  map = Math.max(map, worst / Math.max(high - low, 1e-30));
  if (got.pred_label.data[0] !== own('pred_label').data[0]) labels++;
  const mask = own('pred_mask').data;
  for (let i = 0; i < mask.length; i++) if (mask[i] !== got.pred_mask.data[i]) masks++;
}
Object.assign(result, { pictures: names.length, run_ms: run, score, map, labels, masks, peak_mb: process.resourceUsage().maxRSS / 1024, scores });
if (flag('--nan')) result.nan = nan;
console.log(JSON.stringify(result, (key, value) => (value === Infinity ? 'infinite' : value)));
