/** Tables for people: columns that fit a terminal, wide characters counted as two. */
import { templateOf } from '../config/index.ts'
import { cut, oneLine, widthOf } from '../words/text.ts'

const GAP = 2

export interface TableOptions {
  readonly width: number
  /** Index of the column that gives way when a line is too long; the last unless told. */
  readonly elastic?: number
  /** Columns of numbers. */
  readonly right?: readonly number[]
}

export function table(head: readonly string[], rows: readonly (readonly string[])[], options: TableOptions): string {
  const all = [head, ...rows].map((row) => row.map(oneLine))
  const widths = head.map((_, column) => Math.max(...all.map((row) => widthOf(row[column] ?? ''))))
  const elastic = options.elastic ?? head.length - 1
  const total = widths.reduce((sum, width) => sum + width + GAP, -GAP)
  if (total > options.width) widths[elastic] = Math.max(8, (widths[elastic] ?? 0) - (total - options.width))
  return all
    .map((row) =>
      row
        .map((cell, column) => fit(cell, widths[column] ?? 0, options.right?.includes(column) === true))
        .join(' '.repeat(GAP))
        .trimEnd(),
    )
    .join('\n')
}

/** Which flow each row is of stands first, where flows are of accounts: only their ids tell the account then. */
export function tableOfFlows(
  head: readonly string[],
  rows: readonly { readonly flow: string | null; readonly cells: readonly string[] }[],
  options: TableOptions,
): string {
  const cells = rows.map((row) => row.cells)
  if (!rows.some(({ flow }) => flow !== null && templateOf(flow) !== null)) return table(head, cells, options)
  const { elastic = head.length - 1, right = [] } = options
  return table(
    ['FLOW', ...head],
    rows.map(({ flow, cells }) => [flow ?? '', ...cells]),
    { ...options, elastic: elastic + 1, right: right.map((column) => column + 1) },
  )
}

function fit(text: string, width: number, right: boolean): string {
  const shown = cut(text, width)
  const space = ' '.repeat(Math.max(0, width - widthOf(shown)))
  return right ? space + shown : shown + space
}
