import type { Policy } from "./route.ts";

/** What a policy depends on. */
export interface PolicyOptions {
  /** Whether the notebooks' own scripts may run. */
  readonly scripts: boolean;
  /** The host that the page was asked from, which has passed the gate. */
  readonly host: string;
}

/**
 * What each kind of answer lets a browser do. Scripts come from this server alone, and none stands in a page's HTML;
 * Jupyter's front end compiles its settings' schemas, and Vega its expressions, hence `unsafe-eval`; `blob:`, which only a script that
 * runs already can make, is for the modules of widgets. A notebook's own
 * `<script>`s therefore run only when the server was told to allow them. Files of the user are shown in a sandbox
 * without this server's origin: whatever is in them can ask it for nothing.
 */
export function securityPolicy(policy: Policy, { scripts, host }: PolicyOptions): string {
  // Not 'self': what lies under /files is the user's, and may be anybody's.
  const own = `http://${host}/static/`;
  switch (policy) {
    case "page":
      return [
        "default-src 'self'",
        `script-src ${own} blob: 'unsafe-eval'${scripts ? " 'unsafe-inline'" : ""}`,
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob: https:",
        "media-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' data: blob:",
        `worker-src ${own} blob:`,
        "frame-src 'self' data: blob:",
        "object-src 'self' blob:",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'self'",
      ].join("; ");
    case "api":
      return "default-src 'none'; frame-ancestors 'self'";
    case "file":
      return "frame-ancestors 'self'; sandbox allow-scripts";
    case "export":
      // An exported page has a policy of its own inside, which admits its scripts by hash.
      return "frame-ancestors 'self'; sandbox allow-scripts allow-popups allow-downloads";
    case "report":
      // Made of veelab's own notebooks; a sandbox would keep its links from working, as they need the session.
      return "frame-ancestors 'self'";
  }
}
