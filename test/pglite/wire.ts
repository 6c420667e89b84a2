/** PostgreSQL's messages, as far as a server of one session has to tell them apart. */

export interface Message {
  /** The letter that it begins with; empty for the first one of a client, which has none. */
  readonly type: string
  readonly body: Buffer
}

/** What a client says first, in place of a version. */
const VERSION_3 = 196_608
const ASKS_FOR_TLS = 80_877_103

export type First =
  | { readonly is: 'tls' }
  | { readonly is: 'other' }
  | { readonly is: 'startup'; readonly settings: Settings }
export type Settings = ReadonlyMap<string, string>

export function firstOf(body: Buffer): First {
  const code = body.readInt32BE(0)
  if (code === ASKS_FOR_TLS) return { is: 'tls' }
  if (code !== VERSION_3) return { is: 'other' }
  const words = body.subarray(4).toString('utf8').split('\0')
  const settings = new Map<string, string>()
  for (let at = 0; at + 1 < words.length && words[at] !== ''; at += 2)
    settings.set(words[at] ?? '', words[at + 1] ?? '')
  return { is: 'startup', settings }
}

/** The whole messages of what has come, and the rest. */
export function split(
  bytes: Buffer,
  lettered: boolean,
): { readonly messages: readonly Message[]; readonly rest: Buffer } {
  const messages: Message[] = []
  const start = lettered ? 1 : 0
  let at = 0
  while (bytes.length >= at + start + 4) {
    const end = at + start + bytes.readInt32BE(at + start)
    if (bytes.length < end) break
    messages.push({
      type: lettered ? String.fromCharCode(bytes[at] ?? 0) : '',
      body: bytes.subarray(at + start + 4, end),
    })
    at = end
    // Only the first message of a client has no letter.
    if (!lettered) break
  }
  return { messages, rest: bytes.subarray(at) }
}

export function message(type: string, ...parts: readonly (string | Buffer)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)))
  const head = Buffer.alloc(5)
  head.write(type, 0, 'latin1')
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

export function refusal(code: string, text: string): Buffer {
  return message('E', `SFATAL\0VFATAL\0C${code}\0M${text}\0\0`)
}

/** Statements are named by each client as if it were alone: here each has names of its own. */
export function renamed({ type, body }: Message, own: string): Buffer {
  if (type === 'P') return message(type, named(body, 0, own))
  if (type === 'B') return message(type, named(body, body.indexOf(0) + 1, own))
  if ((type === 'D' || type === 'C') && body[0] === 'S'.charCodeAt(0)) return message(type, named(body, 1, own))
  return message(type, body)
}

function named(body: Buffer, at: number, own: string): Buffer {
  return body[at] === 0 ? body : Buffer.concat([body.subarray(0, at), Buffer.from(own), body.subarray(at)])
}
