/** Files of rows: a column holds what each is, and its bytes are kept under their digest. */
import { ConnectorError, type Files, type Finding } from '../../connector/index.ts'
import type { DatabaseApi } from './api.ts'
import type { Kept } from './keeping.ts'
import { NOTHING } from './nothing.ts'

export const files: Files<DatabaseApi> = {
  async open({ api }, { file }) {
    const { digest } = file
    if (digest === undefined || !/^[0-9a-f]{64}$/.test(digest))
      throw new ConnectorError('rejected', `"${file.name}" has no digest, under which its bytes would be kept`)
    const bytes = await keptOf(api).open(digest)
    if (bytes === null) throw new ConnectorError('missing', `"${file.name}" is not in ${keptOf(api).at}`)
    return bytes
  },
  async upload({ api }, { name, type, size, digest, bytes }) {
    if (digest === undefined) throw new ConnectorError('rejected', 'a file is kept under its digest')
    await keptOf(api).keep({ digest, size }, bytes)
    return { ref: `${digest}/${name}`, name, type, size, digest }
  },
}

/** Whether bytes can be kept, as far as none show; null: they can. */
export async function unkept({ kept }: DatabaseApi): Promise<Finding | null> {
  if (kept === null) return null
  try {
    await kept.keep(NOTHING, async function* () {})
    return null
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error
    return { message: error.message, remedy: `mend \`files\` of this connection, so that ${kept.at} can be written to` }
  }
}

function keptOf({ kept }: DatabaseApi): Kept {
  if (kept === null) throw new ConnectorError('rejected', 'no place for files is configured')
  return kept
}
