import { createHash } from 'node:crypto';

export const PRODUCT = 'Life OS Workflow Engine';

export const SENTENCE =
  'State an intent; the engine plans it as a graph of tool steps, runs them in parallel, stops at the risky ones until a person has approved exactly that, and can show afterwards everything that happened.';

/** Where to go on from here. */
export const LINKS = {
  documentation: { path: '/docs', title: 'API documentation (Swagger UI)' },
  openapi: { path: '/docs-json', title: 'OpenAPI document' },
  readiness: { path: '/health/ready', title: 'Is everything usable?' },
  metrics: { path: '/metrics', title: 'Metrics (Prometheus)' },
} as const;

/** The first requests to try, in order. */
const firstRequests = (origin: string): readonly (readonly [string, string])[] => [
  [
    'Submit an intent. The answer has its workflow_id.',
    `curl -X POST '${origin}/api/workflows/submit?user_id=1&intent=Apply%20to%202%20backend%20jobs%20and%20create%20a%20grocery%20list'`,
  ],
  ['Watch run 1 live.', `curl -N '${origin}/api/workflows/1/stream'`],
  ['See what waits for a person.', `curl '${origin}/api/approvals?status=required'`],
  [
    'Approve it.',
    `curl -X POST '${origin}/api/approvals/1/decision' -H 'Content-Type: application/json' -d '{"decision": "approve", "decided_by": 10}'`,
  ],
];

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --soft: #f1f3f5; --link: #0550ae; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8eb; --paper: #15181c; --soft: #23282e; --link: #8ab8ff; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 44rem; margin: 0 auto; padding: 1.5rem 1rem; }
h1 { font-size: 1.6rem; line-height: 1.2; }
h2 { font-size: 1.2rem; margin-top: 2rem; }
a { color: var(--link); }
a:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
li { margin: .25rem 0; }
pre { margin: .25rem 0 1rem; padding: .75rem; background: var(--soft); border-radius: .25rem; white-space: pre-wrap; overflow-wrap: anywhere; }
`;

/** What the page may load: its own style, and nothing else. The empty icon keeps browsers from asking for one. */
export const START_PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);

/** The page that greets a person. @param origin of the request: scheme, host and port */
export function startPage(origin: string): string {
  const links = Object.values(LINKS).map(({ path, title }) => `<li><a href="${path}">${escaped(title)}</a></li>`);
  const requests = firstRequests(origin).map(([what, line]) => `<p>${escaped(what)}</p>\n<pre><code>${escaped(line)}</code></pre>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${PRODUCT}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${PRODUCT}</h1>
<p>${escaped(SENTENCE)}</p>
<nav aria-label="Start">
<ul>
${links.join('\n')}
</ul>
</nav>
<h2>Try it</h2>
${requests.join('\n')}
</main>
</body>
</html>
`;
}
