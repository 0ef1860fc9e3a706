/** A small fault that can be put into one file: where it is, what it is called, and which characters it replaces. */
export interface Fault {
  /** Path from the project's root, with `/`. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** The mutation operator, or `guard` for one that was written by hand. */
  readonly operator: string;
  /** For people: `before -> after`, or what a guard would let through. */
  readonly what: string;
  /** What it would do to a call; null where nobody has thought about it. */
  readonly why: string | null;
  /** Of the characters that are replaced: from (inclusive) to (exclusive). */
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

/** The same in every run over the same code, and no other fault's. */
export function nameOf({ file, line, operator, what }: Fault): string {
  return `${file}:${line} ${operator}: ${what}`;
}

/** The file's text with the fault in it. */
export function withFault(text: string, { start, end, replacement }: Fault): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

/** The line that a character is on, from 1. */
export function lineAt(text: string, position: number): number {
  return text.slice(0, position).split('\n').length;
}
