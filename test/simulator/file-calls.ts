/** What a made-up system answers where it is asked for the bytes of a file, or sent some. */
import { refuse, type Answer, type Ask } from './ask.ts'
import type { Board } from './board.ts'

export function openFile({ depot }: Board, ref: string): Answer {
  const bytes = depot.read(ref)
  return bytes === null ? refuse(404, `no file ${ref}`) : { status: 200, body: bytes }
}

export function uploadFile({ depot, shape }: Board, { text = '', headText = '' }: Ask, done: () => void): Answer {
  const most = shape.files?.mostBytes ?? null
  if (most !== null && headText.length > most) return refuse(413, 'too large')
  const file = depot.upload(text, headText)
  done()
  return { status: 200, body: { file } }
}
