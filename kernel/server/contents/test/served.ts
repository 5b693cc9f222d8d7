import { mkdtemp, rm } from "node:fs/promises";
import { request, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createSessionCookies } from "../../auth/cookie.ts";
import { createGate } from "../../auth/gate.ts";
import { createApp } from "../../http/app.ts";
import { createContents, type Contents, type ContentsOptions } from "../contents.ts";
import { contentsRoutes } from "../contents-routes.ts";
import { exportRoutes } from "../export-routes.ts";
import { fileRoutes } from "../file-routes.ts";
