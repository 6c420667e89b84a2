/**
 * PostgreSQL in this process's memory (PGlite), for clients that connect to it as to any server. It has one session, so
 * clients take turns: from the first message of a request to its end, and through a transaction. What a session is set
 * to is kept for each client and set again when its turn comes. What this cannot be: two transactions at once, locks
 * between sessions, sessions that are ended, and the list of them.
 */
import { createServer, type Server, type Socket } from 'node:net'
import { PGlite } from '@electric-sql/pglite'
import { firstOf, message, refusal, renamed, split, type Message, type Settings } from './wire.ts'

const DATABASE = 'postgres'

interface Client {
  readonly own: string
  readonly say: (bytes: Buffer) => void
  /** What its session is set to, as SQL. */
  settings: string
  readonly channels: Set<string>
}

interface Turn {
  readonly client: Client
  readonly take: () => Promise<void>
}

export async function serve(path: string): Promise<Server> {
  const database = await PGlite.create()
  const turns = new Turns(database)
  let clients = 0
  const server = createServer((socket) => attend(socket, turns, `c${(clients += 1)}_`))
  await new Promise<void>((resolve) => server.listen(path, resolve))
  return server
}

class Turns {
  readonly #database: PGlite
  readonly #clients = new Set<Client>()
  #waiting: Turn[] = []
  /** Who is within a transaction. */
  #holder: Client | null = null
  #last: Client | null = null
  #busy = false

  constructor(database: PGlite) {
    this.#database = database
  }

  /** Answers why it may not connect. */
  async enter(client: Client, settings: Settings): Promise<Buffer | null> {
    const database = settings.get('database') ?? DATABASE
    const user = settings.get('user') ?? ''
    if (database !== DATABASE) return refusal('3D000', `database "${database}" does not exist`)
    let found = false
    await this.#inTurn(client, async () => {
      found = (await this.#database.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [user])).rows.length > 0
      if (found) await this.#database.exec(sessionOf(user, settings))
    })
    if (!found) return refusal('28000', `role "${user}" does not exist`)
    this.#clients.add(client)
    return null
  }

  leave(client: Client): void {
    this.#clients.delete(client)
    this.#waiting = this.#waiting.filter((turn) => turn.client !== client)
    if (this.#holder === client) void this.#inTurn(client, () => this.#ask(client, message('Q', 'ROLLBACK\0')))
  }

  ask(client: Client, request: Buffer): void {
    void this.#inTurn(client, () => this.#ask(client, request))
  }

  #inTurn(client: Client, work: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ client, take: () => work().then(resolve, reject) })
      void this.#run()
    })
  }

  async #run(): Promise<void> {
    if (this.#busy) return
    this.#busy = true
    for (;;) {
      const at = this.#waiting.findIndex(({ client }) => this.#holder === null || this.#holder === client)
      const [turn] = at < 0 ? [] : this.#waiting.splice(at, 1)
      if (turn === undefined) break
      if (this.#last !== turn.client) await this.#change(turn.client)
      await turn.take()
    }
    this.#busy = false
  }

  async #change(next: Client): Promise<void> {
    if (this.#last !== null) this.#last.settings = await this.#settings()
    await this.#database.exec(`RESET SESSION AUTHORIZATION; RESET ALL; ${next.settings}`)
    this.#last = next
  }

  async #settings(): Promise<string> {
    const { rows } = await this.#database.query<{ text: string }>(
      `SELECT format('SET %I TO %s;', name, CASE WHEN name = 'search_path' THEN setting ELSE quote_literal(setting) END) AS text
       FROM pg_settings WHERE source = 'session' AND context IN ('user', 'superuser')
       UNION ALL SELECT format('SET SESSION AUTHORIZATION %I;', session_user)
       UNION ALL SELECT format('SET ROLE %I;', current_setting('role')) WHERE current_setting('role') <> 'none'`,
    )
    return rows.map(({ text }) => text).join(' ')
  }

  async #ask(client: Client, request: Buffer): Promise<void> {
    const answers = split(Buffer.from(await this.#database.execProtocolRaw(request)), true).messages
    for (const { type, body } of answers) {
      if (type === 'A') this.#tell(body)
      else client.say(message(type, body))
      if (type === 'Z') this.#holder = body.toString('latin1') === 'I' ? null : client
    }
  }

  /** The session listens for all: whoever asked for a channel gets what comes from it. */
  #tell(body: Buffer): void {
    const channel = body.subarray(4, body.indexOf(0, 4)).toString('utf8')
    for (const client of this.#clients) if (client.channels.has(channel)) client.say(message('A', body))
  }
}

/** As SQL, what a client asks for with its first message. */
function sessionOf(user: string, settings: Settings): string {
  const own = [...settings].filter(([name]) => !['user', 'database', 'options', 'replication'].includes(name))
  const options = [...(settings.get('options') ?? '').matchAll(/-c\s*(\w+)=(\S+)/g)].map(
    ([, name = '', value = '']) => [name, value],
  )
  const sets = [...own, ...options].map(([name, value = '']) => `SET ${name} TO '${value.replaceAll("'", "''")}';`)
  return [...sets, `SET SESSION AUTHORIZATION "${user}";`].join(' ')
}

function attend(socket: Socket, turns: Turns, own: string): void {
  const client: Client = { own, say: (bytes) => void socket.write(bytes), settings: '', channels: new Set() }
  let rest: Buffer = Buffer.alloc(0)
  let entered = false
  let request: Buffer[] = []
  const hear = (heard: Message): void => {
    if (heard.type === 'X') return void socket.end()
    const [, channel] = /^\s*LISTEN\s+"?([^";\0]+)"?/i.exec(heard.type === 'Q' ? heard.body.toString('utf8') : '') ?? []
    if (channel !== undefined) client.channels.add(channel)
    request.push(renamed(heard, own))
    // A request ends with one of these; what came before belongs to it.
    if (heard.type !== 'Q' && heard.type !== 'S') return
    turns.ask(client, Buffer.concat(request))
    request = []
  }
  socket.on('data', (bytes: Buffer) => {
    const { messages, rest: left } = split(Buffer.concat([rest, bytes]), entered)
    rest = left
    for (const each of messages) {
      if (entered) hear(each)
      else entered = begin(each, client, socket, turns)
    }
  })
  socket.on('error', () => undefined)
  socket.on('close', () => turns.leave(client))
}

/** Whether what comes next are messages of a session. */
function begin({ body }: Message, client: Client, socket: Socket, turns: Turns): boolean {
  const first = firstOf(body)
  if (first.is === 'tls') socket.write('N')
  if (first.is === 'other') socket.end()
  if (first.is === 'startup')
    void turns.enter(client, first.settings).then((refused) => {
      if (refused !== null) return socket.end(refused)
      const [ready, authenticated] = [message('Z', 'I'), message('R', Buffer.alloc(4))]
      return socket.write(Buffer.concat([authenticated, message('K', Buffer.alloc(8)), ready]))
    })
  return first.is === 'startup'
}
