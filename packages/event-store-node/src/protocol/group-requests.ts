import type { CreateReq, UpdateReq } from '@eventstore/db-client/generated/persistent_pb.js';
import { ALL_STREAM, type GroupDefinition, type GroupSettings, type GroupStart } from '../persistent-subscriptions/group-definition.js';
import { filterDefinition, filterOf } from './filter-options.js';
import { streamName } from './identifiers.js';
import { parsed, parsedPosition } from './read-request.js';
import { invalid, unexpected } from './refusal.js';

const TICKS_PER_MS = 10_000n;
/** What the server takes 0 for, where 0 would mean all the time. */
const NEVER_MS = 2 ** 31 - 1;

/** The numbers of the strategies before they had names. */
const NUMBERED = ['DispatchToSingle', 'RoundRobin', 'Pinned'] as const;

/** Reads a request to create or to update a group: two generated classes of nearly one shape. @throws refusals */
export function groupDefinition(options: CreateReq.Options | UpdateReq.Options | undefined): GroupDefinition {
  const settings = options?.getSettings();
  if (!options || !settings) throw unexpected();
  const all = options.getAll();
  const base = { group: options.getGroupName(), settings: groupSettings(settings) };
  if (all) {
    const filter = 'getFilter' in all ? all.getFilter() : undefined;
    const definition = filter && filterDefinition(filter);
    // Refused now rather than when the group starts.
    if (definition) filterOf(definition);
    return { ...base, source: ALL_STREAM, start: allStart(all), filter: definition };
  }
  const stream = options.getStream();
  const identifier = stream?.getStreamIdentifier() ?? options.getStreamIdentifier();
  if (!identifier) throw unexpected();
  const source = streamName(identifier);
  if (source === '' || source === ALL_STREAM) throw unexpected();
  return { ...base, source, start: stream ? streamStart(stream) : revision(settings.getRevision()), filter: undefined };
}

function streamStart(stream: CreateReq.StreamOptions | UpdateReq.StreamOptions): GroupStart {
  if (stream.hasStart()) return 0;
  if (stream.hasEnd()) return 'end';
  if (stream.hasRevision()) return revision(stream.getRevision());
  throw invalid("'None' is not a valid RevisionOptionOneofCase");
}

function revision(decimal: string): GroupStart {
  const value = parsed(decimal);
  return value === Infinity ? Number.MAX_SAFE_INTEGER : value;
}

function allStart(all: CreateReq.AllOptions | UpdateReq.AllOptions): GroupStart {
  if (all.hasStart()) return 0;
  if (all.hasEnd()) return 'end';
  const position = all.getPosition();
  if (!position) throw invalid("'None' is not a valid AllOptionOneofCase");
  return parsedPosition(position).commit;
}

function groupSettings(settings: CreateReq.Settings | UpdateReq.Settings): GroupSettings {
  const messageTimeoutMs = settings.hasMessageTimeoutTicks()
    ? fromTicks(settings.getMessageTimeoutTicks())
    : settings.getMessageTimeoutMs();
  const checkpointAfterMs = settings.hasCheckpointAfterTicks()
    ? fromTicks(settings.getCheckpointAfterTicks())
    : settings.getCheckpointAfterMs();
  return {
    resolveLinks: settings.getResolveLinks(),
    extraStatistics: settings.getExtraStatistics(),
    messageTimeoutMs,
    maxRetryCount: settings.getMaxRetryCount(),
    checkpointAfterMs: checkpointAfterMs === 0 ? NEVER_MS : checkpointAfterMs,
    minCheckpointCount: settings.getMinCheckpointCount(),
    maxCheckpointCount: settings.getMaxCheckpointCount(),
    maxSubscriberCount: settings.getMaxSubscriberCount(),
    liveBufferSize: settings.getLiveBufferSize(),
    readBatchSize: settings.getReadBatchSize(),
    historyBufferSize: settings.getHistoryBufferSize(),
    strategy: strategyOf(settings),
  };
}

function strategyOf(settings: CreateReq.Settings | UpdateReq.Settings): string {
  const name = 'getConsumerStrategy' in settings ? settings.getConsumerStrategy() : '';
  const number = settings.getNamedConsumerStrategy();
  return name === '' ? (NUMBERED[number] ?? String(number)) : name;
}

const fromTicks = (ticks: string): number => Number(BigInt(ticks) / TICKS_PER_MS);
