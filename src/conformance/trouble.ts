/** What can go wrong with a request on its way, made to happen on this side of the wire. */
import type { Http, HttpResponse } from '../connector/ports.ts'

/** It never arrives, its answer is lost, or it is answered with an error before or after it took effect. */
export type Trouble = 'lose-request' | 'lose-response' | 'error-before' | 'error-after'

export interface TroubledHttp {
  readonly http: Http
  trouble(next: Trouble | null): void
  sent(): number
}

const BAD_GATEWAY: HttpResponse = { status: 502, headers: {}, body: '' }

/** The next request that changes something, of those made through it, goes wrong as it was told. */
export function troubledHttp(through: Http): TroubledHttp {
  let next: Trouble | null = null
  let sent = 0
  return {
    http: {
      async send(request) {
        const now = request.method === 'GET' ? null : next
        if (now !== null) next = null
        if (now === 'lose-request') throw new Error('lost on purpose')
        if (now === 'error-before') return BAD_GATEWAY
        sent += 1
        const response = await through.send(request)
        if (now === 'lose-response') throw new Error('its answer was lost on purpose')
        return now === 'error-after' ? BAD_GATEWAY : response
      },
    },
    trouble: (wanted) => {
      next = wanted
    },
    sent: () => sent,
  }
}
