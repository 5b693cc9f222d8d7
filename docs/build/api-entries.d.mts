/** What a user can import: the specifier, and the module's source. */
export declare const apiEntries: readonly { readonly name: string; readonly source: string }[];
