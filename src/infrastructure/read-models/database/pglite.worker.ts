import { hostInThread } from '@lifeos/hosted-thread';
import type { PgliteBytes } from './pglite-host.js';
import { PgliteSession } from './pglite-session.js';

await hostInThread(async (folder: string, say) => {
  const session = await PgliteSession.open(folder);
  let known = 0;
  let work = Promise.resolve();
  return {
    started: undefined,
    hear: (what) => {
      const { client, bytes } = what as PgliteBytes;
      const isNew = client !== known;
      known = client;
      work = work.then(async () => {
        if (isNew) await session.reset();
        const answer = session.answer(bytes) as PgliteBytes['bytes'];
        say({ client, bytes: answer } satisfies PgliteBytes, [answer.buffer]);
      });
    },
    stop: () => session.close(),
  };
});
