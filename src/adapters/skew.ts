/** Compares this machine's clock with the `Date` of every answer. */
import type { HttpRequest, HttpResponse } from '../connector/ports.ts'

export interface SkewWatch {
  readonly seen: (request: HttpRequest, response: HttpResponse, tookMs: number) => void
  /** By host: how far this machine's clock is ahead, in milliseconds. */
  readonly skew: () => ReadonlyMap<string, number>
}

/** More than this and edits of people are put in the wrong order. */
export const MAX_SKEW_MS = 60_000

/** `warn` is called once for each host whose clock differs by too much. */
export function createSkewWatch(now: () => number, warn: (host: string, aheadMs: number) => void): SkewWatch {
  const hosts = new Map<string, number>()
  const warned = new Set<string>()
  /** By the beginning of the URL: the header says no more than this until its second is over. */
  const latest = new Map<string, string>()
  return {
    seen(request, response, tookMs) {
      const { date } = response.headers
      const origin = request.url.slice(0, request.url.indexOf('/', 'https://'.length))
      if (date === undefined || latest.get(origin) === date) return
      latest.set(origin, date)
      const server = Date.parse(date)
      if (Number.isNaN(server)) return
      const { host } = new URL(request.url)
      // The header is whole seconds, cut off.
      const ahead = now() - tookMs / 2 - (server + 500)
      hosts.set(host, ahead)
      if (Math.abs(ahead) <= MAX_SKEW_MS || warned.has(host)) return
      warned.add(host)
      warn(host, ahead)
    },
    skew: () => hosts,
  }
}

/** "12 minutes ahead of". */
export function skewWords(aheadMs: number): string {
  const seconds = Math.round(Math.abs(aheadMs) / 1000)
  const amount = seconds < 120 ? `${seconds} seconds` : `${Math.round(seconds / 60)} minutes`
  return `${amount} ${aheadMs > 0 ? 'ahead of' : 'behind'}`
}
