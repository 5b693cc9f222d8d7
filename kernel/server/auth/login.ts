import { escapeHtml } from "../../run/html/escape.ts";
import { htmlPage } from "../../run/html/page.ts";
import { htmlReply } from "../http/error-page.ts";
import { onThisHost } from "../http/on-this-host.ts";
import type { Reply, Route } from "../http/route.ts";
import type { SessionCookies } from "./cookie.ts";
import type { Gate } from "./gate.ts";

const style = `
main { max-width: 30rem; }
input, button { font: inherit; padding: 0.4rem 0.6rem; }
input { width: 100%; margin: 0.3rem 0 0.8rem; }
`;

/** The page that asks for the token, and the way out. */
export function loginRoutes(gate: Gate, cookies: SessionCookies): Route[] {
  const enter = (next: string): Reply => ({
    status: 302,
    headers: { location: onThisHost(next), "set-cookie": cookies.issue(Date.now()) },
  });
  return [
    {
      method: "GET",
      path: "/login",
      access: "public",
      policy: "page",
      answer: ({ url }) => loginPage(url.searchParams.get("next") ?? "/", undefined),
    },
    {
      method: "POST",
      path: "/login",
      access: "public",
      policy: "page",
      async answer(context) {
        const form = new URLSearchParams((await context.body()).toString("utf8"));
        const next = form.get("next") ?? "/";
        const given = tokenIn(form.get("token") ?? "");
        return gate.admits(given) ? enter(next) : loginPage(next, "This is not the server's token.");
      },
    },
    {
      method: "GET",
      path: "/logout",
      policy: "page",
      answer: (): Reply => ({ status: 302, headers: { location: "/login", "set-cookie": cookies.expire() } }),
    },
  ];
}

/** People paste the whole address that the terminal shows. */
function tokenIn(text: string): string {
  const address = text.trim();
  const inside = URL.canParse(address) ? new URL(address).searchParams.get("token") : null;
  return inside ?? address;
}

function loginPage(next: string, problem: string | undefined): Reply {
  const body = `<main><h1>veelab</h1>
<p>The address that the terminal printed when the server started holds a token. Open that address, or paste it here.</p>
${problem === undefined ? "" : `<p role="alert"><strong>${escapeHtml(problem)}</strong></p>`}
<form method="post" action="/login">
<input type="hidden" name="next" value="${escapeHtml(next)}">
<label>Token or address <input type="password" name="token" autocomplete="off" autofocus required></label>
<button>Open</button>
</form></main>`;
  return htmlReply(htmlPage({ title: "veelab", body, style, form: true }), problem === undefined ? 200 : 401);
}
