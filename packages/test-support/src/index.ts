export { all, unique, upTo } from './gathering.js';
export { programOf } from './program.js';
export { Patience, until } from './until.js';
