// The folder of cargo's builds. cargo takes a relative one from where it runs, which here is always the root of the repository.

import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const TARGET = resolve(fileURLToPath(new URL('../../..', import.meta.url)), process.env.CARGO_TARGET_DIR || 'target');
