import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import grpc from '@grpc/grpc-js';
import {
  EventStoreDBClient,
  persistentSubscriptionToStreamSettingsFromDefaults,
  PersistentSubscriptionDoesNotExistError,
  StreamDeletedError,
} from '@eventstore/db-client';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import type { AppendReq, BatchAppendReq, BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import emptyPb from 'google-protobuf/google/protobuf/empty_pb.js';
import { unique, until } from '@lifeos/test-support';
import { TestNode } from '../testing/index.js';

const { INVALID_ARGUMENT, FAILED_PRECONDITION } = grpc.status;
const MIB = 1_024 * 1_024;

const identifier = (name: string) => new sharedPb.StreamIdentifier().setStreamName(Buffer.from(name));
const uuid = () => new sharedPb.UUID().setString(randomUUID());

function batchOptions(name: string): BatchAppendReq.Options {
  return new streamsPb.BatchAppendReq.Options().setStreamIdentifier(identifier(name)).setAny(new emptyPb.Empty());
}

function message<Message extends BatchAppendReq.ProposedMessage | AppendReq.ProposedMessage>(into: Message, data = ''): Message {
  into.setId(uuid());
  into.setData(Buffer.from(data));
  into.getMetadataMap().set('type', 'happened').set('content-type', 'application/octet-stream');
  return into;
}

const batchMessage = (data?: string) => message(new streamsPb.BatchAppendReq.ProposedMessage(), data);

/** The text that a refusal of a batch carries in its details. */
const reasonOf = (answer: BatchAppendResp): string => Buffer.from(answer.getError()!.getDetails()!.getValue_asU8()).toString();

describe('writes that an embedded node refuses', () => {
  let node: TestNode;
  let client: EventStoreDBClient;
  let stub: streamsGrpc.StreamsClient;
  beforeAll(async () => {
    node = await TestNode.start();
    client = EventStoreDBClient.connectionString(node.connectionString);
    stub = new streamsGrpc.StreamsClient(`127.0.0.1:${node.port}`, grpc.credentials.createInsecure());
  });
  afterAll(async () => {
    stub.close();
    await client.dispose();
    await node.dispose();
  });

  /** How a call ends: `undefined` for success. */
  const outcome = (run: (callback: (error: grpc.ServiceError | null) => void) => void): Promise<grpc.ServiceError | undefined> =>
    new Promise((resolve) => run((error) => resolve(error ?? undefined)));

  function append(name: string): Promise<grpc.ServiceError | undefined> {
    return outcome((callback) => {
      const call = stub.append(callback);
      call.on('error', () => undefined);
      const options = new streamsPb.AppendReq.Options().setStreamIdentifier(identifier(name)).setAny(new sharedPb.Empty());
      call.write(new streamsPb.AppendReq().setOptions(options));
      call.write(new streamsPb.AppendReq().setProposedMessage(message(new streamsPb.AppendReq.ProposedMessage())));
      call.end();
    });
  }

  const remove = (name: string) =>
    outcome((callback) => {
      const options = new streamsPb.DeleteReq.Options().setStreamIdentifier(identifier(name)).setAny(new sharedPb.Empty());
      stub.delete(new streamsPb.DeleteReq().setOptions(options), callback);
    });

  const tombstone = (name: string) =>
    outcome((callback) => {
      const options = new streamsPb.TombstoneReq.Options().setStreamIdentifier(identifier(name)).setAny(new sharedPb.Empty());
      stub.tombstone(new streamsPb.TombstoneReq().setOptions(options), callback);
    });

  /** A call of many appends, with what was answered by correlation. */
  function openBatch() {
    const call = stub.batchAppend();
    const answers = new Map<string, BatchAppendResp>();
    call.on('data', (answer: BatchAppendResp) => answers.set(answer.getCorrelationId()!.getString(), answer));
    call.on('error', () => undefined);
    const send = async (correlation: string, parts: { options?: BatchAppendReq.Options; data?: string[]; isFinal?: boolean }) => {
      const request = new streamsPb.BatchAppendReq();
      request.setCorrelationId(new sharedPb.UUID().setString(correlation));
      if (parts.options) request.setOptions(parts.options);
      request.setProposedMessagesList((parts.data ?? []).map(batchMessage));
      request.setIsFinal(parts.isFinal ?? false);
      if (!call.write(request)) await once(call, 'drain');
    };
    return { call, answers, send };
  }

  async function batch(name: string, data: string[]): Promise<BatchAppendResp> {
    const { call, answers, send } = openBatch();
    const correlation = randomUUID();
    await send(correlation, { options: batchOptions(name), data, isFinal: true });
    await until('the answer', () => answers.has(correlation));
    call.end();
    return answers.get(correlation)!;
  }

  describe.each([
    ['no name', ''],
    ["'$$'", '$$'],
  ])('a stream with %s', (_, name) => {
    it.each([
      ['append', append],
      ['delete', remove],
      ['tombstone', tombstone],
    ])('refuses the %s as an invalid argument, and says why', async (_method, run) => {
      const refusal = await run(name);
      expect(refusal?.code).toBe(INVALID_ARGUMENT);
      expect(refusal?.details).toContain('needs a name');
    });

    it('refuses it in a batch as an invalid argument, and goes on', async () => {
      const answer = await batch(name, ['x']);
      expect(answer.getError()?.getCode()).toBe(INVALID_ARGUMENT);
      expect((await batch(unique('next-'), ['x'])).getSuccess()).toBeDefined();
    });
  });

  describe.each([['gelöscht-'], ['削除-'], ['gone \u0007-'], ['broken \ud800-']])(
    'a stream whose name is not printable ASCII: %j',
    (prefix) => {
      it('is refused with code and exception, its name percent-encoded', async () => {
        const name = unique(prefix);
        expect(await append(name)).toBeUndefined();
        expect(await tombstone(name)).toBeUndefined();
        const refusal = await append(name);
        expect(refusal?.code).toBe(FAILED_PRECONDITION);
        expect(refusal?.metadata.get('exception')).toEqual(['stream-deleted']);
        expect(decodeURIComponent(String(refusal?.metadata.get('stream-name')[0]))).toBe(Buffer.from(name).toString());
      });
    },
  );

  it('lets the client raise its own errors for such names', async () => {
    const name = unique('gelöscht-');
    await client.tombstoneStream(name);
    await expect(client.tombstoneStream(name)).rejects.toThrow(StreamDeletedError);
    await expect(client.deletePersistentSubscriptionToStream(name, 'Gruppe ä')).rejects.toThrow(PersistentSubscriptionDoesNotExistError);
    await client.createPersistentSubscriptionToStream(name, 'Gruppe ä', persistentSubscriptionToStreamSettingsFromDefaults());
    await client.deletePersistentSubscriptionToStream(name, 'Gruppe ä');
  });

  describe('too much at once', () => {
    it('refuses one event more than 100,000 in an append, and keeps none of them', async () => {
      const name = unique('many-');
      const answer = await batch(
        name,
        Array.from({ length: 100_001 }, () => ''),
      );
      expect(answer.getError()?.getCode()).toBe(INVALID_ARGUMENT);
      await expect(client.readStream(name)[Symbol.asyncIterator]().next()).rejects.toThrow('not found');
    });

    it('refuses the 1,025th append begun on a call and not finished, and goes on with the others', async () => {
      const name = unique('begun-');
      const { call, answers, send } = openBatch();
      const correlations = Array.from({ length: 1_025 }, () => randomUUID());
      for (const correlation of correlations) await send(correlation, { options: batchOptions(name), data: ['x'] });
      await until('the refusal', () => answers.size > 0);
      expect([...answers.keys()]).toEqual([correlations.at(-1)]);
      expect(reasonOf([...answers.values()][0]!)).toContain('Too many appends');
      for (const correlation of correlations.slice(0, -1)) await send(correlation, { isFinal: true });
      await until('the answers', () => answers.size === 1_025);
      expect([...answers.values()].filter((answer) => answer.hasSuccess())).toHaveLength(1_024);
      call.end();
    });

    it('refuses what goes beyond 64 MiB of unfinished appends on a call', async () => {
      const name = unique('large-');
      const { call, answers, send } = openBatch();
      const mebibyte = 'x'.repeat(MIB);
      const correlations = Array.from({ length: 65 }, () => randomUUID());
      for (const correlation of correlations) await send(correlation, { options: batchOptions(name), data: [mebibyte] });
      await until('the refusal', () => answers.size > 0);
      expect([...answers.keys()]).toEqual([correlations.at(-1)]);
      expect(reasonOf([...answers.values()][0]!)).toContain('Too many appends');
      await send(correlations[0]!, { isFinal: true });
      await until('the answer', () => answers.get(correlations[0]!)?.hasSuccess() ?? false);
      call.cancel();
    });
  });
});
