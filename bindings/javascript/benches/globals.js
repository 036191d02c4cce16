// What the clients take for global under node.
export { Buffer } from 'buffer/';
