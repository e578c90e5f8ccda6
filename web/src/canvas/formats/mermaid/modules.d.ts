/** The parts of mermaid that hold one kind of diagram each. Their names change with its version, which is pinned. */
declare module 'mermaid/dist/chunks/mermaid.core/*' {
  export const diagram: {
    parser: { parser?: { yy: unknown }; parse: (text: string) => unknown };
    /** A new one each time it is read. */
    readonly db: unknown;
    init?: (config: Record<string, unknown>) => void;
  };
}
