import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { NODES, type Nodes, type NodeView } from '../ports/nodes.js';

/** The nodes over the event store, as far as the asked one knows, longest there first. */
export class ListNodes extends Query<readonly NodeView[]> {}

@QueryHandler(ListNodes)
export class ListNodesHandler implements IQueryHandler<ListNodes> {
  constructor(@Inject(NODES) private readonly nodes: Nodes) {}

  execute(): Promise<readonly NodeView[]> {
    return Promise.resolve(this.nodes.list());
  }
}
