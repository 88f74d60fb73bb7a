export interface Column {
  readonly title: string
  /** @default 'right' */
  readonly align?: 'left' | 'right'
}

const GAP = '  '

/** Rows of text under titles, each column as wide as its widest cell. Every character counts as one wide. */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map(({ title }, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) =>
    columns
      .map(({ align }, column) => {
        const cell = cells[column] ?? ''
        const width = widths[column] ?? 0
        return align === 'left' ? cell.padEnd(width) : cell.padStart(width)
      })
      .join(GAP)
      .trimEnd()
  const rule = widths.map((width) => '─'.repeat(width)).join(GAP)
  return [line(columns.map(({ title }) => title)), rule, ...rows.map(line)]
}
