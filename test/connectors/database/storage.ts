/** A bucket of an object storage that checks who asks, by another implementation of the signature than the connector's. */
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import aws4 from 'aws4'
import type { Ends } from '../../postgres.ts'

interface Account {
  readonly key: string
  readonly secret: string
}

export interface Storage {
  readonly url: string
  /** By path. */
  readonly kept: ReadonlyMap<string, Buffer>
}

export async function storageOn(t: Ends, { key, secret }: Account): Promise<Storage> {
  const kept = new Map<string, Buffer>()
  const server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      const body = Buffer.concat(pieces)
      const named = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '')?.[1]?.split(';') ?? []
      const region = /Credential=[^/]+\/\d+\/([^/]+)\//.exec(headers.authorization ?? '')?.[1] ?? ''
      const { headers: expected = {} } = aws4.sign(
        {
          service: 's3',
          region: 'eu-central-1',
          method,
          path: url,
          headers: Object.fromEntries(named.map((each) => [each, String(headers[each])])),
        },
        { accessKeyId: key, secretAccessKey: secret },
      )
      const answer = (status: number, code: string): void => {
        response.writeHead(status, { 'content-type': 'application/xml' })
        response.end(`<Error><Code>${code}</Code><Message>words of the storage</Message></Error>`)
      }
      if (region !== 'eu-central-1' || expected['Authorization'] !== headers.authorization)
        return answer(403, 'SignatureDoesNotMatch')
      if (createHash('sha256').update(body).digest('hex') !== headers['x-amz-content-sha256'])
        return answer(400, 'XAmzContentSHA256Mismatch')
      const found = kept.get(url)
      if (method === 'PUT' && body.length > 0) kept.set(url, body)
      if (method === 'PUT') return void response.end()
      return found === undefined ? answer(404, 'NoSuchKey') : void response.end(found)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => void server.close())
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { url: `http://127.0.0.1:${port}`, kept }
}
