/**
 * How a call to a system can fail, named by what the engine does next:
 *
 * | failure          | usual cause             | next step |
 * |------------------|-------------------------|-----------|
 * | `unavailable`    | network, timeout, 5xx   | back off; a write of unknown outcome is asked about before it is repeated |
 * | `limited`        | 429                     | nothing draws on these buckets until `retryAfterMs` is over; then repeat |
 * | `unauthorized`   | 401                     | pause the connection and tell the operator |
 * | `forbidden`      | 403                     | hold this action; the connection only if `probe` fails too |
 * | `stale`          | 409, 412                | drop the action, read the item, plan again |
 * | `missing`        | 404, 410                | deleted only if the scope is readable, else an outage; of `find`: nothing was made |
 * | `rejected`       | 400, 422                | hold the action with the system's words; with `mayPass`, once it was tried some times |
 * | `key-taken`      | declared by a connector | the key was used before: ask `find` |
 * | `cursor-expired` | declared by a connector | begin a new cursor now, then list every scope again |
 */
export type Failure =
  | 'unavailable'
  | 'limited'
  | 'unauthorized'
  | 'forbidden'
  | 'stale'
  | 'missing'
  | 'rejected'
  | 'key-taken'
  | 'cursor-expired'

export interface FailureDetail {
  readonly retryAfterMs?: number
  readonly status?: number
  /** True when the request certainly had no effect, so that it may be repeated at once. */
  readonly noEffect?: boolean
  /** What stands in the way may go by itself: it is tried again for some minutes before a person is asked. */
  readonly mayPass?: boolean
  /** There was an answer, of another shape than the connector knows. */
  readonly unreadable?: boolean
}

/** A call that failed, in the system's words. */
export class ConnectorError extends Error {
  readonly failure: Failure
  readonly retryAfterMs: number | undefined
  readonly status: number | undefined
  readonly noEffect: boolean
  readonly mayPass: boolean
  readonly unreadable: boolean
  constructor(failure: Failure, message: string, detail: FailureDetail = {}) {
    super(message)
    this.name = 'ConnectorError'
    this.failure = failure
    this.retryAfterMs = detail.retryAfterMs
    this.status = detail.status
    this.noEffect = detail.noEffect ?? !(failure === 'unavailable')
    this.mayPass = detail.mayPass ?? false
    this.unreadable = detail.unreadable ?? false
  }
}

/** Whether a call failed, and in one of these ways. */
export function failedAs(error: unknown, ...failures: readonly Failure[]): error is ConnectorError {
  return error instanceof ConnectorError && failures.includes(error.failure)
}
