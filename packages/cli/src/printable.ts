const ESCAPES: Record<string, string> = { '\r': '\\r', '\u001b': '\\e' }

/**
 * Text that a terminal shows and does not obey: control characters, and the marks that reverse the direction of
 * writing, are written as escapes. Line breaks and tabs stay.
 */
export function printable(text: string): string {
  return text.replace(
    /(?![\n\t])[\p{Cc}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/gu,
    (character) => ESCAPES[character] ?? `\\u{${(character.codePointAt(0) as number).toString(16)}}`,
  )
}

/** As {@link printable}, on one line. */
export function printableLine(text: string): string {
  return printable(text).replaceAll('\n', '\\n').replaceAll('\t', '\\t')
}
