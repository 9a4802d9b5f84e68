// NumPy's .npy files of the types that exported models take and give: C order, little endian.
import fs from 'node:fs';

const TYPES = {
  '<f4': { name: 'float32', make: (b) => new Float32Array(b) },
  '<i8': { name: 'int64', make: (b) => new BigInt64Array(b) },
  '|u1': { name: 'uint8', make: (b) => new Uint8Array(b) },
  '|b1': { name: 'bool', make: (b) => new Uint8Array(b) },
};

// { type, dims, data } of a file.
export function read(path) {
  const file = fs.readFileSync(path);
  if (file.toString('latin1', 0, 6) !== '\x93NUMPY') throw new Error(`${path}: no .npy file`);
  const long = file[6] >= 2;
  const begin = long ? 12 : 10;
  const end = begin + (long ? file.readUInt32LE(8) : file.readUInt16LE(8));
  const head = file.toString('latin1', begin, end);
  const type = TYPES[/'descr': *'([^']*)'/.exec(head)[1]];
  const dims = (/'shape': *\(([^)]*)\)/.exec(head)[1].match(/\d+/g) ?? []).map(Number);
  if (!type || /'fortran_order': *True/.test(head)) throw new Error(`${path}: ${head}`);
  const bytes = new Uint8Array(file.subarray(end));
  return { type: type.name, dims, data: type.make(bytes.buffer) };
}
