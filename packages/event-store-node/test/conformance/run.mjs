#!/usr/bin/env node
// Command line of the conformance suite. See README.md.

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ALL, difference, loadProtocol, parseUrl, runScenario, sameResult, waitUntilReachable } from './lib.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const FORMAT = 1;
const DIFF_LINES = 60;

const USAGE = `usage:
  node run.mjs record  --url esdb://127.0.0.1:2113?tls=false --out golden.json [--runs N]
  node run.mjs compare --url esdb://127.0.0.1:2113?tls=false --golden golden.json [--out actual.json]
  node run.mjs stable  --url esdb://127.0.0.1:2113?tls=false
  node run.mjs --list
options:
  --only REGEX    only the scenarios whose name matches
  --deviations F  (compare) JSON object: scenario that differs on purpose → why; it must differ
  --project DIR   folder whose node_modules holds @eventstore/db-client and @grpc/grpc-js
                  (default: this folder, then the current folder)
  --slack FACTOR  multiply every wait and time limit (slow machine)
  --limit SECONDS no scenario runs longer than this
  --full          do not shorten long differences`;

const { values: options, positionals } = (() => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        url: { type: 'string' },
        out: { type: 'string' },
        golden: { type: 'string' },
        deviations: { type: 'string' },
        only: { type: 'string' },
        project: { type: 'string' },
        slack: { type: 'string', default: '1' },
        limit: { type: 'string' },
        runs: { type: 'string', default: '1' },
        list: { type: 'boolean' },
        full: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    fail(`${error.message}\n${USAGE}`);
  }
})();

function fail(message) {
  console.error(message);
  process.exit(2);
}

async function loadScenarios() {
  const folder = path.join(HERE, 'scenarios');
  const all = new Map();
  for (const file of (await readdir(folder)).filter((name) => name.endsWith('.mjs')).sort()) {
    const { scenarios } = await import(pathToFileURL(path.join(folder, file)).href);
    for (const [name, definition] of Object.entries(scenarios)) {
      if (all.has(name)) fail(`two scenarios are called ${name}`);
      all.set(name, definition);
    }
  }
  const only = options.only ? new RegExp(options.only) : undefined;
  return new Map([...all].filter(([name]) => !only || only.test(name)));
}

function openProtocol() {
  const candidates = options.project ? [options.project] : [HERE, process.cwd()];
  let reason;
  for (const folder of candidates) {
    try {
      return loadProtocol(folder);
    } catch (error) {
      reason = error;
    }
  }
  return fail(`cannot load @eventstore/db-client and @grpc/grpc-js from ${candidates.join(' or ')} (use --project): ${reason.message}`);
}

const number = (name, least) => {
  const value = Number(options[name]);
  if (!(value >= least)) fail(`--${name} must be a number, at least ${least}`);
  return value;
};

/** Runs the scenarios one after the other and hands each result to `onResult` as soon as it is there. */
async function runAll(protocol, target, scenarios, onResult) {
  const slack = number('slack', 0.1);
  const cap = options.limit ? number('limit', 1) * 1000 : Infinity;
  const results = {};
  for (const [name, definition] of scenarios) {
    const { run, limit = 30_000 } = typeof definition === 'function' ? { run: definition } : definition;
    const result = await runScenario(protocol, target, { run, limit: Math.min(limit, cap) }, { slack });
    results[name] = result;
    await onResult?.(name, result);
  }
  return results;
}

const reason = (result) => (result.outcome === 'error' ? `  (${result.steps.at(-1)?.text})` : '');

const progress = (note) => (name, result) =>
  console.log(`${result.outcome === 'done' ? 'recorded' : result.outcome.padEnd(8)}  ${name}${note}${reason(result)}`);

async function serverVersion(protocol, target) {
  let version = 'unknown';
  await runScenario(protocol, target, async (t) => {
    const { response } = await t.supportedMethods();
    if (response) version = response.getEventStoreServerVersion();
  });
  return version;
}

/** A server that has just started listens before it serves: waits (at most a minute) while it says UNAVAILABLE. */
async function waitUntilServing(protocol, target) {
  for (let turn = 0; turn < 120; turn++) {
    const { steps } = await runScenario(protocol, target, async (t) => {
      await t.read(ALL, { count: 1, own: false });
      await t.listGroups();
    });
    if (!JSON.stringify(steps).includes('"UNAVAILABLE"')) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

const asFile = (value) => `${JSON.stringify(value, null, 1)}\n`;

async function record(protocol, target, scenarios) {
  if (!options.out) fail('record needs --out FILE');
  const runs = Math.floor(number('runs', 1));
  const recorded = {};
  for (let run = 0; run < runs; run++) {
    await runAll(protocol, target, scenarios, async (name, result) => {
      progress(runs > 1 ? ` (run ${run + 1})` : '')(name, result);
      const known = recorded[name];
      if (!known) recorded[name] = result;
      else if (![known, ...(known.variants ?? [])].some((other) => sameResult(other, result))) {
        known.variants = [...(known.variants ?? []), result];
      }
      await writeFile(options.out, asFile({ format: FORMAT, server: recordedBy, scenarios: recorded }));
    });
  }
  const odd = Object.entries(recorded).filter(([, result]) => result.outcome !== 'done');
  const varying = Object.entries(recorded).filter(([, result]) => result.variants);
  for (const [name, result] of odd) console.log(`note: ${name} ended as ${result.outcome}`);
  for (const [name, result] of varying) console.log(`note: ${name} has ${result.variants.length + 1} accepted variants`);
  console.log(`${Object.keys(recorded).length} recorded, ${odd.length} of them not done, in ${options.out}`);
  return 0;
}

function printDifference(golden, actual) {
  const lines = difference(golden, actual);
  const shown = options.full ? lines : lines.slice(0, DIFF_LINES);
  for (const line of shown) console.log(!options.full && line.length > 500 ? `${line.slice(0, 500)}…` : line);
  if (shown.length < lines.length) console.log(`    … ${lines.length - shown.length} more lines (--full shows them)`);
}

async function compare(protocol, target, scenarios) {
  if (!options.golden) fail('compare needs --golden FILE');
  let golden;
  try {
    golden = JSON.parse(await readFile(options.golden, 'utf8'));
  } catch (error) {
    fail(`cannot read ${options.golden}: ${error.message}`);
  }
  if (golden.format !== FORMAT) fail(`${options.golden} has format ${golden.format}, this program reads ${FORMAT}: record it again`);
  const known = new Map([...scenarios].filter(([name]) => golden.scenarios[name]));
  const unrecorded = [...scenarios.keys()].filter((name) => !golden.scenarios[name]);
  const gone = Object.keys(golden.scenarios).filter((name) => !scenarios.has(name));
  const deviations = options.deviations ? JSON.parse(await readFile(options.deviations, 'utf8')) : {};
  let passed = 0;
  let failed = 0;
  const results = await runAll(protocol, target, known, (name, actual) => {
    const record = golden.scenarios[name];
    const accepted = [record, ...(record.variants ?? [])];
    const same = accepted.some((one) => sameResult(one, actual));
    if (deviations[name]) {
      if (same) failed++;
      console.log(
        same ? `differs  ${name}   (listed as a deviation, but it answers as recorded)` : `deviates ${name}   (${deviations[name]})`,
      );
      return;
    }
    if (same) {
      passed++;
      console.log(`ok       ${name}`);
      return;
    }
    failed++;
    console.log(`differs  ${name}   (- ${golden.server.version}, + this server)${reason(actual)}`);
    printDifference(record, actual);
  });
  if (options.out) await writeFile(options.out, asFile({ format: FORMAT, server: recordedBy, scenarios: results }));
  for (const name of unrecorded) console.log(`skipped  ${name}   (not in ${options.golden})`);
  if (!options.only) for (const name of gone) console.log(`skipped  ${name}   (in ${options.golden}, but no such scenario)`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

async function stable(protocol, target, scenarios) {
  console.log('first recording');
  const first = await runAll(protocol, target, scenarios, (name, result) => {
    if (result.outcome !== 'done') progress('')(name, result);
  });
  console.log('second recording');
  let same = 0;
  let varying = 0;
  await runAll(protocol, target, scenarios, (name, result) => {
    if (sameResult(first[name], result)) {
      same++;
      return;
    }
    varying++;
    console.log(`varies   ${name}   (- first, + second)`);
    printDifference(first[name], result);
  });
  console.log(`${same} stable, ${varying} not deterministic`);
  return varying === 0 ? 0 : 1;
}

// The high-level client may reject promises nobody holds; that must not end the run.
for (const signal of ['unhandledRejection', 'uncaughtException']) {
  process.on(signal, (error) => console.error(`(stray ${signal}: ${error?.message ?? error})`));
}

const [command] = positionals;
if (options.help || (!command && !options.list)) {
  console.log(USAGE);
  process.exit(options.help ? 0 : 2);
}
const scenarios = await loadScenarios();
if (options.list) {
  for (const name of scenarios.keys()) console.log(name);
  console.log(`${scenarios.size} scenarios`);
  process.exit(0);
}
const commands = { record, compare, stable };
if (!Object.hasOwn(commands, command)) fail(`unknown command ${command}\n${USAGE}`);
if (!options.url) fail(`${command} needs --url`);
if (scenarios.size === 0) fail('no scenario matches');

const protocol = openProtocol();
let recordedBy;
let code = 2;
try {
  const target = parseUrl(options.url);
  await waitUntilReachable(protocol, target, 60_000);
  await waitUntilServing(protocol, target);
  recordedBy = { version: await serverVersion(protocol, target) };
  code = await commands[command](protocol, target, scenarios);
} catch (error) {
  console.error(error.message);
}
process.exit(code);
