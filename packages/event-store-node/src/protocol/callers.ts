import grpc from '@grpc/grpc-js';
import { AccessPolicy, type StreamAction } from '../access/access-policy.js';
import { ADMINS, OPERATORS, type Principal, type Users } from '../access/users.js';
import type { StreamLog } from '../log/stream-log.js';
import { refusal } from './refusal.js';

/** The one who makes a call, and what it may do. */
export interface Caller {
  readonly name: string;
  permits(action: StreamAction, stream: string): boolean;
  /** May make, change and delete persistent subscriptions. */
  readonly managesGroups: boolean;
  /** Said who it is. */
  readonly isKnown: boolean;
}

/** Tells who makes a call. */
export type Callers = (metadata: grpc.Metadata) => Caller;

const ANYBODY: Caller = { name: 'system', permits: () => true, managesGroups: true, isKnown: true };

/** Of a node without users: everybody may do everything. */
export const openToAll: Callers = () => ANYBODY;

export const accessDenied = (): grpc.ServiceError =>
  refusal(grpc.status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' });

/** @throws PERMISSION_DENIED */
export function mustPermit(caller: Caller, action: StreamAction, stream: string): void {
  if (!caller.permits(action, stream)) throw accessDenied();
}

/** Name and password of a call; undefined where it has none. */
function credentialsOf(metadata: grpc.Metadata): { readonly name: string; readonly password: string } | undefined {
  const [header] = metadata.get('authorization');
  if (header === undefined) return undefined;
  const [, encoded = ''] = /^Basic +(\S+)$/i.exec(String(header)) ?? [];
  const [name = '', ...password] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  return { name, password: password.join(':') };
}

/** Of a node with users. Wrong credentials never get so far: see `authenticating`. */
export function callersAmong(users: Users, log: StreamLog): Callers {
  const policy = new AccessPolicy(log);
  return (metadata) => {
    const credentials = credentialsOf(metadata);
    const who: Principal | undefined = credentials && users.authenticate(credentials.name, credentials.password);
    return {
      name: who?.name ?? 'anonymous',
      permits: (action, stream) => policy.permits(who, action, stream),
      managesGroups: who?.groups.some((group) => group === ADMINS || group === OPERATORS) ?? false,
      isKnown: who !== undefined,
    };
  };
}

/** Answers UNAUTHENTICATED to every call with wrong credentials, whatever it asks for. */
export const authenticating =
  (users: Users): grpc.ServerInterceptor =>
  (_method, call) =>
    new grpc.ServerInterceptingCall(call, {
      start: (next) => {
        next({
          onReceiveMetadata: (metadata, proceed) => {
            const credentials = credentialsOf(metadata);
            if (!credentials || users.authenticate(credentials.name, credentials.password)) proceed(metadata);
            else call.sendStatus({ code: grpc.status.UNAUTHENTICATED, details: 'Unauthenticated', metadata: new grpc.Metadata() });
          },
        });
      },
    });
