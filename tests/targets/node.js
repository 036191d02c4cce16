// Runs the module for wasm32: node.js MODULE check, node.js MODULE answer (lines in, lines out), or node.js MODULE time (JSON lines out).
'use strict';

const fs = require('fs');
const zlib = require('zlib');

const BACKENDS = ['portable', 'digits28'];
const NAMES = ['modexp-513', 'comb-320'];
const ROUNDS = 25;
// Before these, the engine has not compiled the code for speed yet.
const FIRST_ROUNDS = 5;

// The bytes to download for the whole module, which is mostly the reader of JSON lines: differences matter.
function size(module) {
  const [gzip, brotli] = [zlib.gzipSync(module, { level: 9 }), zlib.brotliCompressSync(module)];
  console.log(JSON.stringify({ target: 'wasm32', name: 'size', bytes: module.length, gzip: gzip.length, brotli: brotli.length }));
}

// The crate uses the backend for narrow words, and all backends compute the same powers.
function check({ uses_digits28: usesDigits28, powers }) {
  if (!usesDigits28()) throw new Error('the crate does not use digits28');
  NAMES.forEach((name, i) => {
    const results = BACKENDS.map((_, j) => powers(j, i, 1));
    if (results.some((result) => result !== results[0])) throw new Error(`${name}: the backends disagree`);
  });
}

function answer({ memory, buffer, answer }) {
  for (const line of fs.readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
    const bytes = Buffer.from(line);
    Buffer.from(memory.buffer).set(bytes, buffer());
    // The call may grow the memory, and then its buffer is another.
    const length = answer(bytes.length);
    console.log(Buffer.from(memory.buffer, buffer(), length).toString());
  }
}

// Processor time, because another process on the same core shall not count. The backends take turns.
function time({ powers }) {
  const samples = NAMES.map(() => BACKENDS.map(() => []));
  for (let round = 0; round < FIRST_ROUNDS + ROUNDS; round++) {
    NAMES.forEach((name, i) => {
      const results = BACKENDS.map((_, j) => {
        const begun = process.cpuUsage();
        const result = powers(j, i, 1);
        const { user, system } = process.cpuUsage(begun);
        if (round >= FIRST_ROUNDS) samples[i][j].push((user + system) / 1000);
        return result;
      });
      if (results.some((result) => result !== results[0])) throw new Error(`${name}: the backends disagree`);
    });
  }
  NAMES.forEach((name, i) => BACKENDS.forEach((backend, j) => {
    const median = samples[i][j].sort((a, b) => a - b)[ROUNDS >> 1];
    console.log(JSON.stringify({ target: 'wasm32', backend, name, median_ms: Number(median.toFixed(3)) }));
  }));
}

const [file, task] = process.argv.slice(2);
const bytes = fs.readFileSync(file);
WebAssembly.instantiate(bytes, {}).then(({ instance }) => {
  if (task === 'check') return check(instance.exports);
  if (task === 'answer') return answer(instance.exports);
  size(bytes);
  return time(instance.exports);
});
