import { until } from '@lifeos/test-support';
import { BackgroundLoops } from '../../../src/application/background-loops.js';
import { LeasedConsumer } from '../../../src/application/nodes/leased-consumer.js';
import { EventLogUnavailable } from '../../../src/application/ports/event-log.js';
import type { Delivery, GroupConsumer, GroupHandler, Verdict } from '../../../src/application/ports/event-feed.js';
import { LogRecorder } from '../support/log-recorder.js';
import { ScriptedLeases } from '../support/scripted-leases.js';

const DELIVERY = {} as Delivery;

/** Somebody who joins a group again and again, and may be kept waiting for it. */
class Scene {
  readonly leases = new ScriptedLeases(true);
  readonly loops = new BackgroundLoops(new LogRecorder());
  /** What became of each membership, in order. */
  readonly memberships: ('joining' | 'member' | 'abandoned' | 'stopped' | 'refused')[] = [];
  join: () => Promise<void> = () => Promise.resolve();
  /** What it would do with a delivery. */
  act: () => Promise<Verdict> = () => Promise.resolve({ kind: 'ack' });
  /** As the last membership that began has it. */
  deliver!: (delivery: Delivery) => Promise<Verdict>;
  readonly consumer = new LeasedConsumer(
    'consumer group g',
    { deliver: () => this.act() },
    (handler) => this.newMember(handler),
    this.leases,
    this.loops,
  );

  /** Looks at the leases until it is so. */
  async reaches(...memberships: Scene['memberships']): Promise<void> {
    await until(
      () => `${memberships.join()}, after ${this.memberships.join()}`,
      () => {
        if (this.memberships.join() === memberships.join()) return true;
        this.leases.look();
        return false;
      },
    );
  }

  /** Lost its lease, holds one again, and is on its way back. Answers with what lets it in. */
  async comesBackSlowly(): Promise<() => void> {
    await this.consumer.start();
    this.leases.lose();
    this.leases.held = true;
    let joined!: () => void;
    this.join = () => new Promise<void>((resolve) => (joined = resolve));
    await this.reaches('abandoned', 'joining');
    return joined;
  }

  private async newMember(handler: GroupHandler): Promise<GroupConsumer> {
    this.deliver = (delivery) => handler.deliver(delivery);
    const place = this.memberships.push('joining') - 1;
    const become = (state: Scene['memberships'][number]) => (): Promise<void> => {
      this.memberships[place] = state;
      return Promise.resolve();
    };
    await this.join().catch(async (fault: unknown) => {
      await become('refused')();
      throw fault;
    });
    await become('member')();
    return { stop: become('stopped'), abandon: become('abandoned') };
  }
}

describe('a consumer of a node with a lease', () => {
  it('leaves with the lease, and comes back with it', async () => {
    const scene = new Scene();
    await scene.consumer.start();
    for (const _ of [1, 2]) {
      scene.leases.lose();
      scene.leases.lose();
      await until('it to be away', () => scene.leases.isAwaited);
      scene.leases.held = true;
      await until('it to be back', () => {
        scene.leases.look();
        return scene.memberships.at(-1) === 'member';
      });
    }
    expect(scene.memberships).toEqual(['abandoned', 'abandoned', 'member']);
    await scene.consumer.stop();
    expect(scene.memberships).toEqual(['abandoned', 'abandoned', 'stopped']);
    scene.leases.lose();
    expect(scene.leases.isAwaited).toBe(false);
  });

  it('leaves at once where the lease was lost while it joined', async () => {
    const scene = new Scene();
    scene.leases.held = false;
    await scene.consumer.start();
    await scene.reaches('abandoned');
  });

  it('is no member where the lease is lost again while it comes back', async () => {
    const scene = new Scene();
    const joined = await scene.comesBackSlowly();
    scene.leases.lose();
    joined();
    await scene.reaches('abandoned', 'abandoned');
    scene.join = () => Promise.resolve();
    scene.leases.held = true;
    await scene.reaches('abandoned', 'abandoned', 'member');
  });

  it('names what keeps it from coming back, and tries again', async () => {
    const scene = new Scene();
    await scene.consumer.start();
    scene.leases.lose();
    scene.leases.held = true;
    scene.join = () => Promise.reject(new EventLogUnavailable('refused'));
    await scene.reaches('abandoned', 'refused');
    await expect(scene.loops.check()).rejects.toThrow('consumer group g: refused');
    scene.join = () => Promise.resolve();
    await scene.reaches('abandoned', 'refused', 'member');
    await scene.loops.check();
  });

  it('stops without waiting for its way back, and leaves no member behind', async () => {
    const scene = new Scene();
    const joined = await scene.comesBackSlowly();
    await scene.consumer.stop();
    joined();
    await scene.reaches('abandoned', 'abandoned');
    await scene.loops.check();
    expect(await scene.deliver(DELIVERY)).toMatchObject({ kind: 'retry' });
  });

  it('waits, when it stops, for what it was given before it lost its lease', async () => {
    const scene = new Scene();
    let ended!: (verdict: Verdict) => void;
    scene.act = () => new Promise((resolve) => (ended = resolve));
    await scene.consumer.start();
    const verdict = scene.deliver(DELIVERY);
    scene.leases.lose();
    await scene.reaches('abandoned');
    let isStopped = false;
    const stopped = scene.consumer.stop().then(() => (isStopped = true));
    await scene.deliver(DELIVERY);
    expect(isStopped).toBe(false);
    ended({ kind: 'ack' });
    await Promise.all([verdict, stopped]);
  });
});
