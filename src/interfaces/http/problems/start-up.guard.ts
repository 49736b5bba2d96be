import type { IncomingMessage } from 'node:http';
import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { EventLogUnavailable } from '../../../application/ports/event-log.js';
import { START_UP, type StartUp } from '../../../application/ports/start-up.js';
import { pathOf } from './problem.js';

/** Refuses what is asked of the API until the engine has met its event store: probes and the start page are answered. */
@Injectable()
export class StartUpGuard implements CanActivate {
  constructor(@Inject(START_UP) private readonly startUp: StartUp) {}

  canActivate(context: ExecutionContext): true {
    const { url } = context.switchToHttp().getRequest<IncomingMessage>();
    if (!this.startUp.isDone && pathOf(url).startsWith('/api/')) throw new EventLogUnavailable('no answer since the start');
    return true;
  }
}
