/** A fault script: what goes wrong between a caller and an emulated system, said as data. */
import type { WireRequest, WireResponse } from './emulator.ts'

export type Fault =
  | { readonly kind: 'lose-request' } // the system never sees it; the caller sees a broken connection
  | { readonly kind: 'lose-response' } // the system carried it out; the caller sees a broken connection
  | {
      readonly kind: 'answer-before'
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: string
    }
  | {
      readonly kind: 'answer-after'
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: string
    }

export interface FaultRule {
  readonly method?: string
  /** A regular expression over the path. */
  readonly path?: string
  /** Skips this many matching requests first. */
  readonly skip?: number
  /** Then strikes this many times; absent: once. */
  readonly times?: number
  readonly fault: Fault
}

/** Decides the fault of each request in turn, or null. */
export function faultScript(rules: readonly FaultRule[]): (request: WireRequest) => Fault | null {
  const counters = rules.map((rule) => ({ rule, skip: rule.skip ?? 0, left: rule.times ?? 1 }))
  return (request) => {
    for (const counter of counters) {
      const { rule } = counter
      if (rule.method !== undefined && rule.method !== request.method) continue
      if (rule.path !== undefined && !new RegExp(rule.path).test(request.path)) continue
      if (counter.skip > 0) {
        counter.skip -= 1
        continue
      }
      if (counter.left <= 0) continue
      counter.left -= 1
      return rule.fault
    }
    return null
  }
}

/** Runs a request under a fault. Null: the caller gets no answer. */
export function under(fault: Fault | null, handle: () => WireResponse): WireResponse | null {
  if (fault === null) return handle()
  switch (fault.kind) {
    case 'lose-request':
      return null
    case 'lose-response':
      handle()
      return null
    case 'answer-before':
      return { status: fault.status, headers: fault.headers ?? {}, body: fault.body ?? '' }
    case 'answer-after':
      handle()
      return { status: fault.status, headers: fault.headers ?? {}, body: fault.body ?? '' }
  }
}
