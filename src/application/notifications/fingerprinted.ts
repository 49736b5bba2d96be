import type { ChannelSecrets } from '../ports/notifications.js';

/** What of a channel's secrets the fingerprint in its events is of: never change it. */
export const fingerprinted = ({ address, secret }: ChannelSecrets): { readonly address: string; readonly secret?: string } => ({
  address,
  ...(secret === undefined ? {} : { secret }),
});
