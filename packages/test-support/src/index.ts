export { all, unique, upTo } from './gathering.js';
export { programFrom, programOf } from './program.js';
export { Patience, until } from './until.js';
