import { userInfo } from "node:os";

import { json, nothing, type Route } from "./http/route.ts";

/** What the server says of itself. */
export interface ServiceOptions {
  readonly version: string;
  /** How many kernels and connections there are, and when something last happened. */
  readonly activity: () => { readonly kernels: number; readonly connections: number; readonly lastActivity: Date };
  readonly shutdown: () => void;
}

/** The server's version, its state, its user, and its end. */
export function serviceRoutes({ version, activity, shutdown }: ServiceOptions): Route[] {
  const started = new Date().toISOString();
  const user = userName();
  return [
    { method: "GET", path: "/api", access: "public", answer: () => json({ version }) },
    {
      method: "GET",
      path: "/api/status",
      answer() {
        const { kernels, connections, lastActivity } = activity();
        return json({ started, last_activity: lastActivity.toISOString(), connections, kernels });
      },
    },
    {
      method: "GET",
      path: "/api/me",
      answer: () =>
        json({
          identity: {
            username: user,
            name: user,
            display_name: user,
            initials: user.slice(0, 1).toUpperCase(),
            avatar_url: null,
            color: null,
          },
          permissions: {},
        }),
    },
    // The front end tells its events to extensions of the server; here are none.
    { method: "POST", path: "/api/events", answer: () => nothing },
    {
      method: "POST",
      path: "/api/shutdown",
      answer() {
        // After the answer.
        setImmediate(shutdown);
        return nothing;
      },
    },
  ];
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "user"; // An account without a name, as in a container.
  }
}
