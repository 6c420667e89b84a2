/** Reads the raw bytes of a request, up to a limit of their number and of time. */
import type { IncomingMessage } from 'node:http'

export async function readBody(
  request: IncomingMessage,
  maxBytes: number,
  maxMs: number,
): Promise<Buffer | 'too long' | 'too slow'> {
  if (Number(request.headers['content-length'] ?? '0') > maxBytes) return 'too long'
  const chunks: Buffer[] = []
  let size = 0
  let late: NodeJS.Timeout | undefined
  const read = new Promise<Buffer | 'too long' | 'too slow'>((resolve, reject) => {
    late = setTimeout(() => {
      request.pause()
      resolve('too slow')
    }, maxMs)
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
  return read.finally(() => clearTimeout(late))
}
