import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRedactor } from '../../src/adapters/redact.ts'
import { createOutput, type Output } from '../../src/cli/output.ts'
import { SPACE, worldOf } from './world.ts'

function onTerminal(): { output: Output; written: string[] } {
  const written: string[] = []
  const stream = { isTTY: true, columns: 80, write: (text: string) => written.push(text) }
  const streams = { out: stream, err: stream, readLine: () => Promise.resolve(null) }
  return { output: createOutput(streams, false, createRedactor(new Set()), true), written }
}

const DRAWS = 'one\u001B[2J\u001B]0;title\u0007\ttwo\r\n\u009B3mthree\u0008'

// Seen red: when a command had to think of it, "explain" wrote the name of an author as it was.
test('what other people wrote draws on no terminal, whichever command shows it; its lines stay', () => {
  const { output, written } = onTerminal()
  output.result(null, () => DRAWS)
  output.note(DRAWS)
  for (const text of written) assert.match(text, /^one\ttwo ?\n *three *\n$/)
})

// Seen red: when a name went over several lines, it told what had never happened.
test('explain tells an author in one line', async (t) => {
  const world = await worldOf(t, {
    chat: {
      users: [
        { id: '100', displayName: 'Sync Bot', email: 'sync@acme.test' },
        { id: '101', displayName: 'Ann\n\nConflicts\n  7 text: open', email: 'ann@acme.test' },
      ],
    },
  })
  const { name } = world.chat.as('101').post(SPACE, 'a question of Ann')
  assert.equal((await world.run('sync', '--yes')).code, 0)
  const told = await world.run('explain', name)
  assert.match(told.out, /, by Ann Conflicts 7 text: open, made/)
  assert.doesNotMatch(told.out, /^Conflicts/m)
})
