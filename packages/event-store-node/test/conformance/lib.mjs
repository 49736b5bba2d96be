// The recording side of the conformance suite: one `Scenario` object per scenario run. Its methods talk to the server
// with the generated stubs and append what came back to the transcript; `transcript()` replaces everything that is
// random or server-specific (names, ids, log positions, times) by tokens, so that two runs can be compared.

import { createRequire } from 'node:module';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import path from 'node:path';

// ---------------------------------------------------------------------------------------------------------------
// The protocol: generated message classes and method definitions, loaded from a project's node_modules.

export function loadProtocol(projectDir) {
  const fromProject = createRequire(path.join(path.resolve(projectDir), 'package.json'));
  const clientEntry = fromProject.resolve('@eventstore/db-client');
  const fromClient = createRequire(clientEntry);
  const generated = (name) => fromProject(`@eventstore/db-client/generated/${name}`);
  return {
    grpc: fromProject('@grpc/grpc-js'),
    db: fromProject('@eventstore/db-client'),
    S: generated('streams_pb.js'),
    P: generated('persistent_pb.js'),
    F: generated('serverfeatures_pb.js'),
    G: generated('gossip_pb.js'),
    Sh: generated('shared_pb.js'),
    St: generated('status_pb.js'),
    Code: generated('code_pb.js'),
    streams: generated('streams_grpc_pb.js').StreamsService,
    persistent: generated('persistent_grpc_pb.js').PersistentSubscriptionsService,
    features: generated('serverfeatures_grpc_pb.js').ServerFeaturesService,
    gossip: generated('gossip_grpc_pb.js').GossipService,
    GEmpty: fromClient('google-protobuf/google/protobuf/empty_pb.js').Empty,
    Timestamp: fromClient('google-protobuf/google/protobuf/timestamp_pb.js').Timestamp,
  };
}

/** Accepts `esdb://[user:password@]host:port?tls=false`. Only loopback: the scenarios delete, truncate and restart. */
export function parseUrl(url) {
  const parsed = new URL(url.replace(/^esdb\+discover:/, 'esdb:'));
  const host = parsed.hostname.replace(/^\[|\]$/g, '');
  if (!['127.0.0.1', 'localhost', '::1'].includes(host)) {
    throw new Error(`refusing ${host}: the scenarios are destructive, only a loopback server is accepted`);
  }
  if (parsed.searchParams.get('tls') !== 'false') throw new Error('only plain-text servers are supported: add ?tls=false');
  const port = parsed.port || '2113';
  return {
    url,
    host,
    port,
    address: `${host.includes(':') ? `[${host}]` : host}:${port}`,
    credentials: parsed.username
      ? { username: decodeURIComponent(parsed.username), password: decodeURIComponent(parsed.password) }
      : undefined,
  };
}

const CHANNEL_OPTIONS = {
  'grpc.max_send_message_length': -1,
  'grpc.max_receive_message_length': -1,
  'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_retries': 0,
  'grpc.max_metadata_size': 256 * 1024,
};

export function openChannel(protocol, target) {
  const { grpc } = protocol;
  return new grpc.Client(target.address, grpc.credentials.createInsecure(), CHANNEL_OPTIONS);
}

export const waitUntilReachable = (protocol, target, ms) =>
  new Promise((resolve, reject) => {
    const channel = openChannel(protocol, target);
    channel.waitForReady(Date.now() + ms, (error) => {
      channel.close();
      if (error) reject(new Error(`no server answers at ${target.address}: ${error.message}`));
      else resolve();
    });
  });

// ---------------------------------------------------------------------------------------------------------------
// Marks: volatile values are wrapped while recording and replaced by tokens once the scenario is over.

const MARK = '\u0001';
const MARKED = /\u0001([pic])([^\u0001]*)\u0001/g;
const position = (value) => `${MARK}p${value}${MARK}`;
const eventId = (value) => `${MARK}i${value}${MARK}`;
const correlation = (value) => `${MARK}c${value}${MARK}`;

const MAX_UINT64 = '18446744073709551615';
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
const NIL_UUID = '00000000-0000-0000-0000-000000000000';
const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?/g;
const ALL_POSITION = /C:(\d+)\/P:(\d+)/g;

const VOLATILE_TRAILERS = new Set([
  'date',
  'server',
  'content-type',
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'vary',
  'alt-svc',
  'request-id',
  'traceparent',
  'tracestate',
  'user-agent',
  'accept-encoding',
]);

const walk = (value, onString) => {
  if (typeof value === 'string') return onString(value);
  if (Array.isArray(value)) return value.map((item) => walk(item, onString));
  if (value && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [onString(key), walk(item, onString)]));
  }
  return value;
};

const sortKeys = (value) => {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (value && typeof value === 'object') {
    return Object.fromEntries(
      Object.keys(value)
        .sort()
        .map((key) => [key, sortKeys(value[key])]),
    );
  }
  return value;
};

const drop = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const digest = (bytes) => createHash('sha1').update(bytes).digest('hex').slice(0, 12);

/** Ticks of 100 ns since the Unix epoch, between the years 2001 and 2100. */
const isPlausibleCreated = (value) => /^\d{17}$/.test(value) && value >= '10000000000000000' && value < '41025000000000000';

const countedPosition = (value) => {
  const text = String(value);
  if (text === MAX_UINT64) return 'max';
  return text === '0' || !/^\d+$/.test(text) ? text : position(text);
};
const revisionText = (value) => (String(value) === MAX_UINT64 ? 'max' : String(value));

/** A readable form of a payload. What the server itself writes (`$…` streams) is compared as JSON, not byte by byte. */
const bytesText = (raw, streamName) => {
  const bytes = Buffer.from(raw);
  if (bytes.length === 0) return '';
  const text = bytes.toString('utf8');
  const printable = Buffer.from(text, 'utf8').equals(bytes) && !/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(text);
  if (streamName?.startsWith('$') && printable) {
    try {
      const exact = text.replace(/([:[,]\s*)(-?\d{16,})(?=\s*[,\]}])/g, '$1"$2"');
      return { json: sortKeys(walk(JSON.parse(exact), (item) => item.replace(INSTANT, 'date'))) };
    } catch {
      return text;
    }
  }
  if (bytes.length > 300) return `${bytes.length} bytes ${digest(bytes)}`;
  return printable ? text : `hex:${bytes.toString('hex')}`;
};

export const uuidOfStructured = (most, least) => {
  const hex = (value) => BigInt.asUintN(64, BigInt(value)).toString(16).padStart(16, '0');
  const all = hex(most) + hex(least);
  return [all.slice(0, 8), all.slice(8, 12), all.slice(12, 16), all.slice(16, 20), all.slice(20)].join('-');
};

export const ALL = Symbol('$all');

/** Thrown by a scenario that cannot go on (an earlier call gave no position, say); recorded as outcome `error`. */
export class CannotContinue extends Error {}

// ---------------------------------------------------------------------------------------------------------------
// A server stream being listened to: subscriptions, persistent consumers, batch appends, reads.

class Feed {
  constructor(scenario, call, decode, describe) {
    this.scenario = scenario;
    this.call = call;
    this.describe = describe;
    this.messages = [];
    this.end = undefined;
    this.lastAt = Date.now();
    this.wake = new Set();
    call.on('data', (message) => {
      let decoded;
      try {
        decoded = decode(message);
      } catch (error) {
        decoded = { undecodable: String(error.message) };
      }
      if (decoded === undefined) return;
      this.messages.push(decoded);
      this.lastAt = Date.now();
      this.notify();
    });
    call.on('error', () => {});
    call.on('status', (status) => {
      if (this.end !== undefined) return;
      this.end = status.code === 0 ? 'OK' : scenario.errorOf(status);
      this.notify();
    });
  }

  notify() {
    for (const wake of [...this.wake]) wake();
  }

  /** Waits until `ready()` holds or the call ended or `ms` passed; answers whether it holds. Never throws. */
  async until(ready, ms = 5000) {
    const until = Date.now() + ms * this.scenario.slack;
    while (!ready() && this.end === undefined && !this.scenario.over) {
      const left = until - Date.now();
      if (left <= 0) break;
      await new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer);
          this.wake.delete(done);
          resolve();
        };
        const timer = setTimeout(done, Math.min(left, 1000));
        this.wake.add(done);
      });
    }
    return ready();
  }

  get events() {
    return this.messages.filter((message) => message.event !== undefined);
  }

  arrived(count, ms) {
    return this.until(() => this.events.length >= count, ms);
  }

  has(kind, count = 1, ms = 3000) {
    return this.until(() => this.messages.filter((message) => message[kind] !== undefined).length >= count, ms);
  }

  confirmed(ms) {
    return this.has('confirmation', 1, ms);
  }

  caughtUp(ms = 1500) {
    return this.has('caughtUp', 1, ms);
  }

  ended(ms = 3000) {
    return this.until(() => false, ms).then(() => this.end !== undefined);
  }

  /** Waits for a stretch of `quiet` ms without a message, so that extra messages are seen as well. */
  async settle(quiet = 250) {
    const silence = quiet * this.scenario.slack;
    const from = Date.now();
    for (let turn = 0; turn < 200 && this.end === undefined && !this.scenario.over; turn++) {
      const since = Date.now() - Math.max(this.lastAt, from);
      if (since >= silence) return;
      await sleep(Math.max(5, silence - since));
    }
  }

  stop() {
    if (this.end === undefined) this.end = 'open';
    try {
      this.call.cancel();
    } catch {
      // already finished
    }
  }

  /** Adds the messages so far to the transcript; `shape` may reduce them where order or detail is not promised. */
  record(label = this.describe, shape = (messages) => messages) {
    const messages = shape(this.messages).map((message) => {
      if (typeof message !== 'object') return message;
      const { ackId, correlationRaw, ...rest } = message;
      return rest;
    });
    this.scenario.note(label, { messages, end: this.end ?? 'open' });
    return this;
  }

  async finish(label, shape, quiet) {
    await this.settle(quiet);
    const ended = this.end;
    this.stop();
    this.end = ended ?? 'open';
    return this.record(label ?? this.describe, shape);
  }
}

class BatchFeed extends Feed {
  /** Responses of different correlations have no promised order: they are recorded sorted by correlation. */
  async answers(count, label, { quiet = 150, ms = 4000, brief = false } = {}) {
    await this.until(() => this.messages.length >= count, ms);
    await this.settle(quiet);
    this.record(label, (messages) => {
      const order = (message) => this.scenario.correlations.indexOf(message.correlationRaw);
      return messages
        .map((message, index) => ({ message, index }))
        .sort((a, b) => order(a.message) - order(b.message) || a.index - b.index)
        .map(({ message }) => (brief && message.success ? { ...message, success: 'accepted' } : message));
    });
    return this.messages;
  }

  send(message) {
    try {
      this.call.write(message);
    } catch {
      // the call is over; its end is recorded
    }
    return this;
  }

  halfClose() {
    try {
      this.call.end();
    } catch {
      // already finished
    }
    return this;
  }
}

class Consumer extends Feed {
  ids(events = this.events) {
    return events.map((message) => message.ackId);
  }

  write(request) {
    try {
      this.call.write(request);
    } catch {
      // the call is over; its end is recorded
    }
  }

  ack(ids, form) {
    const { P } = this.scenario.protocol;
    const ack = new P.ReadReq.Ack();
    ack.setIdsList(ids.map((id) => this.scenario.uuid(id, form)));
    const request = new P.ReadReq();
    request.setAck(ack);
    this.write(request);
  }

  nack(ids, action, reason = 'because') {
    const { P } = this.scenario.protocol;
    const nack = new P.ReadReq.Nack();
    nack.setIdsList(ids.map((id) => this.scenario.uuid(id)));
    nack.setAction(typeof action === 'number' ? action : P.ReadReq.Nack.Action[action]);
    nack.setReason(reason);
    const request = new P.ReadReq();
    request.setNack(nack);
    this.write(request);
  }

  halfClose() {
    try {
      this.call.end();
    } catch {
      // already finished
    }
  }
}

/** `s1#0 retry=0`, one per delivery: for persistent scenarios where the events themselves are recorded elsewhere. */
export const deliveries = (messages) =>
  messages
    .filter((message) => message.event)
    .map((message) => {
      const inner = message.event.link ?? message.event.event;
      return `${inner?.stream}#${inner?.revision} retry=${message.event.retryCount}`;
    });

// ---------------------------------------------------------------------------------------------------------------

export class Scenario {
  constructor(protocol, target, { slack = 1, callLimit = 5000 } = {}) {
    this.protocol = protocol;
    this.target = target;
    this.slack = slack;
    this.callLimit = callLimit;
    this.over = false;
    this.steps = [];
    this.tag = `cf${randomBytes(6).toString('hex')}`;
    this.prefix = `${this.tag}-`;
    this.names = new Map();
    this.streamCount = 0;
    this.groupCount = 0;
    this.ids = new Map();
    this.correlations = [];
    this.calls = new Set();
    this.channels = new Set();
    this.cleanups = [];
    this.clients = [];
    this.main = this.channel();
  }

  // -- names -----------------------------------------------------------------------------------------------------

  /** A fresh stream name, recorded as s1, s2 …; `shape` may wrap the random part, e.g. (name) => `$${name}`. */
  stream(shape = (name) => name) {
    const token = `s${++this.streamCount}`;
    return this.register(shape(`${this.prefix}${token}`), token);
  }

  /** A fresh group name, recorded as g1, g2 … */
  group() {
    const token = `g${++this.groupCount}`;
    return this.register(`${this.prefix}${token}`, token);
  }

  /** An event type unique to this run (for filters), recorded as `~name`. */
  type(name) {
    return `${this.prefix}${name}`;
  }

  register(name, token) {
    this.names.set(name, token);
    return name;
  }

  id(value = randomUUID()) {
    if (!this.ids.has(value)) this.ids.set(value, `e${this.ids.size + 1}`);
    return value;
  }

  correlationId() {
    const value = randomUUID();
    this.correlations.push(value);
    return value;
  }

  event(fields = {}) {
    const { type = 'thing-happened', json = true, data, custom = '', id } = fields;
    return {
      id: this.id(id),
      type,
      contentType: fields.contentType ?? (json ? 'application/json' : 'application/octet-stream'),
      data: Buffer.from(data ?? (json ? '{"n":1}' : 'raw')),
      custom: Buffer.from(custom),
      ...('metadata' in fields ? { metadata: fields.metadata } : {}),
      ...('idForm' in fields ? { idForm: fields.idForm } : {}),
    };
  }

  events(count, fields = {}) {
    return Array.from({ length: count }, (_, index) =>
      this.event({ data: fields.json === false ? undefined : `{"n":${index}}`, ...fields }),
    );
  }

  link(stream, revision, fields = {}) {
    return this.event({ type: '$>', json: false, data: `${revision}@${stream}`, ...fields });
  }

  // -- transcript ------------------------------------------------------------------------------------------------

  note(step, result) {
    if (!this.over) this.steps.push({ step, ...(typeof result === 'object' && !Array.isArray(result) ? result : { value: result }) });
    return result;
  }

  /** Replaces the marks by tokens: log positions by their rank among all positions of the scenario. */
  transcript() {
    const positions = new Set();
    walk(this.steps, (text) => {
      for (const [, kind, value] of text.matchAll(MARKED)) if (kind === 'p') positions.add(value);
      for (const [, commit, prepare] of text.matchAll(ALL_POSITION)) [commit, prepare].forEach((value) => positions.add(value));
      return text;
    });
    positions.delete('0');
    positions.delete(MAX_UINT64);
    const ordered = [...positions].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
    const rank = new Map(ordered.map((value, index) => [value, `p${index + 1}`]));
    const token = (value) => rank.get(value) ?? (value === MAX_UINT64 ? 'max' : value);
    const serverIds = new Map();
    const idToken = (value) => {
      if (value === NIL_UUID) return 'nil';
      if (this.ids.has(value)) return this.ids.get(value);
      if (!serverIds.has(value)) serverIds.set(value, `x${serverIds.size + 1}`);
      return serverIds.get(value);
    };
    const names = [...this.names].sort(([a], [b]) => b.length - a.length);
    return walk(this.steps, (raw) => {
      let text = raw.replace(MARKED, (_, kind, value) => {
        if (kind === 'p') return token(value);
        if (kind === 'i') return idToken(value);
        const index = this.correlations.indexOf(value);
        return index < 0 ? `unknown correlation` : `c${index + 1}`;
      });
      text = text.replace(ALL_POSITION, (_, commit, prepare) => `C:${token(commit)}/P:${token(prepare)}`);
      for (const [name, short] of names) text = text.replaceAll(name, short);
      text = text.replaceAll(this.prefix, '~').replaceAll(this.tag, '~').replaceAll(this.tag.toUpperCase(), '~');
      return text.replace(UUID, (value) => {
        const lower = value.toLowerCase();
        return this.ids.get(lower) ?? (lower === NIL_UUID ? 'nil' : 'uuid');
      });
    });
  }

  // -- low-level calls -------------------------------------------------------------------------------------------

  channel() {
    const channel = openChannel(this.protocol, this.target);
    this.channels.add(channel);
    return channel;
  }

  closeChannel(channel) {
    this.channels.delete(channel);
    channel.close();
  }

  headers(extra = {}) {
    const metadata = new this.protocol.grpc.Metadata();
    const { credentials } = this.target;
    if (credentials) {
      metadata.set('authorization', `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`);
    }
    for (const [key, value] of Object.entries(extra)) {
      if (value === null) metadata.remove(key);
      else metadata.set(key, value);
    }
    return metadata;
  }

  errorOf(status) {
    const { grpc } = this.protocol;
    const trailers = {};
    for (const [key, value] of Object.entries(status.metadata?.getMap() ?? {})) {
      if (VOLATILE_TRAILERS.has(key) || key.startsWith('grpc-')) continue;
      trailers[key] = Buffer.isBuffer(value) ? `hex:${value.toString('hex')}` : value;
    }
    const text = String(status.details ?? status.message ?? '');
    return { code: grpc.status[status.code] ?? String(status.code), trailers: sortKeys(trailers), text: text.slice(0, 400) };
  }

  #track(call) {
    this.calls.add(call);
    call.on('error', () => {});
    call.on('status', () => this.calls.delete(call));
    return call;
  }

  #assertRunning() {
    if (this.over) throw new CannotContinue('the scenario is over');
  }

  /** `raw` replaces the message bytes, `extra` is added to them: that is how unknown fields are sent. */
  #serializer(method) {
    return (message) => {
      if (Buffer.isBuffer(message)) return message;
      const { extra } = message;
      const bytes = method.requestSerialize(message);
      return extra ? Buffer.concat([bytes, extra]) : bytes;
    };
  }

  #answer(start) {
    this.#assertRunning();
    return new Promise((resolve) => {
      let call;
      const timer = setTimeout(() => {
        resolve({ noAnswer: true });
        call?.cancel();
      }, this.callLimit * this.slack);
      try {
        call = this.#track(
          start((error, response) => {
            clearTimeout(timer);
            resolve(error ? { error: this.errorOf(error) } : { response });
          }),
        );
      } catch (error) {
        clearTimeout(timer);
        resolve({ refusedByClient: String(error.message) });
      }
    });
  }

  unary(method, request, { headers, channel = this.main } = {}) {
    return this.#answer((done) =>
      channel.makeUnaryRequest(method.path, this.#serializer(method), method.responseDeserialize, request, this.headers(headers), {}, done),
    );
  }

  clientStream(method, requests, { headers, channel = this.main } = {}) {
    return this.#answer((done) => {
      const call = channel.makeClientStreamRequest(
        method.path,
        this.#serializer(method),
        method.responseDeserialize,
        this.headers(headers),
        {},
        done,
      );
      for (const request of requests) call.write(request);
      call.end();
      return call;
    });
  }

  serverStream(method, request, { headers, channel = this.main } = {}) {
    this.#assertRunning();
    return this.#track(
      channel.makeServerStreamRequest(
        method.path,
        this.#serializer(method),
        method.responseDeserialize,
        request,
        this.headers(headers),
        {},
      ),
    );
  }

  bidiStream(method, { headers, channel = this.main } = {}) {
    this.#assertRunning();
    return this.#track(
      channel.makeBidiStreamRequest(method.path, this.#serializer(method), method.responseDeserialize, this.headers(headers), {}),
    );
  }

  // -- messages --------------------------------------------------------------------------------------------------

  uuid(value, form = 'structured') {
    const { Sh } = this.protocol;
    const message = new Sh.UUID();
    if (form === 'string') message.setString(value);
    else if (form === 'structured') {
      const hex = value.replace(/-/g, '');
      const structured = new Sh.UUID.Structured();
      structured.setMostSignificantBits(BigInt.asIntN(64, BigInt(`0x${hex.slice(0, 16)}`)).toString());
      structured.setLeastSignificantBits(BigInt.asIntN(64, BigInt(`0x${hex.slice(16)}`)).toString());
      message.setStructured(structured);
    }
    return message;
  }

  identifier(stream) {
    const message = new this.protocol.Sh.StreamIdentifier();
    message.setStreamName(Buffer.from(stream));
    return message;
  }

  empty() {
    return new this.protocol.Sh.Empty();
  }

  #expect(options, expected, empty = () => this.empty()) {
    if (expected === 'any') options.setAny(empty());
    else if (expected === 'no_stream') options.setNoStream(empty());
    else if (expected === 'stream_exists') options.setStreamExists(empty());
    else if (expected !== 'unset') (options.setRevision ?? options.setStreamPosition).call(options, String(expected));
    return options;
  }

  #proposed(Message, event) {
    const message = new Message();
    if (event.idForm !== 'absent') message.setId(this.uuid(event.id, event.idForm));
    const map = message.getMetadataMap();
    const metadata = event.metadata ?? { type: event.type, 'content-type': event.contentType };
    for (const [key, value] of Object.entries(metadata)) map.set(key, value);
    message.setData(event.data);
    message.setCustomMetadata(event.custom);
    return message;
  }

  #idOf(message) {
    if (!message) return null;
    const { Sh } = this.protocol;
    switch (message.getValueCase()) {
      case Sh.UUID.ValueCase.STRING:
        return { value: message.getString().toLowerCase(), form: 'string', spelled: message.getString() };
      case Sh.UUID.ValueCase.STRUCTURED:
        return {
          value: uuidOfStructured(message.getStructured().getMostSignificantBits(), message.getStructured().getLeastSignificantBits()),
          form: 'structured',
        };
      default:
        return null;
    }
  }

  #idText(message) {
    const id = this.#idOf(message);
    if (!id) return 'absent';
    if (id.form === 'structured') return eventId(id.value);
    return `${eventId(id.value)} as ${id.spelled === id.value ? 'string' : 'string in another spelling'}`;
  }

  #nameOf(identifier) {
    return identifier ? Buffer.from(identifier.getStreamName_asU8()).toString('utf8') : undefined;
  }

  #recordedEvent(event) {
    if (!event) return undefined;
    const stream = this.#nameOf(event.getStreamIdentifier());
    const metadata = {};
    event.getMetadataMap().forEach((value, key) => {
      metadata[key] = key === 'created' && isPlausibleCreated(value) ? 'created' : value;
    });
    return {
      stream,
      revision: revisionText(event.getStreamRevision()),
      id: this.#idText(event.getId()),
      prepare: countedPosition(event.getPreparePosition()),
      commit: countedPosition(event.getCommitPosition()),
      metadata: sortKeys(metadata),
      custom: bytesText(event.getCustomMetadata_asU8(), stream),
      data: bytesText(event.getData_asU8(), stream),
    };
  }

  #readEvent(message, Kind) {
    const { PositionCase } = Kind;
    const kind = message.getPositionCase();
    return drop({
      event: this.#recordedEvent(message.getEvent()),
      link: this.#recordedEvent(message.getLink()),
      position:
        kind === PositionCase.COMMIT_POSITION
          ? countedPosition(message.getCommitPosition())
          : kind === PositionCase.NO_POSITION
            ? 'none'
            : 'unset',
    });
  }

  /** Is this message about the scenario's own streams? On $all everybody's events pass by. */
  #isOwn(readEvent) {
    return [readEvent.event, readEvent.link].some((event) => event?.stream?.includes(this.tag));
  }

  #readMessage(message, onlyOwn) {
    const { S } = this.protocol;
    const { ContentCase } = S.ReadResp;
    switch (message.getContentCase()) {
      case ContentCase.EVENT: {
        const event = this.#readEvent(message.getEvent(), S.ReadResp.ReadEvent);
        return onlyOwn && !this.#isOwn(event) ? undefined : { event };
      }
      case ContentCase.CONFIRMATION:
        return { confirmation: message.getConfirmation().getSubscriptionId() ? 'sub' : 'empty id' };
      case ContentCase.CHECKPOINT:
        return {
          checkpoint: {
            commit: countedPosition(message.getCheckpoint().getCommitPosition()),
            prepare: countedPosition(message.getCheckpoint().getPreparePosition()),
          },
        };
      case ContentCase.STREAM_NOT_FOUND:
        return { streamNotFound: this.#nameOf(message.getStreamNotFound().getStreamIdentifier()) ?? 'no name' };
      case ContentCase.FIRST_STREAM_POSITION:
        return { firstStreamPosition: revisionText(message.getFirstStreamPosition()) };
      case ContentCase.LAST_STREAM_POSITION:
        return { lastStreamPosition: revisionText(message.getLastStreamPosition()) };
      case ContentCase.LAST_ALL_STREAM_POSITION:
        return { lastAllStreamPosition: 'given' };
      case ContentCase.CAUGHT_UP:
        return { caughtUp: true };
      case ContentCase.FELL_BEHIND:
        return { fellBehind: true };
      default:
        return { unknownContent: true };
    }
  }

  // -- streams: append, delete -----------------------------------------------------------------------------------

  #listed(events) {
    if (events.length > 8) return `${events.length} events`;
    return events.length === 0 ? 'no events' : events.map((event) => eventId(event.id)).join(' ');
  }

  appendRequests(stream, expected, events, { extra } = {}) {
    const { S } = this.protocol;
    const options = new S.AppendReq.Options();
    if (stream !== undefined) options.setStreamIdentifier(this.identifier(stream));
    this.#expect(options, expected);
    const first = new S.AppendReq();
    first.setOptions(options);
    first.extra = extra;
    return [
      first,
      ...events.map((event) => {
        const request = new S.AppendReq();
        request.setProposedMessage(this.#proposed(S.AppendReq.ProposedMessage, event));
        request.extra = event.extra;
        return request;
      }),
    ];
  }

  async append(stream, expected, events, { label, requests, brief = false, ...options } = {}) {
    const { S } = this.protocol;
    const sent = requests ?? this.appendRequests(stream, expected, events, options);
    const outcome = await this.clientStream(this.protocol.streams.append, sent, options);
    const step = label ?? `append ${stream} ${expected}: ${this.#listed(events)}`;
    if (!outcome.response) return this.note(step, outcome);
    const { response } = outcome;
    switch (response.getResultCase()) {
      case S.AppendResp.ResultCase.SUCCESS: {
        const success = response.getSuccess();
        const place = success.getPosition();
        this.note(step, { success: brief ? 'accepted' : this.#appended(success, S.AppendResp.Success, place) });
        return {
          success: true,
          revision: success.getCurrentRevision(),
          position: place ? { commit: place.getCommitPosition(), prepare: place.getPreparePosition() } : undefined,
        };
      }
      case S.AppendResp.ResultCase.WRONG_EXPECTED_VERSION:
        return this.note(step, { wrongExpectedVersion: this.#wrongVersion(response.getWrongExpectedVersion()) });
      default:
        return this.note(step, { emptyResult: true });
    }
  }

  #appended(success, Kind, place) {
    const { CurrentRevisionOptionCase: R, PositionOptionCase: Q } = Kind;
    const revision = success.getCurrentRevisionOptionCase();
    const at = success.getPositionOptionCase();
    return {
      revision:
        revision === R.CURRENT_REVISION ? revisionText(success.getCurrentRevision()) : revision === R.NO_STREAM ? 'no_stream' : 'unset',
      position:
        at === Q.POSITION
          ? { commit: countedPosition(place.getCommitPosition()), prepare: countedPosition(place.getPreparePosition()) }
          : at === Q.NO_POSITION
            ? 'none'
            : 'unset',
    };
  }

  #wrongVersion(wrong) {
    const K = this.protocol.S.AppendResp.WrongExpectedVersion;
    const pick = (kind, table) => table[kind]?.() ?? 'unset';
    return {
      current: pick(wrong.getCurrentRevisionOptionCase(), {
        [K.CurrentRevisionOptionCase.CURRENT_REVISION]: () => revisionText(wrong.getCurrentRevision()),
        [K.CurrentRevisionOptionCase.CURRENT_NO_STREAM]: () => 'no_stream',
      }),
      expected: pick(wrong.getExpectedRevisionOptionCase(), {
        [K.ExpectedRevisionOptionCase.EXPECTED_REVISION]: () => revisionText(wrong.getExpectedRevision()),
        [K.ExpectedRevisionOptionCase.EXPECTED_ANY]: () => 'any',
        [K.ExpectedRevisionOptionCase.EXPECTED_STREAM_EXISTS]: () => 'stream_exists',
        [K.ExpectedRevisionOptionCase.EXPECTED_NO_STREAM]: () => 'no_stream',
      }),
      oldCurrent: pick(wrong.getCurrentRevisionOption2060Case(), {
        [K.CurrentRevisionOption2060Case.CURRENT_REVISION_20_6_0]: () => revisionText(wrong.getCurrentRevision2060()),
        [K.CurrentRevisionOption2060Case.NO_STREAM_20_6_0]: () => 'no_stream',
      }),
      oldExpected: pick(wrong.getExpectedRevisionOption2060Case(), {
        [K.ExpectedRevisionOption2060Case.EXPECTED_REVISION_20_6_0]: () => revisionText(wrong.getExpectedRevision2060()),
        [K.ExpectedRevisionOption2060Case.ANY_20_6_0]: () => 'any',
        [K.ExpectedRevisionOption2060Case.STREAM_EXISTS_20_6_0]: () => 'stream_exists',
      }),
    };
  }

  /** Appends and insists on success, for scenarios that need what they appended (its position above all). */
  async seed(stream, count = 1, fields = {}) {
    const events = Array.isArray(count) ? count : this.events(count, fields);
    const result = await this.append(stream, 'any', events);
    if (!result.success) throw new CannotContinue(`could not append to ${stream}`);
    return { events, ...result };
  }

  delete(stream, expected = 'any', options) {
    return this.#remove('delete', stream, expected, options);
  }

  tombstone(stream, expected = 'any', options) {
    return this.#remove('tombstone', stream, expected, options);
  }

  async #remove(verb, stream, expected, { label, ...options } = {}) {
    const { S, streams } = this.protocol;
    const [Req, Resp] = verb === 'delete' ? [S.DeleteReq, S.DeleteResp] : [S.TombstoneReq, S.TombstoneResp];
    const request = new Req();
    const requestOptions = new Req.Options();
    requestOptions.setStreamIdentifier(this.identifier(stream));
    request.setOptions(this.#expect(requestOptions, expected));
    const outcome = await this.unary(streams[verb], request, options);
    const step = label ?? `${verb} ${stream} ${expected}`;
    if (!outcome.response) return this.note(step, outcome);
    const { response } = outcome;
    const kind = response.getPositionOptionCase();
    const place = response.getPosition();
    this.note(step, {
      success:
        kind === Resp.PositionOptionCase.POSITION
          ? { commit: countedPosition(place.getCommitPosition()), prepare: countedPosition(place.getPreparePosition()) }
          : kind === Resp.PositionOptionCase.NO_POSITION
            ? 'none'
            : 'unset',
    });
    return { success: true, position: place ? { commit: place.getCommitPosition(), prepare: place.getPreparePosition() } : undefined };
  }

  setMetadata(stream, metadata, expected = 'any') {
    return this.append(`$$${stream}`, expected, [this.event({ type: '$metadata', data: JSON.stringify(metadata) })]);
  }

  // -- streams: batch append -------------------------------------------------------------------------------------

  batchRequest({
    correlation: id,
    form,
    stream,
    expected = 'any',
    deadline,
    options = true,
    events = [],
    final = true,
    extra,
    optionsExtra,
  }) {
    const { S, GEmpty, Timestamp } = this.protocol;
    const request = new S.BatchAppendReq();
    if (id !== undefined) request.setCorrelationId(this.uuid(id, form));
    if (options) {
      const message = new S.BatchAppendReq.Options();
      if (stream !== undefined) message.setStreamIdentifier(this.identifier(stream));
      this.#expect(message, expected, () => new GEmpty());
      if (deadline !== undefined) {
        const due = Date.now() + deadline;
        const at = new Timestamp();
        at.setSeconds(Math.floor(due / 1000));
        at.setNanos((due % 1000) * 1_000_000);
        message.setDeadline(at);
      }
      request.setOptions(message);
    }
    request.setProposedMessagesList(events.map((event) => this.#proposed(S.BatchAppendReq.ProposedMessage, event)));
    request.setIsFinal(final);
    if (optionsExtra) {
      // field 2 (options) sent twice is merged by protobuf: the second copy carries only the unknown field
      request.extra = Buffer.concat([Buffer.from([0x12, optionsExtra.length]), optionsExtra]);
    } else {
      request.extra = extra;
    }
    return request;
  }

  batch(options) {
    const feed = new BatchFeed(
      this,
      this.bidiStream(this.protocol.streams.batchAppend, options),
      (message) => this.#batchAnswer(message),
      'batch',
    );
    return feed;
  }

  /** One batch append of one message on a call of its own. */
  async batchAppend(stream, expected, events, { label, brief, ...fields } = {}) {
    const batch = this.batch();
    const id = this.correlationId();
    batch.send(this.batchRequest({ correlation: id, stream, expected, events, ...fields }));
    const answers = await batch.answers(1, label ?? `batch ${stream} ${expected}: ${this.#listed(events)}`, { quiet: 0, brief });
    batch.stop();
    return answers[0];
  }

  #batchAnswer(message) {
    const { S, Sh, Code } = this.protocol;
    const id = this.#idOf(message.getCorrelationId());
    const kind = message.getExpectedStreamPositionCase();
    const K = S.BatchAppendResp.ExpectedStreamPositionCase;
    const base = {
      correlationRaw: id?.value,
      correlation: id ? `${correlation(id.value)}${id.form === 'string' ? ' as string' : ''}` : 'absent',
      stream: this.#nameOf(message.getStreamIdentifier()) ?? 'absent',
      expected:
        kind === K.STREAM_POSITION
          ? revisionText(message.getStreamPosition())
          : kind === K.NO_STREAM
            ? 'no_stream'
            : kind === K.ANY
              ? 'any'
              : kind === K.STREAM_EXISTS
                ? 'stream_exists'
                : 'unset',
    };
    if (message.hasSuccess()) {
      const success = message.getSuccess();
      return { ...base, success: this.#appended(success, S.BatchAppendResp.Success, success.getPosition()) };
    }
    if (!message.hasError()) return { ...base, emptyResult: true };
    const status = message.getError();
    const codeName = Object.entries(Code.Code).find(([, value]) => value === status.getCode())?.[0] ?? String(status.getCode());
    const any = status.getDetails();
    const detail = any ? this.#detail(any.getTypeUrl(), any.getValue_asU8()) : 'absent';
    return { ...base, error: { code: codeName, detail, text: status.getMessage() } };
  }

  #detail(typeUrl, bytes) {
    const { Sh } = this.protocol;
    const type = typeUrl.slice(typeUrl.lastIndexOf('/') + 1);
    const shown = { url: typeUrl };
    const name = type.startsWith('event_store.client.') ? type.slice('event_store.client.'.length) : '';
    if (!Sh[name]?.deserializeBinary) return shown;
    const message = Sh[name].deserializeBinary(bytes);
    if (name === 'StreamDeleted') return { ...shown, stream: this.#nameOf(message.getStreamIdentifier()) ?? 'absent' };
    if (name === 'MaximumAppendSizeExceeded') return { ...shown, maxAppendSize: message.getMaxappendsize() };
    if (name === 'BadRequest') return { ...shown, text: message.getMessage() };
    if (name === 'WrongExpectedVersion') {
      const C = Sh.WrongExpectedVersion.CurrentStreamRevisionOptionCase;
      const E = Sh.WrongExpectedVersion.ExpectedStreamPositionOptionCase;
      const current = message.getCurrentStreamRevisionOptionCase();
      const expected = message.getExpectedStreamPositionOptionCase();
      return {
        ...shown,
        current:
          current === C.CURRENT_STREAM_REVISION
            ? revisionText(message.getCurrentStreamRevision())
            : current === C.CURRENT_NO_STREAM
              ? 'no_stream'
              : 'unset',
        expected:
          expected === E.EXPECTED_STREAM_POSITION
            ? revisionText(message.getExpectedStreamPosition())
            : expected === E.EXPECTED_ANY
              ? 'any'
              : expected === E.EXPECTED_NO_STREAM
                ? 'no_stream'
                : expected === E.EXPECTED_STREAM_EXISTS
                  ? 'stream_exists'
                  : 'unset',
      };
    }
    return shown;
  }

  // -- streams: read and subscribe -------------------------------------------------------------------------------

  #filter(Options, filter) {
    const message = new Options();
    const expression = new Options.Expression();
    const spec = filter.stream ?? filter.type ?? {};
    if (spec.regex !== undefined) expression.setRegex(spec.regex);
    if (spec.prefix !== undefined) expression.setPrefixList([].concat(spec.prefix));
    if (filter.stream) message.setStreamIdentifier(expression);
    else if (filter.type) message.setEventType(expression);
    if (filter.max !== undefined) message.setMax(filter.max);
    else if (filter.window !== 'unset') message.setCount(this.empty());
    message.setCheckpointintervalmultiplier(filter.multiplier ?? 1);
    return message;
  }

  readRequest(target, options = {}) {
    const { S } = this.protocol;
    const {
      from = 'start',
      direction = 'forwards',
      count = 100,
      subscription = false,
      links = false,
      uuid = 'structured',
      filter,
      noFilter = true,
      compatibility,
    } = options;
    const message = new S.ReadReq.Options();
    if (target === ALL) {
      const all = new S.ReadReq.Options.AllOptions();
      if (from === 'start') all.setStart(this.empty());
      else if (from === 'end') all.setEnd(this.empty());
      else if (from === undefined || from.commit === undefined) throw new CannotContinue('no position to read from');
      else {
        const place = new S.ReadReq.Options.Position();
        place.setCommitPosition(String(from.commit));
        place.setPreparePosition(String(from.prepare));
        all.setPosition(place);
      }
      message.setAll(all);
    } else if (target !== undefined) {
      const stream = new S.ReadReq.Options.StreamOptions();
      stream.setStreamIdentifier(this.identifier(target));
      if (from === 'start') stream.setStart(this.empty());
      else if (from === 'end') stream.setEnd(this.empty());
      else if (from !== 'unset') stream.setRevision(String(from));
      message.setStream(stream);
    }
    message.setReadDirection(direction === 'backwards' ? 1 : 0);
    message.setResolveLinks(links);
    if (subscription) message.setSubscription(new S.ReadReq.Options.SubscriptionOptions());
    else if (count !== 'unset') message.setCount(String(count));
    if (filter) message.setFilter(this.#filter(S.ReadReq.Options.FilterOptions, filter));
    else if (noFilter) message.setNoFilter(this.empty());
    if (uuid !== 'absent') {
      const option = new S.ReadReq.Options.UUIDOption();
      if (uuid === 'structured') option.setStructured(this.empty());
      else if (uuid === 'string') option.setString(this.empty());
      message.setUuidOption(option);
    }
    if (compatibility !== undefined) {
      const control = new S.ReadReq.Options.ControlOption();
      control.setCompatibility(compatibility);
      message.setControlOption(control);
    }
    const request = new S.ReadReq();
    request.setOptions(message);
    return request;
  }

  #describeRead(verb, target, options) {
    const { from = 'start', label, headers, channel, own, shape, raw, record, ...rest } = options;
    const place = typeof from === 'object' ? `${countedPosition(from.commit)}/${countedPosition(from.prepare)}` : from;
    const more = Object.entries(rest).map(([key, value]) => `${key}=${typeof value === 'object' ? JSON.stringify(value) : value}`);
    return [verb, target === ALL ? '$all' : (target ?? 'nothing'), `from ${place}`, ...more].join(' ');
  }

  /** Reads to the end of the call. On $all only the scenario's own events are kept. */
  async read(target, options = {}) {
    const label = options.label ?? this.#describeRead('read', target, options);
    const onlyOwn = target === ALL && options.own !== false;
    const feed = new Feed(
      this,
      this.serverStream(this.protocol.streams.read, options.raw ?? this.readRequest(target, options), options),
      (message) => this.#readMessage(message, onlyOwn),
      label,
    );
    await feed.until(() => false, this.callLimit);
    if (feed.end === undefined) {
      feed.stop();
      feed.end = 'never ended';
    }
    if (options.record !== false) feed.record(label, options.shape);
    return feed;
  }

  /** Reads again and again until `ready(feed)` holds (or 4 s passed) and records the last answer. */
  async readUntil(target, ready, { ms = 4000, ...options } = {}) {
    const until = Date.now() + ms * this.slack;
    for (let turn = 0; turn < 200 && Date.now() < until; turn++) {
      if (ready(await this.read(target, { ...options, record: false }))) break;
      await sleep(50);
    }
    return this.read(target, options);
  }

  subscribe(target, options = {}) {
    const label = options.label ?? this.#describeRead('subscribe', target, options);
    const request = options.raw ?? this.readRequest(target, { ...options, subscription: true });
    return new Feed(
      this,
      this.serverStream(this.protocol.streams.read, request, options),
      (message) => this.#readMessage(message, target === ALL),
      label,
    );
  }

  // -- persistent subscriptions ----------------------------------------------------------------------------------

  #settings(Settings, fields, Strategy) {
    const {
      resolveLinks = false,
      extraStatistics = false,
      maxRetryCount = 10,
      minCheckpointCount = 10,
      maxCheckpointCount = 1000,
      maxSubscriberCount = 0,
      liveBufferSize = 500,
      readBatchSize = 20,
      historyBufferSize = 500,
      strategy,
      namedStrategy = 'ROUNDROBIN',
      messageTimeoutMs = 30000,
      messageTimeoutTicks,
      checkpointAfterMs = 2000,
      checkpointAfterTicks,
    } = fields;
    const message = new Settings();
    message.setResolveLinks(resolveLinks);
    message.setExtraStatistics(extraStatistics);
    message.setMaxRetryCount(maxRetryCount);
    message.setMinCheckpointCount(minCheckpointCount);
    message.setMaxCheckpointCount(maxCheckpointCount);
    message.setMaxSubscriberCount(maxSubscriberCount);
    message.setLiveBufferSize(liveBufferSize);
    message.setReadBatchSize(readBatchSize);
    message.setHistoryBufferSize(historyBufferSize);
    message.setNamedConsumerStrategy(Strategy[namedStrategy] ?? namedStrategy);
    if (strategy !== undefined && message.setConsumerStrategy) message.setConsumerStrategy(strategy);
    if (messageTimeoutTicks !== undefined) message.setMessageTimeoutTicks(String(messageTimeoutTicks));
    else if (messageTimeoutMs !== 'unset') message.setMessageTimeoutMs(messageTimeoutMs);
    if (checkpointAfterTicks !== undefined) message.setCheckpointAfterTicks(String(checkpointAfterTicks));
    else if (checkpointAfterMs !== 'unset') message.setCheckpointAfterMs(checkpointAfterMs);
    if (fields.oldRevision !== undefined) message.setRevision(String(fields.oldRevision));
    return message;
  }

  #groupRequest(Req, target, group, fields) {
    const { from = 'start', filter } = fields;
    const options = new Req.Options();
    options.setGroupName(group);
    if (target === ALL) {
      const all = new Req.AllOptions();
      if (from === 'start') all.setStart(this.empty());
      else if (from === 'end') all.setEnd(this.empty());
      else if (from !== 'unset') {
        if (from?.commit === undefined) throw new CannotContinue('no position to start from');
        const place = new Req.Position();
        place.setCommitPosition(String(from.commit));
        place.setPreparePosition(String(from.prepare));
        all.setPosition(place);
      }
      if (all.setFilter) {
        if (filter) all.setFilter(this.#filter(Req.AllOptions.FilterOptions, filter));
        else all.setNoFilter(this.empty());
      }
      options.setAll(all);
    } else if (fields.oldStyle) {
      options.setStreamIdentifier(this.identifier(target));
    } else {
      const stream = new Req.StreamOptions();
      stream.setStreamIdentifier(this.identifier(target));
      if (from === 'start') stream.setStart(this.empty());
      else if (from === 'end') stream.setEnd(this.empty());
      else if (from !== 'unset') stream.setRevision(String(from));
      options.setStream(stream);
      if (!fields.onlyNewStyle) options.setStreamIdentifier(this.identifier(target));
    }
    options.setSettings(this.#settings(Req.Settings, fields, Req.ConsumerStrategy));
    const request = new Req();
    request.setOptions(options);
    return request;
  }

  #groupLabel(verb, target, group, fields = {}) {
    const { label, headers, channel, ...rest } = fields;
    const more = Object.entries(rest).map(([key, value]) => {
      if (key === 'from' && typeof value === 'object') return `from=${countedPosition(value.commit)}/${countedPosition(value.prepare)}`;
      return `${key}=${typeof value === 'object' ? JSON.stringify(value) : value}`;
    });
    return label ?? [verb, target === ALL ? '$all' : target, group, ...more].join(' ');
  }

  #result(step, outcome, show = () => 'OK') {
    const { response } = outcome;
    this.note(step, response ? { success: show(response) } : outcome);
    return outcome;
  }

  async createGroup(target, group, fields = {}) {
    const { P, persistent } = this.protocol;
    const outcome = await this.unary(persistent.create, this.#groupRequest(P.CreateReq, target, group, fields), fields);
    if (outcome.response) this.after(() => this.#dropGroup(target, group));
    return this.#result(this.#groupLabel('create group', target, group, fields), outcome);
  }

  async updateGroup(target, group, fields = {}) {
    const { P, persistent } = this.protocol;
    const outcome = await this.unary(persistent.update, this.#groupRequest(P.UpdateReq, target, group, fields), fields);
    return this.#result(this.#groupLabel('update group', target, group, fields), outcome);
  }

  #address(options, target) {
    if (target === ALL) options.setAll(this.empty());
    else if (target !== undefined) options.setStreamIdentifier(this.identifier(target));
    return options;
  }

  #dropGroup(target, group) {
    const { P, persistent } = this.protocol;
    const options = new P.DeleteReq.Options();
    options.setGroupName(group);
    const request = new P.DeleteReq();
    request.setOptions(this.#address(options, target));
    return this.unary(persistent.delete, request);
  }

  async deleteGroup(target, group, fields = {}) {
    return this.#result(this.#groupLabel('delete group', target, group, fields), await this.#dropGroup(target, group));
  }

  async replayParked(target, group, { stopAt, ...fields } = {}) {
    const { P, persistent } = this.protocol;
    const options = new P.ReplayParkedReq.Options();
    options.setGroupName(group);
    this.#address(options, target);
    if (stopAt === undefined) options.setNoLimit(this.empty());
    else if (stopAt !== 'unset') options.setStopAt(String(stopAt));
    const request = new P.ReplayParkedReq();
    request.setOptions(options);
    return this.#result(
      this.#groupLabel('replay parked', target, group, drop({ stopAt, ...fields })),
      await this.unary(persistent.replayParked, request, fields),
    );
  }

  async restartSubsystem(fields = {}) {
    const outcome = await this.unary(this.protocol.persistent.restartSubsystem, this.empty(), fields);
    this.#result(fields.label ?? 'restart subsystem', outcome);
    await this.pause(150);
    return outcome;
  }

  async #info(target, group, fields) {
    const { P, persistent } = this.protocol;
    const options = new P.GetInfoReq.Options();
    options.setGroupName(group);
    const request = new P.GetInfoReq();
    request.setOptions(this.#address(options, target));
    return this.unary(persistent.getInfo, request, fields);
  }

  /** Waits, without recording, until the server answers for the group (it does not for a while after a restart). */
  async groupAnswers(target, group, ms = 8000) {
    const until = Date.now() + ms * this.slack;
    for (let turn = 0; turn < 400 && Date.now() < until; turn++) {
      const { response } = await this.#info(target, group, {});
      if (response && !response.getSubscriptionInfo().getStatus().includes('NotReady')) return true;
      await sleep(50);
    }
    return false;
  }

  /**
   * Reads the group's info, again and again, until `ready(info)` holds and two answers in a row are the same (or `ms`
   * passed), and records the last answer. Where the status is recorded, `Live` is waited for as well: the states on the
   * way there are a matter of timing.
   */
  async info(target, group, { ready = () => true, ms = 3000, only, ...fields } = {}) {
    const until = Date.now() + ms * this.slack;
    const needsLive = !only || only.includes('status');
    let outcome;
    let before;
    for (let turn = 0; turn < 400; turn++) {
      outcome = await this.#info(target, group, fields);
      if (!outcome.response) break;
      const info = this.#groupInfo(outcome.response.getSubscriptionInfo());
      const now = JSON.stringify(info);
      if (now === before && ready(info) && (!needsLive || info.status === 'Live')) break;
      if (Date.now() > until) break;
      before = now;
      await sleep(50);
    }
    return this.#result(this.#groupLabel('info', target, group, fields), outcome, (response) => {
      const info = this.#groupInfo(response.getSubscriptionInfo());
      return only ? Object.fromEntries(only.map((key) => [key, info[key]])) : info;
    });
  }

  /** Settings, counts and status. Rates and measurements depend on timing and are left out. */
  #groupInfo(info) {
    return {
      eventSource: info.getEventSource(),
      groupName: info.getGroupName(),
      status: info.getStatus(),
      totalItems: info.getTotalItems(),
      lastCheckpointed: info.getLastCheckpointedEventPosition(),
      lastKnown: info.getLastKnownEventPosition(),
      resolveLinks: info.getResolveLinkTos(),
      startFrom: info.getStartFrom(),
      messageTimeoutMs: info.getMessageTimeoutMilliseconds(),
      extraStatistics: info.getExtraStatistics(),
      maxRetryCount: info.getMaxRetryCount(),
      liveBufferSize: info.getLiveBufferSize(),
      bufferSize: info.getBufferSize(),
      readBatchSize: info.getReadBatchSize(),
      checkpointAfterMs: info.getCheckPointAfterMilliseconds(),
      minCheckpointCount: info.getMinCheckPointCount(),
      maxCheckpointCount: info.getMaxCheckPointCount(),
      readBufferCount: info.getReadBufferCount(),
      liveBufferCount: info.getLiveBufferCount(),
      retryBufferCount: info.getRetryBufferCount(),
      inFlight: info.getTotalInFlightMessages(),
      outstanding: info.getOutstandingMessagesCount(),
      strategy: info.getNamedConsumerStrategy(),
      maxSubscriberCount: info.getMaxSubscriberCount(),
      parked: info.getParkedMessageCount(),
      connections: info
        .getConnectionsList()
        .map((connection) => ({
          from: /:\d+$/.test(connection.getFrom()) ? 'address' : connection.getFrom(),
          username: connection.getUsername(),
          name: connection.getConnectionName(),
          totalItems: connection.getTotalItems(),
          availableSlots: connection.getAvailableSlots(),
          inFlight: connection.getInFlightMessages(),
        }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    };
  }

  /** `target` undefined lists every group. Only the scenario's own groups are recorded, sorted. */
  async listGroups(target, fields = {}) {
    const { P, persistent } = this.protocol;
    const options = new P.ListReq.Options();
    if (target === undefined) options.setListAllSubscriptions(this.empty());
    else {
      const stream = new P.ListReq.StreamOption();
      if (target === ALL) stream.setAll(this.empty());
      else stream.setStream(this.identifier(target));
      options.setListForStream(stream);
    }
    const request = new P.ListReq();
    request.setOptions(options);
    const outcome = await this.unary(persistent.list, request, fields);
    return this.#result(
      fields.label ?? `list groups of ${target === undefined ? 'the server' : target === ALL ? '$all' : target}`,
      outcome,
      (response) =>
        response
          .getSubscriptionsList()
          .map((info) => this.#groupInfo(info))
          .filter((info) => `${info.eventSource} ${info.groupName}`.includes(this.tag))
          .map(({ eventSource, groupName, strategy, startFrom, parked }) => ({ eventSource, groupName, strategy, startFrom, parked }))
          .sort((a, b) => (`${a.eventSource} ${a.groupName}` < `${b.eventSource} ${b.groupName}` ? -1 : 1)),
    );
  }

  consume(target, group, { buffer = 10, uuid = 'structured', name, headers, channel, first, label } = {}) {
    const { P, persistent } = this.protocol;
    const call = this.bidiStream(persistent.read, { headers: { ...(name ? { 'connection-name': name } : {}), ...headers }, channel });
    const consumer = new Consumer(
      this,
      call,
      (message) => this.#consumed(message, target === ALL),
      label ?? `consume ${target === ALL ? '$all' : target} ${group} buffer=${buffer}`,
    );
    const request =
      first ??
      (() => {
        const options = new P.ReadReq.Options();
        options.setGroupName(group);
        options.setBufferSize(buffer);
        this.#address(options, target);
        if (uuid !== 'absent') {
          const option = new P.ReadReq.Options.UUIDOption();
          if (uuid === 'structured') option.setStructured(this.empty());
          else if (uuid === 'string') option.setString(this.empty());
          options.setUuidOption(option);
        }
        const message = new P.ReadReq();
        message.setOptions(options);
        return message;
      })();
    consumer.write(request);
    return consumer;
  }

  #consumed(message, onlyOwn) {
    const { P } = this.protocol;
    if (message.getContentCase() === P.ReadResp.ContentCase.SUBSCRIPTION_CONFIRMATION) {
      return { confirmation: message.getSubscriptionConfirmation().getSubscriptionId() };
    }
    if (message.getContentCase() !== P.ReadResp.ContentCase.EVENT) return { unknownContent: true };
    const inner = message.getEvent();
    const { CountCase } = P.ReadResp.ReadEvent;
    const kind = inner.getCountCase();
    const event = {
      ...this.#readEvent(inner, P.ReadResp.ReadEvent),
      retryCount: kind === CountCase.RETRY_COUNT ? inner.getRetryCount() : kind === CountCase.NO_RETRY_COUNT ? 'none' : 'unset',
    };
    if (onlyOwn && !this.#isOwn(event)) return undefined;
    return { event, ackId: this.#idOf((inner.getLink() ?? inner.getEvent())?.getId())?.value };
  }

  // -- the high-level client -------------------------------------------------------------------------------------

  client(query = '') {
    const { db } = this.protocol;
    const { username, password } = this.target.credentials ?? {};
    const login = username ? `${encodeURIComponent(username)}:${encodeURIComponent(password)}@` : '';
    const client = db.EventStoreDBClient.connectionString(`esdb://${login}${this.target.address}?tls=false${query}`);
    this.clients.push(client);
    return client;
  }

  /** Records what a promise of the high-level client comes to: a value shown by `show`, or the error's kind. */
  async attempt(step, work, show = () => 'OK') {
    this.#assertRunning();
    let timer;
    const late = new Promise((resolve) => {
      timer = setTimeout(() => resolve({ noAnswer: true }), this.callLimit * this.slack);
    });
    const outcome = await Promise.race([
      Promise.resolve()
        .then(work)
        .then(
          (value) => ({ success: show(value) ?? 'undefined' }),
          (error) => ({ error: this.clientError(error) }),
        ),
      late,
    ]);
    clearTimeout(timer);
    return this.note(step, outcome);
  }

  clientError(error) {
    const fields = {};
    for (const key of [
      'streamName',
      'groupName',
      'expectedVersion',
      'actualVersion',
      'maxAppendSize',
      'reason',
      'requiredMetadataProperties',
    ]) {
      const value = error?.[key];
      if (value === undefined || typeof value === 'function') continue;
      fields[key] = typeof value === 'bigint' ? String(value) : Array.isArray(value) ? [...value].sort() : value;
    }
    return { type: error?.type ?? error?.name ?? typeof error, fields, text: String(error?.message ?? error).slice(0, 400) };
  }

  showResolved({ event, link, commitPosition }) {
    const one = (item) =>
      item && {
        stream: item.streamId,
        revision: String(item.revision),
        id: eventId(item.id),
        type: item.type,
        isJson: item.isJson,
        data: item.isJson ? item.data : bytesText(item.data),
        metadata: item.metadata instanceof Uint8Array ? bytesText(item.metadata) : (item.metadata ?? 'undefined'),
        created: item.created instanceof Date && item.created.getTime() > 1e12 ? 'created' : String(item.created),
        position: item.position
          ? { commit: countedPosition(item.position.commit), prepare: countedPosition(item.position.prepare) }
          : 'undefined',
      };
    return drop({
      event: one(event),
      link: one(link),
      commitPosition: commitPosition === undefined ? 'undefined' : countedPosition(commitPosition),
    });
  }

  showPosition(place) {
    if (typeof place === 'bigint') return countedPosition(place);
    return place ? { commit: countedPosition(place.commit), prepare: countedPosition(place.prepare) } : 'undefined';
  }

  // -- handshake -------------------------------------------------------------------------------------------------

  supportedMethods(options) {
    return this.unary(this.protocol.features.getSupportedMethods, this.empty(), options);
  }

  readGossip(options) {
    return this.unary(this.protocol.gossip.read, this.empty(), options);
  }

  // -- life ------------------------------------------------------------------------------------------------------

  pause(ms) {
    return sleep(ms * this.slack);
  }

  after(work) {
    this.cleanups.push(work);
  }

  async close() {
    const bounded = (work) =>
      Promise.race([
        Promise.resolve()
          .then(work)
          .catch(() => {}),
        sleep(3000),
      ]);
    for (const call of [...this.calls]) call.cancel();
    this.callLimit = Math.min(this.callLimit, 2000);
    const notes = this.steps.length;
    for (const cleanup of this.cleanups.reverse()) await bounded(cleanup);
    this.steps.length = notes;
    this.over = true;
    for (const client of this.clients) await bounded(() => client.dispose());
    for (const call of [...this.calls]) call.cancel();
    for (const channel of [...this.channels]) this.closeChannel(channel);
  }
}

// ---------------------------------------------------------------------------------------------------------------

const DEFAULT_LIMIT = 30_000;

/** Runs one scenario to an outcome (`done`, `error` or `timeout`); never throws. */
export async function runScenario(protocol, target, definition, { slack = 1 } = {}) {
  const { run, limit = DEFAULT_LIMIT } = typeof definition === 'function' ? { run: definition } : definition;
  const scenario = new Scenario(protocol, target, { slack });
  const late = Symbol('late');
  let timer;
  let outcome = 'done';
  try {
    const running = Promise.resolve().then(() => run(scenario));
    running.catch(() => {}); // after the time limit nobody waits for it any more
    const deadline = new Promise((resolve) => {
      timer = setTimeout(() => resolve(late), limit * slack);
    });
    if ((await Promise.race([running, deadline])) === late) outcome = 'timeout';
  } catch (error) {
    outcome = 'error';
    const where = /[\w-]+\.mjs:\d+/.exec(
      String(error?.stack ?? '')
        .split('\n')
        .slice(1)
        .join('\n'),
    )?.[0];
    scenario.steps.push({
      step: 'the scenario cannot go on',
      text: error instanceof CannotContinue ? error.message : `${error} (${where ?? 'somewhere'})`,
    });
  } finally {
    clearTimeout(timer);
  }
  const steps = scenario.transcript();
  await scenario.close();
  return { outcome, steps };
}

// ---------------------------------------------------------------------------------------------------------------
// Comparing

const isPlain = (value) => value && typeof value === 'object' && !Array.isArray(value);

/** Free text (`text` keys) is kept in the record for people, and left out of every comparison. */
const withoutText = (value) => {
  if (Array.isArray(value)) return value.map(withoutText);
  if (!isPlain(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'text')
      .map(([key, item]) => [key, withoutText(item)]),
  );
};

/** One line per step and per message: what is compared, and what a difference is shown in. */
export function linesOf(result) {
  const lines = [`outcome ${result.outcome}`];
  for (const { step, messages, ...rest } of withoutText(result.steps)) {
    lines.push(`• ${step}`);
    for (const message of messages ?? []) lines.push(`    ${typeof message === 'string' ? message : JSON.stringify(message)}`);
    if (messages && messages.length === 0) lines.push('    (no messages)');
    for (const [key, value] of Object.entries(rest)) lines.push(`    ${key} ${JSON.stringify(value)}`);
  }
  return lines;
}

export const sameResult = (a, b) => linesOf(a).join('\n') === linesOf(b).join('\n');

/** A line difference (longest common subsequence) with one line of context; `-` is the golden record. */
export function difference(golden, actual) {
  const a = linesOf(golden);
  const b = linesOf(actual);
  const rows = a.length + 1;
  const columns = b.length + 1;
  const table = Array.from({ length: rows }, () => new Uint32Array(columns));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      table[i][j] = a[i] === b[j] ? table[i + 1][j + 1] + 1 : Math.max(table[i + 1][j], table[i][j + 1]);
    }
  }
  const out = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      out.push({ mark: ' ', line: a[i] });
      i++;
      j++;
    } else if (j < b.length && (i === a.length || table[i][j + 1] > table[i + 1][j])) {
      out.push({ mark: '+', line: b[j++] });
    } else {
      out.push({ mark: '-', line: a[i++] });
    }
  }
  const isStep = (row) => row.line.startsWith('•');
  const shown = new Set();
  out.forEach((row, index) => {
    if (row.mark === ' ') return;
    [index - 1, index, index + 1].forEach((near) => out[near] && shown.add(near));
    for (let up = index; up >= 0; up--) {
      if (isStep(out[up])) {
        shown.add(up);
        break;
      }
    }
  });
  const indexes = [...shown].sort((x, y) => x - y);
  return indexes.flatMap((index, at) => {
    const gap = at > 0 && indexes[at - 1] !== index - 1 ? ['   …'] : [];
    return [...gap, `  ${out[index].mark} ${out[index].line}`];
  });
}
