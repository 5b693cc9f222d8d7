import { spawn } from "node:child_process";
import { once } from "node:events";
import { freePorts } from "../../run/free-ports.ts";

/** Starts `veelab` in a folder, asks for the page and for a script that it names, and ends it; gives their content types. */
export async function answeredPage(
  node: string,
  veelab: string,
  folder: string,
): Promise<{ readonly types: readonly (string | null)[] }> {
  const [port] = await freePorts(1);
  const child = spawn(node, [veelab, "start", "--no-browser", "--port", String(port)], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  try {
    let out = "";
    for await (const chunk of child.stdout.setEncoding("utf8")) {
      out += String(chunk);
      const address = /http:\/\/127\.0\.0\.1:\d+\/\?token=\S+/u.exec(out)?.[0];
      if (address !== undefined) return { types: await typesOf(address) };
    }
    throw new Error(`expected an address, got ${JSON.stringify(out)}`);
  } finally {
    child.kill();
    await ended;
  }
}

async function typesOf(address: string): Promise<(string | null)[]> {
  const { origin, searchParams } = new URL(address);
  const headers = { authorization: `token ${searchParams.get("token")!}` };
  const page = await fetch(`${origin}/tree`, { headers });
  const html = await page.text();
  const script = /<script[^>]* src="([^"]+\.js)"/u.exec(html)?.[1];
  if (script === undefined) throw new Error(`expected a page with a script, got ${page.status} ${html.slice(0, 500)}`);
  const answered = await fetch(new URL(script, page.url), { headers });
  return [page, answered].map((response) => (response.ok ? response.headers.get("content-type") : null));
}
