import { Inject, Injectable } from '@nestjs/common';
import { configuredChannel, type Channel, type ConfiguredDefinition } from '../../domain/notification/channel.js';
import { BACKGROUND_LOOPS, type BackgroundLoops } from '../background-loops.js';
import { Sequences } from '../ids/sequences.js';
import { messageOf } from '../message-of.js';
import { CLOCK, type Clock } from '../ports/clock.js';
import { FINGERPRINT, type Fingerprint } from '../ports/fingerprint.js';
import {
  NOTIFICATION_SENDER,
  NOTIFICATION_SETTINGS,
  SECRET_STORE,
  type ConfiguredChannel,
  type NotificationSender,
  type NotificationSettings,
  type SecretStore,
} from '../ports/notifications.js';
import { bySystem } from '../workflow/cause.js';
import { eventsOf } from './channel-act.js';
import { ChannelRegistry } from './channel-registry.js';
import { fingerprinted } from './fingerprinted.js';
import { FORMER_SECRET_MS } from './rotate-secret.command.js';

/** As it is named where it stands still. */
const LOOP = 'channels of the configuration file';
/** Before channels that could not be taken over are tried again, in milliseconds. */
const AGAIN_MS = 30_000;

const { actor: ACTOR } = bySystem('configuration');

/**
 * Makes channels what the configuration file says of them: those that it has are made or changed, those that it does not have any more are deleted. Each node keeps their secrets, which
 * it has from the file.
 */
@Injectable()
export class ConfiguredChannels {
  private isDone = false;
  /** By `Clock.elapsed`. */
  private notBefore = 0;

  constructor(
    private readonly channels: ChannelRegistry,
    private readonly sequences: Sequences,
    @Inject(NOTIFICATION_SENDER) private readonly sender: NotificationSender,
    @Inject(SECRET_STORE) private readonly secrets: SecretStore,
    @Inject(FINGERPRINT) private readonly fingerprint: Fingerprint,
    @Inject(NOTIFICATION_SETTINGS) private readonly settings: NotificationSettings,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(BACKGROUND_LOOPS) private readonly loops: BackgroundLoops,
  ) {}

  /** To be called again and again. One that cannot be taken over, say because its name is not resolved, is named, and the others are. */
  async takeOver(): Promise<void> {
    const { channels } = this.settings;
    if (this.isDone || channels === undefined || this.clock.elapsed() < this.notBefore) return;
    const faults: string[] = [];
    for (const channel of channels) {
      await this.configure(channel).catch((error: unknown) => faults.push(`${channel.name}: ${messageOf(error)}`));
    }
    await this.removeOthers(new Set(channels.map(({ name }) => name)));
    this.isDone = faults.length === 0;
    if (this.isDone) {
      this.loops.goesOn(LOOP);
      return;
    }
    this.loops.standsStill(LOOP, faults.join('; '));
    this.notBefore = this.clock.elapsed() + AGAIN_MS;
  }

  private async configure({ name, kind, address, secret, events, filter }: ConfiguredChannel): Promise<void> {
    const destination = await this.sender.check(kind, address);
    const definition: ConfiguredDefinition = {
      ...{ kind, destination, filter, configured: name },
      events: eventsOf(events === undefined ? {} : { events }),
    };
    const own = { address, ...(secret === undefined ? {} : { secret }) };
    const fingerprint = this.fingerprint(fingerprinted(own));
    const known = configuredChannel(name, await this.channels.read());
    const channelId = known?.channelId ?? (await this.sequences.next('channel'));
    if (known) await this.keep(known, own);
    await this.channels.execute(channelId, { type: 'ConfigureChannel', data: { definition, fingerprint } }, ACTOR);
    // Another node may have made it, under its own id.
    const made = configuredChannel(name, await this.channels.read());
    if (made) await this.keep(made, own);
  }

  /** A signature that was in use counts for a while beside the new one. */
  private async keep({ channelId }: Channel, own: { readonly address: string; readonly secret?: string }): Promise<void> {
    const kept = await this.secrets.get(channelId);
    if (kept?.address === own.address && kept.secret === own.secret) return;
    const isChanged = kept?.secret !== undefined && kept.secret !== own.secret;
    const former = isChanged ? { former: { secret: kept.secret, until: new Date(this.clock.now() + FORMER_SECRET_MS).toISOString() } } : {};
    await this.secrets.put(channelId, { ...own, ...former });
  }

  private async removeOthers(names: ReadonlySet<string>): Promise<void> {
    for (const { channelId, definition } of (await this.channels.read()).values()) {
      if (definition.configured === undefined || names.has(definition.configured)) continue;
      await this.channels.execute(channelId, { type: 'RemoveConfigured', data: {} }, ACTOR);
      await this.secrets.remove(channelId);
    }
  }
}
