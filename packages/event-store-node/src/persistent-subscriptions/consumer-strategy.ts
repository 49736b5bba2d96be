import { createHash } from 'node:crypto';
import type { Connection } from './connection.js';
import type { StrategyName } from './group-definition.js';
import type { GroupMessage } from './group-message.js';

/** Chooses the consumer of a message: `skipped` where its own one is busy, `full` where nobody can take anything. */
export interface ConsumerStrategy {
  add(connection: Connection): void;
  remove(connection: Connection): void;
  choose(message: GroupMessage): Connection | 'skipped' | 'full';
}

export function consumerStrategy(name: string): ConsumerStrategy {
  switch (name as StrategyName) {
    case 'RoundRobin':
      return new RoundRobin();
    case 'DispatchToSingle':
      return new DispatchToSingle();
    case 'Pinned':
      return new Pinned(streamOf);
    case 'PinnedByCorrelation':
      return new Pinned(correlationOf);
  }
}

class RoundRobin implements ConsumerStrategy {
  protected readonly connections: Connection[] = [];

  add(connection: Connection): void {
    this.connections.push(connection);
  }

  remove(connection: Connection): void {
    const at = this.connections.indexOf(connection);
    if (at >= 0) this.connections.splice(at, 1);
  }

  choose(_message: GroupMessage): Connection | 'skipped' | 'full' {
    for (let turn = 0; turn < this.connections.length; turn++) {
      const connection = this.rotate();
      if (connection?.hasRoom) return connection;
    }
    return 'full';
  }

  protected rotate(): Connection | undefined {
    const connection = this.connections.shift();
    if (connection) this.connections.push(connection);
    return connection;
  }
}

/** One consumer gets everything until it is full. */
class DispatchToSingle extends RoundRobin {
  override choose(_message: GroupMessage): Connection | 'skipped' | 'full' {
    for (let turn = 0; turn < this.connections.length; turn++) {
      const connection = this.connections[0];
      if (connection?.hasRoom) return connection;
      this.rotate();
    }
    return 'full';
  }
}

/** Messages of one key go to one consumer, as long as the consumers stay the same. */
class Pinned implements ConsumerStrategy {
  private readonly connections: Connection[] = [];

  constructor(private readonly keyOf: (message: GroupMessage) => string) {}

  add(connection: Connection): void {
    this.connections.push(connection);
  }

  remove(connection: Connection): void {
    const at = this.connections.indexOf(connection);
    if (at >= 0) this.connections.splice(at, 1);
  }

  /** Rendezvous hashing: when a consumer comes or goes, only the keys that are its own move. */
  choose(message: GroupMessage): Connection | 'skipped' | 'full' {
    if (!this.connections.some(({ hasRoom }) => hasRoom)) return 'full';
    const [only, ...others] = this.connections;
    if (only && others.length === 0) return only;
    const key = this.keyOf(message);
    let chosen: Connection | undefined;
    let highest = '';
    for (const connection of this.connections) {
      const weight = createHash('sha1').update(`${connection.id}\u0000${key}`).digest('hex');
      if (chosen && weight <= highest) continue;
      chosen = connection;
      highest = weight;
    }
    return chosen?.hasRoom ? chosen : 'skipped';
  }
}

/** The stream that a link leads to, for a link. */
const streamOf = ({ event, original }: GroupMessage): string => (event.event ?? original).stream;

function correlationOf(message: GroupMessage): string {
  const { metadata } = message.event.event ?? message.original;
  try {
    const json: unknown = JSON.parse(metadata.toString('utf8'));
    const id = typeof json === 'object' && json !== null && '$correlationId' in json ? json.$correlationId : undefined;
    return typeof id === 'string' ? id : streamOf(message);
  } catch {
    return streamOf(message);
  }
}
