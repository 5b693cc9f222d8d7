import { isJsonObject, showJson, type JsonObject } from "./json.ts";
import type { CommContents, CommType, RequestType, Requests } from "./messages.ts";

/** A request whose content is not what the protocol says. It is answered with `status: "error"`. */
export class RequestError extends Error {
  override readonly name = "RequestError";
}

/** One field of a request's content: its value, checked, or its default. */
type Field<T> = (value: unknown, name: string) => T;

const field =
  <T>(expected: string, test: (value: unknown) => value is T) =>
  (...fallback: [] | [T]): Field<T> =>
  (value, name) => {
    if (test(value)) return value;
    // Clients send null where they mean "not given".
    if ((value === undefined || value === null) && fallback.length === 1) return fallback[0];
    throw new RequestError(`${name}: expected ${expected}, got ${showJson(value)}`);
  };

const string = field("a string", (value) => typeof value === "string");
const boolean = field("true or false", (value) => typeof value === "boolean");
const whole = field("a whole number", (value): value is number => Number.isSafeInteger(value));
const orNothing =
  <T>(inner: (fallback: T) => Field<T>, unused: T): Field<T | undefined> =>
  (value, name) =>
    value === undefined || value === null ? undefined : inner(unused)(value, name);
const oneOf = <const T extends string | number>(...values: readonly T[]) =>
  field(values.map((value) => JSON.stringify(value)).join(" or "), (value): value is T => values.includes(value as T));
const strings = field(
  "an object of strings",
  (value): value is Readonly<Record<string, string>> =>
    isJsonObject(value) && Object.values(value).every((entry) => typeof entry === "string"),
);

const object = field("an object", isJsonObject);

type Fields = { readonly [T in RequestType]: { readonly [F in keyof Requests[T]]: Field<Requests[T][F]> } };

const fields: Fields = {
  kernel_info_request: {},
  execute_request: {
    code: string(),
    silent: boolean(false),
    store_history: boolean(true),
    user_expressions: strings({}),
    allow_stdin: boolean(true),
    stop_on_error: boolean(true),
  },
  is_complete_request: { code: string() },
  complete_request: { code: string(), cursor_pos: whole() },
  inspect_request: { code: string(), cursor_pos: whole(), detail_level: oneOf(0, 1)(0) },
  history_request: {
    output: boolean(false),
    raw: boolean(true),
    hist_access_type: oneOf("tail", "range", "search")(),
    session: whole(0),
    start: whole(0),
    stop: orNothing(whole, 0),
    n: orNothing(whole, 0),
    pattern: string("*"),
    unique: boolean(false),
  },
  comm_info_request: { target_name: orNothing(string, "") },
  shutdown_request: { restart: boolean(false) },
  interrupt_request: {},
  usage_request: {},
  create_subshell_request: {},
  delete_subshell_request: { subshell_id: string() },
  list_subshell_request: {},
  debug_request: { seq: whole(), command: string(), arguments: object({}) },
};

/** Whether a message type is one of the requests that the kernel knows. */
export function isRequestType(type: string): type is RequestType {
  return Object.hasOwn(fields, type);
}

/**
 * A request's content, checked field by field, with the protocol's defaults filled in.
 *
 * @throws RequestError that names the field, what was expected and what came.
 */
export function checkRequest<T extends RequestType>(type: T, content: JsonObject): Requests[T] {
  return checkFields(fields[type], content) as unknown as Requests[T];
}

const commFields: { readonly [T in CommType]: { readonly [F in keyof CommContents[T]]: Field<CommContents[T][F]> } } = {
  comm_open: { comm_id: string(), target_name: string(), data: object({}) },
  comm_msg: { comm_id: string(), data: object({}) },
  comm_close: { comm_id: string(), data: object({}) },
};

/** Whether a message type is one of a comm's. */
export function isCommType(type: string): type is CommType {
  return Object.hasOwn(commFields, type);
}

/**
 * The content of a comm's message, checked as {@link checkRequest} does.
 *
 * @throws RequestError that names the field, what was expected and what came.
 */
export function checkComm<T extends CommType>(type: T, content: JsonObject): CommContents[T] {
  return checkFields(commFields[type], content) as unknown as CommContents[T];
}

function checkFields(fields: Readonly<Record<string, Field<unknown>>>, content: JsonObject): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, check]) => [name, check(content[name], name)]));
}
