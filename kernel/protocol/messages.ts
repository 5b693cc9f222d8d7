import type { JsonObject } from "./json.ts";

/**
 * The messages of the Jupyter protocol 5.5 that this kernel speaks, as one map from a message's type to its content.
 * Source: https://jupyter-client.readthedocs.io/en/stable/messaging.html
 */

/** The protocol's version, in the header of every message. */
export const PROTOCOL_VERSION = "5.5";

/** A MIME bundle: the same value in several media types. JSON types are objects, binary ones base64, others strings. */
export type MimeBundle = Readonly<Record<string, unknown>>;

/** What an exception looks like on the wire. The traceback's lines may carry ANSI colours. */
export interface ErrorContent {
  readonly ename: string;
  readonly evalue: string;
  readonly traceback: readonly string[];
}

export interface DisplayContent {
  readonly data: MimeBundle;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly transient?: { readonly display_id?: string };
}

export interface ExecuteRequest {
  readonly code: string;
  readonly silent: boolean;
  readonly store_history: boolean;
  readonly user_expressions: Readonly<Record<string, string>>;
  readonly allow_stdin: boolean;
  readonly stop_on_error: boolean;
}

export interface HistoryRequest {
  readonly output: boolean;
  readonly raw: boolean;
  readonly hist_access_type: "tail" | "range" | "search";
  readonly session: number;
  readonly start: number;
  readonly stop: number | undefined;
  readonly n: number | undefined;
  readonly pattern: string;
  readonly unique: boolean;
}

/** A content without fields. */
export type Nothing = Readonly<Record<string, never>>;

/** Every request with the content that it carries once it has passed the edge, where defaults are filled in. */
export interface Requests {
  readonly kernel_info_request: Nothing;
  readonly execute_request: ExecuteRequest;
  readonly is_complete_request: { readonly code: string };
  readonly complete_request: { readonly code: string; readonly cursor_pos: number };
  readonly inspect_request: { readonly code: string; readonly cursor_pos: number; readonly detail_level: 0 | 1 };
  readonly history_request: HistoryRequest;
  readonly comm_info_request: { readonly target_name: string | undefined };
  readonly shutdown_request: { readonly restart: boolean };
  readonly interrupt_request: Nothing;
  readonly usage_request: Nothing;
  readonly create_subshell_request: Nothing;
  readonly delete_subshell_request: { readonly subshell_id: string };
  readonly list_subshell_request: Nothing;
  /** A request of the Debug Adapter Protocol. */
  readonly debug_request: { readonly seq: number; readonly command: string; readonly arguments: JsonObject };
}

/** The name of a request. */
export type RequestType = keyof Requests;

/** One line of the history: session, line number, and the input alone or with its output. */
export type HistoryEntry = readonly [number, number, string | readonly [string, string | null]];

/** One user expression's value, or the error that it ended in. */
export type UserExpression =
  | { readonly status: "ok"; readonly data: MimeBundle; readonly metadata: Readonly<Record<string, unknown>> }
  | ({ readonly status: "error" } & ErrorContent);

/** What a request that was done answers; `status: "ok"` is added where the reply is sent. */
export interface Replies {
  readonly kernel_info_request: {
    readonly protocol_version: string;
    readonly implementation: string;
    readonly implementation_version: string;
    readonly language_info: JsonObject;
    readonly banner: string;
    readonly help_links: readonly { readonly text: string; readonly url: string }[];
    readonly debugger: boolean;
    readonly supported_features: readonly string[];
  };
  readonly execute_request: {
    readonly execution_count: number;
    readonly payload: readonly JsonObject[];
    readonly user_expressions: Readonly<Record<string, UserExpression>>;
  };
  readonly is_complete_request: { readonly indent?: string };
  readonly complete_request: {
    readonly matches: readonly string[];
    readonly cursor_start: number;
    readonly cursor_end: number;
    readonly metadata: JsonObject;
  };
  readonly inspect_request: { readonly found: boolean; readonly data: MimeBundle; readonly metadata: JsonObject };
  readonly history_request: { readonly history: readonly HistoryEntry[] };
  readonly comm_info_request: { readonly comms: Readonly<Record<string, { readonly target_name: string }>> };
  readonly shutdown_request: { readonly restart: boolean };
  readonly interrupt_request: Nothing;
  readonly usage_request: {
    readonly hostname: string;
    readonly pid: number;
    readonly kernel_cpu: number;
    readonly kernel_memory: number;
    readonly cpu_count: number;
    readonly host_cpu_percent: number;
    readonly host_virtual_memory: Readonly<Record<"total" | "available" | "used" | "percent", number>>;
  };
  /** A response of the Debug Adapter Protocol. */
  readonly debug_request: {
    readonly type: "response";
    readonly seq: number;
    readonly request_seq: number;
    readonly command: string;
    readonly success: boolean;
    /** What went wrong, in one sentence. */
    readonly message?: string;
    readonly body: JsonObject;
  };
  readonly create_subshell_request: { readonly subshell_id: string };
  readonly delete_subshell_request: Nothing;
  readonly list_subshell_request: { readonly subshell_id: readonly string[] };
}

/** What comms say, by message type. They go both ways, and none has a reply. */
export interface CommContents {
  readonly comm_open: { readonly comm_id: string; readonly target_name: string; readonly data: JsonObject };
  readonly comm_msg: { readonly comm_id: string; readonly data: JsonObject };
  readonly comm_close: { readonly comm_id: string; readonly data: JsonObject };
}

/** The name of a comm's message. */
export type CommType = keyof CommContents;

/** What the kernel publishes to everyone, by its message type. */
export interface Publications extends CommContents {
  readonly status: { readonly execution_state: "starting" | "busy" | "idle" };
  readonly stream: { readonly name: "stdout" | "stderr"; readonly text: string };
  readonly execute_input: { readonly code: string; readonly execution_count: number };
  readonly execute_result: {
    readonly data: MimeBundle;
    readonly metadata: Readonly<Record<string, unknown>>;
    readonly execution_count: number;
  };
  readonly display_data: DisplayContent;
  readonly update_display_data: DisplayContent;
  readonly clear_output: { readonly wait: boolean };
  readonly error: ErrorContent;
  readonly shutdown_reply: { readonly status: "ok"; readonly restart: boolean };
  /** An event of the Debug Adapter Protocol. */
  readonly debug_event: {
    readonly type: "event";
    readonly seq: number;
    readonly event: string;
    readonly body: JsonObject;
  };
}

/** The name of a publication. */
export type PublicationType = keyof Publications;

/** A publication with its type. */
export type Publication = {
  readonly [T in PublicationType]: { readonly type: T; readonly content: Publications[T] };
}[PublicationType];

/** A message's header. */
export interface Header {
  readonly msg_id: string;
  readonly session: string;
  readonly username: string;
  readonly date: string;
  readonly msg_type: string;
  readonly version: string;
  /** On the shell channel: the subshell that the message is for (JEP 91); unchecked. */
  readonly subshell_id?: unknown;
}

/** A message as it is between the wire and the handlers. */
export interface Message {
  /** The ZeroMQ identities in front of the delimiter: whom a reply goes to; on iopub, the topic. */
  readonly identities: readonly Uint8Array[];
  readonly header: Header;
  /** The header of the request that caused this message; empty where there is none. */
  readonly parent_header: Header | Record<string, never>;
  readonly metadata: JsonObject;
  readonly content: JsonObject;
  readonly buffers: readonly Uint8Array[];
}

/** A message to be sent. Text or bytes are content that is JSON already: outputs are made into it once, where they arise. */
export type Outgoing = Omit<Message, "content"> & { readonly content: object | string | Uint8Array };
