import type { JsonObject } from "../../protocol/json.ts";
import { HttpError, json, nothing, type Context, type Route } from "../http/route.ts";
import { textField } from "./body-fields.ts";
import type { Kernel } from "./kernel.ts";
import type { KernelRegistry } from "./registry.ts";

/** Kernels in the REST API. */
export function kernelRoutes(kernels: KernelRegistry): Route[] {
  const named = ({ params }: Pick<Context, "params">): Kernel => kernels.get(params["id"] ?? "");
  return [
    {
      method: "GET",
      path: "/api/kernels",
      answer: () => json(kernels.all().map((kernel) => kernel.model())),
    },
    {
      method: "POST",
      path: "/api/kernels",
      answer: async (context) => {
        const body: JsonObject = await context.json();
        const kernel = await kernels.start({ name: textField(body, "name"), path: textField(body, "path") });
        return json(kernel.model(), 201, { location: `/api/kernels/${kernel.id}` });
      },
    },
    { method: "GET", path: "/api/kernels/:id", answer: (context) => json(named(context).model()) },
    {
      method: "DELETE",
      path: "/api/kernels/:id",
      answer: async (context) => {
        await kernels.end(named(context));
        return nothing;
      },
    },
    {
      method: "POST",
      path: "/api/kernels/:id/interrupt",
      answer: (context) => {
        named(context).interrupt();
        return nothing;
      },
    },
    {
      method: "POST",
      path: "/api/kernels/:id/restart",
      answer: async (context) => {
        const kernel = named(context);
        try {
          await kernel.restart();
        } catch (cause) {
          throw new HttpError(500, `the kernel could not be restarted: ${(cause as Error).message}`, { cause });
        }
        return json(kernel.model());
      },
    },
  ];
}
