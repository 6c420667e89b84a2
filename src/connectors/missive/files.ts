/** Bytes of attachments: each read of a message or comment tells an address of its own, which expires within the hour. */
import { ConnectorError, type Call, type FileOf, type Files } from '../../connector/index.ts'
import type { Api } from './api.ts'
import { readComment, readMessage } from './reading.ts'
import type { WireAttachment } from './wire.ts'

export const files: Files<Api> = {
  async open(call, wanted) {
    const attachment = (await attachmentsOf(call, wanted)).find(({ id }) => id === wanted.file.ref)
    if (attachment === undefined)
      throw new ConnectorError('missing', `the attachment ${wanted.file.name} is there no more`)
    return await call.api.client.download(attachment.url)
  },
}

async function attachmentsOf(call: Call<Api>, { kind, ref }: FileOf): Promise<readonly WireAttachment[]> {
  if (kind === 'comment') {
    const { attachment } = await readComment(call, ref)
    return attachment ? [attachment] : []
  }
  return (await readMessage(call.api, ref.split('/')[0] ?? ref)).attachments ?? []
}
