import type { MethodDefinition } from '@grpc/grpc-js';
import type { BatchAppendReq, BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import { fieldsOf, merged } from './wire-format.js';

const NANOSECONDS_PER_MS = 1_000_000;

// What newer clients send and the generated classes do not know: options (field 2), deadline_duration (field 7), a
// google.protobuf.Duration of seconds (1) and nanoseconds (2).
const OPTIONS = 2;
const DEADLINE_DURATION = 7;
const SECONDS = 1;
const NANOSECONDS = 2;

/** Deadlines said as durations, in milliseconds. */
const durations = new WeakMap<BatchAppendReq.Options, number>();

/** After how many milliseconds from now a batch append times out; Infinity where the request does not say. */
export function timeoutOf(options: BatchAppendReq.Options): number {
  const deadline = options.getDeadline();
  if (deadline) return deadline.getSeconds() * 1_000 + deadline.getNanos() / NANOSECONDS_PER_MS - Date.now();
  return durations.get(options) ?? Infinity;
}

/** Reads batch appends with their deadline, also where it is said as a duration. */
export const withDeadlines = (
  method: MethodDefinition<BatchAppendReq, BatchAppendResp>,
): MethodDefinition<BatchAppendReq, BatchAppendResp> => ({
  ...method,
  requestDeserialize: (message) => {
    const bytes = merged(message, OPTIONS);
    const request = method.requestDeserialize(bytes);
    const options = request.getOptions();
    if (options && !options.hasDeadline()) {
      const duration = durationMs(bytes);
      if (duration !== undefined) durations.set(options, duration);
    }
    return request;
  },
});

function durationMs(bytes: Buffer): number | undefined {
  let duration: number | undefined;
  for (const option of fieldsOf(bytes)) {
    if (option.number !== OPTIONS || !option.bytes) continue;
    for (const field of fieldsOf(option.bytes)) {
      if (field.number !== DEADLINE_DURATION || !field.bytes) continue;
      duration = 0;
      for (const part of fieldsOf(field.bytes)) {
        if (part.number === SECONDS) duration += Number(part.value) * 1_000;
        if (part.number === NANOSECONDS) duration += Number(part.value) / NANOSECONDS_PER_MS;
      }
    }
  }
  return duration;
}
