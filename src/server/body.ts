/** Reads the raw bytes of a request, up to a limit. */
import type { IncomingMessage } from 'node:http'

export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | 'too long'> {
  if (Number(request.headers['content-length'] ?? '0') > maxBytes) return 'too long'
  const chunks: Buffer[] = []
  let size = 0
  return new Promise((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= maxBytes) chunks.push(chunk)
      else {
        request.pause()
        resolve('too long')
      }
    })
    request.on('end', () => resolve(Buffer.concat(chunks)))
    request.on('error', reject)
    request.on('aborted', () => reject(new Error('the request ended in the middle')))
  })
}
