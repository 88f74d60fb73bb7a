import type { Result } from './result.ts'

const HEAD = ['bench', 'unit', 'ours p50', 'ours p99', 'peer', 'p50', 'p99', 'ratio', 'target', 'verdict']

/** A row of cells for each result, under a head. */
function rows(results: readonly Result[]): string[][] {
  return [
    HEAD,
    ...results.map((result) => [
      result.name,
      result.unit === 'us' ? 'µs' : result.unit,
      figure(result.oursSummary.p50),
      figure(result.oursSummary.p99),
      result.peerName,
      figure(result.peerSummary.p50),
      figure(result.peerSummary.p99),
      `${ratio(result.ratio)}×${result.statistic === 'p50' ? '' : ` (${result.statistic})`}`,
      result.target ?? '',
      verdict(result),
    ]),
  ]
}

/** For a terminal. */
export function textTable(results: readonly Result[]): string {
  const cells = rows(results)
  const widths = HEAD.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)))
  const line = (row: readonly string[]) => row.map((cell, column) => align(cell, widths[column]!, column)).join('  ')
  return cells.map((row) => line(row).trimEnd()).join('\n')
}

export function markdownTable(results: readonly Result[]): string {
  const [, ...body] = rows(results)
  const titled = body.map((row, i) => [results[i]!.title, ...row.slice(1)])
  const lines = [HEAD, HEAD.map((_, column) => (isNumeric(column) ? '--:' : '---')), ...titled]
  return lines.map((row) => `| ${row.join(' | ')} |`).join('\n')
}

export function verdict({ met }: Result): string {
  return met === undefined ? '' : met ? 'met' : 'missed'
}

function isNumeric(column: number): boolean {
  return ![0, 1, 4, 8, 9].includes(column)
}

function align(cell: string, width: number, column: number): string {
  return isNumeric(column) ? cell.padStart(width) : cell.padEnd(width)
}

function figure(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en')
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3)
}

function ratio(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2)
}
