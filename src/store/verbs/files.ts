/** Files that are copied for a write: what is known of each until the outcome, and of those that stay. */
import { z } from 'zod'
import type { Blob } from '../../connector/blobs.ts'
import { filesIn, type FileValue } from '../../connector/values.ts'
import { other, SIDES, type Side } from '../../core/flow.ts'
import type { Staying } from '../../core/action.ts'
import type { Observation } from '../../core/state.ts'
import { jsonIn, texts, type Sql } from './rows.ts'

/** The item whose files are copied, by the flow's side that is written to. */
export interface FileSource {
  readonly flow: string
  readonly pair: string
  readonly side: Side
  readonly source: string
}

export interface KnownFile {
  readonly file: FileValue
  /** 'sending': an upload may have been made, and nobody knows. */
  readonly state: 'sending' | 'made' | 'stays'
  /** Where its bytes are kept meanwhile. */
  readonly blob: Blob | null
  readonly made: FileValue | null
  readonly why: string
}

const Row = z.object({
  value_json: z.string(),
  state: z.enum(['sending', 'made', 'stays']),
  digest: z.string().nullable(),
  size: z.number().nullable(),
  made_json: z.string().nullable(),
  why: z.string(),
})

export function files(sql: Sql, { flow, pair, side, source }: FileSource): readonly KnownFile[] {
  return sql
    .get('SELECT * FROM file WHERE flow = ? AND pair = ? AND side = ? AND source = ?')
    .all(flow, pair, side, source)
    .flatMap((row) => {
      const { value_json, state, digest, size, made_json, why } = Row.parse(row)
      const blob = digest === null || size === null ? null : { digest, size }
      const [made = null] = made_json === null ? [] : filesIn(jsonIn(made_json))
      return filesIn(jsonIn(value_json)).map((file) => ({ file, state, blob, made, why }))
    })
}

export interface NoteFile extends FileSource, KnownFile {
  /** The connection that is written to. */
  readonly connection: string
}

/**
 * An upload whose outcome nobody knows, or that another file replaces, may stand unused from now on. Answers the blobs that
 * nothing names any more.
 */
export function noteFile(sql: Sql, { flow, pair, side, source, connection, ...known }: NoteFile): readonly string[] {
  const { file, state, blob, made, why } = known
  const before = files(sql, { flow, pair, side, source }).find((each) => each.file.ref === file.ref)
  const isSame = JSON.stringify(before?.file) === JSON.stringify(file)
  const isLost = before !== undefined && before.state !== 'stays' && (state === 'sending' || !isSame)
  if (isLost) addOrphans(sql, connection, 1)
  sql
    .get(
      `INSERT INTO file (flow, pair, side, source, ref, value_json, state, digest, size, made_json, why)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (flow, pair, side, source, ref) DO UPDATE SET value_json = excluded.value_json, state = excluded.state,
         digest = excluded.digest, size = excluded.size, made_json = excluded.made_json, why = excluded.why`,
    )
    .run(
      flow,
      pair,
      side,
      source,
      file.ref,
      JSON.stringify(file),
      state,
      blob?.digest ?? null,
      blob?.size ?? null,
      made === null ? null : JSON.stringify(made),
      why,
    )
  const digest = before?.blob?.digest
  return digest === undefined || isNamed(sql, digest) ? [] : [digest]
}

function addOrphans(sql: Sql, connection: string, count: number): void {
  if (count > 0) sql.get('UPDATE connection SET orphans = orphans + ? WHERE id = ?').run(count, connection)
}

/** The files of a write whose outcome is committed. */
export interface PlacedFiles {
  readonly side: Side
  readonly sources: readonly { readonly pair: string; readonly source: string }[]
  /** What was written: the refs of all files that the written items hold. */
  readonly placed: readonly string[]
}

/** Nothing is on its way any more. Answers the blobs that nothing names now. */
export function finishFiles(
  sql: Sql,
  flow: string,
  connection: string,
  { side, sources, placed }: PlacedFiles,
): readonly string[] {
  const digests = new Set<string>()
  for (const { pair, source } of sources) {
    const known = files(sql, { flow, pair, side, source }).filter(({ state }) => state !== 'stays')
    addOrphans(sql, connection, known.filter(({ made }) => made === null || !placed.includes(made.ref)).length)
    for (const { blob } of known) if (blob !== null) digests.add(blob.digest)
    sql
      .get(`DELETE FROM file WHERE flow = ? AND pair = ? AND side = ? AND source = ? AND state <> 'stays'`)
      .run(flow, pair, side, source)
  }
  return [...digests].filter((digest) => !isNamed(sql, digest))
}

function isNamed(sql: Sql, digest: string): boolean {
  return sql.get('SELECT 1 FROM file WHERE digest = ? LIMIT 1').get(digest) !== undefined
}

/**
 * At a start: forgets the files of items that are gone, of which no write is open. Answers the blobs that something still
 * names: any other is left of a process that died.
 */
export function keptBlobs(sql: Sql, { flows }: KeptBlobs): readonly string[] {
  for (const { flow, pair, connections, kinds } of flows)
    for (const side of SIDES) {
      const from = other(side)
      const gone = sql
        .get(
          `SELECT DISTINCT f.source FROM file f WHERE f.flow = ? AND f.pair = ? AND f.side = ? AND NOT EXISTS (
             SELECT 1 FROM item i WHERE i.connection = ? AND i.kind = ? AND i.ref = f.source AND i.state = 'present')
           AND NOT EXISTS (SELECT 1 FROM intent t WHERE t.flow = f.flow AND t.source_ref = f.source)`,
        )
        .all(flow, pair, side, connections[from], kinds[from])
      const sources = texts(gone, 'source').map((source) => ({ pair, source }))
      finishFiles(sql, flow, connections[side], { side, sources, placed: [] })
      for (const { source } of sources)
        sql
          .get('DELETE FROM file WHERE flow = ? AND pair = ? AND side = ? AND source = ?')
          .run(flow, pair, side, source)
    }
  return texts(sql.get('SELECT DISTINCT digest FROM file WHERE digest IS NOT NULL').all(), 'digest')
}

export interface KeptBlobs {
  readonly flows: readonly {
    readonly flow: string
    readonly pair: string
    readonly connections: { readonly [side in Side]: string }
    readonly kinds: { readonly [side in Side]: string }
  }[]
}

/** Files of an item that were tried and stay where they are. */
export function stayingFiles(sql: Sql, flow: string, pair: string, from: Side, item: Observation | null): Staying[] {
  if (item === null) return []
  return files(sql, { flow, pair, side: other(from), source: item.ref }).flatMap(({ file, state, why }) =>
    state === 'stays' ? [{ file, why }] : [],
  )
}
