/** Bytes of attachments: each read of a record tells an address of its own, which works for two hours. */
import { z } from 'zod'
import { ConnectorError, type Files } from '../../connector/index.ts'
import { recordsBy, type Api } from './api.ts'
import { attachment } from './wire.ts'

const attachments = z.array(attachment)

export const files: Files<Api> = {
  async open({ api }, { kind, ref, file }) {
    const table = api.tables.find((each) => each.kind === kind)
    const record = table === undefined ? undefined : (await recordsBy(api, table, [ref])).get(ref)
    const told = Object.values(record?.fields ?? {}).flatMap((cell) => attachments.safeParse(cell).data ?? [])
    const found = told.find(({ id }) => id === file.ref)
    if (found === undefined) throw new ConnectorError('missing', `the attachment ${file.name} is there no more`)
    return await api.client.download(found.url)
  },
}
