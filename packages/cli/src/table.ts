import stringWidth from 'string-width'

export interface Column<Row> {
  readonly title: string
  readonly align?: 'left' | 'right'
  readonly cell: (row: Row) => string
}

/** Rows under titles, in columns of even width whatever the script they are written in. No frames, so that grep and awk work. */
export function formatTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const lines = [columns.map(({ title }) => title), ...rows.map((row) => columns.map(({ cell }) => cell(row)))]
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => stringWidth(line[index] as string))))
  return lines
    .map((line) =>
      line
        .map((text, index) => {
          const space = ' '.repeat((widths[index] as number) - stringWidth(text))
          return columns[index]?.align === 'right' ? space + text : text + space
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
