import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Link } from '@tanstack/react-router';
import { ApprovalPage, InboxPage } from './pages/inbox/inbox.page';
import { AttentionPage } from './pages/attention/attention.page';
import { NewPage } from './pages/new/new.page';
import { RunPage } from './pages/run/run.page';
import { runViewOf } from './pages/run/run-view';
import { RunsPage } from './pages/runs/runs.page';
import { periodOf } from './api/period';
import { runsFilterOf } from './pages/runs/runs-filter';
import { Shell } from './ui/shell';
import { Empty, Problem } from './ui/states';

const numberIn = { parse: ({ id }: { id: string }) => ({ id: Number(id) }), stringify: ({ id }: { id: number }) => ({ id: String(id) }) };

const root = createRootRoute({
  component: Shell,
  notFoundComponent: () => (
    <Empty title="There is no such page">
      <Link to="/">To the inbox</Link>
    </Empty>
  ),
  errorComponent: ({ error }) => <Problem error={error} again={() => location.reload()} />,
});
const inbox = createRoute({ getParentRoute: () => root, path: '/', component: InboxPage });
const approval = createRoute({
  getParentRoute: () => root,
  path: '/approvals/$id',
  params: numberIn,
  component: () => <ApprovalPage id={approval.useParams().id} />,
});
const runs = createRoute({
  getParentRoute: () => root,
  path: '/runs',
  validateSearch: runsFilterOf,
  component: () => <RunsPage filter={runs.useSearch()} />,
});
const run = createRoute({
  getParentRoute: () => root,
  path: '/runs/$id',
  params: numberIn,
  validateSearch: runViewOf,
  component: () => <RunPage key={run.useParams().id} id={run.useParams().id} view={run.useSearch()} />,
});
const attention = createRoute({ getParentRoute: () => root, path: '/attention', component: AttentionPage });
const fresh = createRoute({ getParentRoute: () => root, path: '/new', component: NewPage });

// The pages of a desk are loaded when they are asked for.
const insights = createRoute({
  getParentRoute: () => root,
  path: '/insights',
  validateSearch: periodOf,
  component: lazyRouteComponent(() => import('./pages/insights/insights.page'), 'InsightsPage'),
});
const schedules = createRoute({
  getParentRoute: () => root,
  path: '/schedules',
  component: lazyRouteComponent(() => import('./pages/schedules/schedules.page'), 'SchedulesPage'),
});
const tools = createRoute({
  getParentRoute: () => root,
  path: '/tools',
  component: lazyRouteComponent(() => import('./pages/tools/tools.page'), 'ToolsPage'),
});
const status = createRoute({
  getParentRoute: () => root,
  path: '/status',
  component: lazyRouteComponent(() => import('./pages/status/status.page'), 'StatusPage'),
});

export const router = createRouter({
  routeTree: root.addChildren([inbox, approval, runs, run, attention, fresh, insights, schedules, tools, status]),
  defaultPreload: false,
  // Who comes back to a long list finds it where it was.
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
