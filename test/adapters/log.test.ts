import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLog, levelOf } from '../../src/adapters/log.ts'
import { createRedactor } from '../../src/adapters/redact.ts'

test('lines below the level are left out, and a level is read as other programs write it', () => {
  const told = (given: string | undefined): readonly string[] => {
    const lines: string[] = []
    const log = createLog({
      write: (line) => lines.push(line),
      redact: createRedactor(new Set()),
      now: () => 0,
      readable: false,
      colour: false,
      least: levelOf(given),
    })
    for (const level of ['debug', 'info', 'warn', 'error'] as const) log(level, level)
    return lines.map((line) => String((JSON.parse(line) as { level: unknown }).level))
  }
  assert.deepEqual(told('DEBUG'), ['debug', 'info', 'warn', 'error'])
  assert.deepEqual(told('warning'), ['warn', 'error'])
  assert.deepEqual(told(undefined), ['info', 'warn', 'error'])
  assert.deepEqual(told('loud'), ['info', 'warn', 'error'])
})
