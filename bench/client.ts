/**
 * Makes so many calls with one HTTP client, in a process of its own, to a server in another one. Answers what they took,
 * in milliseconds by the clock and of the processor, and what the process holds then.
 */
import { createHttp } from '../src/adapters/http.ts'
import type { Http } from '../src/connector/index.ts'

const [kind = '', url = '', count = '0'] = process.argv.slice(2)
const AT_ONCE = 16
const body = JSON.stringify({ raw: 'The dock by the river does not lock when it rains. '.repeat(4), topic_id: 12 })

const builtIn: Http = {
  async send({ method, url, headers, body = '', timeoutMs }) {
    const answer = await fetch(url, {
      method,
      headers,
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    })
    return { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() }
  },
}

const own = createHttp(() => undefined)
const http = kind === 'fetch' ? builtIn : own
const headers = { accept: 'application/json', 'api-key': 'key', 'content-type': 'application/json' }
const request = { method: 'POST', url, headers, body, timeoutMs: 30_000, maxBytes: 1_000_000 }

let left = Number(count)
const worker = async (): Promise<void> => {
  for (; left > 0;) {
    left -= 1
    if ((await http.send(request)).status !== 200) throw new Error('the server refused')
  }
}
const began = performance.now()
await Promise.all(Array.from({ length: AT_ONCE }, worker))
const { user, system } = process.cpuUsage()
process.send?.({
  ms: performance.now() - began,
  cpuMs: (user + system) / 1000,
  megabytes: process.memoryUsage().rss / 2 ** 20,
})
own.close()
process.disconnect?.()
