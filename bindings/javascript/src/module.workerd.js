// Cloudflare Workers compile no bytes at run time; there the module is a file.
import module from './cognito-srp6a.wasm';

export async function compile() {
  return module;
}
