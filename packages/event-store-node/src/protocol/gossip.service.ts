import { randomUUID } from 'node:crypto';
import type grpc from '@grpc/grpc-js';
import gossipPb from '@eventstore/db-client/generated/gossip_pb.js';
import type { ClusterInfo } from '@eventstore/db-client/generated/gossip_pb.js';
import { uuidMessage } from './identifiers.js';

const TICKS_PER_MS = 10_000n;

/** `event_store.client.gossip.Gossip`: a cluster of one, which is its leader. The port is known once the server listens. */
export function gossipService(host: string, port: () => number) {
  const instance = Buffer.from(randomUUID().replaceAll('-', ''), 'hex');
  return {
    read(_call: grpc.ServerUnaryCall<unknown, ClusterInfo>, respond: grpc.sendUnaryData<ClusterInfo>): void {
      const endPoint = new gossipPb.EndPoint();
      endPoint.setAddress(host);
      endPoint.setPort(port());
      const member = new gossipPb.MemberInfo();
      member.setInstanceId(uuidMessage(instance, false));
      member.setTimeStamp(String(BigInt(Date.now()) * TICKS_PER_MS));
      member.setState(gossipPb.MemberInfo.VNodeState.LEADER);
      member.setIsAlive(true);
      member.setHttpEndPoint(endPoint);
      respond(null, new gossipPb.ClusterInfo().setMembersList([member]));
    },
  };
}
