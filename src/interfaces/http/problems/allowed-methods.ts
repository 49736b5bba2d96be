interface RouteLayer {
  readonly route?: { readonly methods: Readonly<Record<string, boolean>> };
  match(path: string): boolean;
}

/** The part of an Express application that knows its routes. */
export interface ExpressRoutes {
  readonly router: { readonly stack: readonly RouteLayer[] };
}

/** The methods that some route serves at a path, upper-case and sorted; none where no route has the path. */
export function allowedMethods({ router }: ExpressRoutes, path: string): readonly string[] {
  const methods = new Set<string>();
  for (const layer of router.stack) {
    if (!layer.route || !layer.match(path)) continue;
    for (const method of Object.keys(layer.route.methods)) methods.add(method.toUpperCase());
  }
  if (methods.has('GET')) methods.add('HEAD');
  return [...methods].sort();
}
