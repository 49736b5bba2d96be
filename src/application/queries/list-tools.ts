import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { TOOLS, type Tools } from '../ports/tools.js';
import type { ToolManifest } from '../../domain/tool/tool-manifest.js';

/** The tool catalogue, by name. */
export class ListTools extends Query<readonly ToolManifest[]> {}

@QueryHandler(ListTools)
export class ListToolsHandler implements IQueryHandler<ListTools> {
  constructor(@Inject(TOOLS) private readonly tools: Tools) {}

  execute(): Promise<readonly ToolManifest[]> {
    return Promise.resolve([...this.tools.manifests()].sort((a, b) => (a.name < b.name ? -1 : 1)));
  }
}
