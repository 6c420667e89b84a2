/** How the connector of a made-up system reads and sends files, and what it tells of them. */
import { z } from 'zod'
import { filesIn, type Files, type FileValue, type Values } from '../../src/connector/index.ts'
import type { Api } from './deeds.ts'
import type { Shape } from './shape.ts'

export const AttachedShape = z.object({ ref: z.string(), name: z.string(), size: z.number(), digest: z.string() })

export function fileOf({ files }: Shape, { ref, name, size, digest }: z.infer<typeof AttachedShape>): FileValue {
  return { ref, name, type: 'text/plain', size, ...(files?.tells === 'digest' ? { digest } : {}) }
}

export function filesOf(shape: Shape): Files<Api> {
  const { mostBytes = null } = shape.files ?? {}
  const as = z.object({ file: AttachedShape })
  return {
    open: ({ api }, { file }) => api.download(`/open/${file.ref}`),
    async upload({ api }, { name, type, size, bytes }) {
      const { file } = await api.post('/upload', { query: { name }, sends: { type, size, bytes }, as })
      return fileOf(shape, file)
    },
    ...(mostBytes === null ? {} : { mostBytes }),
  }
}

export function refsIn(values: Values): string[] {
  return filesIn(values['files']).map(({ ref }) => ref)
}
