/** The ports of an emulator under test: a clock that is moved by hand, and receivers of webhooks. */
import type { Delivery, EmulatorPorts } from '../../src/emulators/emulator.ts'
import { chance } from './google-answers.ts'

export interface TestPorts {
  readonly ports: EmulatorPorts
  /** Lets time pass, with what was to happen in it. */
  advance(ms: number): Promise<void>
  /** What was sent so far. */
  readonly deliveries: Delivery[]
  /** How receivers answer from now on. */
  receivers(answer: (delivery: Delivery) => number | null): void
}

export function testPorts(start: number): TestPorts {
  let time = start
  let receive: (delivery: Delivery) => number | null = () => 200
  const deliveries: Delivery[] = []
  const tasks: { readonly at: number; readonly task: () => void }[] = []
  return {
    deliveries,
    ports: {
      now: () => time,
      random: chance(),
      after: (ms, task) => void tasks.push({ at: time + ms, task }),
      deliver(delivery) {
        deliveries.push(delivery)
        return Promise.resolve(receive(delivery))
      },
    },
    async advance(ms) {
      const end = time + ms
      for (;;) {
        await new Promise((resolve) => setImmediate(resolve))
        const [next] = tasks.toSorted((one, other) => one.at - other.at)
        if (next === undefined || next.at > end) break
        tasks.splice(tasks.indexOf(next), 1)
        time = next.at
        next.task()
      }
      time = end
    },
    receivers: (answer) => {
      receive = answer
    },
  }
}
