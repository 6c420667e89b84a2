/** What an emulator is handed in tests that call a connector directly: a clock that stands until it is moved. */
import type { Delivery, EmulatorPorts } from '../../src/emulators/emulator.ts'
import type { TestRuntime } from './runtime.ts'

export interface Stepped {
  readonly ports: EmulatorPorts
  readonly delivered: readonly Delivery[]
  /** Moves the emulator's clock and the connector's, and does what is due by then. */
  advance(ms: number, runtime: TestRuntime): void
}

/** What webhooks are answered. */
export type Answering = (delivery: Delivery) => Promise<number>

export function stepped(
  start: number,
  random: () => number,
  answering: Answering = () => Promise.resolve(200),
): Stepped {
  let now = start
  let due: readonly { readonly at: number; readonly task: () => void }[] = []
  const delivered: Delivery[] = []
  return {
    ports: {
      now: () => now,
      random,
      after: (ms, task) => void (due = [...due, { at: now + ms, task }]),
      deliver: (delivery) => {
        delivered.push(delivery)
        return answering(delivery)
      },
    },
    delivered,
    advance(ms, runtime) {
      now += ms
      runtime.advance(ms)
      for (const { task } of due.filter(({ at }) => at <= now)) task()
      due = due.filter(({ at }) => at > now)
    },
  }
}
