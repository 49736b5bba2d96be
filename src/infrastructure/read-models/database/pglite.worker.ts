import { hostInThread } from '@lifeos/hosted-thread';
import { PgliteSession, type PgliteBytes } from './pglite-session.js';

await hostInThread(async (folder: string, say) => {
  const session = await PgliteSession.open(folder);
  return {
    started: undefined,
    hear: (what) => void session.answer(what as PgliteBytes).then((answer) => say(answer, [answer.bytes.buffer])),
    stop: () => session.close(),
  };
});
