// Reads the code of the module and shows that no branch, no address and no division of a power depends on a secret.
//
//   node tests/branches.js MODULE
//
// MODULE has the names of its functions; but for these it is the published one. For each function of `FUNCTIONS` the reader follows which
// locals are public: constants, the stack pointer, the arguments that the table names, and what is computed from these alone. All that is
// read from memory is secret, except `Exponent::bits`, and what the function itself has put into its frame at a constant offset. A
// condition of `if` and `br_if`, the index of a `br_table`, an address, a length and an operand of a division must be public. `select` may
// be secret (the README says where this stops). A call must lead to a function of the table, and its arguments must be what the table says.
// The compiler folds `Backend::pow_g` into `Element::pow_g`.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const DIS = fileURLToPath(new URL('../node_modules/.bin/wasm-dis', import.meta.url));

// The bits of an exponent lie behind its 49 limbs.
const EXPONENT = { 392: 'Exponent::bits' };
// Every argument is a pointer. What lies behind it is secret but for these offsets.
const FUNCTIONS = [
  [/group3pow3powN/, [{}, {}, EXPONENT], 'pow(out, base, exponent)'],
  [/7Element5pow_g$/, [{}, EXPONENT], 'Element::pow_g(out, exponent)'],
  [/digits288multiply$/, [{}, {}], 'digits28::multiply(a, b)'],
  [/Digits28.*Arithmetic6square$/, [{}], 'Digits28::square(a)'],
  [/Digits28.*Arithmetic5enter/, [{}, {}], 'Digits28::enter(out, x)'],
  [/Digits28.*Arithmetic5leave$/, [{}, {}], 'Digits28::leave(out, t)'],
  [/compiler_builtins.*___multi3$/, [{}, null, null, null, null], '__multi3(out, a, b)'],
];

const SECRET = 'secret';
const PUBLIC = 'public';
const isPublic = (kind) => kind !== SECRET;
const mixed = (kinds) => (kinds.every(isPublic) ? PUBLIC : SECRET);
const DIVISION = /\.(div|rem)(_[su])?$|\.sqrt$/;

/** Reads one S-expression as nested arrays. */
function* expressions(text) {
  const stack = [[]];
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[()]|[^\s()"]+/g)) {
    if (token === '(') stack.push([]);
    else if (token === ')') {
      const list = stack.pop();
      stack.at(-1).push(list);
      if (stack.length === 1) yield list;
    } else stack.at(-1).push(token);
  }
}

/** The state on one way: the kinds of locals, and of places in the frame by their offset. */
class State {
  constructor(locals = new Map(), frame = new Map()) {
    Object.assign(this, { locals, frame });
  }

  copy() {
    return new State(new Map(this.locals), new Map(this.frame));
  }
}

/** What holds on both of two ways. A way that does not exist is null. */
function joined(one, other) {
  if (!one || !other) return one ?? other;
  const join = (a, b) => new Map([...new Set([...a.keys(), ...b.keys()])].map((key) => {
    const [x, y] = [a.get(key) ?? SECRET, b.get(key) ?? SECRET];
    return [key, x === y ? x : mixed([x, y])];
  }));
  return new State(join(one.locals, other.locals), join(one.frame, other.frame));
}

function same(one, other) {
  if (!one || !other) return one === other;
  const equal = (a, b) => a.size === b.size && [...a].every(([key, kind]) => b.get(key) === kind);
  return equal(one.locals, other.locals) && equal(one.frame, other.frame);
}

class Reader {
  constructor(code, parameters) {
    this.body = [];
    this.parameters = parameters;
    this.locals = new Map();
    for (const part of code.slice(2)) {
      if (part[0] === 'param') this.locals.set(part[1], parameters[this.locals.size] ? `argument ${this.locals.size} 0` : SECRET);
      // Other locals begin as zero.
      else if (part[0] === 'local') this.locals.set(part[1], PUBLIC);
      else if (Array.isArray(part) && part[0] !== 'result' && part[0] !== 'type') this.body.push(part);
    }
    this.wrong = new Set();
    this.counts = { branches: 0, accesses: 0, selects: 0, instructions: 0 };
  }

  run() {
    this.state = new State(this.locals);
    // A label's state is what its branches bring: to the end of a block, or to the beginning of a loop.
    this.labels = new Map();
    this.all(this.body);
    return this;
  }

  all(parts) {
    let kind = PUBLIC;
    for (const part of parts) if (this.state) kind = this.value(part);
    return kind;
  }

  must(kind, what, code) {
    if (!isPublic(kind)) this.wrong.add(`${what} depends on a secret: ${JSON.stringify(code).replace(/[",]+/g, ' ').slice(0, 160)}`);
  }

  branch(label) {
    this.labels.set(label, joined(this.labels.get(label) ?? null, this.state.copy()));
  }

  value(code) {
    const [name, ...rest] = code;
    const parts = rest.filter(Array.isArray).filter(([head]) => head !== 'result' && head !== 'type');
    this.counts.instructions += 1;
    switch (name) {
      case 'local.get':
        return this.state.locals.get(rest[0]) ?? SECRET;
      case 'local.set':
      case 'local.tee': {
        const kind = this.value(parts[0]);
        this.state?.locals.set(rest[0], kind);
        return kind;
      }
      case 'global.get':
        return rest[0] === '$__stack_pointer' ? 'stack 0' : SECRET;
      case 'global.set':
        this.value(parts[0]);
        return PUBLIC;
      case 'i32.const':
      case 'i64.const':
        return PUBLIC;
      case 'block': {
        const kind = this.all(parts);
        const label = typeof rest[0] === 'string' ? rest[0] : undefined;
        const brought = this.labels.get(label) ?? null;
        this.state = joined(this.state, brought);
        this.labels.delete(label);
        // The branches of a block with a result bring results of their own.
        return brought && rest.some(([head]) => head === 'result') ? SECRET : kind;
      }
      case 'loop':
        return this.loop(rest[0], parts);
      case 'if': {
        const [condition, then, otherwise] = parts;
        this.counts.branches += 1;
        this.must(this.value(condition), 'a branch', condition);
        const before = this.state.copy();
        const one = this.all(then.slice(1));
        const after = this.state;
        this.state = before;
        const other = otherwise ? this.all(otherwise.slice(1)) : PUBLIC;
        this.state = joined(this.state, after);
        return mixed([one, other]);
      }
      case 'br_if': {
        this.counts.branches += 1;
        parts.slice(0, -1).forEach((part) => this.value(part));
        this.must(this.value(parts.at(-1)), 'a branch', parts.at(-1));
        this.branch(rest[0]);
        return SECRET;
      }
      case 'br':
        parts.forEach((part) => this.value(part));
        this.branch(rest[0]);
        this.state = null;
        return PUBLIC;
      case 'br_table':
        this.counts.branches += 1;
        this.must(this.value(parts.at(-1)), 'a branch', parts.at(-1));
        rest.filter((label) => typeof label === 'string').forEach((label) => this.branch(label));
        this.state = null;
        return PUBLIC;
      case 'return':
      case 'unreachable':
        parts.forEach((part) => this.value(part));
        this.state = null;
        return PUBLIC;
      case 'nop':
        return PUBLIC;
      case 'drop':
        return this.value(parts[0]);
      case 'select':
        this.counts.selects += 1;
        return mixed(parts.map((part) => this.value(part)));
      case 'memory.fill':
      case 'memory.copy': {
        const kinds = parts.map((part) => this.value(part));
        this.counts.accesses += 1;
        kinds.forEach((kind, i) => name === 'memory.fill' && i === 1 || this.must(kind, 'an address or a length', parts[i]));
        this.forget();
        return PUBLIC;
      }
      case 'call':
        return this.call(rest[0], parts);
      default:
        return this.simple(name, rest, parts);
    }
  }

  /** Runs a loop until its beginning does not change. */
  loop(label, parts) {
    let begin = this.state.copy();
    for (;;) {
      this.state = begin.copy();
      this.labels.delete(label);
      const kind = this.all(parts);
      const next = joined(begin, this.labels.get(label) ?? null);
      if (same(next, begin)) {
        this.labels.delete(label);
        return kind;
      }
      begin = next;
    }
  }

  call(name, parts) {
    const kinds = parts.map((part) => this.value(part));
    const known = FUNCTIONS.find(([pattern]) => pattern.test(name));
    if (!known) this.wrong.add(`it calls ${name}, which is not read`);
    known?.[1].forEach((parameter, i) => parameter && this.must(kinds[i], 'a pointer', parts[i]));
    this.forget();
    return SECRET;
  }

  /** A callee, and a copy, may write to the frame's arrays. Compilers' slots are beside them, but nothing shows it. */
  forget() {
    this.state.frame.clear();
  }

  simple(name, rest, parts) {
    const offset = Number(rest.find((part) => typeof part === 'string' && part.startsWith('offset='))?.slice(7) ?? 0);
    const kinds = parts.map((part) => this.value(part));
    if (/\.load/.test(name)) {
      this.counts.accesses += 1;
      this.must(kinds[0], 'an address', parts[0]);
      return this.read(kinds[0], offset, name);
    }
    if (/\.store/.test(name)) {
      this.counts.accesses += 1;
      this.must(kinds[0], 'an address', parts[0]);
      const [base, at] = kinds[0].split(' ');
      if (base === 'stack') this.put(Number(at) + offset, name, kinds[1]);
      // A store through another pointer may hit any slot.
      else if (!isPublic(kinds[1])) this.forget();
      return PUBLIC;
    }
    if (!/^(i32|i64)\./.test(name)) this.wrong.add(`${name} is not known`);
    if (DIVISION.test(name)) kinds.forEach((kind, i) => this.must(kind, 'a division', parts[i]));
    return name === 'i32.add' || name === 'i32.sub' ? moved(kinds, parts, name) : mixed(kinds);
  }

  /** Stores a value in the frame. It overwrites every slot that it overlaps. */
  put(at, name, kind) {
    for (const key of this.state.frame.keys()) {
      if (Math.abs(Number(key.split(' ')[0]) - at) < 8) this.state.frame.delete(key);
    }
    this.state.frame.set(`${at} ${name.replace('store', 'load')}`, kind);
  }

  read(kind, offset, name) {
    const [base, first, second] = kind.split(' ');
    if (base === 'argument' && this.parameters[first]?.[Number(second) + offset]) return PUBLIC;
    return base === 'stack' ? this.state.frame.get(`${Number(first) + offset} ${name}`) ?? SECRET : SECRET;
  }
}

/** The sum of a pointer and a constant is that pointer, moved. */
function moved(kinds, parts, name) {
  const constant = parts[1][0] === 'i32.const' ? Number(parts[1][1]) * (name === 'i32.sub' ? -1 : 1) : undefined;
  const words = kinds[0].split(' ');
  if (constant === undefined || words.length === 1) return mixed(kinds);
  return [...words.slice(0, -1), Number(words.at(-1)) + constant].join(' ');
}

/** Leaks of which each function gets one: the reader must find them all. */
const LEAKS = {
  branch: '(if (i32.load8_u (local.get $0)) (then (nop)))',
  address: '(drop (i32.load8_u (i32.load8_u (local.get $0))))',
  division: '(drop (i32.div_u (i32.const 1) (i32.load8_u (local.get $0))))',
  length: '(memory.fill (local.get $0) (i32.const 0) (i32.load8_u (local.get $0)))',
  callee: '(call $memcmp (i32.const 0) (i32.const 0) (i32.const 0))',
  table: '(block $leak (br_table $leak $leak (i32.load8_u (local.get $0))))',
};

/** Returns a line for each function, and what is wrong. */
export function readBranches(module) {
  const { stdout, status } = spawnSync(DIS, [module], { encoding: 'utf8', maxBuffer: 1 << 30 });
  if (status !== 0) throw new Error(`wasm-dis has ended with ${status}`);
  const [whole] = [...expressions(stdout)];
  const lines = [];
  const wrong = [];
  for (const [pattern, parameters, told] of FUNCTIONS) {
    const found = whole.filter(([head, name]) => head === 'func' && pattern.test(name));
    // `__multi3` is there only if a function calls it.
    if (found.length === 0 && !told.startsWith('__')) wrong.push(`${told} is not in the module`);
    for (const code of found) {
      const reader = new Reader(code, parameters).run();
      const { branches, accesses, selects } = reader.counts;
      lines.push(`${told}: ${branches} branches, ${accesses} accesses and ${selects} selects read; ${reader.wrong.size} wrong`);
      wrong.push(...[...reader.wrong].map((reason) => `${told}: ${reason}`));
      for (const [leak, planted] of Object.entries(LEAKS)) {
        const at = code.findLastIndex(([head]) => ['param', 'local', 'result', 'type'].includes(head)) + 1;
        const [leaky] = expressions(planted);
        const count = new Reader([...code.slice(0, at), leaky, ...code.slice(at)], parameters).run().wrong.size;
        if (count <= reader.wrong.size) wrong.push(`${told}: a planted leak is not found: ${leak}`);
      }
    }
  }
  return { lines, wrong };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { lines, wrong } = readBranches(process.argv[2]);
  console.log([...lines, ...wrong.map((line) => `WRONG ${line}`)].join('\n'));
  process.exitCode = wrong.length ? 1 : 0;
}
