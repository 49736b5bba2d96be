import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { EVENT_LOG, type EventLog } from '../ports/event-log.js';
import { firstShapesOf, lastReadable } from '../newer-event.js';
import { Sequences } from '../ids/sequences.js';

/** The step that an approval id belongs to. */
export interface ApprovalAddress {
  readonly workflowId: number;
  readonly stepId: number;
}

export const APPROVAL_ADDRESS_SHAPES = firstShapesOf(['ApprovalIdAssigned']);

const streamOf = (approvalId: number): string => `approval-${approvalId}`;

/**
 * Finds the run of an approval by the approval's id, without a read model: each id has a stream of one event that says where it belongs. It is written before
 * the request itself; an address whose request was never recorded (a crash in between) leads to nothing, and the domain refuses it.
 */
@Injectable()
export class ApprovalAddresses {
  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    private readonly sequences: Sequences,
  ) {}

  /** A new approval id for a step. @throws EventLogUnavailable */
  async assign(address: ApprovalAddress): Promise<number> {
    const approvalId = await this.sequences.next('approval');
    const id = randomUUID();
    const metadata = {
      $correlationId: `workflow-${address.workflowId}`,
      commandId: id,
      actor: { kind: 'system', id: 'approvals', authenticated: true },
      schemaVersion: 1,
    } as const;
    await this.log.append(
      streamOf(approvalId),
      [{ id, type: 'ApprovalIdAssigned', data: { approvalId, ...address }, metadata }],
      'no-stream',
    );
    return approvalId;
  }

  /** @throws EventLogUnavailable, NewerEvent */
  async find(approvalId: number): Promise<ApprovalAddress | undefined> {
    const event = await lastReadable(this.log, streamOf(approvalId), APPROVAL_ADDRESS_SHAPES);
    return event && { workflowId: event.data['workflowId'] as number, stepId: event.data['stepId'] as number };
  }
}
