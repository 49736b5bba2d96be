import grpc from '@grpc/grpc-js';
import { GroupExistsError, GroupNotFoundError } from '../persistent-subscriptions/consumer-groups.js';
import { GroupRefusedError } from '../persistent-subscriptions/group-definition.js';
import { asRefusal, refusal } from './refusal.js';

/** What went wrong with a group, as the client knows it. */
export function groupRefusal(error: unknown, source: string, group: string): grpc.ServiceError {
  const trailers = { 'stream-name': source, 'group-name': group };
  const subject = `Subscription group ${group} on stream ${source}`;
  if (error instanceof GroupNotFoundError) {
    return refusal(grpc.status.NOT_FOUND, `${subject} does not exist.`, {
      exception: 'persistent-subscription-does-not-exist',
      ...trailers,
    });
  }
  if (error instanceof GroupExistsError) {
    return refusal(grpc.status.ALREADY_EXISTS, `${subject} exists.`, { exception: 'persistent-subscription-exists', ...trailers });
  }
  if (error instanceof GroupRefusedError) {
    return refusal(grpc.status.INTERNAL, `${subject} failed: '${error.message}'`, {
      exception: 'persistent-subscription-failed',
      ...trailers,
      reason: error.message,
    });
  }
  return asRefusal(error);
}
