/**
 * One output in several forms, keyed by MIME type: text as strings, JSON types as values, binary types as base64.
 * What a front end gets in `display_data` and `execute_result`.
 */
export type MimeBundle = Readonly<Record<string, unknown>>;

/** How a bundle is published. */
export interface PublishOptions {
  /** Sent beside the data and not saved: `display_id` names the output for later updates. */
  readonly transient?: { readonly display_id?: string };
  /** Whether the bundle replaces the outputs that were published with the same `display_id`. */
  readonly update?: boolean;
  /** The output's metadata, by MIME type. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/**
 * Where displayed outputs go: the kernel's session sends them as `display_data`, or `update_display_data` for an update,
 * to the cell that the call belongs to.
 */
export interface DisplayPublisher {
  publish(bundle: MimeBundle, options?: PublishOptions): void;
}
