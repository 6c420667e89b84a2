/** The files of a made-up table: their bytes, what it tells of them, and how they are read and sent. */
import { createHash } from 'node:crypto'
import { ConnectorError, filesIn, type Files, type FileValue } from '../../src/connector/index.ts'
import { inPieces } from '../../src/testing/memory-blobs.ts'
import type { Api, Table } from './table.ts'

/** What a table does with files, and what it tells of them besides their names. */
export interface FileShelf {
  readonly opens?: boolean
  readonly uploads?: boolean
  readonly tells?: readonly ('size' | 'digest')[]
  readonly mostBytes?: number
}

export class Depot {
  /** The bytes of all files by ref, whether or not an item shows them. */
  readonly kept = new Map<string, string>()
  private readonly side: string
  private readonly tells: readonly ('size' | 'digest')[]

  constructor(side: string, tells: FileShelf['tells'] = ['size']) {
    this.side = side
    this.tells = tells
  }

  /** A file that an item can hold. */
  add(name: string, text: string): FileValue {
    const ref = `${this.side}-file-${this.kept.size + 1}`
    this.kept.set(ref, text)
    const digest = createHash('sha256').update(text).digest('hex')
    return {
      ref,
      name,
      ...(this.tells.includes('size') ? { size: Buffer.byteLength(text) } : {}),
      ...(this.tells.includes('digest') ? { digest } : {}),
    }
  }
}

/** The files of all items of a kind, as name and bytes. */
export function shown(table: Table, kind: string, field = 'files'): string[][] {
  return table
    .living(kind)
    .map(({ values }) =>
      filesIn(values[field]).map(({ ref, name }) => `${name}: ${table.files.kept.get(ref) ?? 'no bytes'}`),
    )
}

export function filesOf({ opens = true, uploads = true, mostBytes }: FileShelf): Files<Api> {
  return {
    ...(opens
      ? {
          open: ({ api }, { kind, file: { ref, name } }) =>
            api.ask({ do: 'open', kind, values: [{ name }] }, () => {
              const text = api.table.files.kept.get(ref)
              if (text === undefined) throw new ConnectorError('missing', `no file ${ref}`)
              return inPieces(Buffer.from(text))
            }),
        }
      : {}),
    ...(uploads
      ? {
          upload: async ({ api }, { kind, name, bytes }) => {
            const pieces: Uint8Array[] = []
            for await (const piece of bytes()) pieces.push(piece)
            return api.ask({ do: 'upload', kind, values: [{ name }] }, () =>
              api.table.files.add(name, Buffer.concat(pieces).toString()),
            )
          },
        }
      : {}),
    ...(mostBytes === undefined ? {} : { mostBytes }),
  }
}
