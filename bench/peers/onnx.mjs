// Times a model in onnxruntime: node onnx.mjs FOLDER MODEL THREADS BATCH, where FOLDER/node_modules holds onnxruntime-node.
// For each line with a number of repetitions on stdin it answers a line of JSON.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const [folder, model, threads, batch] = process.argv.slice(2);
const ort = createRequire(folder + '/')('onnxruntime-node');
const session = await ort.InferenceSession.create(model, {
  executionProviders: ['cpu'], intraOpNumThreads: Number(threads), interOpNumThreads: 1, graphOptimizationLevel: 'all',
});
const values = new Float32Array(Number(batch) * 3 * 224 * 224).map(() => Math.random() * 4 - 2);
const feeds = { x: new ort.Tensor('float32', values, [Number(batch), 3, 224, 224]) };

for await (const line of createInterface({ input: process.stdin })) {
  const times = [], computing = [];
  for (let i = -1; i < Number(line); i++) { // the first warms up
    const begin = process.hrtime.bigint(), cpu = process.cpuUsage();
    await session.run(feeds);
    if (i < 0) continue;
    times.push(Number(process.hrtime.bigint() - begin) / 1e6);
    const used = process.cpuUsage(cpu);
    computing.push((used.user + used.system) / 1e3);
  }
  times.sort((a, b) => a - b);
  const half = times.length >> 1;
  const median = times.length % 2 ? times[half] : (times[half - 1] + times[half]) / 2;
  console.log(JSON.stringify({ median_ms: median, min_ms: times[0], min_cpu_ms: Math.min(...computing) }));
}
