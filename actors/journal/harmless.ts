/** Others' texts go to a terminal: none may hold what moves the cursor, changes the title, or makes text run the other way. */
export function harmless(text: string): string {
  return text.replaceAll(/\p{C}/gu, '·');
}
